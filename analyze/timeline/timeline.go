package timeline

import (
	"cmp"
	"io"
	"slices"

	"tracekit/analyze/decode"
)

// Extent says what of a trace was gone through.
type Extent struct {
	Start, End int64 // ns on the trace's clock
	Events     int   // as many as the reader read
	// Goroutines counts those that the trace shows, by Class.
	Goroutines [Classes]int
	// Unnamed counts those that no stack had shown when they were Born: they
	// are counted as User, and may be the runtime's.
	Unnamed int
}

// timeline is the state of a run.
type timeline struct {
	symbols   *Symbols
	observers []Observer
	gs        map[GoID]*Goroutine
	shapes    []shape // by StackID
	kinds     map[kindKey]Kind
	locks     locks
	ahead     map[GoID]StackID // stacks that name goroutines born in this generation
	writers   map[GoID]*writer // of those alive that waited for readers
	likely    [][2]lockSite    // sites that seem to be of one RWMutex, in this generation
	extent    Extent
	started   bool
}

// Run goes through a trace to its end and tells the observers. The error is the
// source's.
func Run(src decode.Source, observers ...Observer) (Extent, error) {
	tl := &timeline{
		symbols:   src.Symbols(),
		observers: observers,
		gs:        make(map[GoID]*Goroutine),
		kinds:     make(map[kindKey]Kind),
		locks:     locks{ids: make(map[lockSite]LockID)},
		writers:   make(map[GoID]*writer),
	}
	for {
		gen, err := src.Next()
		if err == io.EOF {
			tl.end()
			return tl.extent, nil
		}
		if err != nil {
			return tl.extent, err
		}
		tl.generation(gen)
	}
}

func (tl *timeline) generation(gen *decode.Generation) {
	if !tl.started {
		tl.started = true
		tl.extent.Start = gen.Start
	}
	tl.extent.Events += gen.Read
	tl.lookAhead(gen)
	for _, block := range gen.Blocks {
		for i := range block {
			tl.event(&block[i])
		}
	}
	tl.extent.End = gen.End
}

func (tl *timeline) event(e *decode.Event) {
	if e.Kind == decode.Procs {
		tl.procs(e.Time, e.N)
		return
	}
	tl.transition(e)
}

func (tl *timeline) procs(t, n int64) {
	for _, o := range tl.observers {
		o.Procs(t, n)
	}
}

// transition applies one event to the goroutine that it is about.
func (tl *timeline) transition(e *decode.Event) {
	g := tl.gs[e.G]
	if g == nil {
		tl.birth(e)
		return
	}
	tl.name(g, e.Stack)
	if e.To == g.State {
		return // a statement of what is known
	}
	tl.turn(g, e)
}

// birth enters a goroutine that was created.
func (tl *timeline) birth(e *decode.Event) {
	if e.To == NotExist {
		return
	}
	g := &Goroutine{ID: e.G, State: e.To, Since: e.Time}
	tl.gs[e.G] = g
	tl.name(g, e.Stack)
	tl.name(g, tl.ahead[e.G])
	tl.born(g)
	if g.State == Waiting { // created blocked: the other side of a coroutine
		tl.block(g, e, false)
	}
}

func (tl *timeline) born(g *Goroutine) {
	g.born = true
	tl.extent.Goroutines[g.Class]++
	if g.Name == "" {
		tl.extent.Unnamed++
	}
	for _, o := range tl.observers {
		o.Born(g)
	}
}

// turn closes the span that a goroutine is in and opens the next one.
func (tl *timeline) turn(g *Goroutine, e *decode.Event) {
	old := g.State
	tl.close(g, e.Time, e.To, false)
	if g.waiting {
		if old == Waiting {
			tl.wake(g, e)
		}
		if e.To != Runnable {
			tl.done(g, e.Time)
		}
	}
	switch e.To {
	case Waiting:
		tl.block(g, e, false)
	case NotExist:
		delete(tl.gs, g.ID)
	}
}

// close ends the open span of g and puts it into the next state.
func (tl *timeline) close(g *Goroutine, t int64, next State, cut bool) {
	s := Span{G: g, State: g.State, Next: next, Start: g.Since, End: t, Cut: cut}
	g.State, g.Since = next, t
	for _, o := range tl.observers {
		o.Span(s)
	}
}

// block begins a wait.
func (tl *timeline) block(g *Goroutine, e *decode.Event, before bool) {
	g.waiting = true
	g.wait = Wait{
		G:        g,
		Kind:     tl.kindOf(e.Reason, e.Stack),
		Stack:    e.Stack,
		Site:     tl.shapeOf(e.Stack).site,
		Lock:     NoLock,
		Start:    g.Since,
		BySite:   NoSite,
		CutStart: before,
	}
	w := &g.wait
	if w.Kind.IsLock() && g.Class == User {
		w.Lock = tl.locks.find(lockSite{w.Site, false, w.Kind.family()})
	}
	for _, o := range tl.observers {
		o.Blocked(w)
	}
}

// wake ends the blocked part of a wait.
func (tl *timeline) wake(g *Goroutine, e *decode.Event) {
	w := &g.wait
	w.Woken = e.Time
	if e.By != decode.NoGoroutine && !isRuntimeWaker(tl.symbols, e.ByStack) {
		if w.By = tl.gs[e.By]; w.By != nil {
			tl.name(w.By, e.ByStack)
		}
		w.ByStack = e.ByStack
		w.BySite = tl.shapeOf(e.ByStack).site
	}
	w.GaveUp = tl.gaveUp(w.Kind, w.ByStack)
	for _, o := range tl.observers {
		o.Woken(w)
	}
}

// gaveUp reports whether a wait was ended by something other than a release. Of a
// mutex there is no such thing.
func (tl *timeline) gaveUp(kind Kind, by StackID) bool {
	return kind.OfChannels() && !tl.shapeOf(by).releases
}

// done ends a wait for good.
func (tl *timeline) done(g *Goroutine, t int64) {
	w := &g.wait
	w.Resumed = t
	g.waiting = false
	for _, o := range tl.observers {
		o.Done(w)
	}
}

// end closes what is open when the trace ends, in the order of goroutine ids.
func (tl *timeline) end() {
	alive := make([]*Goroutine, 0, len(tl.gs))
	for _, g := range tl.gs {
		alive = append(alive, g)
	}
	slices.SortFunc(alive, func(a, b *Goroutine) int { return cmp.Compare(a.ID, b.ID) })
	for _, g := range alive {
		blocked := g.State == Waiting
		tl.close(g, tl.extent.End, NotExist, true)
		if !g.waiting {
			continue
		}
		if blocked {
			g.wait.Woken = tl.extent.End
			g.wait.CutEnd = true
		}
		tl.done(g, tl.extent.End)
	}
	clear(tl.gs)
}

// name gives a goroutine its name and class by a stack that shows it.
func (tl *timeline) name(g *Goroutine, stack StackID) {
	if g.named || stack == NoStack {
		return
	}
	s := tl.shapeOf(stack)
	if !g.born {
		g.Class = s.class
	}
	g.Name, g.named = s.name, s.named
}
