package waits

import "tracekit/analyze/timeline"

// siteKey names a place that waits for something other than a lock.
type siteKey struct {
	kind timeline.Kind
	site timeline.FrameID // NoSite: the trace shows no stack of it
}

// site gathers the waits at one place. What they add up to is charged to those
// who ended them.
type site struct {
	place
	key siteKey
}

type sites map[siteKey]*site

// of returns the site of a wait.
func (m sites) of(w *timeline.Wait) *site {
	key := siteKey{w.Kind, w.Site}
	s := m[key]
	if s == nil {
		s = &site{place: newPlace(), key: key}
		m[key] = s
	}
	return s
}
