package rewrite_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"tracekit/analyze"
	"tracekit/analyze/rewrite"
	"tracekit/analyze/rewrite/rewritetest"
)

// TestWhatIsNotWritten rewrites what is no trace, and a trace of a format that is not
// written: the error says so, and nothing is written.
func TestWhatIsNotWritten(t *testing.T) {
	old, err := os.ReadFile("../../testdata/traces/mixed-1.21.13.trace")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		data []byte
		want error
	}{
		{"old", old, rewrite.ErrVersion},
		{"empty", nil, analyze.ErrEmpty},
		{"text", []byte("this is no trace at all"), analyze.ErrNotTrace},
		{"header alone", []byte("go 1.26 trace\x00\x00\x00"), analyze.ErrDamaged},
	} {
		f := rewritetest.Memory(tt.data)
		win := rewrite.Window{From: 0, To: 1e9}
		var out bytes.Buffer
		_, cut := rewrite.Cut(f, &out, win)
		_, gens := rewrite.CutGenerations(f, &out, win)
		_, repair := rewrite.Repair(f, &out)
		_, annotate := analyze.Annotate(f, &out, 0)
		for name, err := range map[string]error{"cut": cut, "generations": gens, "repair": repair, "annotate": annotate} {
			if !errors.Is(err, tt.want) {
				t.Errorf("%s, %s: %v", tt.name, name, err)
			}
		}
		if out.Len() > 0 {
			t.Errorf("%s: %d bytes were written", tt.name, out.Len())
		}
	}
}
