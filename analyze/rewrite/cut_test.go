package rewrite_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"tracekit/analyze/rewrite"
	"tracekit/analyze/rewrite/rewritetest"
)

// TestCutWindows cuts random windows out of each trace.
func TestCutWindows(t *testing.T) {
	n := 200
	if testing.Short() {
		n = 20
	}
	for _, f := range rewritetest.Fixtures(t) {
		t.Run(f.Name, func(t *testing.T) {
			all, err := rewritetest.Events(f.Data)
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, 2))
			length, ties := all[len(all)-1].Time-all[0].Time, ties(all)
			for range n {
				a := rng.Int64N(length)
				size := 1 + rng.Int64N(length-a)
				if rng.IntN(2) == 0 { // as people look at them
					size = min(size, 1+rng.Int64N(1+length/20))
				}
				checkCut(t, f.Data, all, ties, rewrite.Window{From: a, To: a + size})
				if t.Failed() {
					return
				}
			}
		})
	}
}

const (
	tick  = 64 // ns, of the machine on which the traces were made
	slack = 3  // ns
)

// ties counts the events of each tick.
func ties(list []rewritetest.Event) map[int64]int64 {
	n := make(map[int64]int64)
	for _, e := range list {
		n[e.Time/tick]++
	}
	return n
}

// checkCut cuts a window and compares it with the whole.
func checkCut(t *testing.T, data []byte, all []rewritetest.Event, ties map[int64]int64, win rewrite.Window) {
	t.Helper()
	var out bytes.Buffer
	x, err := rewrite.Cut(rewritetest.Memory(data), &out, win)
	if err != nil {
		t.Fatalf("%v: %v", win, err)
	}
	got, err := rewritetest.Events(out.Bytes())
	if err != nil {
		t.Fatalf("%v: %v", win, err)
	}
	want := rewritetest.Within(all, x.From, x.To)
	var kept []rewritetest.Event
	for _, e := range got {
		if e.Time >= x.From-slack {
			kept = append(kept, e)
		}
	}
	g, w := rewritetest.ByThread(kept), rewritetest.ByThread(want)
	for id, list := range w {
		compare(t, win, x.From, id == -1, g[id], list, ties)
	}
}

func compare(t *testing.T, win rewrite.Window, from int64, nobody bool, got, want []rewritetest.Event, ties map[int64]int64) {
	t.Helper()
	i := 0
	for _, e := range got {
		switch {
		case i < len(want) && e.Text == want[i].Text:
			// Events of different threads that the clock puts at one time may come in
			// another order.
			slack := max(slack, ties[want[i].Time/tick])
			if d := e.Time - want[i].Time; d < -slack || d > slack {
				t.Errorf("%v: %s is at %d, and was at %d (%d)", win, e.Text, e.Time, want[i].Time, d)
				return
			}
			i++
		case e.Status && i == len(want), nobody && e.Status, e.Time < from:
		default:
			var next string
			if i < len(want) {
				next = want[i].Text
			}
			t.Errorf("%v: at %d: %s\n was not to be expected; %s was", win, e.Time, e.Text, next)
			return
		}
	}
	if i < len(want) {
		t.Errorf("%v: %d of %d are missing: %s", win, len(want)-i, len(want), want[i].Text)
	}
}
