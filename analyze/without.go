package analyze

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tracekit/analyze/report"
)

// WithoutEach returns what a report says of the run without each of its locks, and
// without the waits at each of the other places, that are worth a prediction: by what
// they predict. The error is report.ErrNoCritpath where the report is an older one.
func WithoutEach(rep *report.Report) (*report.WhatIf, error) {
	p := rep.Critpath
	if p == nil {
		return nil, report.ErrNoCritpath
	}
	v := &report.WhatIf{
		Schema: report.WhatIfSchema, Trace: rep.Trace,
		WallNS: p.PathNS, ReplayNS: p.ReplayNS, ReplayError: p.ReplayError,
		Scenarios: []report.Scenario{},
	}
	without := func(name string, d *report.Dropped) {
		if d != nil {
			v.Scenarios = append(v.Scenarios, report.Scenario{Name: name, PredictedNS: d.WallNS, LowNS: d.LowNS, HighNS: d.HighNS})
		}
	}
	for _, l := range p.Locks {
		without(fmt.Sprintf("without lock %d %s", l.Lock, rep.Waits.Locks[l.Lock].Name), l.Dropped)
	}
	for _, s := range p.Sites {
		without(fmt.Sprintf("without the wait at %s (%s)", placeName(rep, s.Site), s.Kind), s.Dropped)
	}
	ofLocks := slices.ContainsFunc(p.Locks, func(l report.CriticalLock) bool { return l.Dropped != nil })
	v.Caveats = aboutScenarios(rep.Caveats, ofLocks)
	slices.SortFunc(v.Scenarios, func(a, b report.Scenario) int {
		return cmp.Or(cmp.Compare(a.PredictedNS, b.PredictedNS), cmp.Compare(a.Name, b.Name))
	})
	return v, nil
}

// placeName names a site as a scenario can, and as locks are named: package, function
// and line.
func placeName(rep *report.Report, site int) string {
	if site < 0 {
		return "a place that is not known"
	}
	f := rep.Sites[site]
	return fmt.Sprintf("%s:%d", shortName(f.Func), f.Line)
}

// shortName is the name of a function without the path of its package, which scenarios
// need not have.
func shortName(function string) string { return function[strings.LastIndexByte(function, '/')+1:] }

// inWhatIf says which key of a WhatIf a caveat on a key of a Report qualifies; "" is
// none of them. What it does not list is about the trace.
var inWhatIf = []struct{ about, key string }{
	{"waits.locks", "scenarios"},
	{"waits", ""},
	{"order", ""},
	{"parallel", ""},
	{"critpath.path_ns", "wall_ns"},
	{"critpath.replay_ns", "replay_ns"},
	{"critpath.replay_error", "replay_error"},
	{"critpath.segments", ""},
	{"critpath.span_ns", ""},
	{"critpath.instances", ""},
	{"critpath", "scenarios"},
}

// aboutScenarios returns the caveats of a report that a WhatIf needs, by its own keys:
// those on locks where it has scenarios of locks.
func aboutScenarios(list []report.Caveat, ofLocks bool) []report.Caveat {
	kept := []report.Caveat{}
	for _, c := range list {
		if !ofLocks && isAbout(c, "waits.locks") {
			continue
		}
		for _, to := range inWhatIf {
			if isAbout(c, to.about) {
				c.About = to.key
				break
			}
		}
		if c.About != "" {
			kept = append(kept, c)
		}
	}
	return kept
}

// isAbout reports whether a caveat qualifies a key, or a part of what that stands for.
func isAbout(c report.Caveat, key string) bool {
	return c.About == key || strings.HasPrefix(c.About, key+".")
}
