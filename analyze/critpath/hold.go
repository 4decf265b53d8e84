package critpath

import (
	"slices"

	"tracekit/analyze/timeline"
)

// hold is a lock that a goroutine was handed and has not released, as far as one sees.
type hold struct {
	lock timeline.LockID
	path int64 // ns since then that are on its path
	own  int64 // ns since then that it ran, or waited for nobody
	ran  int64 // ns of them that it ran
}

// holds are those of a goroutine, by their beginnings.
type holds []hold

// mostHeld is how many locks a goroutine holds, as far as is followed: those that are
// never seen released would add up.
const mostHeld = 8

// begin notes that a lock was handed over. Who was woken for a sync.Mutex and found it
// taken is handed it again.
func (h *holds) begin(lock timeline.LockID) {
	h.end(lock)
	if len(*h) == mostHeld {
		*h = append((*h)[:0], (*h)[1:]...)
	}
	*h = append(*h, hold{lock: lock})
}

// end takes out the hold of a lock.
func (h *holds) end(lock timeline.LockID) (hold, bool) {
	for i, held := range *h {
		if held.lock == lock {
			*h = append((*h)[:i], (*h)[i+1:]...)
			return held, true
		}
	}
	return hold{}, false
}

// join has them know which locks have turned out to be one. Of holds that are of one lock
// then, the first remains: time is not held twice.
func (h *holds) join(s *locks) {
	kept := (*h)[:0]
	for _, held := range *h {
		held.lock = s.root(held.lock)
		if !slices.ContainsFunc(kept, func(other hold) bool { return other.lock == held.lock }) {
			kept = append(kept, held)
		}
	}
	*h = kept
}

// ran lets time pass in which the goroutine runs.
func (h holds) ran(ns int64) {
	for i := range h {
		h[i].path += ns
		h[i].own += ns
		h[i].ran += ns
	}
}

// pass lets time pass that the goroutine spends by itself.
func (h holds) pass(ns int64) {
	for i := range h {
		h[i].path += ns
		h[i].own += ns
	}
}

// wait lets time pass in which the goroutine waits for a processor.
func (h holds) wait(ns int64) {
	for i := range h {
		h[i].path += ns
	}
}

// restart begins a path that has nothing of what was before.
func (h holds) restart() {
	for i := range h {
		h[i].path = 0
	}
}
