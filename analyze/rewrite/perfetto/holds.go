package perfetto

import (
	"slices"

	"tracekit/analyze/timeline"
)

// holds infers who held which lock, and when.
//
// A hold begins when a goroutine runs again that a release has woken, and ends with
// its own next release of that lock that wakes a waiter. Whoever is woken for a
// sync.Mutex can find it taken again; then it blocks once more at the same place, and
// has held nothing. If it blocks for the lock at another place, or has done something
// in between, or ends, it has held the lock and released it when nobody waited, at a
// time that the trace does not show: such a hold is left out, as any end for it would
// be made up.
type holds struct {
	locks []*lock // by LockID; nil: not seen
	count Holds
}

// Holds counts the holds of locks that were inferred.
type Holds struct {
	Shown   int // written
	Unseen  int // left out: their end is not in the trace
	Crowded int // left out: too many held the lock at once
}

// lock is a lock, in so far as it is held.
type lock struct {
	name  string
	into  *lock // that it has turned out to be; nil: none
	lanes []lane
}

// lane is a track of holds that do not overlap: of a lock that several hold at once,
// as readers do, there are several.
type lane struct {
	track uint64 // 0: none yet
	end   int64  // ns: of the last hold
}

// hold is one that may have begun.
type hold struct {
	lock  *lock
	since int64            // ns
	stack timeline.StackID // where it was waited for
	acts  uint32           // Goroutine.Acts then
}

const (
	// maxHeld is how many locks a goroutine can hold, as far as is followed: those
	// that are never seen released would add up.
	maxHeld = 16
	// maxLanes is how many hold one lock at once, as far as is shown.
	maxLanes = 64
)

// root returns the lock that a lock is by now.
func (l *lock) root() *lock {
	root := l
	for root.into != nil {
		root = root.into
	}
	for l.into != nil { // the next one finds it at once
		l, l.into = l.into, root
	}
	return root
}

// of returns the lock of a wait, which has been seen.
func (h *holds) of(w *timeline.Wait) *lock { return h.locks[w.Lock].root() }

// anew returns the lock of a wait, which is named after the first wait for it.
func (h *holds) anew(w *timeline.Wait, symbols *timeline.Symbols) *lock {
	h.grow(w.Lock)
	if h.locks[w.Lock] == nil {
		h.locks[w.Lock] = &lock{name: w.Kind.String() + behind(symbols, w.Site)}
	}
	return h.of(w)
}

func (h *holds) grow(id timeline.LockID) {
	for int(id) >= len(h.locks) {
		h.locks = append(h.locks, nil)
	}
}

// join makes one lock of several. What was written stays where it is, under the name
// that the lock had then.
func (h *holds) join(j timeline.Join) {
	h.grow(j.Into)
	for _, id := range j.From {
		h.grow(id)
		switch part, into := h.locks[id], h.locks[j.Into]; {
		case part == nil:
		case into == nil:
			h.locks[j.Into] = part
		case part.root() != into.root():
			part.root().into = into.root()
		}
	}
}

// blocked notes that a goroutine waits for a lock: it does not hold it now.
func (h *holds) blocked(l *life, w *timeline.Wait, on *lock) {
	if had, ok := l.take(on); ok && !had.retried(w) {
		h.count.Unseen++
	}
}

// retried reports whether a wait says that the hold never was: the goroutine found
// the lock taken, and tries again.
func (had hold) retried(w *timeline.Wait) bool {
	return had.stack == w.Stack && had.acts == w.G.Acts && !w.Kind.HandsOver()
}

// got notes that a goroutine runs again that a release has woken.
func (h *holds) got(l *life, w *timeline.Wait) {
	if len(l.held) == maxHeld {
		l.held = slices.Delete(l.held, 0, 1)
		h.count.Unseen++
	}
	l.held = append(l.held, hold{h.of(w), w.Resumed, w.Stack, w.G.Acts})
}

// release ends what the waker of a wait has held of its lock.
func (h *holds) release(by *life, w *timeline.Wait) (hold, bool) { return by.take(h.of(w)) }

// forget notes that a goroutine has ended, or the trace.
func (h *holds) forget(l *life) {
	h.count.Unseen += len(l.held)
	clear(l.held)
	l.held = l.held[:0]
}

// take takes out the last hold of a lock, with those before it, if locks have become
// one since.
func (l *life) take(of *lock) (last hold, ok bool) {
	l.held = slices.DeleteFunc(l.held, func(h hold) bool {
		if h.lock.root() != of {
			return false
		}
		last, ok = h, true
		return true
	})
	if ok {
		last.lock = of
	}
	return last, ok
}

// lane returns where a hold has its place, nothing where there is none.
func (l *lock) lane(from, to int64) (*lane, bool) {
	i := slices.IndexFunc(l.lanes, func(a lane) bool { return a.end <= from })
	if i < 0 {
		if len(l.lanes) == maxLanes {
			return nil, false
		}
		i = len(l.lanes)
		l.lanes = append(l.lanes, lane{})
	}
	l.lanes[i].end = to
	return &l.lanes[i], true
}
