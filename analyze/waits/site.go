package waits

import "tracekit/analyze/timeline"

// siteKey names a place that waits for something other than a lock.
type siteKey struct {
	kind timeline.Kind
	site timeline.FrameID // NoSite: the trace shows no stack of it
}

// site gathers the waits at one place.
type site struct {
	place
	key    siteKey
	wakers wakers
}

// sites are the places of waits by their keys. Most stacks wait for one kind of
// thing: what was found for a stack last is kept.
type sites struct {
	all     map[siteKey]*site
	byStack []*site // by StackID
}

func newSites() sites { return sites{all: make(map[siteKey]*site)} }

// of returns the site of a wait.
func (m *sites) of(w *timeline.Wait) *site {
	if int(w.Stack) < len(m.byStack) {
		if s := m.byStack[w.Stack]; s != nil && s.key.kind == w.Kind {
			return s
		}
	}
	return m.find(w)
}

func (m *sites) find(w *timeline.Wait) *site {
	key := siteKey{w.Kind, w.Site}
	s := m.all[key]
	if s == nil {
		s = &site{place: newPlace(), key: key, wakers: newWakers()}
		m.all[key] = s
	}
	for len(m.byStack) <= int(w.Stack) {
		m.byStack = append(m.byStack, nil)
	}
	m.byStack[w.Stack] = s
	return s
}

// add counts a wait that is over.
func (s *site) add(w *timeline.Wait) {
	s.place.add(w)
	s.wakers.add(w, w.Blocked())
}
