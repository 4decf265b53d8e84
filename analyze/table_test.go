package analyze_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze"
	"tracekit/analyze/report"
	"tracekit/analyze/rewrite/table"
)

// row is one of a table, by its columns.
type row map[string]string

func (r row) ns(t *testing.T, column string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(r[column], 10, 64)
	if err != nil {
		t.Fatalf("%s in %v: %v", column, r, err)
	}
	return n
}

// tableOf returns the rows of a table, and the report that comes with it.
func tableOf(t *testing.T, in io.Reader, of table.Of) ([]row, *report.Report) {
	t.Helper()
	var b bytes.Buffer
	r, err := analyze.Table(in, "x", &b, of, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for _, cells := range records[1:] {
		row := make(row)
		for i, name := range records[0] {
			row[name] = cells[i]
		}
		rows = append(rows, row)
	}
	return rows, r
}

// tallyOf counts the wait of a row.
func tallyOf(t *testing.T, r row) report.Tally {
	w := report.Tally{Waits: 1, BlockedNS: r.ns(t, "blocked_ns"), SchedNS: r.ns(t, "sched_ns")}
	if r["open"] != "" {
		w.OpenWaits = 1
	}
	return w
}

// TestTableOfWaits has the rows of each fixture add up to the report: by kind, with the
// idle ones; by lock; and those of the system.
func TestTableOfWaits(t *testing.T) {
	for name, data := range fixtures(t) {
		rows, r := tableOf(t, bytes.NewReader(data), table.Waits)
		kinds, locks := make(map[string]report.Tally), make([]report.Tally, len(r.Waits.Locks))
		var system int64
		for _, row := range rows {
			w := tallyOf(t, row)
			if row["class"] != "user" {
				system += w.BlockedNS
				continue
			}
			sum := kinds[row["kind"]]
			sum.Add(w)
			kinds[row["kind"]] = sum
			if row["lock"] != "" {
				locks[row.ns(t, "lock")].Add(w)
			}
		}
		if diff := diffKinds(kinds, r); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for i, l := range r.Waits.Locks {
			if locks[i] != l.Tally {
				t.Errorf("%s: the rows of lock %d add up to %+v, it has %+v", name, i, locks[i], l.Tally)
			}
		}
		if system != r.Waits.SystemNS {
			t.Errorf("%s: the rows of the system have %d ns, the report %d ns", name, system, r.Waits.SystemNS)
		}
	}
}

// diffKinds compares sums by kind with the waits of a report, idle or not.
func diffKinds(got map[string]report.Tally, r *report.Report) string {
	want := make(map[string]report.Tally)
	add := func(kind string, t report.Tally) {
		t.Add(want[kind])
		want[kind] = t
	}
	for _, k := range r.Waits.Kinds {
		add(k.Kind, k.Tally)
	}
	for _, s := range r.Waits.Idle {
		add(s.Kind, s.Tally)
	}
	return cmp.Diff(want, got)
}

// TestTableInOrder has rows come as waits and spans end.
func TestTableInOrder(t *testing.T) {
	for name, data := range fixtures(t) {
		waits, _ := tableOf(t, bytes.NewReader(data), table.Waits)
		if !slices.IsSortedFunc(waits, func(a, b row) int {
			return int(a.ns(t, "start_ns") + a.ns(t, "blocked_ns") + a.ns(t, "sched_ns") - b.ns(t, "start_ns") - b.ns(t, "blocked_ns") - b.ns(t, "sched_ns"))
		}) {
			t.Errorf("%s: waits are out of order", name)
		}
		spans, _ := tableOf(t, bytes.NewReader(data), table.Spans)
		if !slices.IsSortedFunc(spans, func(a, b row) int { return int(a.ns(t, "end_ns") - b.ns(t, "end_ns")) }) {
			t.Errorf("%s: spans are out of order", name)
		}
	}
}

// TestTableOfSpans has the spans of each goroutine touch, but for those of threads of C,
// which come and go under one number, and those of each class and state add up to the
// groups of the report.
func TestTableOfSpans(t *testing.T) {
	for name, data := range fixtures(t) {
		rows, r := tableOf(t, bytes.NewReader(data), table.Spans)
		ends := make(map[string]int64)
		sums := make(map[[2]string]int64)
		for _, row := range rows {
			start, end := row.ns(t, "start_ns"), row.ns(t, "end_ns")
			if last, ok := ends[row["goroutine"]]; ok && (last > start || last < start && row["state"] != "syscall") || start > end || end > r.Trace.WallNS {
				t.Fatalf("%s: %v follows an end at %d", name, row, last)
			}
			ends[row["goroutine"]] = end
			sums[[2]string{row["class"], row["state"]}] += end - start
		}
		want := make(map[[2]string]int64)
		for _, g := range r.Parallel.Groups {
			want[[2]string{g.Class, "running"}] += g.RunningNS
			want[[2]string{g.Class, "runnable"}] += g.RunnableNS
			want[[2]string{g.Class, "waiting"}] += g.BlockedNS
			want[[2]string{g.Class, "syscall"}] += g.SyscallNS
		}
		for key, ns := range want {
			if sums[key] != ns {
				t.Errorf("%s: %v: the spans have %d ns, the groups %d ns", name, key, sums[key], ns)
			}
		}
		if n := r.Trace.Goroutines + r.Trace.SystemGoroutines; len(ends) > n {
			t.Errorf("%s: spans of %d goroutines of %d", name, len(ends), n)
		}
	}
}

// TestTableOfStream has a stream give the same rows as a file, without the numbers of
// locks.
func TestTableOfStream(t *testing.T) {
	data := fixtures(t)["generations-1.26.8"]
	want, _ := tableOf(t, bytes.NewReader(data), table.Waits)
	got, r := tableOf(t, io.MultiReader(bytes.NewReader(data)), table.Waits)
	for _, row := range want {
		row["lock"] = ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if c := r.Caveats[len(r.Caveats)-1]; c.Code != "lock-numbers" {
		t.Errorf("the last caveat is %+v", c)
	}
	packed, r := tableOf(t, bytes.NewReader(gzipped(t, data)), table.Waits)
	if !slices.ContainsFunc(packed, func(r row) bool { return r["lock"] != "" }) || slices.ContainsFunc(r.Caveats, func(c report.Caveat) bool { return c.Code == "lock-numbers" }) {
		t.Error("packed, the locks have no numbers")
	}
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(data)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestTableOfTorn has a trace that was cut give the rows of what is whole.
func TestTableOfTorn(t *testing.T) {
	data := fixtures(t)["generations-1.26.8"]
	rows, r := tableOf(t, bytes.NewReader(data[:len(data)*2/3]), table.Waits)
	if r.Trace.LostBytes == 0 || len(rows) == 0 {
		t.Errorf("%d rows, trace is %+v", len(rows), r.Trace)
	}
}

func TestNoTable(t *testing.T) {
	for _, of := range table.Tables() {
		for _, in := range []string{"", "no trace", "go 1.26 trace\x00\x00\x00"} {
			if _, err := analyze.Table(strings.NewReader(in), "x", io.Discard, table.Of(of), analyze.Options{}); err == nil {
				t.Errorf("%s of %q: no error", of, in)
			}
		}
	}
}

// TestGoldenTable holds the table of waits of one fixture.
func TestGoldenTable(t *testing.T) {
	const name = "flight-1.26.8"
	var b strings.Builder
	if _, err := analyze.Table(bytes.NewReader(fixtures(t)[name]), name, &b, table.Waits, analyze.Options{}); err != nil {
		t.Fatal(err)
	}
	// Where the program lay is nobody's business.
	golden(t, name+".waits.csv", regexp.MustCompile(`/[a-z/]+/testdata/programs/`).ReplaceAllString(b.String(), "$$PROGRAMS/"))
}
