package waits

import (
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// Waits is an Observer of a timeline that gathers its waits. Its memory grows
// with the locks, sites and stacks of the trace and the goroutines alive.
type Waits struct {
	timeline.Ignore
	symbols *timeline.Symbols

	kinds     [timeline.Kinds]report.Tally
	locks     map[timeline.LockID]*lock
	sites     map[siteKey]*site
	idleSites map[siteKey]*site
	idle      idleWaits
	system    report.Tally
	tracer    report.Tally

	// waited holds, for each goroutine alive, the places that have it among
	// their visitors.
	waited map[*timeline.Goroutine][]*place
}

// New returns a Waits for a timeline with these symbols.
func New(symbols *timeline.Symbols) *Waits {
	return &Waits{
		symbols:   symbols,
		locks:     make(map[timeline.LockID]*lock),
		sites:     make(map[siteKey]*site),
		idleSites: make(map[siteKey]*site),
		idle:      newIdleWaits(),
		waited:    make(map[*timeline.Goroutine][]*place),
	}
}

// place is what locks and sites have in common.
type place struct {
	report.Tally
	spread   spread
	waiters  int                          // goroutines that waited here
	visitors map[*timeline.Goroutine]bool // those of them that are alive
	stacks   map[stackKey]*report.Tally
}

func newPlace() place {
	return place{visitors: make(map[*timeline.Goroutine]bool), stacks: make(map[stackKey]*report.Tally)}
}

// stackKey tells the stacks of waiters apart. The kind and the group follow
// from the stack, but for stacks that were cut off.
type stackKey struct {
	stack timeline.StackID
	kind  timeline.Kind
	group string
}

// add counts a wait that is over.
func (p *place) add(w *timeline.Wait) {
	count(&p.Tally, w)
	if !w.Open() {
		p.spread.add(w.Blocked())
	}
	key := stackKey{w.Stack, w.Kind, w.G.Name}
	if p.stacks[key] == nil {
		p.stacks[key] = new(report.Tally)
	}
	count(p.stacks[key], w)
}

// join adds the counts of another place, which becomes a part of this one, but for
// its waiters.
func (p *place) join(q *place) {
	p.Tally.Add(q.Tally)
	p.spread.join(&q.spread)
	for key, t := range q.stacks {
		if p.stacks[key] == nil {
			p.stacks[key] = new(report.Tally)
		}
		p.stacks[key].Add(*t)
	}
}

func count(t *report.Tally, w *timeline.Wait) {
	one := report.Tally{Waits: 1, BlockedNS: w.Blocked(), SchedNS: w.Sched()}
	if w.Open() {
		one.OpenWaits = 1
	}
	t.Add(one)
}

// Blocked implements timeline.Observer.
func (a *Waits) Blocked(w *timeline.Wait) {
	if w.Lock == timeline.NoLock {
		return
	}
	l := a.locks[w.Lock]
	if l == nil {
		l = newLock(w.Lock)
		a.locks[w.Lock] = l
	}
	l.block(w)
}

// Woken implements timeline.Observer.
func (a *Waits) Woken(w *timeline.Wait) {
	switch {
	case w.Lock == timeline.NoLock:
	case w.GaveUp:
		a.locks[w.Lock].giveUp(w)
	default:
		a.locks[w.Lock].wake(w)
	}
}

// Done implements timeline.Observer.
func (a *Waits) Done(w *timeline.Wait) {
	switch {
	case w.G.Class == timeline.Tracer:
		count(&a.tracer, w)
		count(&a.system, w)
	case w.G.Class == timeline.Runtime:
		count(&a.system, w)
	case w.Lock != timeline.NoLock:
		count(&a.kinds[w.Kind], w)
		a.lockDone(w)
	default:
		a.otherDone(w)
	}
}

func (a *Waits) lockDone(w *timeline.Wait) {
	l := a.locks[w.Lock]
	if w.CutEnd {
		l.cut(w.Woken)
	}
	l.kinds |= 1 << w.Kind
	l.add(w)
	a.visit(w.G, &l.place)
}

// otherDone counts a wait for something other than a lock.
func (a *Waits) otherDone(w *timeline.Wait) {
	v, first := a.idle.judge(w, a.symbols)
	switch v {
	case busy:
		a.busyDone(w)
	case idle:
		if first != nil {
			a.siteDone(a.idleSites, first)
		}
		a.siteDone(a.idleSites, w)
	}
}

func (a *Waits) busyDone(w *timeline.Wait) {
	count(&a.kinds[w.Kind], w)
	a.siteDone(a.sites, w)
}

func (a *Waits) siteDone(sites map[siteKey]*site, w *timeline.Wait) {
	s := siteOf(sites, w)
	s.add(w)
	a.visit(w.G, &s.place)
}

// visit counts a goroutine among the waiters of a place, once.
func (a *Waits) visit(g *timeline.Goroutine, p *place) {
	if !p.visitors[g] {
		p.visitors[g] = true
		a.waited[g] = append(a.waited[g], p)
		p.waiters++
	}
}

// Span implements timeline.Observer: it forgets goroutines that end. At the
// trace's end a goroutine's last wait is done after its last span, but then
// there is nothing left to forget.
func (a *Waits) Span(s timeline.Span) {
	if s.Next == timeline.NotExist && !s.Cut {
		a.forget(s.G)
	}
}

func (a *Waits) forget(g *timeline.Goroutine) {
	for _, w := range a.idle.forget(g) {
		a.busyDone(w)
	}
	for _, p := range a.waited[g] {
		delete(p.visitors, g)
	}
	delete(a.waited, g)
}

// Joined implements timeline.Observer.
func (a *Waits) Joined(j timeline.Join) {
	l := a.locks[j.Into]
	if l == nil {
		l = newLock(j.Into)
		a.locks[j.Into] = l
	}
	l.inferred = l.inferred || j.Inferred
	parts := []*lock{l}
	for _, id := range j.From {
		if m := a.locks[id]; m != nil {
			parts = append(parts, m)
			delete(a.locks, id)
		}
	}
	if len(parts) == 1 {
		return
	}
	settleJoined(parts, j.Waits)
	for _, m := range parts[1:] {
		l.join(m)
		a.visitAll(m, l)
	}
	l.late = l.releases.total()
}

// visitAll moves the waiters of a part of a lock to the lock. One that waited at
// several parts and is gone by now remains counted for each.
func (a *Waits) visitAll(part, l *lock) {
	l.waiters += part.waiters - len(part.visitors)
	for g := range part.visitors {
		a.visit(g, &l.place)
	}
	part.visitors = nil // those alive still refer to it
}
