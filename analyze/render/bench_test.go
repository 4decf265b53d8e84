package render

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"

	"tracekit/analyze/report"
)

// benchResults reads results back, as benchstat does.
func benchResults(t *testing.T, data []byte) (list []*benchfmt.Result) {
	t.Helper()
	r := benchfmt.NewReader(bytes.NewReader(data), "bench")
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.Result:
			if len(rec.Config) > 0 {
				t.Errorf("there is a configuration: %v", rec.Config)
			}
			list = append(list, rec.Clone())
		case *benchfmt.SyntaxError:
			t.Error(rec)
		}
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
	return list
}

// withName counts results.
func withName(list []*benchfmt.Result, name string) (n int) {
	for _, r := range list {
		if string(r.Name) == name {
			n++
		}
	}
	return n
}

func TestBenchGolden(t *testing.T) {
	golden(t, "sample.bench", written(t, benchReport, sample(t)))
	golden(t, "set.bench", written(t, benchSet, sampleSet(t)))
	golden(t, "runs.bench", written(t, benchRuns, stored[report.Runs](t, "runs.json")))
	golden(t, "diff.bench", written(t, benchDiff, stored[report.Diff](t, "diff.json")))
}

func TestBenchReadBack(t *testing.T) {
	runs, diff := stored[report.Runs](t, "runs.json"), stored[report.Diff](t, "diff.json")
	tests := map[string]struct {
		data []byte
		want int // results
		name string
		n    int // of the name
	}{
		"report": {written(t, benchReport, sample(t)), 7, "Program-4", 1},
		"set":    {written(t, benchSet, sampleSet(t)), 7, "Program-4", 1},
		"runs":   {written(t, benchRuns, runs), len(runs.Runs) * (1 + len(runs.Sites)), "Waits/site=main.report:77/kind=mutex-2", 0},
		"diff":   {written(t, benchDiff, diff), 2 * (1 + len(diff.Sites)), "Program/side=old-4", 1},
	}
	for name, tt := range tests {
		list := benchResults(t, tt.data)
		if len(list) != tt.want || withName(list, tt.name) != tt.n {
			t.Errorf("%s: %d results, want %d; %d of %s, want %d", name, len(list), tt.want, withName(list, tt.name), tt.name, tt.n)
		}
	}
}

// TestBenchOfRunsIsComplete has a result of each run for a site where not all waited.
func TestBenchOfRunsIsComplete(t *testing.T) {
	r := stored[report.Runs](t, "runs.json")
	list := benchResults(t, written(t, benchRuns, r))
	for _, res := range list {
		if _, ok := res.Value("waits"); ok && strings.HasPrefix(string(res.Name), "Waits") {
			if _, ok := res.Value("blocked-sec"); !ok {
				t.Errorf("%s has other units: %v", res.Name, res.Values)
			}
		}
	}
	for procs, suffix := range map[int]string{1: "-1", 2: "-2"} {
		want := 0
		for _, run := range r.Runs {
			if run.GOMAXPROCS == procs {
				want++
			}
		}
		if n := withName(list, "Waits/site=main.report/kind=mutex"+suffix); n != want {
			t.Errorf("%d results with GOMAXPROCS %d, want %d", n, procs, want)
		}
	}
}

// TestBenchSet sums up processes as Runs do.
func TestBenchSet(t *testing.T) {
	list := benchResults(t, written(t, benchSet, sampleSet(t)))
	for unit, want := range map[string]float64{"wall-sec": 2, "lock-wait-sec": 5.0000018, "parallelism": 1.3, "utilization": 0.325, "waits": 2410, "fifo": 0.975} {
		if got, _ := list[0].Value(unit); got < want*(1-1e-9) || got > want*(1+1e-9) {
			t.Errorf("%s is %v, want %v", unit, got, want)
		}
	}
}

// TestBenchTellsCaveats has each once, in a comment, before a result where it
// qualifies one.
func TestBenchTellsCaveats(t *testing.T) {
	runs, diff, set := stored[report.Runs](t, "runs.json"), stored[report.Diff](t, "diff.json"), sampleSet(t)
	tests := map[string]struct {
		data []byte
		list []report.Caveat
	}{
		"report": {written(t, benchReport, sample(t)), sample(t).Caveats},
		"set":    {written(t, benchSet, set), setCaveats(set)},
		"runs":   {written(t, benchRuns, runs), runs.Caveats},
		"diff":   {written(t, benchDiff, diff), diff.Caveats},
	}
	for name, tt := range tests {
		for _, c := range tt.list {
			if n := strings.Count(string(tt.data), "\n# caveat: "+sentence(c)+"\n"); n != 1 {
				t.Errorf("%s tells %q %d times", name, c.Text, n)
			}
		}
	}
}

func TestBenchCaveatsStandBefore(t *testing.T) {
	out := string(written(t, benchReport, sample(t)))
	order := []string{"# caveat: the trace is damaged", "# caveat: a trace has no lock", "# caveat: 2 waits are cut", "BenchmarkProgram", "BenchmarkWaits", "# caveat: a caveat that no section"}
	at := make([]int, len(order))
	for i, s := range order {
		at[i] = strings.Index(out, s)
	}
	if !slices.IsSorted(at) || at[0] < 0 {
		t.Errorf("%q are at %d in\n%s", order, at, out)
	}
}

func TestBenchHostile(t *testing.T) {
	runs := stored[report.Runs](t, "runs.json")
	for _, s := range append(hostile, strings.Repeat("long ", 14_000)) {
		for want, data := range map[int][]byte{
			7:                                      written(t, benchReport, hostileReport(t, s)),
			len(runs.Runs) * (1 + len(runs.Sites)): written(t, benchRuns, hostileRuns(t, s)),
			2 * (1 + len(stored[report.Diff](t, "diff.json").Sites)): written(t, benchDiff, hostileDiff(t, s)),
		} {
			if list := benchResults(t, data); len(list) != want {
				t.Errorf("%.20q: %d results, want %d", s, len(list), want)
			}
		}
		benchResults(t, written(t, benchSet, hostileSet(t, s)))
	}
}

// TestBenchOfNothing writes no line that benchstat would refuse.
func TestBenchOfNothing(t *testing.T) {
	benchResults(t, written(t, benchReport, &report.Report{}))
	benchResults(t, written(t, benchSet, &report.Set{}))
	benchResults(t, written(t, benchRuns, &report.Runs{}))
	if list := benchResults(t, written(t, benchDiff, &report.Diff{Sites: []report.SiteDiff{{Lock: -1}}})); len(list) > 0 {
		t.Errorf("%v is of nothing", list)
	}
	csvRows(t, written(t, csvSet, &report.Set{}))
	csvRows(t, written(t, csvRuns, &report.Runs{}))
	csvRows(t, written(t, csvDiff, &report.Diff{}))
}

func TestSiteNames(t *testing.T) {
	at := func(role, function, file string, line int) siteKey {
		return siteKey{role, "mutex", report.Frame{Func: function, File: file, Line: line}}
	}
	got := siteNames([]siteKey{
		at(roleAcquire, "a/b.(*T[struct { X c/d.Y }]).F", "/x.go", 1),
		at(roleAcquire, "b.G", "/x.go", 2), at(roleAcquire, "b.G", `C:\x.go`, 3),
		at(roleAcquire, "a/b.H", "/a/x.go", 4), at(roleAcquire, "c/b.H", "/c/x.go", 4),
		at(roleIdle, "b.G", "/x.go", 2), {role: roleWait, kind: "other"},
	})
	want := []string{
		"Waits/site=b.(*T[struct_{_X_c_d.Y_}]).F/kind=mutex",
		"Waits/site=b.G:x.go:2/kind=mutex", "Waits/site=b.G:x.go:3/kind=mutex",
		"Waits/site=b.H:x.go:4/kind=mutex", "Waits/site=b.H:x.go:4#2/kind=mutex",
		"Idle/site=b.G/kind=mutex", "Waits/site=(not_known)/kind=other",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

// TestDiffPer has numbers that are not those of a run.
func TestDiffPer(t *testing.T) {
	d := stored[report.Diff](t, "diff.json")
	for per, want := range map[string][2]string{report.PerWall: {"ns/s", "/s"}, report.PerOutcome: {"ns/outcome", "/outcome"}} {
		d.Per = per
		rows := csvRows(t, written(t, csvDiff, d))
		for i, name := range []string{"blocked", "waits"} {
			if got := find(rows, "unit", "what", "site", "quantity", name); got[0] != want[i] {
				t.Errorf("%s per %s is in %q", name, per, got[0])
			}
		}
		list := benchResults(t, written(t, benchDiff, d))
		for _, unit := range []string{"blocked-sec" + want[1], "waits" + want[1]} {
			if _, ok := list[2].Value(unit); !ok {
				t.Errorf("%s is missing in %v", unit, list[2].Values)
			}
		}
	}
}
