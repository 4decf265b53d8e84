package compare

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/report"
)

func load(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile("../../testdata/reports/" + name)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestGathering adds a report twice: the run has the sums of the report, and counts once.
func TestGathering(t *testing.T) {
	r := new(report.Report)
	load(t, "sample.json", r)
	var g Gathering
	g.Source(report.Source{Path: "x"})
	g.Add(Made{Number: 1}, []Process{{Report: r}})
	g.Add(Made{Number: 2}, []Process{{Report: r}})
	runs := g.Vary()
	if err := runs.Check(); err != nil {
		t.Fatal(err)
	}
	var all, locks report.Tally
	for _, k := range r.Waits.Kinds {
		all.Add(k.Tally)
	}
	for _, l := range r.Waits.Locks {
		locks.Add(l.Tally)
	}
	if len(runs.Runs) != 1 {
		t.Fatalf("%d runs", len(runs.Runs))
	}
	if run := runs.Runs[0]; run.AllWaits != all || run.LockWait != locks || run.WallNS != r.Trace.WallNS || run.Parallelism != r.Parallel.RunningAvg {
		t.Errorf("run is %+v; the report has waits of %+v and %+v", run, all, locks)
	}
	for _, code := range []string{"few-runs", "same-runs"} {
		if !slices.ContainsFunc(runs.Caveats, func(c report.Caveat) bool { return c.Code == code }) {
			t.Errorf("no caveat %s: %+v", code, runs.Caveats)
		}
	}
}

// TestSavedRuns gathers saved runs, whose facts come through as they are, and from
// which the same follows.
func TestSavedRuns(t *testing.T) {
	saved := new(report.Runs)
	load(t, "runs.json", saved)
	var g Gathering
	g.AddRuns(saved)
	once := g.Vary()
	data, err := json.Marshal(once)
	if err != nil {
		t.Fatal(err)
	}
	read := new(report.Runs)
	if err := json.Unmarshal(data, read); err != nil {
		t.Fatal(err)
	}
	var h Gathering
	h.AddRuns(read)
	if d := cmp.Diff(once, h.Vary()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(saved.Runs, once.Runs); d != "" {
		t.Error(d)
	}
}

// TestFacts has all that a diff takes: one of what varies says the same.
func TestFacts(t *testing.T) {
	saved := new(report.Runs)
	load(t, "runs.json", saved)
	gathered := func() *Gathering {
		g := new(Gathering)
		g.AddRuns(saved)
		return g
	}
	facts, varied := gathered().Facts(), gathered().Vary()
	if len(facts.Orders) > 0 || len(varied.Orders) == 0 {
		t.Fatalf("%d and %d orders", len(facts.Orders), len(varied.Orders))
	}
	other := program(around(100, 6), around(1.6, 6), overtaken(2, 6))
	if d := cmp.Diff(diffOf(t, varied, other, Options{}), diffOf(t, facts, other, Options{})); d != "" {
		t.Error(d)
	}
}

// TestTornRuns leaves out runs of which a part is missing, unless all are such.
func TestTornRuns(t *testing.T) {
	r := program(around(100, 4), around(1.6, 4), overtaken(2, 4))
	r.Runs[2].Torn = true
	again := func() *report.Runs {
		var g Gathering
		g.AddRuns(r)
		return g.Vary()
	}
	if got := again(); len(got.Runs) != 3 || !strings.Contains(got.Caveats[0].Text, "1 of 4 runs are left out") {
		t.Errorf("%d runs, %+v", len(got.Runs), got.Caveats)
	}
	for i := range r.Runs {
		r.Runs[i].Torn = true
	}
	if got := again(); len(got.Runs) != 4 || !strings.Contains(got.Caveats[0].Text, "of each run a part") {
		t.Errorf("%d runs, %+v", len(got.Runs), got.Caveats)
	}
}

// withSettings gives runs these GOMAXPROCS, in turn.
func withSettings(r *report.Runs, procs ...int) *report.Runs {
	for i := range r.Runs {
		r.Runs[i].GOMAXPROCS = procs[i%len(procs)]
	}
	return r
}

func TestCommonSetting(t *testing.T) {
	runs := func(procs ...int) *report.Runs {
		return withSettings(program(around(100, 12), around(1.6, 12), overtaken(2, 12)), procs...)
	}
	tests := []struct {
		old, new   *report.Runs
		asked      int
		want       int // GOMAXPROCS of both, 0 where there is none
		olds, news int
		caveat     string
	}{
		{runs(2), runs(2), 0, 2, 12, 12, ""},
		{runs(1, 2, 4), runs(1, 2), 0, 2, 4, 6, "one-setting"},
		{runs(1, 2), runs(1, 2), 1, 1, 6, 6, "one-setting"},
		{runs(1), runs(2), 0, 0, 12, 12, "gomaxprocs"},
	}
	for _, tt := range tests {
		d := diffOf(t, tt.old, tt.new, Options{GOMAXPROCS: tt.asked})
		has := func(code string) bool {
			return slices.ContainsFunc(d.Caveats, func(c report.Caveat) bool { return c.Code == code })
		}
		if d.Old.Runs != tt.olds || d.New.Runs != tt.news || tt.want > 0 && (d.Old.GOMAXPROCS != tt.want || d.New.GOMAXPROCS != tt.want) ||
			tt.caveat != "" && !has(tt.caveat) || tt.caveat == "" && (has("one-setting") || has("gomaxprocs")) {
			t.Errorf("%v against %v: %+v, %+v, %+v", procsOf(tt.old.Runs), procsOf(tt.new.Runs), d.Old, d.New, d.Caveats)
		}
	}
	if _, err := Diff(runs(1, 2), runs(2), Options{GOMAXPROCS: 1}); err == nil {
		t.Error("no error for a GOMAXPROCS that one side lacks")
	}
}

// TestPer divides by the wall time, a second here, or the outcome, which is 10.
func TestPer(t *testing.T) {
	old, new := program(around(100, 6), around(1.6, 6), overtaken(2, 6)), program(around(200, 6), around(1.6, 6), overtaken(2, 6))
	for per, want := range map[string]float64{report.PerRun: 1e8, report.PerWall: 1e8, report.PerOutcome: 1e7} {
		for i := range new.Runs {
			new.Runs[i].WallNS = 1e9
		}
		d := diffOf(t, old, new, Options{Per: per})
		if got := d.Sites[0].Blocked.Shift; got < 0.99*want || got > 1.02*want {
			t.Errorf("per %s the shift is %v, want about %v", per, got, want)
		}
		for _, m := range d.Measures {
			if m.Name == "wall" && (m.Old.Median != 1e9 || m.Unit != "ns") {
				t.Errorf("per %s, wall is %+v", per, m)
			}
		}
	}
	old.Runs[3].Outcome = nil
	if _, err := Diff(old, new, Options{Per: report.PerOutcome}); err == nil || !strings.Contains(err.Error(), "old: run 4 states no outcome") {
		t.Errorf("error is %v", err)
	}
}

// TestOutcomesOfOneName refuses to divide by different things.
func TestOutcomesOfOneName(t *testing.T) {
	runs := func() *report.Runs { return program(around(100, 6), around(1.6, 6), overtaken(2, 6)) }
	other := runs()
	for i := range other.Runs {
		other.Runs[i].Outcome = &report.Outcome{Name: "bytes", Got: 5}
	}
	if _, err := Diff(runs(), other, Options{Per: report.PerOutcome}); err == nil {
		t.Error("no error for outcomes of two names")
	}
	mixed := runs()
	mixed.Runs[2].Outcome = other.Runs[2].Outcome
	if _, err := Diff(mixed, runs(), Options{Per: report.PerOutcome}); err == nil {
		t.Error("no error for outcomes of two names on a side")
	}
	if _, err := Diff(runs(), runs(), Options{Per: "day"}); err == nil {
		t.Error("no error for numbers per day")
	}
}

// TestScaling has rounds that take longer and longer, in which twice the processors make
// the program 1.6 times as fast, and four times 2: by Amdahl's law with a quarter of the
// work serial, 1/(1/4+3/8) and 1/(1/4+3/16).
func TestScaling(t *testing.T) {
	var g Gathering
	g.Source(report.Source{Path: "made"})
	for round := range 8 {
		drift := 1 + 0.2*float64(round)
		for procs, speedup := range map[int]float64{1: 1, 2: 1.6, 4: 1 / (0.25 + 0.75/4), 8: 1 / (0.25 + 0.75/8)} {
			g.runs = append(g.runs, report.Run{Number: round + 1, GOMAXPROCS: procs, Processes: 1, WallNS: int64(1e12 * drift / speedup)})
		}
	}
	s := g.Vary().Scaling
	if len(s.Steps) != 4 || s.USL == nil || s.USL.Sigma < 0.24 || s.USL.Sigma > 0.26 || s.USL.Kappa > 0.01 {
		t.Fatalf("scaling is %+v, %+v", s, s.USL)
	}
	for _, step := range s.Steps[1:] {
		if *step.SerialFraction < 0.2499 || *step.SerialFraction > 0.2501 || *step.Low > step.Speedup || *step.High < step.Speedup {
			t.Errorf("step is %+v: serial fraction %v, %v to %v", step, *step.SerialFraction, *step.Low, *step.High)
		}
	}
}

// TestDrift has runs that take longer and longer, and such that do not.
func TestDrift(t *testing.T) {
	runs := program(around(100, 12), around(1.6, 12), overtaken(2, 12))
	if text := drift(runs.Runs); text != "" {
		t.Errorf("runs that take a second each: %s", text)
	}
	for i := range runs.Runs {
		runs.Runs[i].WallNS += int64(i) * 1e6
	}
	if text := drift(runs.Runs); !strings.Contains(text, "p = 0.002") { // 2 of C(12, 6) = 924
		t.Errorf("runs that take longer and longer: %q", text)
	}
	if text := drift(runs.Runs[:3]); text != "" {
		t.Errorf("three runs: %s", text)
	}
	for i := range runs.Runs {
		runs.Runs[i].Source = i
	}
	if text := drift(runs.Runs); text != "" {
		t.Errorf("runs of which the order is not known: %s", text)
	}
}

// TestApart has a diff say so where all runs of one side were made before the others.
func TestApart(t *testing.T) {
	made := func(from, step int) *report.Runs {
		r := program(around(100, 6), around(1.6, 6), overtaken(2, 6))
		for i := range r.Runs {
			at := time.Unix(int64(from+step*i), 0)
			r.Runs[i].Started = &at
		}
		return r
	}
	unknown := made(0, 1)
	for i := range unknown.Runs {
		unknown.Runs[i].Started = nil
	}
	for _, tt := range []struct {
		name     string
		old, new *report.Runs
		apart    bool
	}{
		{"one after the other", made(0, 1), made(10, 1), true},
		{"the other way round", made(10, 1), made(0, 1), true},
		{"in turns", made(0, 2), made(1, 2), false},
		{"not known", unknown, made(0, 2), true},
	} {
		d := diffOf(t, tt.old, tt.new, Options{})
		if got := slices.ContainsFunc(d.Caveats, func(c report.Caveat) bool { return c.Code == "apart" }); got != tt.apart {
			t.Errorf("%s: a caveat %v, want %v", tt.name, got, tt.apart)
		}
	}
}

// TestMirror compares the other way round: all changes are the opposite.
func TestMirror(t *testing.T) {
	s := newSimulated(5)
	a, b := s.runs(9, 1), s.runs(7, 1.3)
	there, back := diffOf(t, a, b, Options{}), diffOf(t, b, a, Options{})
	shifts := make(map[string]report.Change)
	for _, s := range back.Sites {
		shifts[frameOfDiff(s).Func] = s.Blocked
	}
	for _, s := range there.Sites {
		o := shifts[frameOfDiff(s).Func]
		if s.Blocked.Shift != -o.Shift || *s.Blocked.P != *o.P || *s.Blocked.Low != -*o.High || s.Blocked.Significant != o.Significant {
			t.Errorf("%s: there %+v, back %+v", frameOfDiff(s).Func, s.Blocked, o)
		}
	}
}

// TestCheckRuns spoils saved runs in ways that would lead astray what is made of them.
func TestCheckRuns(t *testing.T) {
	for name, spoil := range map[string]func(r *report.Runs){
		"no runs":                    func(r *report.Runs) { r.Runs = nil },
		"a lock without waits":       func(r *report.Runs) { r.Runs[0].Waits = nil },
		"a lock without releases":    func(r *report.Runs) { r.Runs[0].Releases = nil },
		"a number that overflows":    func(r *report.Runs) { r.Runs[0].Waits[0].BlockedNS = 1<<63 - 1 },
		"pairs that overflow":        func(r *report.Runs) { r.Runs[0].Locks[0].Pairs = 1<<63 - 1 },
		"a share that is none":       func(r *report.Runs) { r.Runs[0].Parallelism = 1e300 },
		"a place that is not there":  func(r *report.Runs) { r.Runs[0].Waits[0].Place = 99 },
		"a source that is not there": func(r *report.Runs) { r.Runs[0].Source = -1 },
	} {
		r := new(report.Runs)
		load(t, "runs.json", r)
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		if spoil(r); r.Check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
