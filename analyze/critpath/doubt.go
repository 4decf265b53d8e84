package critpath

import "tracekit/analyze/timeline"

// Doubts is what makes a path, or predictions, less than certain.
type Doubts struct {
	Gap     bool     // something is missing before the path begins
	SpinNS  int64    // running time of user goroutines that ended with a call of runtime.Gosched
	Dropped []string // the kinds of waits for other than locks that scenarios drop
}

// Doubts returns what there is in the trace.
func (c *Critpath) Doubts() Doubts {
	d := Doubts{Gap: c.gap, SpinNS: c.ends.spun}
	for k := range timeline.Kinds {
		if c.rules.kinds>>k&1 != 0 {
			d.Dropped = append(d.Dropped, k.String())
		}
	}
	return d
}

// MayDrop reports whether a scenario can do without waits of a kind: those for a lock or
// a channel, but not those for goroutines to have ended.
func MayDrop(k timeline.Kind) bool {
	return k.IsSync() && k != timeline.WaitGroup && k != timeline.Once
}
