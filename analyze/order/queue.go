package order

import "tracekit/analyze/timeline"

// queue holds the waiters of a lock in the order in which they blocked. Each
// has a place, numbered from 1 on; a Fenwick tree counts the places taken by
// those that came anew, so that thousands of waiters cost a logarithm, not a
// walk, for each wake. Places are not used again before all have been: then
// those that are left move up.
type queue struct {
	places *places
	line   []waiter // by place; [0] is unused
	n      int      // waiters
	tree   []int    // Fenwick tree over line
	anew   int      // number of waiters that came anew
	// All who stand before place marked have been overtaken: an overtake
	// concerns everybody up to a place, so each is marked once.
	marked int
	first  int // nobody stands before this place
}

type waiter struct {
	wait      *timeline.Wait // nil: has left
	anew      bool           // it is not the goroutine's last acquisition tried again
	late      bool           // it blocked while one that had been woken did not run yet
	overtaken bool
	since     int64 // ns: when it was first overtaken
}

// places tells where goroutines stand, by Goroutine.Slot: in the queue of the lock
// that each waits for, if any.
type places []int32

func (p *places) set(slot, place int) {
	for len(*p) <= slot {
		*p = append(*p, 0)
	}
	(*p)[slot] = int32(place)
}

func newQueue(p *places) queue {
	return queue{places: p, line: make([]waiter, 1, 64), tree: make([]int, 64), marked: 1, first: 1}
}

// push puts a waiter at the end.
func (q *queue) push(w *timeline.Wait, anew, late bool) {
	v := q.last()
	// Field by field: to copy what has just been written in parts keeps a
	// processor waiting.
	v.wait, v.anew, v.late, v.overtaken, v.since = w, anew, late, false, 0
	q.enter(v)
}

// place returns where a waiter stands.
func (q *queue) place(w *timeline.Wait) int { return int((*q.places)[w.G.Slot]) }

// at returns the waiter of a wait.
func (q *queue) at(w *timeline.Wait) *waiter { return &q.line[q.place(w)] }

// oldest returns the waiter that stands first. There must be one.
func (q *queue) oldest() *waiter {
	for q.line[q.first].wait == nil {
		q.first++
	}
	return &q.line[q.first]
}

// append puts a waiter at the end.
func (q *queue) append(w waiter) {
	v := q.last()
	*v = w
	q.enter(v)
}

// last makes a place at the end, and returns it.
func (q *queue) last() *waiter {
	n := len(q.line)
	if n == cap(q.line) {
		q.moveUp()
		n = len(q.line)
	}
	q.line = q.line[:n+1]
	return &q.line[n]
}

// enter counts the waiter at the last place.
func (q *queue) enter(v *waiter) {
	place := len(q.line) - 1
	q.n++
	q.places.set(v.wait.G.Slot, place)
	if v.anew {
		q.add(place, 1)
	}
}

// moveUp numbers the places anew, with at least as much room again.
func (q *queue) moveUp() {
	old, marked := q.line[1:], q.marked-1
	if size := 2 * (q.n + 1); size > cap(q.line) {
		q.line = make([]waiter, 1, 2*size)
		q.tree = make([]int, 2*size)
	} else {
		q.line = q.line[:1] // what is left moves towards the beginning
		clear(q.tree)
	}
	q.first, q.anew, q.n = 1, 0, 0
	for i, w := range old {
		if i == marked {
			q.marked = len(q.line)
		}
		if w.wait != nil {
			q.append(w)
		}
	}
}

// remove takes a waiter out.
func (q *queue) remove(w *timeline.Wait) {
	place := q.place(w)
	q.n--
	if q.line[place].anew {
		q.add(place, -1)
	}
	q.line[place] = waiter{}
}

// overtake notes that at time t a waiter is preferred to those that came anew and
// stand before it, and returns their number.
func (q *queue) overtake(w *timeline.Wait, t int64) int {
	place := q.place(w)
	for ; q.marked < place; q.marked++ {
		if v := &q.line[q.marked]; v.anew && !v.overtaken {
			v.overtaken, v.since = true, t
		}
	}
	return q.before(place)
}

// overtaken returns when a waiter was first overtaken, if it was.
func (q *queue) overtaken(w *timeline.Wait) (since int64, ok bool) {
	v := q.at(w)
	return v.since, v.overtaken
}

// take puts a waiter at the end that comes from another queue. Whoever was
// overtaken there remains so.
func (q *queue) take(w *timeline.Wait, from *queue) {
	q.append(*from.at(w))
}

// add and before are the two operations of a Fenwick tree (Fenwick 1994, "A new
// data structure for cumulative frequency tables").
func (q *queue) add(place, n int) {
	q.anew += n
	for ; place < len(q.tree); place += place & -place {
		q.tree[place] += n
	}
}

func (q *queue) before(place int) int {
	n := 0
	for place--; place > 0; place -= place & -place {
		n += q.tree[place]
	}
	return n
}
