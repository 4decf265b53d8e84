package perfetto

import "tracekit/analyze/rewrite/perfetto/schema"

// counter follows a number over time, and writes it as a track. What it was for no
// time at all is not written.
type counter struct {
	name  string
	track uint64 // 0: none yet
	value int64
	since int64 // ns: from when on it is that
	now   int64 // ns: up to where it was followed
	told  int64 // the last that was written
}

// add changes the number from time t on. Where times go back, it is changed as late
// as what came before, as package parallel counts.
func (c *counter) add(out *packets, tracks *tracks, t, change int64) {
	c.now = max(c.now, t)
	if change == 0 {
		return
	}
	if c.now != c.since {
		c.tell(out, tracks)
		c.since = c.now
	}
	c.value += change
}

// tell writes what the number is now.
func (c *counter) tell(out *packets, tracks *tracks) {
	if c.value == c.told {
		return
	}
	if c.track == 0 {
		c.track = tracks.counter(out, c.name)
	}
	value := c.value
	out.event(c.since, c.track, schema.TrackEvent_TYPE_COUNTER, &schema.TrackEvent{CounterValue: &value})
	c.told = c.value
}
