package analyze

import (
	"errors"
	"fmt"
	"io"

	"tracekit/analyze/critpath"
	"tracekit/analyze/report"
)

// Scenario is a run in other circumstances.
type Scenario = critpath.Scenario

// ErrNoPlace is the error for a scenario that names a place of which the trace shows
// nothing.
var ErrNoPlace = errors.New("nothing in the trace is what a scenario is about")

// WhatIf reads a trace to its end and says how long its run would take in other
// circumstances. The errors are those of Trace; one more is that for places in the
// scenarios which the trace does not have, which wraps ErrNoPlace.
func WhatIf(r io.Reader, path string, o Options, scenarios ...Scenario) (*report.WhatIf, error) {
	if err := critpath.CheckScenarios(scenarios); err != nil {
		return nil, err
	}
	done, err := run(r, path, o, scenarios)
	if err != nil {
		return nil, err
	}
	list, unused := done.critpath.Predict()
	if len(unused) > 0 {
		return nil, fmt.Errorf("%w: %v", ErrNoPlace, unused[0])
	}
	p := done.report.Critpath
	return &report.WhatIf{
		Schema: report.WhatIfSchema, Trace: done.report.Trace,
		WallNS: p.PathNS, ReplayNS: p.ReplayNS, ReplayError: p.ReplayError,
		Scenarios: list, Caveats: done.report.Caveats,
	}, nil
}
