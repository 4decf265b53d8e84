package render

import (
	"fmt"
	"io"
	"math"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

// WhatIfFormats lists the names of the formats of a WhatIf, in the order for help.
func WhatIfFormats() []string { return []string{"text", "json"} }

// WhatIf returns the renderer of a WhatIf in a format, nil for one that is not in
// WhatIfFormats.
func WhatIf(name string) func(io.Writer, *report.WhatIf) error {
	return choose(name, whatIfText, nil, nil, nil)
}

func whatIfText(w io.Writer, v *report.WhatIf) error {
	t := newText(v.Caveats)
	t.b.WriteString(wrap("", safe.Printable(fmt.Sprintf("%s (trace format %s)", v.Trace.Path, v.Trace.GoVersion))))
	t.say("the run took %s; %s", duration(v.WallNS), replayed(v.ReplayNS, v.ReplayError))
	t.caveats(aboutTrace...)
	t.indent = "  "
	for _, s := range v.Scenarios {
		t.b.WriteString(wrap(t.indent, safe.Printable(scenario(v, s))))
	}
	if len(v.Scenarios) == 0 {
		t.say("there is nothing that could be left out")
	}
	t.caveats("scenarios")
	t.rest()
	return t.flush(w)
}

// scenario says what a run takes in other circumstances, which its name says, as "without
// lock 0 main.f:41" or "with 4 processors". It may take longer.
func scenario(v *report.WhatIf, s report.Scenario) string {
	if math.Abs(float64(v.WallNS-s.PredictedNS)) <= v.ReplayError*float64(v.WallNS) {
		return fmt.Sprintf("%s there is no gain that could be told from the error of %s", s.Name, share(v.ReplayError))
	}
	return fmt.Sprintf("%s the run takes %s instead of %s (%s … %s)", s.Name, duration(s.PredictedNS), duration(v.WallNS),
		duration(s.LowNS), duration(s.HighNS))
}
