package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strconv"
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
	golden(t, "runs.csv", written(t, csvRuns, sampleRuns(t)))
	golden(t, "diff.csv", written(t, csvDiff, sampleDiff(t)))
}

// TestCSVTellsCaveats finds each caveat beside a number, or in a row of its own.
func TestCSVTellsCaveats(t *testing.T) {
	runs, diff := sampleRuns(t), sampleDiff(t)
	tests := map[string]struct {
		data []byte
		list []report.Caveat
	}{
		"runs": {written(t, csvRuns, runs), runs.Caveats},
		"diff": {written(t, csvDiff, diff), diff.Caveats},
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

// TestCSVCaveatsStandBeside has one on each part of runs.
func TestCSVCaveatsStandBeside(t *testing.T) {
	r := sampleRuns(t)
	r.Caveats = []report.Caveat{
		{About: "recordings", Text: "all"}, {About: "measures.wall", Text: "measures"}, {About: "locks", Text: "locks", Remedy: "none"},
		{About: "sites", Text: "sites"}, {About: "orders", Text: "orders"}, {About: "outcomes", Text: "outcomes"}, {About: "lock", Text: "nothing"},
		{About: "critpath", Text: "critpath"},
	}
	rows := csvRows(t, written(t, csvRuns, r))
	for _, tt := range []struct{ quantity, role, want string }{
		{"wall", "", "all; measures"},
		{"lock-wait", "", "all; measures; locks; remedy: none"},
		{"blocked", "", "all; measures; sites"},
		{"fifo", "", "all; measures; orders"},
		{"span", "", "all; measures; critpath"},
		{"on-path", "path", "all; critpath"},
		{"outcome", "", "all; outcomes"},
		{"blocked", "acquire", "all; locks; remedy: none; sites"},
		{"blame", "release", "all; locks; remedy: none"},
		{"waits", "wait", "all; sites"},
		{"waits", "idle", "all; sites"},
		{"order-verdict", "order", "all; orders"},
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
	rows := csvRows(t, written(t, csvRuns, &report.Runs{Runs: make([]report.Run, 1)}))
	for _, name := range []string{"utilization", "fifo", "outcome", "outcome-want", "path", "span", "path-parallelism"} {
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
	rows := csvRows(t, written(t, csvRuns, sampleRuns(t)))
	sum := func(r map[string]string, quantity, role string) (sum int64) {
		for _, v := range find(rows, "value", "source", r["source"], "run", r["run"], "gomaxprocs", r["gomaxprocs"], "quantity", quantity, "role", role) {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += n
		}
		return sum
	}
	for _, r := range rows {
		if r["quantity"] != "wall" {
			continue
		}
		locks, others, all := sum(r, "blocked", roleAcquire), sum(r, "blocked", roleWait), sum(r, "blocked", "")
		if got := sum(r, "lock-wait", ""); got != locks || got != sum(r, "blame", roleRelease) || all != locks+others {
			t.Errorf("%v: lock-wait is %d, blocked %d, the sites have %d and %d", r, got, all, locks, others)
		}
	}
}

// TestCSVIsComplete has each site in each run.
func TestCSVIsComplete(t *testing.T) {
	r := sampleRuns(t)
	rows := csvRows(t, written(t, csvRuns, r))
	for _, role := range []string{roleAcquire, roleRelease, roleWait, roleIdle} {
		counts := make(map[string]int)
		for _, name := range find(rows, "function", "role", role) {
			counts[name]++
		}
		for name, n := range counts {
			if n%len(r.Runs) != 0 {
				t.Errorf("%s of %q has %d rows", role, name, n)
			}
		}
	}
}

// TestCSVOrderOfProcess names the process that a lock is of.
func TestCSVOrderOfProcess(t *testing.T) {
	r := sampleRuns(t)
	r.Orders[1].Process = "example.com/shop#1"
	rows := csvRows(t, written(t, csvRuns, r))
	if got := find(rows, "source", "quantity", "order-distance", "run", ""); !slices.Equal(got, []string{"", "example.com/shop#1", ""}) {
		t.Errorf("the orders are of %q", got)
	}
}

// TestCSVOfIndexesFromElsewhere has what follows from runs name what is not there.
func TestCSVOfIndexesFromElsewhere(t *testing.T) {
	r := sampleRuns(t)
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

// hostileRuns has such a text wherever runs have a text.
func hostileRuns(t *testing.T, s string) *report.Runs {
	r := sampleRuns(t)
	for i := range r.Places {
		r.Places[i].Func, r.Places[i].File, r.Places[i].Kind = s, s, s
	}
	for i := range r.Caveats {
		r.Caveats[i].Text = s + "x"
	}
	r.Recordings[0].Path, r.Orders[0].Verdict, r.Orders[0].Process, r.Runs[0].Outcome.Name = s, s, s, s
	r.Runs[0].Critpath.Kinds[0].Kind = s
	return r
}

func hostileDiff(t *testing.T, s string) *report.Diff {
	d := sampleDiff(t)
	f := &report.Frame{Func: s, File: s, Line: 1}
	for i := range d.Sites {
		d.Sites[i].Old, d.Sites[i].New, d.Sites[i].Kind, d.Sites[i].Match = f, f, s, s
	}
	d.Measures[0].Name, d.Measures[0].Unit, d.Locks[0].Name, d.Locks[0].Kinds[0] = s+"x", s, s, s
	d.Checks[0].Expression, d.Checks[0].Budget, d.Checks[0].Undecided, d.Checks[0].Findings[0].Place = s, s, s, s
	d.Critpath.Kinds[0].Kind = s
	for i := range d.Caveats {
		d.Caveats[i].Text = s + "x"
	}
	return d
}

// TestCSVHostile has no cell that a spreadsheet takes for a formula.
func TestCSVHostile(t *testing.T) {
	numbers := []string{"value", "old", "new", "change", "ratio", "low", "high"}
	for _, s := range hostile {
		for _, data := range [][]byte{written(t, csvRuns, hostileRuns(t, s)), written(t, csvDiff, hostileDiff(t, s))} {
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
