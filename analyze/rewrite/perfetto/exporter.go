package perfetto

import (
	"fmt"
	"io"

	"tracekit/analyze/rewrite/perfetto/schema"
	"tracekit/analyze/timeline"
)

// Exporter is an Observer of a timeline that writes what it is told. It implements
// SpanObserver, LockObserver, WaitObserver and WakeObserver.
type Exporter struct {
	out     packets
	started bool
	lives   []life // by Goroutine.Slot
	tracks  tracks
	sites   []site // by StackID
	waits   map[waitName]string
	flows   uint64 // that were given out
	running counter
	procs   counter
	holds   holds
}

// life is what is known of a goroutine that is alive.
type life struct {
	born  int64 // ns: when its first span began
	track uint64
	label string // as "G7 main.worker", and "" as long as it has no track
	flow  uint64 // ends in its next slice; 0: none
	held  []hold // what it may hold, by when it got it
}

// site is that of a stack.
type site struct {
	known bool
	frame timeline.FrameID
}

// waitName stands for what a wait is called.
type waitName struct {
	kind timeline.Kind
	site timeline.FrameID
}

// New returns an Exporter for a timeline with these symbols, that writes to w. It
// tells of what goes wrong there in Err and Finish.
func New(symbols *timeline.Symbols, w io.Writer) *Exporter {
	return &Exporter{
		out:     newPackets(symbols, w),
		tracks:  newTracks(),
		waits:   make(map[waitName]string),
		running: counter{name: "user goroutines running"},
		procs:   counter{name: "GOMAXPROCS"},
	}
}

// Err returns the first error of writing, nil as long as there was none. Whatever
// comes behind it is not written.
func (x *Exporter) Err() error { return x.out.err }

// Holds returns how many holds of locks there were. It is complete when the run is
// over.
func (x *Exporter) Holds() Holds { return x.holds.count }

// begin writes what comes first in a file.
func (x *Exporter) begin(t int64) {
	if !x.started {
		x.started = true
		x.running.now, x.procs.now = t, t
		x.out.begin(t)
	}
}

// life returns what is known of a goroutine.
func (x *Exporter) life(g *timeline.Goroutine) *life {
	for len(x.lives) <= g.Slot {
		x.lives = append(x.lives, life{})
	}
	return &x.lives[g.Slot]
}

// shown returns what is known of a goroutine, when it has got its track.
func (x *Exporter) shown(g *timeline.Goroutine) *life {
	l := x.life(g)
	if l.label == "" {
		l.track, l.label = x.tracks.of(&x.out, g)
	}
	return l
}

// Born implements timeline.Observer.
func (x *Exporter) Born(g *timeline.Goroutine) {
	x.begin(g.Since)
	l := x.life(g)
	*l = life{born: g.Since, held: l.held[:0]}
	starts := int64(0)
	if g.Class == timeline.User {
		starts = runs(g.State)
	}
	x.running.add(&x.out, &x.tracks, g.Since, starts)
}

// Died implements timeline.Observer.
func (x *Exporter) Died(g *timeline.Goroutine) { x.holds.forget(x.life(g)) }

// Procs implements timeline.Observer.
func (x *Exporter) Procs(t, n int64) {
	x.begin(t)
	x.running.add(&x.out, &x.tracks, t, 0)
	x.procs.add(&x.out, &x.tracks, t, n-x.procs.value)
}

// Gap implements timeline.Observer.
func (x *Exporter) Gap(from, to int64) {
	x.out.slice(from, to, x.tracks.about(&x.out), &schema.TrackEvent{Name: text("lost: nothing is known of this time")})
}

// Span implements timeline.SpanObserver. Of waits, Woken tells more.
func (x *Exporter) Span(g *timeline.Goroutine, was timeline.State, since int64) {
	if g.Class == timeline.User {
		x.running.add(&x.out, &x.tracks, g.Since, runs(g.State)-runs(was))
	}
	if was == timeline.Waiting {
		return
	}
	l := x.shown(g)
	e := &schema.TrackEvent{NameIid: x.out.name(was.String()), CallstackIid: x.out.stack(g.Stack)}
	e.DebugAnnotations = x.out.at(nil, "at", x.site(g.Stack))
	if since == l.born && g.Found || g.Cut {
		e.DebugAnnotations = append(e.DebugAnnotations, x.out.yes("open"))
	}
	x.slice(l, since, g.Since, e)
}

// runs is what a goroutine in a state adds to the number of those that run.
func runs(s timeline.State) int64 {
	if s == timeline.Running {
		return 1
	}
	return 0
}

// slice writes a slice of a goroutine, where the flow to it ends.
func (x *Exporter) slice(l *life, from, to int64, e *schema.TrackEvent) {
	if l.flow != 0 {
		e.TerminatingFlowIds = []uint64{l.flow}
		l.flow = 0
	}
	x.out.slice(from, to, l.track, e)
}

// site returns the site of a stack.
func (x *Exporter) site(id timeline.StackID) timeline.FrameID {
	for len(x.sites) <= int(id) {
		x.sites = append(x.sites, site{})
	}
	s := &x.sites[id]
	if !s.known {
		*s = site{true, timeline.SiteOf(x.out.symbols, id)}
	}
	return s.frame
}

// Woken implements timeline.WakeObserver.
func (x *Exporter) Woken(w *timeline.Wait) {
	x.wait(w)
	if w.By == nil {
		return
	}
	by := x.shown(w.By)
	x.flows++
	x.shown(w.G).flow = x.flows
	e := &schema.TrackEvent{NameIid: x.out.name("wake"), CallstackIid: x.out.stack(w.ByStack), FlowIds: []uint64{x.flows}}
	e.DebugAnnotations = append(x.out.at(nil, "at", w.BySite), x.out.once("woken", number(w.G.ID)))
	x.out.event(w.Woken, by.track, schema.TrackEvent_TYPE_INSTANT, e)
}

// wait writes the slice of a wait.
func (x *Exporter) wait(w *timeline.Wait) {
	l := x.shown(w.G)
	e := &schema.TrackEvent{NameIid: x.out.name(x.waitName(w)), CallstackIid: x.out.stack(w.Stack)}
	e.DebugAnnotations = x.out.at(nil, "at", w.Site)
	if w.Lock != timeline.NoLock {
		e.DebugAnnotations = append(e.DebugAnnotations, x.out.text("lock", x.holds.of(w).name))
	}
	if w.By != nil {
		e.DebugAnnotations = append(e.DebugAnnotations, x.out.once("woken by", number(w.ByID)))
		e.DebugAnnotations = x.out.at(e.DebugAnnotations, "woken at", w.BySite)
	}
	if w.GaveUp {
		e.DebugAnnotations = append(e.DebugAnnotations, x.out.yes("gave up"))
	}
	if w.Open() {
		e.DebugAnnotations = append(e.DebugAnnotations, x.out.yes("open"))
	}
	x.slice(l, w.Start, w.Woken, e)
}

// waitName returns what a wait is called.
func (x *Exporter) waitName(w *timeline.Wait) string {
	key := waitName{w.Kind, w.Site}
	name, ok := x.waits[key]
	if !ok {
		name = w.Kind.String() + " wait" + behind(x.out.symbols, w.Site)
		x.waits[key] = name
	}
	return name
}

// Waited implements timeline.WaitObserver: it writes those that nobody ended.
func (x *Exporter) Waited(w *timeline.Wait) {
	if w.CutEnd {
		x.wait(w)
	}
}

// LockBlocked implements timeline.LockObserver.
func (x *Exporter) LockBlocked(w *timeline.Wait) {
	x.holds.blocked(x.life(w.G), w, x.holds.anew(w, x.out.symbols))
}

// LockWoken implements timeline.LockObserver.
func (x *Exporter) LockWoken(w *timeline.Wait) {
	if w.By != nil && !w.GaveUp {
		x.released(w)
	}
}

// LockDone implements timeline.LockObserver.
func (x *Exporter) LockDone(w *timeline.Wait) {
	x.Waited(w)
	if !w.CutEnd && !w.GaveUp && w.G.State == timeline.Running {
		x.holds.got(x.life(w.G), w)
	}
}

// released writes the hold that a release has ended.
func (x *Exporter) released(w *timeline.Wait) {
	by := x.shown(w.By)
	h, ok := x.holds.release(by, w)
	if !ok {
		return
	}
	lane, ok := h.lock.lane(h.since, w.Woken)
	if !ok {
		x.holds.count.Crowded++
		return
	}
	if lane.track == 0 {
		lane.track = x.tracks.lock(&x.out, h.lock.name)
	}
	x.holds.count.Shown++
	e := &schema.TrackEvent{Name: text(by.label), CallstackIid: x.out.stack(h.stack)}
	e.DebugAnnotations = x.out.at(nil, "acquired at", x.site(h.stack))
	e.DebugAnnotations = append(x.out.at(e.DebugAnnotations, "released at", w.BySite), x.out.yes("inferred"))
	x.out.slice(h.since, w.Woken, lane.track, e)
}

// Joined implements timeline.Observer.
func (x *Exporter) Joined(j timeline.Join) { x.holds.join(j) }

// Note is something to know of an export as a whole.
type Note struct {
	Name string // one word
	Text string // a sentence
}

// Finish ends the file of a trace of this extent, with notes. The error is the first
// of writing.
func (x *Exporter) Finish(e timeline.Extent, notes []Note) error {
	x.begin(e.Start)
	x.running.tell(&x.out, &x.tracks)
	x.procs.tell(&x.out, &x.tracks)
	for _, n := range notes {
		x.out.event(e.Start, x.tracks.about(&x.out), schema.TrackEvent_TYPE_INSTANT, &schema.TrackEvent{
			Name: text(n.Name), DebugAnnotations: []*schema.DebugAnnotation{x.out.once("text", n.Text)},
		})
	}
	return x.out.flush()
}

// behind says where a site is, to stand behind what is there; nothing for NoSite.
func behind(symbols *timeline.Symbols, site timeline.FrameID) string {
	if site == timeline.NoSite {
		return ""
	}
	f := symbols.Frame(site)
	return fmt.Sprintf(" %s:%d", f.Func, f.Line)
}

// number is what a goroutine is called in short.
func number(id timeline.GoID) string { return fmt.Sprintf("G%d", id) }

func text(s string) *string { return &s }
