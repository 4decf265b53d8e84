package waits

import (
	"slices"

	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// Waits is an Observer of a timeline that gathers its waits. Its memory grows
// with the locks, sites and stacks of the trace and the goroutines alive.
type Waits struct {
	timeline.Ignore
	symbols *timeline.Symbols

	locks     []*lock // by LockID
	sites     sites
	idleSites sites
	idle      idleWaits
	system    report.Tally
	tracer    report.Tally

	visits visits
	paths  paths
	joins  int32 // of locks so far
}

// New returns a Waits for a timeline with these symbols.
func New(symbols *timeline.Symbols) *Waits {
	return &Waits{
		symbols:   symbols,
		sites:     make(sites),
		idleSites: make(sites),
	}
}

// place is what locks and sites have in common. What all waits there, and those of
// each stack, add up to follows from the chains.
type place struct {
	spread  spread
	longest longest // of the waits in spread
	waiters int     // goroutines that waited here
	chains  chains
	wakers  wakers
}

func newPlace() place {
	return place{chains: make(chains), wakers: make(wakers)}
}

// join adds the counts of another place, which becomes a part of this one, but for
// its waiters.
func (p *place) join(q *place) {
	if q.longest.isLonger(&p.longest) {
		p.longest = q.longest
	}
	p.spread.join(&q.spread)
	p.chains.join(q.chains)
	p.wakers.join(q.wakers)
}

func count(t *report.Tally, w *timeline.Wait) {
	t.Waits++
	t.BlockedNS += w.Blocked()
	t.SchedNS += w.Sched()
	if w.Open() {
		t.OpenWaits++
	}
}

// lockOf returns what is known of a lock, nil for nothing.
func (a *Waits) lockOf(id timeline.LockID) *lock {
	if int(id) < len(a.locks) {
		return a.locks[id]
	}
	return nil
}

// lockAnew returns what is known of a lock, if only that it is there.
func (a *Waits) lockAnew(id timeline.LockID) *lock {
	for int(id) >= len(a.locks) {
		a.locks = append(a.locks, nil)
	}
	if a.locks[id] == nil {
		a.locks[id] = newLock(id)
	}
	return a.locks[id]
}

// LockBlocked implements timeline.LockObserver.
func (a *Waits) LockBlocked(w *timeline.Wait) { a.lockAnew(w.Lock).block(w) }

// LockWoken implements timeline.LockObserver.
func (a *Waits) LockWoken(w *timeline.Wait) {
	l, waker := a.locks[w.Lock], a.counted(w, false).waker
	if w.GaveUp {
		l.giveUp(w, waker)
	} else {
		l.wake(w, waker)
	}
}

// LockDone implements timeline.LockObserver.
func (a *Waits) LockDone(w *timeline.Wait) {
	l := a.locks[w.Lock]
	if w.CutEnd {
		l.cut(w.Woken)
	}
	a.counted(w, false).add(w)
	a.visit(w.G, l)
}

// Waited implements timeline.WaitObserver.
func (a *Waits) Waited(w *timeline.Wait) {
	switch w.G.Class {
	case timeline.Tracer:
		count(&a.tracer, w)
		count(&a.system, w)
	case timeline.Runtime:
		count(&a.system, w)
	default:
		a.userWaited(w)
	}
}

// userWaited counts a wait of the program's for something other than a lock.
func (a *Waits) userWaited(w *timeline.Wait) {
	if !a.path(w, false).may {
		a.siteDone(w, false)
		return
	}
	idle, first := a.idle.judge(w)
	if first != nil {
		a.siteDone(first, true)
	}
	if idle {
		a.siteDone(w, true)
	}
}

func (a *Waits) siteDone(w *timeline.Wait, idle bool) {
	p := a.counted(w, idle)
	p.add(w)
	p.waker.blocked += w.Blocked()
	if !w.CutEnd {
		p.waker.wakes++
	}
	if a.visits.add(w.G.Slot, p.place) {
		p.place.waiters++
	}
}

// visit counts a goroutine among the waiters of a lock, once.
func (a *Waits) visit(g *timeline.Goroutine, l *lock) {
	if !a.visits.add(g.Slot, &l.place) {
		return
	}
	l.waiters++
	if len(l.visitors) == cap(l.visitors) {
		l.visitors = a.alive(l)
	}
	l.visitors = append(l.visitors, g.Slot)
}

// alive returns the visitors of a lock that are alive, each once.
func (a *Waits) alive(l *lock) []int {
	slices.Sort(l.visitors)
	list := slices.Compact(l.visitors)
	return slices.DeleteFunc(list, func(slot int) bool { return !a.visits.has(slot, &l.place) })
}

// Died implements timeline.Observer: it forgets goroutines that end.
func (a *Waits) Died(g *timeline.Goroutine) {
	for _, w := range a.idle.forget(g) {
		a.siteDone(w, false)
	}
	a.visits.forget(g.Slot)
}

// Joined implements timeline.Observer.
func (a *Waits) Joined(j timeline.Join) {
	a.joins++
	l := a.lockAnew(j.Into)
	l.inferred = l.inferred || j.Inferred
	parts := []*lock{l}
	for _, id := range j.From {
		if m := a.lockOf(id); m != nil {
			parts = append(parts, m)
			a.locks[id] = nil
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
	l.late = l.wakers.total()
}

// visitAll moves the waiters of a part of a lock to the lock. One that waited at
// several parts and is gone by now remains counted for each.
func (a *Waits) visitAll(part, l *lock) {
	alive := a.alive(part)
	l.waiters += part.waiters - len(alive)
	for _, slot := range alive {
		if a.visits.add(slot, &l.place) {
			l.waiters++
			l.visitors = append(l.visitors, slot)
		}
	}
}
