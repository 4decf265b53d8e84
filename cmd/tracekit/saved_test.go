package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"tracekit/analyze/compare"
	"tracekit/analyze/render"
	"tracekit/analyze/report"
)

// FuzzSaved has whatever passes for a saved report rendered in every format, gathered
// and compared with itself.
func FuzzSaved(f *testing.F) {
	names, err := filepath.Glob("../../testdata/reports/*.json")
	if err != nil || len(names) < 2 {
		f.Fatalf("%q, %v", names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"schema": "tracekit.reports/1", "processes": []}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readSaved(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, format := range render.Formats() {
			if err := m.render(io.Discard, format); err != nil && !render.PerRun(format) && m.runs == nil {
				t.Errorf("%s: %v", format, err)
			}
		}
		r, err := m.asRuns()
		if err != nil {
			return
		}
		d, err := compare.Diff(r, r, compare.Options{Per: report.PerRun})
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range render.Formats() {
			if err := renderDiff(io.Discard, format, d, r, r); err != nil {
				t.Errorf("diff, %s: %v", format, err)
			}
		}
	})
}
