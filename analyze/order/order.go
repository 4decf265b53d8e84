package order

import (
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// Order is an Observer of a timeline that follows the hand-overs of its locks.
type Order struct {
	timeline.Ignore
	locks map[timeline.LockID]*lock // a joined lock is entered under each of its ids
}

// New returns an Order that has seen nothing.
func New() *Order { return &Order{locks: make(map[timeline.LockID]*lock)} }

// lock follows the hand-overs of one lock.
type lock struct {
	report.LockOrder
	queue queue
}

// Blocked implements timeline.Observer.
func (o *Order) Blocked(w *timeline.Wait) {
	if w.Lock == timeline.NoLock {
		return
	}
	l := o.locks[w.Lock]
	if l == nil {
		l = &lock{queue: newQueue()}
		o.locks[w.Lock] = l
	}
	l.queue.push(w)
}

// Woken implements timeline.Observer.
func (o *Order) Woken(w *timeline.Wait) {
	if w.Lock == timeline.NoLock {
		return
	}
	l := o.locks[w.Lock]
	l.leave(w, w.Woken)
	before := int64(l.queue.overtake(w, w.Woken))
	l.queue.remove(w)
	l.Handovers++
	l.Pairs += int64(l.queue.len())
	l.OvertakenPairs += before
	if before > 0 {
		l.Overtakes++
	}
}

// Done implements timeline.Observer: it takes out those whom nobody woke.
func (o *Order) Done(w *timeline.Wait) {
	if w.Lock == timeline.NoLock || !w.CutEnd {
		return
	}
	l := o.locks[w.Lock]
	l.leave(w, w.Woken)
	l.queue.remove(w)
}

// leave notes how long a waiter was passed over, at the end of its wait.
func (l *lock) leave(w *timeline.Wait, t int64) {
	if since, ok := l.queue.overtaken(w); ok {
		l.LongestPassedOverNS = max(l.LongestPassedOverNS, t-since)
	}
}

// Joined implements timeline.Observer.
func (o *Order) Joined(into, from timeline.LockID, waits []*timeline.Wait) {
	l, m := o.locks[into], o.locks[from]
	switch {
	case m == nil:
		return
	case l == nil:
		o.locks[into] = m
		return
	}
	l.Handovers += m.Handovers
	l.Overtakes += m.Overtakes
	l.Pairs += m.Pairs
	l.OvertakenPairs += m.OvertakenPairs
	l.LongestPassedOverNS = max(l.LongestPassedOverNS, m.LongestPassedOverNS)
	l.queue.refill(waits, &m.queue)
	for id, lock := range o.locks {
		if lock == m {
			o.locks[id] = l
		}
	}
}

// Report returns the result for the locks in rank, in that order.
func (o *Order) Report(rank []timeline.LockID) report.Order {
	r := report.Order{Locks: []report.LockOrder{}}
	for i, id := range rank {
		var lo report.LockOrder
		if l := o.locks[id]; l != nil {
			lo = l.LockOrder
		}
		lo.Lock = i
		if lo.Pairs > 0 {
			fifo := 1 - float64(lo.OvertakenPairs)/float64(lo.Pairs)
			lo.Fifo = &fifo
		}
		r.Locks = append(r.Locks, lo)
	}
	return r
}
