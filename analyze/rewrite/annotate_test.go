package rewrite_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"tracekit/analyze"
	"tracekit/analyze/rewrite/rewritetest"
)

// TestAnnotateKeepsAll annotates each trace with every wait that there is room for:
// what was in it is still there, in its order, and at its time but for 3 ns.
func TestAnnotateKeepsAll(t *testing.T) {
	for _, f := range rewritetest.Fixtures(t) {
		t.Run(f.Name, func(t *testing.T) {
			want, err := rewritetest.Events(f.Data)
			if err != nil {
				t.Fatal(err)
			}
			for _, min := range []int64{0, 1e4, 1e6} {
				var out bytes.Buffer
				a, err := analyze.Annotate(rewritetest.Memory(f.Data), &out, min)
				if err != nil {
					t.Fatal(err)
				}
				got, err := rewritetest.Events(out.Bytes())
				if err != nil {
					t.Fatal(err)
				}
				n := 0
				var kept []rewritetest.Event
				for _, e := range got {
					if e.Added {
						n++
					} else {
						kept = append(kept, e)
					}
				}
				if a.Waits == 0 || n < a.Waits || out.Len() > 2*len(f.Data) || int64(out.Len()) != a.Written {
					t.Errorf("%d events were added for %+v, %d bytes", n, a, out.Len())
				}
				same(t, kept, want)
			}
		})
	}
}

// same compares the events of each thread, and their times.
func same(t *testing.T, got, want []rewritetest.Event) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d events, not %d", len(got), len(want))
	}
	ties := ties(want)
	g := rewritetest.ByThread(got)
	for id, w := range rewritetest.ByThread(want) {
		for i, e := range w {
			if i >= len(g[id]) || g[id][i].Text != e.Text {
				t.Fatalf("thread %d lacks %s", id, e.Text)
			}
			slack := max(slack, ties[e.Time/tick])
			if d := g[id][i].Time - e.Time; d < -slack || d > slack {
				t.Errorf("%s moved by %d ns", e.Text, d)
			}
		}
	}
}

// TestAnnotateTells compares what was added with what the report says.
func TestAnnotateTells(t *testing.T) {
	for _, f := range rewritetest.Fixtures(t) {
		t.Run(f.Name, func(t *testing.T) {
			rep, err := analyze.Trace(bytes.NewReader(f.Data), "x", analyze.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			a, err := analyze.Annotate(rewritetest.Memory(f.Data), &out, 0)
			if err != nil {
				t.Fatal(err)
			}
			again, err := analyze.Trace(bytes.NewReader(out.Bytes()), "x", analyze.Options{})
			if err != nil {
				t.Fatal(err)
			}
			waits := int64(0)
			for _, k := range rep.Waits.Kinds {
				waits += k.Waits
			}
			for _, s := range rep.Waits.Idle {
				waits += s.Waits
			}
			if got := int64(a.Waits) + a.Dropped + a.Unseen; got != waits {
				t.Errorf("%d waits were annotated or not, and the report has %d", got, waits)
			}
			if g, w := fmt.Sprint(again.Waits.Kinds), fmt.Sprint(rep.Waits.Kinds); !near(again.Waits.Kinds[0].BlockedNS, rep.Waits.Kinds[0].BlockedNS, 3*waits) {
				t.Errorf("the report changed from\n%s\nto\n%s", w, g)
			}
			for _, l := range rep.Waits.Locks {
				if l.Waits > l.OpenWaits && l.MaxNS >= a.MinNS && !bytes.Contains(out.Bytes(), []byte(fmt.Sprintf("lock %d %s", l.ID, l.Name))) {
					t.Errorf("lock %s has no task", l.Name)
				}
			}
			if !strings.Contains(out.String(), "woken by") {
				t.Error("nobody woke anybody")
			}
		})
	}
}

func near(a, b, most int64) bool { return a-b <= most && b-a <= most }

// TestAnnotateAgain annotates what was annotated: tasks have other ids.
func TestAnnotateAgain(t *testing.T) {
	for _, f := range rewritetest.Fixtures(t) {
		var once, twice bytes.Buffer
		first, err := analyze.Annotate(rewritetest.Memory(f.Data), &once, 1e4)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		second, err := analyze.Annotate(rewritetest.Memory(once.Bytes()), &twice, 1e4)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if _, err := rewritetest.Events(twice.Bytes()); err != nil || first.Waits == 0 || second.Waits < first.Waits {
			t.Errorf("%s: %v; %+v, and then %+v", f.Name, err, first, second)
		}
	}
}
