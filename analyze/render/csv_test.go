package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze/report"
)

// stored returns what a file of testdata/reports has.
func stored[T any](t *testing.T, name string) *T {
	t.Helper()
	data, err := os.ReadFile("../../testdata/reports/" + name)
	if err != nil {
		t.Fatal(err)
	}
	v := new(T)
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatal(err)
	}
	return v
}

// written returns what a renderer writes.
func written[T any](t *testing.T, render func(io.Writer, T) error, v T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// csvRows reads a table back: by column, each row.
func csvRows(t *testing.T, data []byte) (rows []map[string]string) {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll() // which wants as many fields in each
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records[1:] {
		row := make(map[string]string)
		for i, name := range records[0] {
			row[name] = r[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// find returns the values of a column in the rows that have all the others.
func find(rows []map[string]string, column string, where ...string) (values []string) {
	for _, r := range rows {
		ok := true
		for i := 0; i < len(where); i += 2 {
			ok = ok && r[where[i]] == where[i+1]
		}
		if ok {
			values = append(values, r[column])
		}
	}
	return values
}

func TestCSVGolden(t *testing.T) {
	golden(t, "sample.csv", written(t, csvReport, sample(t)))
	golden(t, "set.csv", written(t, csvSet, sampleSet(t)))
	golden(t, "runs.csv", written(t, csvRuns, stored[report.Runs](t, "runs.json")))
	golden(t, "diff.csv", written(t, csvDiff, stored[report.Diff](t, "diff.json")))
}

// TestCSVTellsCaveats finds each caveat beside a number, or in a row of its own.
func TestCSVTellsCaveats(t *testing.T) {
	runs, diff, set := stored[report.Runs](t, "runs.json"), stored[report.Diff](t, "diff.json"), sampleSet(t)
	tests := map[string]struct {
		data []byte
		list []report.Caveat
	}{
		"report": {written(t, csvReport, sample(t)), sample(t).Caveats},
		"set":    {written(t, csvSet, set), append(set.Caveats, report.Caveat{Text: set.Processes[2].Error})},
		"runs":   {written(t, csvRuns, runs), runs.Caveats},
		"diff":   {written(t, csvDiff, diff), diff.Caveats},
	}
	for name, tt := range tests {
		rows := csvRows(t, tt.data)
		for _, c := range tt.list {
			has := func(r map[string]string) bool { return strings.Contains(r["caveats"], sentence(c)) }
			if !slices.ContainsFunc(rows, has) {
				t.Errorf("%s: no row has the caveat %q", name, c.Text)
			}
		}
	}
}

// TestCSVCaveatsStandBeside has one on each part of a report.
func TestCSVCaveatsStandBeside(t *testing.T) {
	r := sample(t)
	r.Caveats = []report.Caveat{
		{About: "trace.lost_bytes", Text: "all"}, {About: "waits.locks", Text: "locks"}, {About: "waits", Text: "waits"},
		{About: "parallel.utilization", Text: "utilization", Remedy: "none"}, {About: "waits.lock", Text: "nothing"},
	}
	rows := csvRows(t, written(t, csvReport, r))
	for _, tt := range []struct{ quantity, role, want string }{
		{"wall", "", "all"},
		{"utilization", "", "all; utilization; remedy: none"},
		{"lock-wait", "", "all; locks; waits"},
		{"blocked", "acquire", "all; locks; waits"},
		{"blame", "release", "all; locks; waits"},
		{"waits", "wait", "all; waits"},
		{"waits", "idle", "all; waits"},
		{"caveat", "", "nothing"},
	} {
		got := find(rows, "caveats", "quantity", tt.quantity, "role", tt.role)
		if len(got) == 0 || got[0] != tt.want {
			t.Errorf("%s of %q has the caveats %q, want %q", tt.quantity, tt.role, got, tt.want)
		}
	}
}

// TestCSVUnknown has numbers that are not known, which are no zeros.
func TestCSVUnknown(t *testing.T) {
	rows := csvRows(t, written(t, csvReport, &report.Report{}))
	for _, name := range []string{"utilization", "fifo", "outcome", "outcome-want"} {
		if got := find(rows, "value", "quantity", name); len(got) != 1 || got[0] != "" {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got := find(rows, "gomaxprocs", "quantity", "wall"); len(got) != 1 || got[0] != "" {
		t.Errorf("GOMAXPROCS is %q", got)
	}
	diff := &report.Diff{
		Measures: []report.MeasureDiff{{Name: "fifo", Change: report.Change{Old: report.Series{N: 1, Median: 0.5}}}},
		Sites:    []report.SiteDiff{{Lock: -1}},
		Locks:    []report.LockDiff{{}},
	}
	for _, r := range csvRows(t, written(t, csvDiff, diff)) {
		if r["new"] != "" || r["change"] != "" || r["significant"] != "" {
			t.Errorf("a number is made up: %v", r)
		}
	}
}

// TestCSVSums finds the whole in its parts, in each run.
func TestCSVSums(t *testing.T) {
	runs := stored[report.Runs](t, "runs.json")
	f := runsFacts(runs)
	for i, r := range f.runs {
		var locks, all int64
		for _, s := range f.sites {
			switch s.role {
			case roleAcquire:
				locks += s.tallies[i].BlockedNS
				all += s.tallies[i].BlockedNS
			case roleWait:
				all += s.tallies[i].BlockedNS
			}
		}
		for _, q := range r.whole {
			if q.name == "lock-wait" && q.value != integer(locks) || q.name == "blocked" && q.value != integer(all) {
				t.Errorf("run %d: %s is %s, the sites have %d and %d", i, q.name, q.value, locks, all)
			}
		}
	}
}

// TestCSVOfIndexesFromElsewhere has what follows from runs name what is not there.
func TestCSVOfIndexesFromElsewhere(t *testing.T) {
	r := stored[report.Runs](t, "runs.json")
	r.Orders[0].Lock = 99
	r.Orders[1].Lock = -1
	r.Locks[2].Acquires = []int{99}
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	rows := csvRows(t, written(t, csvRuns, r))
	if got := find(rows, "function", "quantity", "order-distinct"); !slices.Equal(got, []string{"", "", ""}) {
		t.Errorf("functions %q", got)
	}
}

// hostile are texts that steer a terminal, are formulas, or break a line.
var hostile = []string{"=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "a,\"b\"\nc", "\x1b[31m", "BenchmarkX 1 2 ns", "a b/c=d-8", "\u2028x y", "\xff", ""}

// hostileReport has such texts wherever a report has a text.
func hostileReport(t *testing.T, s string) *report.Report {
	r := sample(t)
	for i := range r.Sites {
		r.Sites[i].Func, r.Sites[i].File = s, s
	}
	for i := range r.Caveats {
		r.Caveats[i].Text, r.Caveats[i].Remedy = s+"x", s
	}
	for i := range r.Waits.Sites {
		r.Waits.Sites[i].Stacks[0].Kind = s
	}
	r.Trace.Path, r.Recording.Outcome.Name = s, s
	return r
}

func hostileSet(t *testing.T, s string) *report.Set {
	set := sampleSet(t)
	set.Path = s
	for i := range set.Processes {
		p := &set.Processes[i]
		p.Path, p.Trace = s, s
		if p.Report != nil {
			p.Report = hostileReport(t, s)
		} else {
			p.Error = s + "x"
		}
	}
	return set
}

func hostileRuns(t *testing.T, s string) *report.Runs {
	r := stored[report.Runs](t, "runs.json")
	for i := range r.Places {
		r.Places[i].Func, r.Places[i].File, r.Places[i].Kind = s, s, s
	}
	for i := range r.Caveats {
		r.Caveats[i].Text = s + "x"
	}
	r.Recordings[0].Path, r.Orders[0].Verdict, r.Orders[0].Process, r.Runs[0].Outcome.Name = s, s, s, s
	return r
}

func hostileDiff(t *testing.T, s string) *report.Diff {
	d := stored[report.Diff](t, "diff.json")
	f := &report.Frame{Func: s, File: s, Line: 1}
	for i := range d.Sites {
		d.Sites[i].Old, d.Sites[i].New, d.Sites[i].Kind, d.Sites[i].Match = f, f, s, s
	}
	d.Measures[0].Name, d.Measures[0].Unit, d.Locks[0].Name, d.Locks[0].Kinds[0] = s+"x", s, s, s
	d.Checks[0].Expression, d.Checks[0].Budget, d.Checks[0].Undecided, d.Checks[0].Findings[0].Place = s, s, s, s
	for i := range d.Caveats {
		d.Caveats[i].Text = s + "x"
	}
	return d
}

// TestCSVHostile has no cell that a spreadsheet takes for a formula.
func TestCSVHostile(t *testing.T) {
	numbers := []string{"value", "old", "new", "change", "ratio", "low", "high"}
	for _, s := range hostile {
		for _, data := range [][]byte{
			written(t, csvReport, hostileReport(t, s)), written(t, csvSet, hostileSet(t, s)),
			written(t, csvRuns, hostileRuns(t, s)), written(t, csvDiff, hostileDiff(t, s)),
		} {
			for _, r := range csvRows(t, data) {
				for column, cell := range r {
					if !slices.Contains(numbers, column) && (strings.ContainsAny(cell, "\t\r\n\x1b") || strings.IndexAny(cell, "=+-@＝") == 0) {
						t.Fatalf("%s is %q", column, cell)
					}
				}
			}
		}
	}
}
