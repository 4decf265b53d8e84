package rewrite_test

import (
	"bytes"
	"testing"

	"tracekit/analyze"
	"tracekit/analyze/rewrite"
)

// FuzzRewrite rewrites whatever comes: nothing panics, and what is written from a trace
// that golang.org/x/exp/trace reads is read by it, too.
func FuzzRewrite(f *testing.F) {
	for _, x := range fixtures(f) {
		if len(x.data) < 50_000 {
			f.Add(x.data, int64(0), int64(1e6))
			f.Add(x.data, int64(1e7), int64(2e7))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, from, to int64) {
		if from < 0 || to <= from {
			return
		}
		_, whole := events(data)
		check := func(name string, out *bytes.Buffer, err error) {
			if err != nil {
				return
			}
			if _, err := events(out.Bytes()); err != nil && whole == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		var out bytes.Buffer
		_, err := rewrite.Cut(memory(data), &out, rewrite.Window{From: from, To: to})
		check("cut", &out, err)
		out.Reset()
		_, err = analyze.Annotate(memory(data), &out, from)
		check("annotate", &out, err)
		out.Reset()
		if _, err := rewrite.Repair(memory(data), &out); err == nil {
			if _, err := events(out.Bytes()); err != nil {
				t.Errorf("repair: %v", err)
			}
		}
		out.Reset()
		rewrite.CutGenerations(memory(data), &out, rewrite.Window{From: from, To: to})
	})
}
