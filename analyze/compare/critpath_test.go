package compare

import (
	"math"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze/report"
)

// TestGatheringPaths adds up the paths of two processes; where that of one is not known,
// neither is that of the run.
func TestGatheringPaths(t *testing.T) {
	with, without := new(report.Report), new(report.Report)
	load(t, "sample.json", with)
	load(t, "sample.json", without)
	without.Critpath = nil
	for _, tt := range []struct {
		name      string
		processes []*report.Report
		times     int64 // the path of the sample
	}{{"one", []*report.Report{with}, 1}, {"two", []*report.Report{with, with}, 2}, {"an older one", []*report.Report{with, without}, 0}, {"none", nil, 0}} {
		var g Gathering
		g.Source(report.Source{Path: "x"})
		var list []Process
		for _, r := range tt.processes {
			list = append(list, Process{Name: "p", Report: r})
		}
		g.Add(Made{Number: 1}, list)
		runs := g.Facts()
		if err := runs.Check(); err != nil {
			t.Fatal(err)
		}
		checkSum(t, tt.name, &runs.Runs[0], with.Critpath, tt.times)
	}
}

// checkSum looks for so many times a path in a run.
func checkSum(t *testing.T, name string, r *report.Run, of *report.Critpath, times int64) {
	t.Helper()
	var locks, wholes int64
	for _, l := range r.Locks {
		locks += l.PathNS
	}
	for _, l := range of.Locks {
		wholes += times * l.PathNS
	}
	if locks != wholes {
		t.Errorf("%s: %d ns are of locks, want %d", name, locks, wholes)
	}
	p := r.Critpath
	if (p == nil) != (times == 0) {
		t.Fatalf("%s: the path is %+v", name, p)
	}
	if p == nil {
		return
	}
	if p.PathNS != times*of.PathNS || p.SpanNS != times*of.SpanNS || p.WorkNS != times*of.WorkNS {
		t.Errorf("%s: the path is %+v, want %d times %+v", name, p, times, of)
	}
	want := []report.RunPathKind{
		{Kind: "before", NS: 20e6}, {Kind: "gc-assist", NS: 30e6}, {Kind: "running", NS: 700e6}, {Kind: "sched", NS: 95e6},
		{Kind: "sleep", NS: 100e6}, {Kind: "stop-world", NS: 1e6}, {Kind: "syscall", NS: 4e6},
	}
	for i := range want {
		want[i].NS *= times
	}
	if !slices.Equal(p.Kinds, want) {
		t.Errorf("%s: the kinds are %+v", name, p.Kinds)
	}
}

// withPaths makes eight runs of a program whose path is running and something else, so
// many ms of each, and so many ms of it with a lock at a line.
func withPaths(running, other float64, kind string, locked float64, line int) *report.Runs {
	var g Gathering
	g.Source(report.Source{Path: "made"})
	p := g.place(report.Place{Kind: "mutex", Frame: report.Frame{Func: "m.lock", File: "f.go", Line: line}, Chain: []string{"m.lock"}})
	for i := range 8 {
		ns := func(ms float64) int64 { return int64(ms*1e6) + int64(i) }
		path := &report.RunPath{PathNS: ns(running) + ns(other), WorkNS: 3 * ns(running), SpanNS: ns(running),
			Kinds: []report.RunPathKind{{Kind: "running", NS: ns(running)}, {Kind: kind, NS: ns(other)}}}
		l := report.RunLock{Acquires: []int{p}, Releases: []int{}}
		if locked > 0 {
			l.PathNS = ns(locked)
		}
		g.keep(report.Run{
			Number: i + 1, GOMAXPROCS: 2, Processes: 1, WallNS: path.PathNS + 5, Critpath: path, Locks: []report.RunLock{l},
			Waits:   []report.RunWaits{{Place: p, Tally: report.Tally{Waits: 5, BlockedNS: int64(1e6 + i)}}},
			Outcome: &report.Outcome{Name: "n", Got: 10, Want: 10},
		})
	}
	return g.Facts()
}

// older takes the paths from runs.
func older(r *report.Runs, runs ...int) *report.Runs {
	for _, i := range runs {
		r.Runs[i].Critpath, r.Runs[i].Locks[0].PathNS = nil, 0
	}
	return r
}

// TestPathDiff has a path in which a kind came and one went, and that is more of a lock,
// which moved.
func TestPathDiff(t *testing.T) {
	d := diffOf(t, withPaths(60, 40, "sched", 20, 7), withPaths(60, 100, "sleep", 80, 9), Options{})
	type row struct {
		kind     string
		old, new float64 // shares
		shift    float64 // ms
	}
	want := []row{{"running", 0.6, 0.375, 0}, {"sleep", 0, 0.625, 100}, {"sched", 0.4, 0, -40}, {"", 0.2, 0.5, 60}}
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-6 }
	parts := slices.Concat(d.Critpath.Kinds, d.Critpath.Locks)
	if len(parts) != len(want) || len(d.Critpath.Locks) != 1 || parts[3].Lock != 0 || parts[0].Lock != -1 {
		t.Fatalf("parts are %+v", parts)
	}
	for i, w := range want {
		p := parts[i]
		changed := w.shift != 0
		if p.Kind != w.kind || !near(p.OldShare, w.old) || !near(p.NewShare, w.new) || math.Abs(p.Path.Shift-1e6*w.shift) > 10 || p.Path.Significant != changed {
			t.Errorf("part is %+v, want %+v", p, w)
		}
	}
	shifts := make(map[string]float64)
	for _, m := range d.Measures {
		shifts[m.Name] = m.Shift
	}
	if math.Abs(shifts["path"]-60e6) > 20 || shifts["span"] != 0 || !near(shifts["path-parallelism"], 0) {
		t.Errorf("measures shift by %v", shifts)
	}
}

// TestPathPer divides the parts by what the others are divided by.
func TestPathPer(t *testing.T) {
	d := diffOf(t, withPaths(60, 40, "sched", 20, 7), withPaths(60, 40, "sched", 20, 7), Options{Per: report.PerOutcome})
	for i, want := range []float64{6e6, 4e6} {
		if p := d.Critpath.Kinds[i].Path; math.Abs(p.Old.Median-want) > 1 {
			t.Errorf("%s is %v per outcome, want %v", d.Critpath.Kinds[i].Kind, p.Old.Median, want)
		}
	}
}

// TestPathOfOlder compares no path that one side lacks, and says so; nothing is said
// where neither side has any.
func TestPathOfOlder(t *testing.T) {
	all := []int{0, 1, 2, 3, 4, 5, 6, 7}
	made := func(old ...int) *report.Runs { return older(withPaths(60, 40, "sched", 20, 7), old...) }
	for _, tt := range []struct {
		name     string
		old, new []int // runs without a path
		says     []string
		compared int // old runs; -1: there is no comparison
	}{
		{"both have it", nil, nil, nil, 8},
		{"neither has it", all, all, nil, -1},
		{"the old ones have not", all, nil, []string{"old: there are reports of before tracekit kept the critical path only: it is not compared"}, -1},
		{"the new ones have not", nil, all, []string{"new: there are reports of before tracekit kept the critical path only"}, -1},
		{"some have not", []int{1, 2, 3}, []int{4}, []string{"old: of 3 of 8 runs there are reports of before tracekit kept the critical path: what", "new: of 1 of 8 runs"}, 5},
	} {
		d := diffOf(t, made(tt.old...), made(tt.new...), Options{})
		var said []string
		for _, c := range d.Caveats {
			if c.Code == "no-critpath" {
				said = append(said, c.Text)
			}
		}
		if !slices.EqualFunc(said, tt.says, strings.HasPrefix) {
			t.Errorf("%s: it says %q", tt.name, said)
		}
		measured := slices.ContainsFunc(d.Measures, func(m report.MeasureDiff) bool { return m.Name == "path" })
		if (d.Critpath != nil) != (tt.compared > 0) || measured != (tt.compared > 0) {
			t.Errorf("%s: it compares %+v, and the measure %v", tt.name, d.Critpath, measured)
		}
		if d.Critpath != nil && d.Critpath.Kinds[0].Path.Old.N != tt.compared {
			t.Errorf("%s: %+v, want %d old runs", tt.name, d.Critpath.Kinds[0], tt.compared)
		}
	}
}

// TestPathOfNoLock leaves out locks that no path goes through.
func TestPathOfNoLock(t *testing.T) {
	runs := func() *report.Runs { return withPaths(60, 40, "sched", 0, 7) }
	if d := diffOf(t, runs(), runs(), Options{}); d.Critpath.Locks == nil || len(d.Critpath.Locks) != 0 {
		t.Errorf("locks are %+v", d.Critpath.Locks)
	}
}

// TestPathChecks holds expressions against measures of the path, which are times.
func TestPathChecks(t *testing.T) {
	for text, fails := range map[string]bool{"path > +10ms": true, "span > +10%": false, "path-parallelism < 2": false, "path-parallelism > 2": true} {
		e, err := ParseExpression(text)
		if err != nil {
			t.Fatal(err)
		}
		d := diffOf(t, withPaths(60, 40, "sched", 20, 7), withPaths(60, 100, "sched", 80, 9), Options{Checks: []Expression{e}})
		if d.Checks[0].Failed != fails {
			t.Errorf("%s: %+v", text, d.Checks[0])
		}
	}
}

// TestCheckRunPaths spoils the paths of saved runs.
func TestCheckRunPaths(t *testing.T) {
	for says, spoil := range map[string]func(r *report.Run){
		"critpath: -1":             func(r *report.Run) { r.Critpath.SpanNS = -1 },
		"critpath.kinds: the part": func(r *report.Run) { r.Critpath.PathNS++ },
		"\"running\" is out":       func(r *report.Run) { r.Critpath.Kinds[1].Kind = "running" },
		"critpath.kinds: -1":       func(r *report.Run) { r.Critpath.Kinds[0].NS = -1 },
		"locks[0].path_ns: -1":     func(r *report.Run) { r.Locks[0].PathNS = -1 },
	} {
		r := withPaths(60, 40, "sched", 20, 7)
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		spoil(&r.Runs[2])
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error is %v, want one with %q", err, says)
		}
	}
}
