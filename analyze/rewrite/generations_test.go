package rewrite_test

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"tracekit/analyze/rewrite"
	"tracekit/analyze/rewrite/rewritetest"
)

// TestCutGenerations copies the generations that a window touches.
func TestCutGenerations(t *testing.T) {
	for _, f := range rewritetest.Fixtures(t) {
		all, err := rewritetest.Events(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		length := all[len(all)-1].Time - all[0].Time
		for i := range int64(10) {
			win := rewrite.Window{From: i * length / 10, To: (i + 1) * length / 10}
			var out bytes.Buffer
			x, err := rewrite.CutGenerations(rewritetest.Memory(f.Data), &out, win)
			if err != nil {
				t.Fatalf("%s %v: %v", f.Name, win, err)
			}
			got, err := rewritetest.Events(out.Bytes())
			if err != nil {
				t.Fatalf("%s %v: %v", f.Name, win, err)
			}
			has := make(map[string]int)
			for _, e := range got {
				has[e.Text]++
			}
			for _, e := range rewritetest.Within(all, x.From, x.To) {
				if !e.Status && has[e.Text] == 0 {
					t.Errorf("%s %v: %s is missing", f.Name, win, e.Text)
				}
				has[e.Text]--
			}
			if f.Several() && out.Len() == len(f.Data) {
				t.Errorf("%s %v: %d bytes of %d", f.Name, win, out.Len(), len(f.Data))
			}
		}
		var out bytes.Buffer
		if _, err := rewrite.CutGenerations(rewritetest.Memory(f.Data), &out, rewrite.Window{To: math.MaxInt64}); err != nil || !bytes.Equal(out.Bytes(), f.Data) {
			t.Errorf("%s: all of it is %d bytes of %d, error %v", f.Name, out.Len(), len(f.Data), err)
		}
	}
}

// TestWindowsBeyond asks for windows in which there is nothing.
func TestWindowsBeyond(t *testing.T) {
	for _, f := range rewritetest.Fixtures(t) {
		win := rewrite.Window{From: 1e12, To: 2e12}
		var out bytes.Buffer
		if _, err := rewrite.Cut(rewritetest.Memory(f.Data), &out, win); !errors.Is(err, rewrite.ErrWindow) || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", f.Name, err, out.Len())
		}
	}
}
