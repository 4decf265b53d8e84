package analyze_test

import (
	"bytes"
	"errors"
	"testing"

	"tracekit/analyze"
	"tracekit/analyze/render"
	"tracekit/analyze/render/pprof"
	"tracekit/analyze/rewrite/perfetto/perfettotest"
)

// FuzzAnalyze analyzes whatever it is given. What decodes has to hold, and can
// be rendered and exported in every format.
func FuzzAnalyze(f *testing.F) {
	for _, data := range fixtures(f) {
		if len(data) < 60_000 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, _, err := analyze.Verify(bytes.NewReader(data), "fuzz", analyze.Options{})
		if err != nil {
			if r != nil || errors.Is(err, analyze.ErrInconsistent) {
				t.Fatal(err) // it decoded, and does not hold
			}
			return
		}
		for _, name := range render.Formats() {
			if render.PerRun(name) {
				continue
			}
			if err := render.Format(name)(new(bytes.Buffer), r); err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if _, err := analyze.Perfetto(bytes.NewReader(data), &b, analyze.Options{}); err != nil {
			t.Fatal(err)
		}
		if _, err := perfettotest.Read(b.Bytes()); err != nil {
			t.Fatal(err)
		}
		for _, by := range pprof.Ways() {
			if _, err := pprof.Profile(r, pprof.By(by)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
