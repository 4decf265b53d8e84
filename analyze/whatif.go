package analyze

import (
	"errors"
	"io"
	"slices"

	"tracekit/analyze/critpath"
	"tracekit/analyze/report"
)

// Scenario is a run in other circumstances.
type Scenario = critpath.Scenario

// ErrNoPlace is the error for a scenario that names a place of which the trace shows
// nothing.
var ErrNoPlace = errors.New("nothing in the trace is what a scenario is about")

// CheckScenarios returns what is wrong with scenarios: there are too many, or too many
// places in them.
func CheckScenarios(scenarios ...Scenario) error { return critpath.CheckScenarios(scenarios) }

// WhatIf reads a trace to its end and says how long its run would take in other
// circumstances. The errors are those of Trace, of CheckScenarios, and, for places in the
// scenarios which the trace does not have, a PlaceError.
func WhatIf(r io.Reader, path string, o Options, scenarios ...Scenario) (*report.WhatIf, error) {
	if err := CheckScenarios(scenarios...); err != nil {
		return nil, err
	}
	done, err := run(r, path, o, scenarios)
	if err != nil {
		return nil, err
	}
	list, unused := done.critpath.Predict()
	if len(unused) > 0 {
		return nil, noPlace(done.report, unused[0])
	}
	p := done.report.Critpath
	return &report.WhatIf{
		Schema: report.WhatIfSchema, Trace: done.report.Trace,
		WallNS: p.PathNS, ReplayNS: p.ReplayNS, ReplayError: p.ReplayError,
		Scenarios: list, Caveats: concat(
			aboutScenarios(withModel(done.report), slices.ContainsFunc(scenarios, namesLocks)),
			scenarioCaveats(scenarios, done.critpath.Doubts()),
		),
	}, nil
}

// withModel returns the caveats of a report, and on what predictions rest in any case.
func withModel(r *report.Report) []report.Caveat {
	if r.Critpath.PathNS == 0 || predicts(r.Critpath) {
		return r.Caveats
	}
	return append(slices.Clone(r.Caveats), replayModel())
}

// namesLocks reports whether a scenario names places that can be those of locks.
func namesLocks(s Scenario) bool { return len(s.Drop)+len(s.Hold) > 0 }
