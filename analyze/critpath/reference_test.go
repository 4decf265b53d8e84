package critpath

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/timeline"
)

// memory is an observer that keeps all that user goroutines ever do. The path is found
// in it as it is defined: back from the end, goroutine by goroutine.
type memory struct {
	timeline.Ignore
	symbols *timeline.Symbols
	alive   map[int]*past // by Slot
	into    map[timeline.LockID]timeline.LockID
	start   int64
	last    *point // where the path ends
	main    bool   // it is where main does
	stops   []lapse
	open    map[int64]begun   // tasks, by their numbers
	ended   map[string][]done // instances, by type and name
}

// lapse is a time in which something goes on.
type lapse struct{ from, to int64 }

// begun is an instance that has not ended.
type begun struct {
	name  string
	task  int64
	since int64
}

// done is one that has.
type done struct {
	end   *point
	since int64
}

// past is what a goroutine has done.
type past struct {
	group   string
	spans   []span
	creator *point
	site    string // where it was created
	assists []lapse
	regions []begun
}

// span is one of them. The last one of a past may be going on.
type span struct {
	state    timeline.State
	from, to int64
	cuts     []int64 // when it woke or created others
	wake     *wake   // that ended it
}

// point is a point of a past.
type point struct {
	*past
	span int // in which of its spans it lies
	at   int64
}

type wake struct {
	by         *point // nil: nobody
	kind, site string
	blocked    int64
	lock       timeline.LockID
}

func (m *memory) Started(t int64, symbols *timeline.Symbols) {
	*m = memory{
		symbols: symbols, alive: make(map[int]*past), into: make(map[timeline.LockID]timeline.LockID), start: t,
		open: make(map[int64]begun), ended: make(map[string][]done),
	}
}

// during notes that something begins to go on at t, or ends then.
func during(list []lapse, begins bool, t int64) []lapse {
	if begins {
		return append(list, lapse{t, math.MaxInt64})
	}
	list[len(list)-1].to = t
	return list
}

func (m *memory) Marked(k *timeline.Mark) {
	if k.Kind == timeline.StopBegin || k.Kind == timeline.StopEnd {
		m.stops = during(m.stops, k.Kind == timeline.StopBegin, k.Time)
	}
	if k.G == nil || m.alive[k.G.Slot] == nil || m.main {
		return
	}
	p, name := m.alive[k.G.Slot], m.symbols.String(k.Name)
	switch k.Kind {
	case timeline.AssistBegin, timeline.AssistEnd:
		p.assists = during(p.assists, k.Kind == timeline.AssistBegin, k.Time)
	case timeline.TaskBegin:
		m.open[k.Task] = begun{name, k.Task, k.Time}
	case timeline.TaskEnd:
		if b, ok := m.open[k.Task]; ok {
			delete(m.open, k.Task)
			m.ends("task", b, p, k.Time)
		}
	case timeline.RegionBegin:
		p.regions = append(p.regions, begun{name, k.Task, k.Time})
	case timeline.RegionEnd:
		for i, b := range slices.Backward(p.regions) {
			if b.name == name && b.task == k.Task {
				p.regions = slices.Delete(p.regions, i, i+1)
				m.ends("region", b, p, k.Time)
				return
			}
		}
	}
}

// ends notes that an instance ends, where a goroutine is.
func (m *memory) ends(kind string, b begun, p *past, t int64) {
	at := kind + " " + b.name
	m.ended[at] = append(m.ended[at], done{&point{p, len(p.spans) - 1, t}, b.since})
}

// now returns where a goroutine is, which wakes or creates another one.
func (m *memory) now(g *timeline.Goroutine, t int64) *point {
	if g == nil || m.alive[g.Slot] == nil {
		return nil
	}
	p := m.alive[g.Slot]
	i := len(p.spans) - 1
	p.spans[i].cuts = append(p.spans[i].cuts, t)
	return &point{p, i, t}
}

func (m *memory) Born(g *timeline.Goroutine) {
	if g.Class != timeline.User {
		return
	}
	m.alive[g.Slot] = &past{
		group: g.Name, spans: []span{{state: g.State, from: g.Since}},
		creator: m.now(g.Creator, g.Since), site: m.place(g.Identity.Site),
	}
}

func (m *memory) Span(g *timeline.Goroutine, was timeline.State, _ int64) {
	p := m.alive[g.Slot]
	if p == nil {
		return
	}
	i := len(p.spans) - 1
	p.spans[i].to = g.Since
	if was == timeline.Running && !m.main && m.isLast(p, g.Since) {
		m.last = &point{p, i, g.Since}
	}
	p.spans = append(p.spans, span{state: g.State, from: g.Since})
}

// isLast reports whether the path ends with one that stops running. Of those that stop
// at one time it is the first, with all that it does then.
func (m *memory) isLast(p *past, t int64) bool {
	return m.last == nil || t > m.last.at || t == m.last.at && p == m.last.past
}

func (m *memory) Woken(w *timeline.Wait) {
	m.mainEnds(w)
	p := m.alive[w.G.Slot]
	if p == nil {
		return
	}
	p.spans[len(p.spans)-2].wake = &wake{m.now(w.By, w.Woken), w.Kind.String(), m.place(w.Site), w.Blocked(), w.Lock}
}

func (m *memory) Waited(w *timeline.Wait) {
	if w.CutEnd {
		m.mainEnds(w)
	}
}

// mainEnds ends the path where main waits for the recorder.
func (m *memory) mainEnds(w *timeline.Wait) {
	if w.Kind != timeline.Recording || w.G.ID != 1 || m.main {
		return
	}
	p := m.alive[w.G.Slot]
	m.main, m.last = true, &point{p, len(p.spans) - 3, w.Start} // behind it: the wait, and what came of it
}

func (m *memory) Died(g *timeline.Goroutine) { delete(m.alive, g.Slot) }

func (m *memory) Joined(j timeline.Join) {
	for _, id := range j.From {
		m.into[id] = j.Into
	}
}

func (m *memory) Gap(from, to int64) {
	clear(m.open)
	if n := len(m.stops); n > 0 {
		m.stops[n-1].to = min(m.stops[n-1].to, from)
	}
	if !m.main {
		m.last, m.start = nil, to
	}
}

func (m *memory) place(f timeline.FrameID) string {
	if f == timeline.NoSite {
		return ""
	}
	frame := m.symbols.Frame(f)
	return fmt.Sprintf(" at %s:%d", frame.Func, frame.Line)
}

func (m *memory) root(id timeline.LockID) timeline.LockID {
	for {
		into, ok := m.into[id]
		if !ok {
			return id
		}
		id = into
	}
}

// amount is how much of something is on a path.
type amount struct{ NS, Count int64 }

// walk goes along a path and adds up what is on it, in the words of followed.phrase.
type walk struct {
	*memory
	rank   []timeline.LockID
	since  int64 // only what is behind it counts
	sums   map[string]amount
	visits map[string]amount // hand-overs of a lock, or at a site, and the waits that they ended
}

// always is before all times.
const always = -1 << 62

func newWalk(m *memory, rank []timeline.LockID, since int64) *walk {
	return &walk{memory: m, rank: rank, since: since, sums: make(map[string]amount), visits: make(map[string]amount)}
}

func (w *walk) add(ns, count int64, format string, args ...any) {
	if ns == 0 && count == 0 {
		return
	}
	phrase := fmt.Sprintf(format, args...)
	sum := w.sums[phrase]
	w.sums[phrase] = amount{sum.NS + ns, sum.Count + count}
}

// back adds what a goroutine did up to a point, and returns where the path comes from;
// nil: nowhere.
func (w *walk) back(p *point) *point {
	to := p.at
	for i := p.span; i >= 0 && to > w.since; i-- {
		s := &p.spans[i]
		part := lapse{max(s.from, w.since), to}
		switch to = s.from; s.state {
		case timeline.Running:
			w.ran(p, s, part)
		case timeline.Syscall:
			w.add(part.ns(), 1, "syscall %s", p.group)
		case timeline.Runnable:
			halt := sum(within(w.stops, part))
			w.add(halt, 0, "stop-world %s", p.group)
			late := part.ns() - halt
			switch {
			case i == 0 && p.creator != nil:
				return w.birth(p, late)
			case i == 0 || p.spans[i-1].state != timeline.Waiting:
				w.add(late, 1, "sched %s", p.group)
			case w.woken(p, p.spans[i-1].wake, late, to) != nil:
				return p.spans[i-1].wake.by
			}
		}
	}
	if to <= w.since {
		return nil
	}
	if p.creator != nil { // it was created waiting
		return w.birth(p, 0)
	}
	if to > w.start {
		w.add(to-max(w.start, w.since), 1, "before %s", p.group)
	}
	return nil
}

// ran adds a part of a span in which a goroutine runs.
func (w *walk) ran(p *point, s *span, part lapse) {
	halt, assist := within(w.stops, part), within(p.assists, part)
	helped := sum(assist)
	for _, l := range halt {
		helped -= sum(within(assist, l))
	}
	w.add(sum(halt), 0, "stop-world %s", p.group)
	w.add(helped, 0, "gc-assist %s", p.group)
	w.add(part.ns()-sum(halt)-helped, s.pieces(part.to), "running %s", p.group)
}

func (l lapse) ns() int64 { return l.to - l.from }

// within returns what of a list lies in a lapse.
func within(list []lapse, in lapse) (parts []lapse) {
	for _, l := range list {
		if part := (lapse{max(l.from, in.from), min(l.to, in.to)}); part.ns() > 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

func sum(list []lapse) (ns int64) {
	for _, l := range list {
		ns += l.ns()
	}
	return ns
}

func (w *walk) birth(p *point, late int64) *point {
	w.add(0, 1, "birth %s%s", p.group, p.site)
	w.add(late, 1, "sched %s%s", p.group, p.site)
	return p.creator
}

// woken adds a wait that ended at t, with the sched latency behind it, and returns who
// ended it.
func (w *walk) woken(p *point, of *wake, late, t int64) *point {
	if of.by == nil {
		w.add(min(of.blocked, max(0, t-w.since)), 1, "%s %s%s", of.kind, p.group, of.site)
		w.add(late, 1, "sched %s%s %s", p.group, of.site, of.kind)
		return nil
	}
	lock, place := "", of.kind+of.site
	if of.lock != timeline.NoLock {
		i := slices.IndexFunc(w.rank, func(id timeline.LockID) bool { return w.root(id) == w.root(of.lock) })
		lock = fmt.Sprintf(" lock %d", i)
		place = lock[1:]
	}
	w.add(0, 1, "hand-over %s%s %s%s", p.group, of.site, of.kind, lock)
	w.add(late, 1, "sched %s%s %s%s", p.group, of.site, of.kind, lock)
	sum := w.visits[place]
	w.visits[place] = amount{sum.NS + of.blocked, sum.Count + 1}
	return of.by
}

// pieces returns into how many the time up to t is cut by what the goroutine does to
// others.
func (s *span) pieces(t int64) int64 {
	ends := []int64{t}
	for _, cut := range s.cuts {
		if cut <= t {
			ends = append(ends, cut)
		}
	}
	slices.Sort(ends)
	n := len(slices.Compact(ends))
	if ends[0] == s.from {
		n--
	}
	return int64(n)
}

// TestReference goes through random programs, and compares what their paths are made of
// with what is found when one keeps all and goes back from the end. Each is cut at
// several points, for each is the end of another path.
func TestReference(t *testing.T) {
	for seed := range seeds(100) {
		lines := newChaos(seed, 300)
		for i := 1; i < 12; i++ {
			script := upTo(lines, len(lines)*i/11)
			if compareReference(t, script); t.Failed() {
				t.Fatalf("seed %d, cut %d:\n%s", seed, i, script)
			}
		}
	}
}

// TestReferenceMarks is TestReference with the world stopped at times, and goroutines
// that help the garbage collector. The path is cut where marks are, so how many pieces
// there are does not count; that of the instances has a test of its own.
func TestReferenceMarks(t *testing.T) {
	for seed := range seeds(200) {
		lines := newChaos(seed, 400, "assists", "assisted", "stopsworld", "startsworld")
		script := upTo(lines, len(lines))
		m := new(memory)
		f := follow(t, script, nil, m)
		w := newWalk(m, f.rank, always)
		for p := m.last; p != nil; p = w.back(p) {
		}
		if diff := cmp.Diff(times(w.sums), times(f.sums())); diff != "" {
			t.Fatalf("seed %d: -reference +path:\n%s\n%s", seed, diff, script)
		}
	}
}

// times returns what takes time of sums.
func times(sums map[string]amount) map[string]int64 {
	ns := make(map[string]int64)
	for phrase, sum := range sums {
		if sum.NS > 0 {
			ns[phrase] = sum.NS
		}
	}
	return ns
}

// compareReference compares the path of a script with that of a memory.
func compareReference(t *testing.T, script string) {
	t.Helper()
	m := new(memory)
	f := follow(t, script, nil, m)
	w := newWalk(m, f.rank, always)
	var at, from int64
	for p := m.last; p != nil; p = w.back(p) {
		at = max(at, p.at)
	}
	if m.last != nil {
		from = m.start
	}
	if f.path.PathNS != at-from {
		t.Errorf("the path is %d long, by the reference %d", f.path.PathNS, at-from)
	}
	if diff := cmp.Diff(w.sums, f.sums()); diff != "" {
		t.Errorf("-reference +path:\n%s", diff)
	}
	if diff := cmp.Diff(w.visits, f.visits()); diff != "" {
		t.Errorf("visits: -reference +path:\n%s", diff)
	}
}

// sums returns what the path is made of.
func (f followed) sums() map[string]amount {
	sums := make(map[string]amount)
	for _, s := range f.path.Segments {
		sums[f.phrase(s)] = amount{s.NS, s.Count}
	}
	return sums
}

// visits returns the hand-overs of the path, by lock or site.
func (f followed) visits() map[string]amount {
	visits := make(map[string]amount)
	for _, l := range f.path.Locks {
		visits[fmt.Sprintf("lock %d", l.Lock)] = amount{l.ContendedNS, l.Visits}
	}
	for _, s := range f.path.Sites {
		visits[s.Kind+f.place(s.Site)] = amount{s.ContendedNS, s.Visits}
	}
	for place, v := range visits {
		if v.Count == 0 && v.NS == 0 || strings.HasPrefix(place, "lock -1") {
			delete(visits, place)
		}
	}
	return visits
}
