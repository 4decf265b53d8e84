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
	t.window(v.Trace.Window)
	t.say("the run took %s; %s", duration(v.WallNS), replayed(v.ReplayNS, v.ReplayError))
	t.caveats(aboutTrace...)
	t.caveats("wall_ns", "replay_ns", "replay_error")
	t.indent = "  "
	for _, s := range v.Scenarios {
		t.b.WriteString(wrap(t.indent, safe.Printable(scenario(v, s))))
	}
	if len(v.Scenarios) == 0 {
		t.say("no wait for a lock, or to send to a channel, is long enough to ask what the run takes without it; tracekit whatif --help says what else can be asked")
	}
	t.caveats("scenarios")
	t.rest()
	return t.flush(w)
}

// scenario says what a run takes in other circumstances, which its name says, as "without
// lock 0 main.f:41" or "with 4 processors". It may take longer.
func scenario(v *report.WhatIf, s report.Scenario) string {
	gain := v.WallNS - s.PredictedNS
	if math.Abs(float64(gain)) <= v.ReplayError*float64(v.WallNS) {
		return s.Name + ", the run takes as long, within the error of the replay"
	}
	by := percent(gain, v.WallNS) + " less"
	if gain < 0 {
		by = percent(-gain, v.WallNS) + " more"
	}
	takes := fmt.Sprintf("%s, the run takes %s instead of %s, %s", s.Name, duration(s.PredictedNS), duration(v.WallNS), by)
	if low, high := duration(s.LowNS), duration(s.HighNS); low != high {
		takes += fmt.Sprintf(" (%s..%s)", low, high)
	}
	return takes
}
