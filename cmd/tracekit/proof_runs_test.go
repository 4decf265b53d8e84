package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"tracekit/analyze/report"
)

// recordRuns records runs, and returns what they show.
func recordRuns(t *testing.T, args ...string) *report.Runs {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "x.runs")
	tool(t, append([]string{"record", "-q", "-o", dir}, args...)...)
	return readRuns(t, dir)
}

func readRuns(t *testing.T, paths ...string) *report.Runs {
	t.Helper()
	r := new(report.Runs)
	decodeJSON(t, tool(t, append([]string{"analyze", "-f", "json"}, paths...)...), r)
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	return r
}

func decodeJSON(t *testing.T, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

// tool runs tracekit, and returns its standard output.
func tool(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("tracekit", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tracekit %q: %v", args, err)
	}
	return out
}

// attempt has a proof that depends on who gets a processor when several attempts, for a
// machine that is busy with something else.
func attempt(t *testing.T, attempts int, prove func() error) {
	t.Helper()
	var err error
	for range attempts {
		if err = prove(); err == nil {
			return
		}
		t.Log(err)
	}
	t.Error(err)
}

// TestOrdersOfPrograms has programs that acquire locks in an order that is known. The
// demo lock hands over in the order of arrival, which is often the same; in the demo
// barrier no goroutine is handed a lock.
func TestOrdersOfPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("records 100 runs")
	}
	const program = "tracekit/testdata/programs/orders"
	tests := []struct {
		args  []string
		wants []string
	}{
		{[]string{"--runs", "8", "--", "go", "run", program, "stable"}, []string{report.Stable}},
		{[]string{"--runs", "8", "--", "go", "run", program, "arrival"}, []string{report.ArrivalOrder}},
		{[]string{"--runs", "16", "--", "go", "run", program, "random"}, []string{report.Random}},
		{[]string{"--runs", "3", "--", "go", "run", program, "random"}, []string{report.TooFewRuns}},
		{[]string{"--runs", "8", "lock", "--threads", "8", "--unit", "50ms"}, []string{report.ArrivalOrder, report.Stable}},
	}
	for _, tt := range tests {
		attempt(t, 5, func() error {
			r := recordRuns(t, tt.args...)
			for _, want := range tt.wants {
				if len(r.Orders) > 0 && r.Orders[0].Verdict == want {
					return nil
				}
			}
			return fmt.Errorf("%q: %+v, want %q", tt.args, r.Orders, tt.wants)
		})
	}
	if r := recordRuns(t, "--runs", "2", "barrier", "--unit", "1ms"); len(r.Orders) > 0 {
		t.Errorf("barrier: %+v", r.Orders)
	}
}

// TestHeldTwiceAsLong doubles the time with the lock held. Six goroutines come while the
// first holds it: they wait for one, two, … of the others.
func TestHeldTwiceAsLong(t *testing.T) {
	const waits = 1 + 2 + 3 + 4 + 5
	const more = 4e6 // ns: 0.2 of a unit of 20 ms
	attempt(t, 10, func() error {
		dir := t.TempDir()
		old, new := filepath.Join(dir, "old"), filepath.Join(dir, "new")
		for path, hold := range map[string]string{old: "0.2", new: "0.4"} {
			tool(t, "record", "-q", "--runs", "8", "-o", path, "lock", "--threads", "6", "--unit", "20ms", "--hold", hold)
		}
		d := diffRuns(t, old, new)
		if len(d.Locks) != 1 {
			return fmt.Errorf("locks are %+v", d.Locks)
		}
		b := d.Locks[0].Blocked
		if !b.Significant || *b.Low > waits*more || *b.High < waits*more {
			return fmt.Errorf("the change is %+v: %v to %v, and should be %v", b, *b.Low, *b.High, waits*more)
		}
		for _, s := range d.Sites {
			if s.Lock == 0 && s.Blocked.Significant && s.Match == report.Same && s.New.Func == "tracekit/demos/lock.(*counter).add" {
				return nil
			}
		}
		return fmt.Errorf("the site is not found: %+v", d.Sites)
	})
}

func diffRuns(t *testing.T, old, new string) *report.Diff {
	t.Helper()
	d := &report.Diff{}
	decodeJSON(t, tool(t, "diff", "-f", "json", old, new), d)
	return d
}

// TestScalingOfPrograms records what scales, and what one lock keeps from it.
func TestScalingOfPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures programs, in processes of their own")
	}
	if runtime.NumCPU() < 2 {
		t.Skip("one processor")
	}
	attempt(t, 10, func() error {
		multi := recordRuns(t, "--runs", "7", "--procs", "1,2", "multi", "--limit", "300000")
		bound := recordRuns(t, "--runs", "7", "--procs", "1,2", "gil-cpu", "--limit", "100000")
		a, b := multi.Scaling.Steps[1], bound.Scaling.Steps[1]
		switch {
		case a.Speedup < 1.3 && !spare():
			t.Skip("other work has the second processor")
		case a.Speedup < 1.3 || b.Speedup > 1.3:
			return fmt.Errorf("twice the processors make multi %.2f and gil-cpu %.2f times as fast", a.Speedup, b.Speedup)
		case a.SerialFraction == nil || b.SerialFraction == nil:
			return fmt.Errorf("no serial fraction: %+v, %+v", a, b)
		case *a.SerialFraction > 0.5 || *b.SerialFraction < 0.5:
			return fmt.Errorf("serial fractions are %.2f and %.2f", *a.SerialFraction, *b.SerialFraction)
		}
		return nil
	})
}

// spare reports whether the machine does two things at once now that need nothing but a
// processor each.
func spare() bool {
	spin := func() {
		for x := uint64(1); x < 1<<27; x += x&1 | 1 {
		}
	}
	start := time.Now()
	spin()
	spin()
	alone := time.Since(start)
	start = time.Now()
	var wg sync.WaitGroup
	wg.Go(spin)
	wg.Go(spin)
	wg.Wait()
	return alone.Seconds()/time.Since(start).Seconds() > 1.6
}
