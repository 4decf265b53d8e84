package rewrite_test

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"tracekit/analyze/rewrite"
)

// TestCutGenerations copies the generations that a window touches.
func TestCutGenerations(t *testing.T) {
	for _, f := range fixtures(t) {
		all, err := events(f.data)
		if err != nil {
			t.Fatal(err)
		}
		length := all[len(all)-1].time - all[0].time
		for i := range int64(10) {
			win := rewrite.Window{From: i * length / 10, To: (i + 1) * length / 10}
			var out bytes.Buffer
			x, err := rewrite.CutGenerations(memory(f.data), &out, win)
			if err != nil {
				t.Fatalf("%s %v: %v", f.name, win, err)
			}
			got, err := events(out.Bytes())
			if err != nil {
				t.Fatalf("%s %v: %v", f.name, win, err)
			}
			has := make(map[string]int)
			for _, e := range got {
				has[e.text]++
			}
			for _, e := range within(all, x.From, x.To) {
				if !e.status && has[e.text] == 0 {
					t.Errorf("%s %v: %s is missing", f.name, win, e.text)
				}
				has[e.text]--
			}
			if f.several() && out.Len() == len(f.data) {
				t.Errorf("%s %v: %d bytes of %d", f.name, win, out.Len(), len(f.data))
			}
		}
		var out bytes.Buffer
		if _, err := rewrite.CutGenerations(memory(f.data), &out, rewrite.Window{To: math.MaxInt64}); err != nil || !bytes.Equal(out.Bytes(), f.data) {
			t.Errorf("%s: all of it is %d bytes of %d, error %v", f.name, out.Len(), len(f.data), err)
		}
	}
}

// TestWindowsBeyond asks for windows in which there is nothing.
func TestWindowsBeyond(t *testing.T) {
	for _, f := range fixtures(t) {
		win := rewrite.Window{From: 1e12, To: 2e12}
		var out bytes.Buffer
		if _, err := rewrite.Cut(memory(f.data), &out, win); !errors.Is(err, rewrite.ErrWindow) || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", f.name, err, out.Len())
		}
	}
}
