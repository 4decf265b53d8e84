package parallel

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

func run(t *testing.T, script string) (report.Parallel, *Parallel) {
	t.Helper()
	src, err := decodetest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	p := New()
	extent, err := timeline.Run(src, p)
	if err != nil {
		t.Fatal(err)
	}
	return p.Report(extent), p
}

func TestParallel(t *testing.T) {
	got, p := run(t, `
		100 procs 2
		100 g1 running main.main
		100 g9 running runtime.gcBgMarkWorker
		110 g1 creates g2 main.work @ main.main
		120 g2 starts
		140 g1 waits "sleep" time.Sleep < main.main
		150 g2 syscall main.work
		160 g2 returns
		170 nobody wakes g1
		190 g1 starts
		195 g2 ends
		200 end
	`)
	want := report.Parallel{
		GOMAXPROCSAvg:    2,
		RunningAvg:       1.15, // main.main runs 50 of the 100 ns, main.work 65
		Utilization:      0.575,
		DemandAvg:        1.45, // and they are runnable for 20 and 10
		SystemRunningAvg: 1,
		At: []report.At{
			{Running: 0, NS: 10},
			{Running: 1, NS: 65},
			{Running: 2, NS: 25},
		},
		WorkNS: 115,
		Groups: []report.Group{
			{Name: "main.work", Class: "user", Goroutines: 1, RunningNS: 65, RunnableNS: 10, SyscallNS: 10},
			{Name: "main.main", Class: "user", Goroutines: 1, RunningNS: 50, RunnableNS: 20, BlockedNS: 30},
			{Name: "runtime.gcBgMarkWorker", Class: "runtime", Goroutines: 1, RunningNS: 100},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if n, changed := p.GOMAXPROCS(); n != 2 || changed {
		t.Errorf("GOMAXPROCS is %d, changed: %v", n, changed)
	}
}

func TestGOMAXPROCSChanges(t *testing.T) {
	got, p := run(t, `
		0 g1 running main.main
		20 procs 4
		60 procs 2
		100 end
	`)
	// Known for 80 of the 100 ns: 4 for 40, 2 for 40.
	if got.GOMAXPROCSAvg != 3 || got.RunningAvg != 1 || got.Utilization != 1./3 {
		t.Errorf("got %+v", got)
	}
	if n, changed := p.GOMAXPROCS(); n != 2 || !changed {
		t.Errorf("GOMAXPROCS is %d, changed: %v", n, changed)
	}
}

func TestGOMAXPROCSUnknown(t *testing.T) {
	got, _ := run(t, "0 g1 running main.main\n10 end")
	if got.GOMAXPROCSAvg != 0 || got.Utilization != 0 || got.RunningAvg != 1 {
		t.Errorf("got %+v", got)
	}
}

// TestLateStart has the first goroutine appear after the start.
func TestLateStart(t *testing.T) {
	got, _ := run(t, "0 g1 creates g2 main.f @ main.main\n10 g2 starts\n30 end")
	want := []report.At{{Running: 0, NS: 10}, {Running: 1, NS: 20}}
	if diff := cmp.Diff(want, got.At); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNoGoroutines(t *testing.T) {
	got, _ := run(t, "5 end\n---\n30 end")
	if diff := cmp.Diff([]report.At{{Running: 0, NS: 25}}, got.At); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestBornLate has nobody be there for the first 10 ns.
func TestBornLate(t *testing.T) {
	p := New()
	g := &timeline.Goroutine{ID: 1, State: timeline.Running, Since: 10}
	p.Born(g)
	g.State, g.Since = timeline.NotExist, 30
	p.Span(g, timeline.Running, 10)
	r := p.Report(timeline.Extent{Start: 0, End: 30})
	if diff := cmp.Diff([]report.At{{Running: 0, NS: 10}, {Running: 1, NS: 20}}, r.At); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestAllAtTheEnd has every event come at the very end: nobody ran until then.
func TestAllAtTheEnd(t *testing.T) {
	p := New()
	p.Procs(30, 2)
	r := p.Report(timeline.Extent{Start: 5, End: 30})
	if diff := cmp.Diff([]report.At{{Running: 0, NS: 25}}, r.At); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestNoTime has a trace without any length: averages are 0, not NaN.
func TestNoTime(t *testing.T) {
	got, _ := run(t, "5 procs 2\n5 g1 running main.main")
	if got.RunningAvg != 0 || got.DemandAvg != 0 || got.GOMAXPROCSAvg != 0 || got.Utilization != 0 || got.SystemRunningAvg != 0 {
		t.Errorf("got %+v", got)
	}
}
