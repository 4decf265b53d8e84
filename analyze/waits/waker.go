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

// wakers are those who ended waits at one place, mostly one and the same.
type wakers struct {
	all    map[wakerKey]*waker
	recent [recent]*waker // by the last bits of their keys
}

func newWakers() wakers { return wakers{all: make(map[wakerKey]*waker)} }

// of returns the waker of a wait.
func (m *wakers) of(w *timeline.Wait) *waker {
	return m.at(wakerKey{w.ByStack, w.ByGroup}, w.ByName)
}

// nobody returns the waker that stands for the end of the trace.
func (m *wakers) nobody() *waker { return m.at(wakerKey{}, "") }

func (m *wakers) at(key wakerKey, name string) *waker {
	at := &m.recent[key.stack%recent]
	if *at != nil && (*at).key == key {
		return *at
	}
	r := m.all[key]
	if r == nil {
		r = &waker{key: key, name: name}
		m.all[key] = r
	}
	*at = r
	return r
}

// add charges ns to the waker of a wait; a wait that was not ended has none.
func (m *wakers) add(w *timeline.Wait, ns int64) {
	r := m.nobody()
	if !w.CutEnd {
		r = m.of(w)
		r.wakes++
	}
	r.blocked += ns
}

// join adds the counts of other wakers.
func (m *wakers) join(n *wakers) {
	for key, r := range n.all {
		s := m.at(key, r.name)
		s.wakes += r.wakes
		s.blocked += r.blocked
	}
}

// total returns the ns that are charged to all of them.
func (m *wakers) total() (ns int64) {
	for _, r := range m.all {
		ns += r.blocked
	}
	return ns
}
