package waits

import "tracekit/analyze/timeline"

// lock gathers the waits for one lock. Its wakers are its releases, and what is
// charged to them is blame.
type lock struct {
	place
	id       timeline.LockID
	late     int64 // ns: the blame when the last of its parts was joined
	gaveUp   int64 // waits that a context ended
	inferred bool  // that some of its parts are of one lock
	visitors []int // Slots of waiters; some may have ended since

	// The blame of waits in progress is settled at each wake of the lock, for
	// all waiters at once. The old ones were waiting at the wake before; the
	// fresh ones came since, and the sum of their starts is all that matters.
	// (The sum may overflow; the differences taken of it do not.)
	settled    int64 // time of the last wake
	by         *waker
	old, fresh int64
	starts     int64
}

func newLock(id timeline.LockID) *lock {
	return &lock{place: newPlace(), id: id}
}

func (l *lock) block(w *timeline.Wait) {
	l.fresh++
	l.starts += w.Start
}

// wake settles the blame up to a wake, and takes the woken goroutine out.
func (l *lock) wake(w *timeline.Wait, r *waker) {
	r.wakes++
	l.settle(w.Woken, r)
	l.old--
}

// giveUp charges the part of a wait since the last wake to who ended it, and
// takes the goroutine out: it had no lock, so that for all others nothing has
// changed.
func (l *lock) giveUp(w *timeline.Wait, r *waker) {
	l.gaveUp++
	if w.Start < l.settled {
		l.old--
		r.blocked += w.Woken - l.settled
		return
	}
	l.fresh--
	l.starts -= w.Start
	r.blocked += w.Blocked()
}

// cut settles what is left of a wait that the trace's end cuts.
func (l *lock) cut(end int64) {
	l.settle(end, l.wakers.nobody())
	l.old--
}

// settle charges the time since the last wake of all who waited in it.
func (l *lock) settle(t int64, r *waker) {
	r.blocked += l.old*(t-l.settled) + l.fresh*t - l.starts
	l.old += l.fresh
	l.fresh, l.starts = 0, 0
	l.settled, l.by = t, r
}

// settleJoined settles the blame of locks that have turned out to be one, the
// first of them: up to the last wake of any, as if each had seen that wake. The
// waits are those in progress on any of them.
func settleJoined(parts []*lock, waits []*timeline.Wait) {
	last := parts[0]
	settled := make(map[timeline.LockID]int64)
	for _, m := range parts {
		settled[m.id] = m.settled
		if m.settled > last.settled {
			last = m
		}
	}
	t, by := last.settled, last.by
	l := parts[0]
	l.old, l.fresh, l.starts = 0, 0, 0
	for _, w := range waits {
		if by == nil || w.Start >= t {
			l.block(w)
			continue
		}
		l.old++
		by.blocked += t - max(settled[w.Lock], w.Start)
	}
	l.settled, l.by = t, by
}

// join takes over the counts of a lock that has become a part of this one.
func (l *lock) join(m *lock) {
	l.place.join(&m.place)
	l.inferred = l.inferred || m.inferred
	l.gaveUp += m.gaveUp
	if l.by != nil {
		l.by = l.wakers.at(l.by.key, l.by.name)
	}
}
