package order

import (
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// Order is an Observer of a timeline that follows the hand-overs of its locks.
type Order struct {
	timeline.Ignore
	symbols *timeline.Symbols
	locks   []*lock // by LockID
	places  places
	turns   turns
}

// New returns an Order for a timeline with these symbols.
func New(symbols *timeline.Symbols) *Order { return &Order{symbols: symbols} }

// of returns what is known of a lock, nil for nothing.
func (o *Order) of(id timeline.LockID) *lock {
	if int(id) < len(o.locks) {
		return o.locks[id]
	}
	return nil
}

func (o *Order) set(id timeline.LockID, l *lock) {
	for int(id) >= len(o.locks) {
		o.locks = append(o.locks, nil)
	}
	o.locks[id] = l
}

// lock follows the hand-overs of one lock.
type lock struct {
	report.LockOrder
	sequence sequence
	queue    queue
	woken    int // goroutines that were woken and do not run yet
}

func (o *Order) newLock() *lock { return &lock{queue: newQueue(&o.places), sequence: newSequence()} }

// LockBlocked implements timeline.LockObserver.
func (o *Order) LockBlocked(w *timeline.Wait) {
	l := o.of(w.Lock)
	if l == nil {
		l = o.newLock()
		o.set(w.Lock, l)
	}
	l.queue.push(w, o.turns.anew(w), l.woken > 0)
}

// LockWoken implements timeline.LockObserver.
func (o *Order) LockWoken(w *timeline.Wait) {
	l := o.locks[w.Lock]
	l.leave(w, w.Woken)
	if w.GaveUp {
		l.queue.remove(w)
	} else {
		l.handover(w)
	}
	l.woken++
}

// handover counts the wake of a waiter that is still in the queue, and takes it
// out.
func (l *lock) handover(w *timeline.Wait) {
	l.Handovers++
	v := l.queue.at(w)
	if outOfTurn(l.queue.oldest(), v) {
		l.OutOfTurn++
	}
	l.sequence.add(w, v.anew)
	if !v.anew {
		l.Retries++
		l.queue.remove(w)
		return
	}
	before := int64(l.queue.overtake(w, w.Woken))
	l.queue.remove(w)
	l.Pairs += int64(l.queue.anew)
	l.OvertakenPairs += before
	if before > 0 {
		l.Overtakes++
	}
}

// LockDone implements timeline.LockObserver: it takes out those whom nobody woke.
func (o *Order) LockDone(w *timeline.Wait) {
	l := o.locks[w.Lock]
	if !w.CutEnd {
		o.turns.done(w)
		l.woken--
		return
	}
	l.leave(w, w.Woken)
	l.queue.remove(w)
}

// Died implements timeline.Observer.
func (o *Order) Died(g *timeline.Goroutine) { o.turns.forget(g) }

// leave notes how long a waiter was passed over, at the end of its wait.
func (l *lock) leave(w *timeline.Wait, t int64) {
	if since, ok := l.queue.overtaken(w); ok {
		l.LongestPassedOverNS = max(l.LongestPassedOverNS, t-since)
	}
}

// Joined implements timeline.Observer.
func (o *Order) Joined(j timeline.Join) {
	var parts []*lock
	for _, id := range append([]timeline.LockID{j.Into}, j.From...) {
		if m := o.of(id); m != nil {
			parts = append(parts, m)
		}
	}
	if len(parts) == 0 {
		return
	}
	l := o.newLock()
	for _, w := range j.Waits {
		l.queue.take(w, &o.locks[w.Lock].queue)
	}
	for _, m := range parts {
		l.join(m)
	}
	for _, id := range j.From {
		o.set(id, nil)
	}
	o.set(j.Into, l)
}

// join adds the counts of a lock that has become a part of this one.
func (l *lock) join(m *lock) {
	l.Handovers += m.Handovers
	l.Overtakes += m.Overtakes
	l.Pairs += m.Pairs
	l.OvertakenPairs += m.OvertakenPairs
	l.OutOfTurn += m.OutOfTurn
	l.Retries += m.Retries
	l.sequence.join(&m.sequence)
	l.woken += m.woken
	l.LongestPassedOverNS = max(l.LongestPassedOverNS, m.LongestPassedOverNS)
}

// Report returns the result for the locks in rank, in that order, of a trace that
// begins at a time, with its sites entered in tables.
func (o *Order) Report(rank []timeline.LockID, start int64, tables *report.Tables) report.Order {
	r := report.Order{Locks: []report.LockOrder{}, Sequences: []report.LockSequence{}}
	n := names{ids: make(map[*timeline.Identity]int), list: []report.Named{}, symbols: o.symbols, tables: tables}
	for i, id := range rank {
		var lo report.LockOrder
		var s *sequence
		if l := o.of(id); l != nil {
			lo, s = l.LockOrder, &l.sequence
		}
		r.Sequences = append(r.Sequences, n.report(i, s, start))
		lo.Lock = i
		if lo.Pairs > 0 {
			fifo := 1 - float64(lo.OvertakenPairs)/float64(lo.Pairs)
			lo.Fifo = &fifo
		}
		r.Locks = append(r.Locks, lo)
	}
	r.Goroutines = n.list
	return r
}
