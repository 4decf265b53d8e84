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

// siteOf returns the site of a wait.
func siteOf(sites map[siteKey]*site, w *timeline.Wait) *site {
	key := siteKey{w.Kind, w.Site}
	s := sites[key]
	if s == nil {
		s = &site{place: newPlace(), key: key, wakers: make(wakers)}
		sites[key] = s
	}
	return s
}

// add counts a wait that is over.
func (s *site) add(w *timeline.Wait) {
	s.place.add(w)
	s.wakers.add(w, w.Blocked())
}
