package waits

import "tracekit/analyze/timeline"

// waker is a stack that ended waits.
type waker struct {
	key     wakerKey
	name    string // of the group
	wakes   int64
	blocked int64 // ns that are charged to it
}

type wakerKey struct {
	stack timeline.StackID // NoStack: nobody
	group timeline.GroupID
}

// wakers are those who ended waits at one place.
type wakers map[wakerKey]*waker

// of returns the waker of a wait, nobody for one that was not ended.
func (m wakers) of(w *timeline.Wait) *waker {
	return m.at(wakerKey{w.ByStack, w.ByGroup}, w.ByName)
}

// nobody returns the waker that stands for timers, and for the end of the trace.
func (m wakers) nobody() *waker { return m.at(wakerKey{}, "") }

func (m wakers) at(key wakerKey, name string) *waker {
	r := m[key]
	if r == nil {
		r = &waker{key: key, name: name}
		m[key] = r
	}
	return r
}

// join adds the counts of other wakers.
func (m wakers) join(n wakers) {
	for key, r := range n {
		s := m.at(key, r.name)
		s.wakes += r.wakes
		s.blocked += r.blocked
	}
}

// total returns the ns that are charged to all of them.
func (m wakers) total() (ns int64) {
	for _, r := range m {
		ns += r.blocked
	}
	return ns
}
