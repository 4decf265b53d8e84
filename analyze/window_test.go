package analyze

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tracekit/analyze/report"
	"tracekit/analyze/rewrite"
)

// TestCutReports compares the report of a cut with that of the same window of the
// whole trace, with both readers.
func TestCutReports(t *testing.T) {
	n := 40
	if testing.Short() {
		n = 5
	}
	names, err := filepath.Glob("../testdata/traces/*.trace")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d traces, error %v", len(names), err)
	}
	for _, name := range names {
		if strings.Contains(name, "-1.21.") {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			whole, err := Trace(bytes.NewReader(data), "x", Options{})
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(3, 4))
			for range n {
				a := rng.Int64N(whole.Trace.WallNS)
				size := 1 + rng.Int64N(whole.Trace.WallNS-a)
				if rng.IntN(2) == 0 {
					size = min(size, 1+rng.Int64N(1+whole.Trace.WallNS/20))
				}
				compareCut(t, data, Window{From: a, To: a + size})
				if t.Failed() {
					return
				}
			}
		})
	}
}

// TestCutOfCut cuts the first half, and what follows, out of a cut.
func TestCutOfCut(t *testing.T) {
	names, err := filepath.Glob("../testdata/traces/*.trace")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d traces, error %v", len(names), err)
	}
	for _, name := range names {
		if strings.Contains(name, "-1.21.") || testing.Short() && !strings.Contains(name, "mixed") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, win := range []Window{{From: 0, To: 20e6}, {From: 10e6, To: 30e6}} {
			var out bytes.Buffer
			if _, err := rewrite.Cut(bytes.NewReader(data), &out, win); err != nil {
				t.Fatal(err)
			}
			for _, again := range []Window{{From: 0, To: 10e6}, {From: 5e6, To: 15e6}, {From: 5e6, To: 1e9}} {
				t.Run(fmt.Sprint(filepath.Base(name), win, again), func(t *testing.T) { compareCut(t, out.Bytes(), again) })
			}
		}
	}
}

// ties lets times differ by a tick: events of different threads that the clock puts at
// one come in an order that depends on others.
var ties = cmp.FilterPath(func(p cmp.Path) bool {
	name := p.Last().String()
	return strings.HasSuffix(name, "NS") || strings.HasSuffix(name, "Avg") || strings.HasSuffix(name, "Utilization")
}, cmp.Options{
	cmp.Comparer(func(a, b int64) bool { return a-b <= 64 && b-a <= 64 }),
	cmpopts.EquateApprox(1e-3, 1e-6),
})

func compareCut(t *testing.T, data []byte, win Window) {
	t.Helper()
	var out bytes.Buffer
	if _, err := rewrite.Cut(bytes.NewReader(data), &out, win); err != nil {
		t.Fatalf("%v: %v", win, err)
	}
	want, err := Trace(bytes.NewReader(data), "x", Options{Window: &win})
	if err != nil {
		t.Fatalf("%v: %v", win, err)
	}
	got, v, err := Verify(bytes.NewReader(out.Bytes()), "x", Options{})
	if err != nil || v.Spans == 0 {
		t.Fatalf("%v: %v", win, err)
	}
	options := cmp.Options{cmpopts.IgnoreFields(report.Trace{}, "Bytes", "Events", "Window"), ties}
	if want.Trace.GoVersion == "go1.22" {
		// That version states no stacks of goroutines: those in a system call lose theirs.
		options = append(options, cmpopts.IgnoreFields(report.Parallel{}, "Groups"), cmpopts.IgnoreFields(report.Order{}, "Goroutines"), cmpopts.IgnoreFields(report.Report{}, "Caveats"))
	}
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("%v: -window +cut:\n%s", win, diff)
	}
	other, err := Trace(bytes.NewReader(out.Bytes()), "x", Options{Decoder: Exp})
	if err != nil {
		t.Fatalf("%v: %v", win, err)
	}
	if diff := cmp.Diff(got, other); diff != "" {
		t.Errorf("%v: -wire +exp:\n%s", win, diff)
	}
}

// TestWindowOfOldTrace has a window of a trace whose times are negative, as they can be
// in the format of Go 1.21 and before.
func TestWindowOfOldTrace(t *testing.T) {
	data, err := os.ReadFile("../testdata/traces/mixed-1.21.13.trace")
	if err != nil {
		t.Fatal(err)
	}
	for _, win := range []Window{{From: 1e6, To: 30e6}, {To: 10e6}} {
		r, err := Trace(bytes.NewReader(data), "x", Options{Window: &win})
		if err != nil {
			t.Fatal(err)
		}
		if want := win.To - win.From; r.Trace.WallNS != want {
			t.Errorf("the window %+v lasts %d ns, want %d", win, r.Trace.WallNS, want)
		}
	}
}
