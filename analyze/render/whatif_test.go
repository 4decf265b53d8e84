package render

import (
	"strings"
	"testing"

	"tracekit/analyze/report"
)

func sampleWhatIf() *report.WhatIf {
	return &report.WhatIf{
		Schema: report.WhatIfSchema, Trace: report.Trace{Path: "shop.trace", GoVersion: "go1.26", WallNS: 1.8e9},
		WallNS: 1.71e9, ReplayNS: 1.68948e9, ReplayError: 0.012,
		Scenarios: []report.Scenario{
			{Name: "without lock 0 main.(*Cache).Get:41", PredictedNS: 1.24e9, LowNS: 1.21e9, HighNS: 1.31e9},
			{Name: "without lock 1 main.(*Store).Put:17", PredictedNS: 1.7e9, LowNS: 1.68e9, HighNS: 1.72e9},
			{Name: "with 1 processor", PredictedNS: 3.61e9, LowNS: 3.56e9, HighNS: 3.66e9},
			{Name: "with main.f at 0.5 of its time", PredictedNS: 8.551e8, LowNS: 8.55e8, HighNS: 8.552e8},
		},
		Caveats: []report.Caveat{
			{Code: "lost-bytes", About: "trace.lost_bytes", Text: "the trace is damaged", Remedy: "record again"},
			{Code: "replay", About: "scenarios", Text: "a replay is no run"},
			{Code: "else", About: "elsewhere", Text: "this is about nothing that is shown"},
		},
	}
}

func TestWhatIf(t *testing.T) {
	w := sampleWhatIf()
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	golden(t, "whatif.txt", written(t, WhatIf("text"), w))
	w.Scenarios, w.Caveats = []report.Scenario{}, []report.Caveat{}
	if got := pageOf(t, whatIfText, w); !strings.Contains(got, "no wait for a lock") {
		t.Error(got)
	}
	for _, name := range WhatIfFormats() {
		if WhatIf(name) == nil {
			t.Errorf("%s has no renderer", name)
		}
	}
	w.ReplayError, w.Trace.Window = 0.0001, &report.Window{FromNS: 5e6, ToNS: 2e9}
	for _, want := range []string{"1.69s, less than 0.1 % off", "from 5.00ms to 2.00s of it"} {
		if got := pageOf(t, whatIfText, w); !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if got := string(written(t, WhatIf("json"), w)); !strings.Contains(got, `"scenarios": []`) {
		t.Error(got)
	}
	if WhatIf("csv") != nil {
		t.Error("csv has a renderer")
	}
}

// TestHostileWhatIf has names that would steer a terminal, or are too long for it.
func TestHostileWhatIf(t *testing.T) {
	for _, with := range []string{hostileWords, strings.Repeat("long", 200), "\xff\u202e"} {
		w := sampleWhatIf()
		w.Trace.Path, w.Scenarios[0].Name, w.Scenarios[1].Name = with, with, with
		got := pageOf(t, whatIfText, w)
		fits(t, document{name: "whatif", text: got})
		if strings.ContainsAny(got, "\x1b\u202e") || strings.Contains(got, "\xff") {
			t.Errorf("it comes through:\n%q", got)
		}
	}
}
