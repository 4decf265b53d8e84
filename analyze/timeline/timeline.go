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
	Lost       int64 // ns between them of which nothing is known
	Events     int   // of the generations that were gone through, as many as the reader read
	// Goroutines counts those that the trace shows, by Class; one that is there
	// before and after a gap counts twice.
	Goroutines [Classes]int
	// Unnamed counts those that no stack had shown when they were Born: they
	// are counted as User, and may be the runtime's.
	Unnamed int
}

// Wall returns the ns that are known.
func (e Extent) Wall() int64 { return e.End - e.Start - e.Lost }

// timeline is the state of a run.
type timeline struct {
	symbols   *Symbols
	audience  []Observer          // from the beginning of the window on
	observers []Observer          // that are told
	spans     []SpanObserver      // those of them that listen to spans
	locking   []LockObserver      // to waits for locks
	waits     []WaitObserver      // to other waits
	wakes     []WakeObserver      // to wakes
	marking   []MarkObserver      // to marks
	gs        map[GoID]*Goroutine // alive at the start of the generation
	gen       *decode.Generation  // being gone through
	entries   []entry             // by decode.GoIndex
	used      int                 // Slots that were given out
	slots     []int               // those of them that are free
	ended     []*Goroutine        // whose room can be used again
	groups    map[string]GroupID  // by name
	shapes    []shape             // by StackID
	asked     map[askKey]asked
	locks     locks
	seen      map[pair]bool    // whose sites were joined
	pairs     []pair           // of the generation; kept for its room
	nameless  int              // goroutines alive whose names are not final
	writers   map[GoID]*writer // of those alive that waited for readers
	likely    [][2]lockSite    // sites that seem to be of one RWMutex, in this generation
	nobody    Goroutine        // has the births of which the trace does not say whose they are
	foundAs   map[uint64]int   // goroutines that were there before the trace, by the hash of their name
	extent    Extent
	started   bool
	window    window
	procsNow  int64 // GOMAXPROCS; 0: not stated yet
	hasMarks  bool  // somebody is told of marks, or will be
	marked    Mark  // told last
	stopped   bool  // the world is
	stopper   GoID  // by whom
}

// Run goes through a trace to its end and tells the observers. Of one that says that
// it is of a window of another one, it is that window. The error is the source's.
func Run(src decode.Source, observers ...Observer) (Extent, error) {
	return RunWindow(src, All, observers...)
}

// RunWindow is Run for a window of the trace, in ns since the trace's beginning. The
// observers are told what they would be told of a trace that begins and ends there,
// but that the waits in progress are known, and names of goroutines.
func RunWindow(src decode.Source, w Window, observers ...Observer) (Extent, error) {
	tl := &timeline{
		symbols:  src.Symbols(),
		window:   window{asked: w},
		audience: observers,
		hasMarks: hasMarks(observers),
		gs:       make(map[GoID]*Goroutine),
		groups:   map[string]GroupID{"": 0},
		asked:    make(map[askKey]asked),
		seen:     make(map[pair]bool),
		locks:    locks{ids: make(map[lockSite]LockID)},
		writers:  make(map[GoID]*writer),
		foundAs:  make(map[uint64]int),
	}
	for {
		gen, err := src.Next()
		if err == io.EOF {
			return tl.extent, tl.atEOF()
		}
		if err != nil {
			return tl.extent, err
		}
		tl.generation(gen)
	}
}

// listen has the observers told from now on, time t.
func (tl *timeline) listen(t int64) {
	tl.observers = tl.audience
	for _, o := range tl.observers {
		if s, ok := o.(StartObserver); ok {
			s.Started(t, tl.symbols)
		}
		if s, ok := o.(SpanObserver); ok {
			tl.spans = append(tl.spans, s)
		}
		if l, ok := o.(LockObserver); ok {
			tl.locking = append(tl.locking, l)
		}
		if w, ok := o.(WaitObserver); ok {
			tl.waits = append(tl.waits, w)
		}
		if w, ok := o.(WakeObserver); ok {
			tl.wakes = append(tl.wakes, w)
		}
		if m, ok := o.(MarkObserver); ok {
			tl.marking = append(tl.marking, m)
		}
	}
}

func (tl *timeline) procs(t, n int64) {
	tl.procsNow = n
	for _, o := range tl.observers {
		o.Procs(t, n)
	}
}

// transition applies one event to the goroutine that it is about: it closes the
// span that the goroutine is in, and opens the next one.
func (tl *timeline) transition(e *decode.Event) {
	ent := &tl.entries[e.G]
	g := ent.g
	if g == nil {
		if ent.seen {
			tl.birth(e, ent)
			return
		}
		// All that it did was not worth a look ahead.
		if tl.first(e.G, ent, e.From == NotExist); ent.g == nil {
			tl.birth(e, ent)
			return
		}
		g = ent.g
	}
	if !g.named && e.Stack != NoStack {
		tl.name(g, e.Stack)
	}
	old := g.State
	if e.To == old {
		return // a statement of what is known
	}
	g.Next = e.Stack
	tl.close(g, e.Time, e.To)
	g.Stack = e.Stack
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
		tl.died(g)
		if ent.known {
			delete(tl.gs, g.ID)
		}
		ent.g, ent.known = nil, false // its id may be given to another one
	}
}

// birth enters a goroutine that was created.
func (tl *timeline) birth(e *decode.Event, ent *entry) {
	if e.To == NotExist {
		return
	}
	g := tl.newGoroutine(tl.gen.Goroutines[e.G], e.To, e.Time)
	g.Stack = e.Stack
	ent.g = g
	g.Creator = tl.creator(e)
	tl.created(g, g.Creator, e.ByStack)
	tl.name(g, e.Stack)
	tl.name(g, ent.ahead)
	tl.born(g)
	g.Creator = nil
	if g.State == Waiting { // created blocked: the other side of a coroutine
		tl.block(g, e, false)
	}
}

// creator returns the goroutine that caused a birth, nil for nobody.
func (tl *timeline) creator(e *decode.Event) *Goroutine {
	if e.By == decode.Nobody {
		return nil
	}
	by := &tl.entries[e.By]
	if !by.seen {
		tl.first(e.By, by, false)
	}
	return by.g
}

// newGoroutine returns a goroutine, in the room of one that has ended.
func (tl *timeline) newGoroutine(id GoID, state State, since int64) *Goroutine {
	n := len(tl.ended)
	if n == 0 {
		return &Goroutine{ID: id, State: state, Since: since}
	}
	g := tl.ended[n-1]
	tl.ended = tl.ended[:n-1]
	*g = Goroutine{ID: id, State: state, Since: since, births: g.births[:0]}
	return g
}

func (tl *timeline) born(g *Goroutine) {
	g.born = true
	if !g.named {
		tl.nameless++
	}
	if n := len(tl.slots); n > 0 {
		g.Slot = tl.slots[n-1]
		tl.slots = tl.slots[:n-1]
	} else {
		g.Slot = tl.used
		tl.used++
	}
	tl.announce(g)
}

// announce tells of a goroutine.
func (tl *timeline) announce(g *Goroutine) {
	if g.Identity == nil {
		tl.found(g)
	}
	g.Identity.Name = g.Name
	tl.extent.Goroutines[g.Class]++
	if g.Name == "" {
		tl.extent.Unnamed++
	}
	for _, o := range tl.observers {
		o.Born(g)
	}
}

// died tells that a goroutine is no more.
func (tl *timeline) died(g *Goroutine) {
	for _, o := range tl.observers {
		o.Died(g)
	}
	tl.slots = append(tl.slots, g.Slot)
	if !g.named {
		tl.nameless--
	}
	if len(tl.writers) > 0 {
		delete(tl.writers, g.ID)
	}
	tl.ended = append(tl.ended, g)
}

// close ends the open span of g and puts it into the next state.
func (tl *timeline) close(g *Goroutine, t int64, next State) {
	was, since := g.State, g.Since
	g.Spent[was] += t - since
	if was == Syscall {
		g.Acts++
	}
	g.State, g.Since = next, t
	for _, o := range tl.spans {
		o.Span(g, was, since)
	}
}

// block begins a wait.
func (tl *timeline) block(g *Goroutine, e *decode.Event, before bool) {
	a := tl.ask(e.Reason, e.Stack)
	g.waiting = true
	w := &g.wait
	// Field by field: to copy a whole Wait costs as much as all the rest.
	w.Kind, w.Stack, w.Site, w.Lock = a.kind, e.Stack, tl.shapes[e.Stack].site, NoLock
	w.Start, w.Began, w.Woken, w.Resumed = g.Since, g.Since, 0, 0
	w.ByStack, w.BySite = NoStack, NoSite
	w.GaveUp, w.CutStart, w.CutEnd = false, before, false
	if w.G != g {
		w.G = g
	}
	w.ByID, w.ByGroup, w.ByName = decode.NoGoroutine, 0, ""
	if a.kind.IsLock() && g.Class == User {
		w.Lock = tl.lockOf(a, e.Stack)
		for _, o := range tl.locking {
			o.LockBlocked(w)
		}
	} else {
		g.Acts++
	}
}

// lockOf returns the lock that a stack waits for.
func (tl *timeline) lockOf(a *asked, stack StackID) LockID {
	if a.lock == NoLock { // a stack of the runtime, in a goroutine of the user's
		return tl.locks.find(lockSite{tl.shapes[stack].site, false, a.kind.family()})
	}
	return tl.locks.root(a.lock)
}

// wake ends the blocked part of a wait.
func (tl *timeline) wake(g *Goroutine, e *decode.Event) {
	w := &g.wait
	w.Woken = e.Time
	if by := tl.shapeOf(e.ByStack); e.By != decode.Nobody && !by.runtime {
		if w.By = tl.entries[e.By].g; w.By != nil {
			tl.name(w.By, e.ByStack)
			w.By.Acts++
			w.ByID, w.ByGroup, w.ByName = w.By.ID, w.By.Group, w.By.Name
		}
		w.ByStack = e.ByStack
		w.BySite = by.site
	}
	w.GaveUp = tl.gaveUp(w.Kind, w.ByStack)
	for _, o := range tl.wakes {
		o.Woken(w)
	}
	if w.Lock != NoLock {
		for _, o := range tl.locking {
			o.LockWoken(w)
		}
	}
	w.By = nil
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
	if w.Lock != NoLock {
		for _, o := range tl.locking {
			o.LockDone(w)
		}
		return
	}
	for _, o := range tl.waits {
		o.Waited(w)
	}
}

// cutAll closes what is open where the trace ends, or has a gap, in the order of
// goroutine ids.
func (tl *timeline) cutAll() {
	alive := make([]*Goroutine, 0, len(tl.gs))
	for _, g := range tl.gs {
		alive = append(alive, g)
	}
	slices.SortFunc(alive, func(a, b *Goroutine) int { return cmp.Compare(a.ID, b.ID) })
	for _, g := range alive {
		blocked := g.State == Waiting
		g.Cut, g.Next = true, NoStack
		tl.close(g, tl.extent.End, NotExist)
		if g.waiting {
			if blocked {
				g.wait.Woken = tl.extent.End
				g.wait.CutEnd = true
			}
			tl.done(g, tl.extent.End)
		}
		tl.died(g)
	}
	clear(tl.gs)
	tl.stopped = false
}

// name gives a goroutine its name and class by a stack that shows it.
func (tl *timeline) name(g *Goroutine, stack StackID) {
	if g.named || stack == NoStack {
		return
	}
	s := tl.shapeOf(stack)
	if s.name == "" {
		return // it shows no function
	}
	if !g.born {
		g.Class = s.class
	}
	g.Name, g.Group, g.named, g.shown = s.name, s.group, s.named, s.class
	if g.Identity != nil {
		g.Identity.Name = s.name
	}
	if g.born && g.named {
		tl.nameless--
	}
}
