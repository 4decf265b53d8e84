package analyze

import (
	"tracekit/analyze/critpath"
	"tracekit/analyze/report"
	"tracekit/analyze/rewrite"
	"tracekit/analyze/rewrite/perfetto"
)

// pathSlices returns the steps of a critical path as an export shows them: what goes on
// in the same way is one, and what takes no time is none.
func pathSlices(steps []critpath.Step) []perfetto.Step {
	var list []perfetto.Step
	for i := range steps {
		s := &steps[i]
		next := perfetto.Step{G: s.G, Group: s.Group, From: s.From, To: s.To, What: whatIs(s), Site: s.Site, Lock: s.Lock}
		if next.From == next.To {
			continue
		}
		if n := len(list); n > 0 {
			last := list[n-1]
			last.From, last.To = next.From, next.To
			if last == next {
				list[n-1].To = next.To
				continue
			}
		}
		list = append(list, next)
	}
	return list
}

// whatIs names a step as the segments of a report are.
func whatIs(s *critpath.Step) string {
	switch {
	case s.Kind == report.SegHandOver:
		return behindOf(s.Wait)
	case s.Kind == report.SegBirth || s.Late:
		return behindOf(s.Kind)
	case s.Kind == report.SegSched:
		return "sched latency"
	}
	return s.Kind
}

// behindOf names the time from when a goroutine could run until it did.
func behindOf(what string) string { return "sched latency behind " + what }

// stays returns on which goroutines a critical path stays.
func stays(steps []critpath.Step) []rewrite.Stay {
	var list []rewrite.Stay
	for i := range steps {
		s := &steps[i]
		if n := len(list); n > 0 && list[n-1].G == s.G {
			list[n-1].To = s.To
			continue
		}
		stay := rewrite.Stay{G: s.G, Group: s.Group, From: s.From, To: s.To, Site: s.Site}
		if stay.By = s.Wait; s.Kind == report.SegBirth {
			stay.By = s.Kind
		}
		list = append(list, stay)
	}
	return list
}
