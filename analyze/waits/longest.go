package waits

import (
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// longest is the longest of some waits; of several, the first that began.
type longest struct {
	start, blocked, sched int64 // ns
	id                    timeline.GoID
	group                 string
	some                  bool
}

// whole counts a wait that no end of the trace cuts.
func (p *place) whole(w *timeline.Wait) {
	blocked := w.Blocked()
	if !p.longest.some || blocked >= p.longest.blocked {
		if l := (longest{w.Start, blocked, w.Sched(), w.G.ID, w.G.Name, true}); l.isLonger(&p.longest) {
			p.longest = l
		}
	}
	p.spread.add(blocked)
}

func (l *longest) isLonger(than *longest) bool {
	switch {
	case !l.some || !than.some:
		return l.some
	case l.blocked != than.blocked:
		return l.blocked > than.blocked
	case l.start != than.start:
		return l.start < than.start
	}
	return l.id < than.id
}

// report returns it for a report on what begins at a time.
func (l *longest) report(start int64) *report.Longest {
	if !l.some {
		return nil
	}
	return &report.Longest{StartNS: l.start - start, BlockedNS: l.blocked, SchedNS: l.sched, ID: int64(l.id), Goroutine: l.group}
}
