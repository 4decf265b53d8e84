package waits

import "tracekit/analyze/timeline"

// siteKey names a place that waits for something other than a lock.
type siteKey struct {
	kind timeline.Kind
	site timeline.FrameID // NoSite: the wait began before the trace, which shows no stack
}

// site gathers the waits at one place.
type site struct {
	place
	key    siteKey
	wakers wakers
}

func newSite(key siteKey) *site {
	return &site{place: newPlace(), key: key, wakers: make(wakers)}
}
