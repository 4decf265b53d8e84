package waits

import "tracekit/analyze/timeline"

// waker is a stack that ended waits.
type waker struct {
	key     wakerKey
	wakes   int64
	blocked int64 // ns that are charged to it
}

type wakerKey struct {
	stack timeline.StackID // NoStack: nobody
	group string
}

type wakers map[wakerKey]*waker

// of returns the waker of a wait.
func (m wakers) of(w *timeline.Wait) *waker {
	key := wakerKey{stack: w.ByStack}
	if w.By != nil {
		key.group = w.By.Name
	}
	return m.at(key)
}

// nobody returns the waker that stands for the end of the trace.
func (m wakers) nobody() *waker { return m.at(wakerKey{}) }

func (m wakers) at(key wakerKey) *waker {
	r := m[key]
	if r == nil {
		r = &waker{key: key}
		m[key] = r
	}
	return r
}

// add charges ns to the waker of a wait; a wait that was not ended has none.
func (m wakers) add(w *timeline.Wait, ns int64) {
	r := m.nobody()
	if !w.CutEnd {
		r = m.of(w)
		r.wakes++
	}
	r.blocked += ns
}

// join adds the counts of other wakers.
func (m wakers) join(n wakers) {
	for key, r := range n {
		s := m.at(key)
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
