package render

import (
	"bytes"
	"fmt"
	"io"
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

// ofSide returns the results that have a name and a side; "": of none.
func ofSide(list []*benchfmt.Result, name, side string) (of []*benchfmt.Result) {
	for _, r := range list {
		if string(r.Name) == name && r.GetConfig("side") == side {
			of = append(of, r)
		}
	}
	return of
}

// values returns those of a unit.
func values(list []*benchfmt.Result, unit string) (values []float64) {
	for _, r := range list {
		v, _ := r.Value(unit)
		values = append(values, v)
	}
	return values
}

// sampleSides returns a Diff with the runs of both sides: the sites of the new ones are
// what the Diff says that became of the old ones.
func sampleSides(t *testing.T) (d *report.Diff, old, new *report.Runs) {
	t.Helper()
	d, old, new = sampleDiff(t), sampleRuns(t), sampleRuns(t)
	d.Old.GOMAXPROCS, d.New.GOMAXPROCS = 2, 2
	new.Places[0].Frame = *d.Sites[0].New // moved
	new.Places[1].Frame = *d.Sites[1].New // renamed
	new.Places[5] = report.Place{Kind: d.Sites[2].Kind, Frame: *d.Sites[2].New}
	for i := range new.Runs {
		run := &new.Runs[i]
		more := run.Waits[0].BlockedNS
		run.Waits[0].BlockedNS += more
		run.LockWait.BlockedNS += more
		run.AllWaits.BlockedNS += more
	}
	return d, old, new
}

// sides returns what Sides writes.
func sides(t *testing.T, d *report.Diff, old, new *report.Runs) []byte {
	t.Helper()
	return written(t, func(w io.Writer, d *report.Diff) error { return Sides(w, d, old, new) }, d)
}

func TestBenchGolden(t *testing.T) {
	golden(t, "runs.bench", written(t, benchRuns, sampleRuns(t)))
	d, old, new := sampleSides(t)
	golden(t, "diff.bench", sides(t, d, old, new))
}

// TestBenchOfRunsIsComplete has a result of each run for a site where not all waited.
func TestBenchOfRunsIsComplete(t *testing.T) {
	r := sampleRuns(t)
	list := benchResults(t, written(t, benchRuns, r))
	if len(list) != len(r.Runs)*(1+len(r.Sites)) {
		t.Errorf("%d results of %d runs and %d sites", len(list), len(r.Runs), len(r.Sites))
	}
	for _, res := range list {
		_, waits := res.Value("waits")
		_, blocked := res.Value("blocked-sec")
		if len(res.Config) > 0 || !waits || !blocked {
			t.Errorf("%s has the units %v and the configuration %v", res.Name, res.Values, res.Config)
		}
	}
	for suffix, want := range map[string][]float64{"-1": {0, 0, 0, 0}, "-2": {0.0007, 0.0007, 0.0007, 0}} {
		if got := values(ofSide(list, "Waits/site=main.report/kind=mutex"+suffix, ""), "blocked-sec"); !slices.Equal(got, want) {
			t.Errorf("with GOMAXPROCS %s, blocked is %v, want %v", suffix, got, want)
		}
	}
}

// TestSidesHaveTheSameSites finds what moved, has another name, or is gone on both.
func TestSidesHaveTheSameSites(t *testing.T) {
	d, old, new := sampleSides(t)
	list := benchResults(t, sides(t, d, old, new))
	if len(list) != 2*4*(1+len(d.Sites)) {
		t.Errorf("%d results", len(list))
	}
	add, get := []float64{0.088, 0.093, 0.097, 0.09}, []float64{0.034, 0.031, 0.038, 0.033}
	fill, none := []float64{0.00429, 0.00447, 0.00465, 0.00483}, []float64{0, 0, 0, 0}
	for name, want := range map[string][2][]float64{
		"Waits/site=counter.(*Counter).Add/kind=mutex-2":   {add, {0.176, 0.186, 0.194, 0.18}},
		"Waits/site=counter.(*Counter).Value/kind=mutex-2": {get, get},
		"Waits/site=main.publish/kind=chan-send-2":         {none, fill},
		"Waits/site=main.(*table).fill/kind=rwmutex-w-2":   {fill, none},
	} {
		for i, side := range []string{"old", "new"} {
			if got := values(ofSide(list, name, side), "blocked-sec"); !slices.Equal(got, want[i]) {
				t.Errorf("%s of the %s side is %v, want %v", name, side, got, want[i])
			}
		}
	}
}

// TestSidesCompareSomeRuns leaves out those that the diff did.
func TestSidesCompareSomeRuns(t *testing.T) {
	for _, tt := range []struct{ procs, leftOut, ones, twos int }{{0, 0, 4, 4}, {1, 0, 4, 0}, {2, 4, 0, 4}, {0, 8, 0, 0}} {
		d, old, new := sampleSides(t)
		d.Old.GOMAXPROCS, d.Old.LeftOut = tt.procs, tt.leftOut
		list := benchResults(t, sides(t, d, old, new))
		ones, twos := len(ofSide(list, "Program-1", "old")), len(ofSide(list, "Program-2", "old"))
		if ones != tt.ones || twos != tt.twos || len(ofSide(list, "Program-2", "new")) != 4 {
			t.Errorf("of GOMAXPROCS %d, %d left out, there are %d and %d old results", tt.procs, tt.leftOut, ones, twos)
		}
	}
}

// TestSidesTellChecks has them before all else.
func TestSidesTellChecks(t *testing.T) {
	d, old, new := sampleSides(t)
	d.Per, d.Caveats = report.PerWall, []report.Caveat{{About: "sites", Text: "on results"}, {About: "checks", Text: "on checks"}}
	ratio, p := 0.132, 0.002
	d.Checks = []report.Check{
		{Expression: "lock-wait > +10%", Failed: true, Findings: []report.Finding{{Of: "ratio", Value: &ratio, Bound: 0.1, P: &p, Failed: true, Known: "was known"}}},
		{Expression: "wall > +50ms", Budget: "b.json", Findings: []report.Finding{{Place: "x.org/a/b.F:1", Of: "change", Unit: "ns", Bound: 5e7, Known: "known until then"}}},
		{Expression: "fifo < 0.5", Undecided: "no runs"},
		{Expression: "waits > 5"},
	}
	want := `# FAILED lock-wait > +10%: the whole program: ratio +13.2 %, bound +10.0 %, p 0.002: was known
# known wall > +50ms in b.json: b.F:1: from nothing, bound +50.0ms, p -: known until then
# undecided fifo < 0.5: no runs
# passed waits > 5: it is about nothing that the runs have
# caveat: on checks
# the checks are of numbers per second of wall time, the results of numbers per run
# caveat: on results
side: old
`
	if got := string(sides(t, d, old, new)); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

// TestBenchTellsCaveats has each once, in a comment, before the results where it
// qualifies any.
func TestBenchTellsCaveats(t *testing.T) {
	runs := sampleRuns(t)
	d, old, new := sampleSides(t)
	tests := map[string]struct {
		data []byte
		list []report.Caveat
	}{
		"runs": {written(t, benchRuns, runs), runs.Caveats},
		"diff": {sides(t, d, old, new), d.Caveats},
	}
	for name, tt := range tests {
		out := "\n" + string(tt.data)
		before, _, _ := strings.Cut(out, "\nBenchmark")
		for _, c := range tt.list {
			line := "\n# caveat: " + sentence(c) + "\n"
			if n := strings.Count(out, line); n != 1 {
				t.Errorf("%s tells %q %d times", name, c.Text, n)
			}
			if of := c.About != "machine" && c.About != "scaling"; of != strings.Contains(before, line) {
				t.Errorf("%s tells %q in the wrong place", name, c.Text)
			}
		}
	}
}

// TestBenchHostile has names that no line breaks at, and no unit that is two.
func TestBenchHostile(t *testing.T) {
	for _, s := range append(hostile, strings.Repeat("x", 100_000)) {
		runs, d := hostileRuns(t, s), hostileDiff(t, s)
		if n, want := len(benchResults(t, written(t, benchRuns, runs))), len(runs.Runs)*(1+len(runs.Sites)); n != want {
			t.Errorf("%.20q: %d results, want %d", s, n, want)
		}
		d.Old.GOMAXPROCS, d.New.GOMAXPROCS, d.Old.LeftOut, d.New.LeftOut = 0, 0, 0, 0
		if n, want := len(benchResults(t, sides(t, d, runs, runs))), 2*len(runs.Runs)*(1+len(d.Sites)); n != want {
			t.Errorf("%.20q: %d results of both sides, want %d", s, n, want)
		}
	}
}

// TestBenchOfNothing writes no line that benchstat would refuse.
func TestBenchOfNothing(t *testing.T) {
	benchResults(t, written(t, benchRuns, &report.Runs{}))
	benchResults(t, written(t, benchRuns, &report.Runs{Runs: make([]report.Run, 2), Sites: []report.RunsSite{{Place: -1, Lock: -1}}}))
	d := &report.Diff{Sites: []report.SiteDiff{{Lock: -1}}}
	if list := benchResults(t, sides(t, d, &report.Runs{}, &report.Runs{})); len(list) > 0 {
		t.Errorf("%v is of nothing", list)
	}
	csvRows(t, written(t, csvRuns, &report.Runs{}))
	csvRows(t, written(t, csvDiff, &report.Diff{}))
}

func TestSiteNames(t *testing.T) {
	at := func(function, file string, line int) report.Place {
		return report.Place{Kind: "mutex", Frame: report.Frame{Func: function, File: file, Line: line}}
	}
	idle := at("b.G", "/x.go", 2)
	idle.Idle = true
	got := siteNames([]report.Place{
		at("a/b.(*T[struct { X c/d.Y }]).F", "/x.go", 1), at("b.G", "/x.go", 2), at("b.G", `C:\x.go`, 3),
		at("a/b.H", "/a/x.go", 4), at("c/b.H", "/c/x.go", 4), idle, {Kind: "other"},
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
	d := sampleDiff(t)
	for per, want := range map[string]string{report.PerWall: "/s", report.PerOutcome: "/outcome"} {
		d.Per = per
		rows := csvRows(t, written(t, csvDiff, d))
		for name, unit := range map[string]string{"blocked": "ns" + want, "waits": want} {
			if got := find(rows, "unit", "what", "site", "quantity", name); got[0] != unit {
				t.Errorf("%s per %s is in %s", name, per, fmt.Sprint(got))
			}
		}
	}
}
