package rewrite_test

import (
	"bytes"
	"testing"

	"tracekit/analyze"
	"tracekit/analyze/rewrite"
	"tracekit/analyze/rewrite/rewritetest"
)

// FuzzRewrite rewrites whatever comes: nothing panics, and what is written from a trace
// that golang.org/x/exp/trace reads is read by it, too.
func FuzzRewrite(f *testing.F) {
	for _, x := range rewritetest.Fixtures(f) {
		if len(x.Data) < 20_000 {
			f.Add(x.Data, int64(0), int64(1e6))
			f.Add(x.Data, int64(1e7), int64(2e7))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, from, to int64) {
		if from < 0 || to <= from {
			return
		}
		_, whole := rewritetest.Events(data)
		check := func(name string, out *bytes.Buffer, err error) {
			if err != nil {
				return
			}
			if _, err := rewritetest.Events(out.Bytes()); err != nil && whole == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		var out bytes.Buffer
		_, err := rewrite.Cut(rewritetest.Memory(data), &out, rewrite.Window{From: from, To: to})
		check("cut", &out, err)
		out.Reset()
		_, err = analyze.Annotate(rewritetest.Memory(data), &out, from)
		check("annotate", &out, err)
		out.Reset()
		if _, err := rewrite.Repair(rewritetest.Memory(data), &out); err == nil {
			if _, err := rewritetest.Events(out.Bytes()); err != nil {
				t.Errorf("repair: %v", err)
			}
		}
		out.Reset()
		rewrite.CutGenerations(rewritetest.Memory(data), &out, rewrite.Window{From: from, To: to})
	})
}
