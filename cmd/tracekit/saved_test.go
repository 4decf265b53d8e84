package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"tracekit/analyze/compare"
	"tracekit/analyze/render"
	"tracekit/analyze/render/folded"
	"tracekit/analyze/render/pprof"
	"tracekit/analyze/report"
)

// smallRuns and smallSet are what every key of has its part in, and little else: the
// fuzzer makes more of little.
const (
	smallRuns = `{"schema":"tracekit.runs/1","recordings":[{"path":"x","command":[],"wanted":2}],
"runs":[{"number":1,"gomaxprocs":2,"wall_ns":1000,"parallelism":1.5,"utilization":0.7,"demand":2,"outcome":{"name":"n","got":3,"want":3},
"waits":[{"place":0,"waits":3,"blocked_ns":70,"sched_ns":5}],"releases":[{"place":1,"wakes":3,"blame_ns":70}],
"locks":[{"acquires":[0],"releases":[1],"pairs":4,"overtaken_pairs":1,"woken":[0,1],"first":[{"goroutine":0,"place":0,"arrived_ns":1,"woken_ns":5},{"goroutine":1,"place":0,"arrived_ns":2,"woken_ns":9}]}]},
{"number":2,"gomaxprocs":1,"wall_ns":1700,"waits":[{"place":0,"waits":1,"blocked_ns":90}],"releases":[],"locks":[{"acquires":[0]}]}],
"places":[{"kind":"mutex","func":"m.f","file":"f.go","line":3,"chain":["m.f","m.g"]},{"func":"m.f","file":"f.go","line":5}],
"goroutines":[{"id":"a","name":"g#1"},{"id":"b","name":"g#2"}],"caveats":[{"code":"c","about":"recordings","text":"t"}]}`
	smallSet = `{"schema":"tracekit.reports/1","path":"x","processes":[{"path":"m","error":"e"}],"total":{}}`
)

// FuzzSaved has whatever passes for a saved report rendered in every format, gathered,
// and compared with itself and with another one.
func FuzzSaved(f *testing.F) {
	f.Add([]byte(smallRuns))
	f.Add([]byte(smallSet))
	sample, err := os.ReadFile("../../testdata/reports/sample.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	other, err := readSaved(strings.NewReader(smallRuns))
	if err != nil {
		f.Fatal(err)
	}
	every, err := compare.ParseExpression("blocked[*] > +1%")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readSaved(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, format := range render.Formats() {
			if m.runs == nil && !render.PerRun(format) {
				show(t, m, format)
			}
		}
		exportSaved(t, m)
		r, err := m.asRuns()
		if err != nil {
			return
		}
		for _, format := range render.Formats() {
			show(t, material{runs: r}, format)
		}
		o, err := other.asRuns()
		if err != nil {
			t.Fatal(err)
		}
		for _, sides := range [][2]*report.Runs{{r, r}, {r, o}, {o, r}} {
			d, err := compare.Diff(sides[0], sides[1], compare.Options{Checks: []compare.Expression{every}})
			if err != nil {
				t.Fatal(err)
			}
			for _, format := range render.Formats() {
				if err := renderDiff(io.Discard, format, d, sides[0], sides[1]); err != nil {
					t.Errorf("diff, %s: %v", format, err)
				}
			}
		}
	})
}

// exportSaved exports a report of one trace in every way.
func exportSaved(t *testing.T, m material) {
	t.Helper()
	if m.report == nil {
		return
	}
	for _, by := range pprof.Ways() {
		if _, err := pprof.Profile(m.report, pprof.By(by)); err != nil && !errors.Is(err, report.ErrNoChains) {
			t.Errorf("pprof by %s: %v", by, err)
		}
	}
	for _, wakes := range []bool{false, true} {
		f := &folded.Mean{Wakes: wakes}
		if err := f.Add([]*report.Report{m.report}); err == nil {
			err = f.Write(io.Discard, 1)
			if err != nil {
				t.Errorf("folded: %v", err)
			}
		}
	}
}

// show renders it in a format.
func show(t *testing.T, m material, format string) {
	t.Helper()
	if err := m.render(io.Discard, format); err != nil {
		t.Errorf("%s: %v", format, err)
	}
}
