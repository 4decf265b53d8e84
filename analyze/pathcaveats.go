package analyze

import (
	"fmt"
	"slices"
	"strings"

	"tracekit/analyze/critpath"
	"tracekit/analyze/report"
)

// much is what part of a path, or of work, is worth a caveat.
const much = 0.05

// pathCaveats returns what a reader of the critical path, and of predictions, must know.
func pathCaveats(r *report.Report, d critpath.Doubts) []report.Caveat {
	p := r.Critpath
	if p.PathNS == 0 {
		return nil
	}
	return slices.Concat(endCaveats(p, d), modelCaveats(p, d), holdCaveat(p))
}

// predicts reports whether a critical path has a prediction.
func predicts(p *report.Critpath) bool {
	return slices.ContainsFunc(p.Locks, func(l report.CriticalLock) bool { return l.Dropped != nil }) ||
		slices.ContainsFunc(p.Sites, func(s report.CriticalSite) bool { return s.Dropped != nil })
}

// replayModel says what predictions rest on.
func replayModel() report.Caveat {
	return report.Caveat{
		Code: "replay-model", About: "critpath.replay_error",
		Text:   "a replay has locks handed over as they were, and takes a goroutine that did not wait not to need what others do, but for what is inferred of channels, barriers and goroutines that end; bounds are the replay's own error and 15 % of what changes",
		Remedy: "",
	}
}

// endCaveats says where a path begins and ends, where that is not where the run does.
func endCaveats(p *report.Critpath, d critpath.Doubts) []report.Caveat {
	var list []report.Caveat
	if d.Gap {
		list = append(list, report.Caveat{
			Code: "path-gap", About: "critpath.path_ns",
			Text:   "something is missing in the trace: the path begins behind it",
			Remedy: "record again",
		})
	}
	if p.End == report.EndLast && p.Goroutine != "main.main" {
		list = append(list, report.Caveat{
			Code: "path-end", About: "critpath.path_ns",
			Text:   "main does not end in the trace: the path ends where a goroutine ran last, and what is predicted is how long it takes until as much is done",
			Remedy: "record up to the end of the program, or ask for a task or region",
		})
	}
	return list
}

// modelCaveats says what predictions, and the work, rest on.
func modelCaveats(p *report.Critpath, d critpath.Doubts) []report.Caveat {
	var list []report.Caveat
	if predicts(p) {
		list = append(list, replayModel())
	}
	if share := of(outsideNS(p), p.PathNS); share > much {
		list = append(list, report.Caveat{
			Code: "outside-waits", About: "critpath.replay_error",
			Text:   fmt.Sprintf("%.0f %% of the path are waits that no goroutine of the program ended, as for the network or a timer: in predictions they take as long as they took, even where the program itself is at the other end of a connection", 100*share),
			Remedy: "",
		})
	}
	if share := of(d.SpinNS, p.WorkNS); share > much {
		list = append(list, report.Caveat{
			Code: "spins", About: "critpath.work_ns",
			Text:   fmt.Sprintf("%.0f %% of the work ends with a call of runtime.Gosched, as loops do that wait for something: it is taken for work, here and in predictions", 100*share),
			Remedy: "wait with a channel or a condition",
		})
	}
	return list
}

func of(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// outsideNS returns how much of a path is waits that no goroutine ended.
func outsideNS(p *report.Critpath) int64 {
	sum := int64(0)
	for _, s := range p.Segments {
		if !slices.Contains(notWaits, s.Kind) {
			sum += s.NS
		}
	}
	return sum
}

var notWaits = []string{
	report.SegRunning, report.SegSyscall, report.SegSched, report.SegAssist, report.SegStopped, report.SegBefore,
	report.SegHandOver, report.SegBirth, "sleep",
}

// holdCaveat says how holds of locks are known.
func holdCaveat(p *report.Critpath) []report.Caveat {
	if len(p.Locks) == 0 {
		return nil
	}
	return []report.Caveat{{
		Code: "held-by-inference", About: "critpath.locks",
		Text:   "a lock is taken to be held from a hand-over until the same goroutine next wakes one that waits for it: what was held while nobody waited is not known, neither how long nor that it would be contended without another lock",
		Remedy: "",
	}}
}

// scenarioCaveats says what scenarios of the user's claim that no edit may be able to do.
func scenarioCaveats(scenarios []Scenario, d critpath.Doubts) []report.Caveat {
	var list []report.Caveat
	if len(d.Dropped) > 0 {
		list = append(list, report.Caveat{
			Code: "dropped-waits", About: "scenarios",
			Text:   fmt.Sprintf("waits for other than locks are dropped (%s): whoever does not wait there is taken to have what it waits for at once, as if it cost nothing to make", strings.Join(d.Dropped, ", ")),
			Remedy: "",
		})
	}
	if slices.ContainsFunc(scenarios, func(s Scenario) bool { return s.Procs > 0 }) {
		list = append(list, report.Caveat{
			Code: "running-time", About: "scenarios",
			Text:   "to run is to have a processor of Go's scheduler: where the machine gave its cores to others then, running time is longer than the work",
			Remedy: "record on a machine with nothing else to do",
		})
	}
	return list
}
