package render

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/report"
)

var update = flag.Bool("update", false, "rewrite the golden files; read them before you commit them")

func sample(t *testing.T) *report.Report {
	t.Helper()
	data, err := os.ReadFile("../../testdata/reports/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	r := new(report.Report)
	if err := json.Unmarshal(data, r); err != nil {
		t.Fatal(err)
	}
	return r
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s, -want +got:\n%s", name, diff)
	}
}

func textOf(t *testing.T, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextGolden(t *testing.T) { golden(t, "sample.txt", []byte(textOf(t, sample(t)))) }

// TestGaveUp has some give up waiting for a lock.
func TestGaveUp(t *testing.T) {
	r := sample(t)
	r.Waits.Locks[0].GaveUp = 3
	if text := textOf(t, r); !strings.Contains(text, "1,200 waits by 8 goroutines, 1 open, 3 gave up\n") {
		t.Error(text)
	}
}

func TestPackageOf(t *testing.T) {
	for name, want := range map[string]string{
		"main.main": "main", "net/http.(*conn).serve": "net/http", "example.com/a.b/shop.(*Till[go.dev/x.Y]).Sell": "example.com/a.b/shop",
		"sync.(*WaitGroup).Add": "sync", "": "",
	} {
		if got := packageOf(name); got != want {
			t.Errorf("%s is of %q, want %q", name, got, want)
		}
	}
}

func TestTextOfNothing(t *testing.T) {
	r := &report.Report{Schema: report.Schema, Trace: report.Trace{Path: "x.trace", GoVersion: "go1.26"}}
	golden(t, "nothing.txt", []byte(textOf(t, r)))
}

// TestTextFits checks the width, and that each caveat is told once.
func TestTextFits(t *testing.T) {
	r := sample(t)
	out := textOf(t, r)
	for line := range strings.Lines(out) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	flat := strings.Join(strings.Fields(out), " ")
	for _, c := range r.Caveats {
		if n := strings.Count(flat, strings.Join(strings.Fields(c.Text), " ")); n != 1 {
			t.Errorf("caveat %s is told %d times", c.Code, n)
		}
	}
}

// TestTextCutsLongLists has more of everything than is shown.
func TestTextCutsLongLists(t *testing.T) {
	r := sample(t)
	for range 30 {
		r.Waits.Locks = append(r.Waits.Locks, r.Waits.Locks[1])
		r.Waits.Sites = append(r.Waits.Sites, r.Waits.Sites[1])
		r.Order.Locks = append(r.Order.Locks, r.Order.Locks[1])
		r.Parallel.Groups = append(r.Parallel.Groups, r.Parallel.Groups[0])
		r.Parallel.At = append(r.Parallel.At, r.Parallel.At[3])
	}
	for i := range 5 {
		rel := r.Waits.Locks[0].Releases[0]
		rel.Site = i
		r.Waits.Locks[0].Releases = append(r.Waits.Locks[0].Releases, rel)
		w := r.Waits.Sites[0].Wakers[0]
		w.Site = i
		r.Waits.Sites[0].Wakers = append(r.Waits.Sites[0].Wakers, w)
	}
	out := textOf(t, r)
	for _, want := range []string{"… 29 locks more", "… 23 more", "… 22 more", "… 21 more", "… 2 more", "<- … 3 more"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

// TestTextIsPrintable has names that would steer a terminal.
func TestTextIsPrintable(t *testing.T) {
	r := sample(t)
	r.Trace.Path = "a\x1b[31mb\rc"
	r.Recording = nil
	r.Sites[0].Func = "main.\x1b]0;title\x07f"
	r.Waits.Locks[0].Name = "x\ny"
	r.Caveats[0].Text = "bad \x9b bytes \xff"
	r.Parallel.Groups[0].Name = "tab\there"
	out := textOf(t, r)
	for _, bad := range []string{"\x1b", "\r", "\x07", "\t", "\x9b", "\xff"} {
		if strings.Contains(out, bad) {
			t.Errorf("%q comes through", bad)
		}
	}
	if !strings.Contains(out, "x?y") {
		t.Error("a line break in a name comes through")
	}
}

func TestJSONRoundTrip(t *testing.T) {
	r := sample(t)
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	again := new(report.Report)
	if err := json.Unmarshal(b.Bytes(), again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if strings.Contains(b.String(), `\u003c`) {
		t.Error("HTML is escaped")
	}
}

// TestOutcomes has all that a recording can say of its end.
func TestOutcomes(t *testing.T) {
	tests := []struct {
		outcome *report.Outcome
		ended   string
		want    []string
	}{
		{nil, "exit status 0", nil},
		{&report.Outcome{Name: "n", Got: 5, Want: 5}, "exit status 0", []string{"outcome: n = 5, as it should be"}},
		{&report.Outcome{Name: "n", Got: 4, Want: 5}, "exit status 0", []string{"outcome: n = 4, should be 5: 1 too few"}},
		{&report.Outcome{Name: "n", Got: 7, Want: 5}, "signal: killed", []string{"outcome: n = 7, should be 5: 2 too many", "the program ended with signal: killed"}},
	}
	for _, tt := range tests {
		r := &report.Report{Recording: &report.Recording{Outcome: tt.outcome, Ended: tt.ended}}
		var got []string
		for line := range strings.Lines(textOf(t, r)) {
			if strings.HasPrefix(line, "outcome") || strings.HasPrefix(line, "the program") {
				got = append(got, strings.TrimSpace(line))
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%+v, %s: -want +got:\n%s", tt.outcome, tt.ended, diff)
		}
	}
}

func TestFormats(t *testing.T) {
	for _, name := range Formats() {
		if Runs(name) == nil || (Format(name) == nil) != PerRun(name) || (Set(name) == nil) != PerRun(name) || (Diff(name) == nil) != (name == "bench") {
			t.Errorf("%s has no renderer, or one too many", name)
		}
	}
	if Format("xml") != nil || Runs("xml") != nil || Diff("xml") != nil {
		t.Error("xml has one")
	}
	for _, name := range InfoFormats() {
		if Info(name) == nil {
			t.Errorf("%s has no renderer of an Info", name)
		}
	}
}

func TestWords(t *testing.T) {
	for ns, want := range map[int64]string{
		0: "0s", 1: "1ns", 999: "999ns", 1000: "1.00µs", 9_994: "9.99µs", 9_996: "10.0µs", 99_960: "100µs",
		999_400: "999µs", 999_600: "1.00ms", 12_345_678: "12.3ms", 999_600_000: "1.00s",
		61_000_000_000: "61.0s", 999_000_000_000: "999s", 3_600_000_000_000: "1h0m0s", -1500: "-1.50µs",
	} {
		if got := duration(ns); got != want {
			t.Errorf("duration(%d) = %s, want %s", ns, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		if got := number(n); got != want {
			t.Errorf("number(%d) = %s, want %s", n, got, want)
		}
	}
	for name, want := range map[string]string{
		"main.f":                       "main.f",
		"example.com/a/b.(*T).F":       "b.(*T).F",
		"a/b.(*T[example.com/x/y.Z]).": "b.(*T[example.com/x/y.Z]).",
	} {
		if got := function(name); got != want {
			t.Errorf("function(%s) = %s, want %s", name, got, want)
		}
	}
	if got := percent(1, 0); got != "-" {
		t.Errorf("a part of nothing is %s", got)
	}
}

// TestCutCommands has the command that cuts a wait out take a file with any name, and be
// there where it can be followed.
func TestCutCommands(t *testing.T) {
	r := sample(t)
	r.Waits.Sites[0].Kind, r.Waits.Sites[0].Longest = "cond", &report.Longest{BlockedNS: 1}
	const promise = "; the command cuts it out"
	for _, test := range []struct{ path, version, want, not string }{
		{"x.trace", "go1.26", "tracekit cut x.trace --from", "./"},
		{"-x.trace", "go1.26", "tracekit cut ./-x.trace --from", "cut -"},
		{"a b", "go1.26", "tracekit cut 'a b' --from", "cut a"},
		{"-", "go1.26", "longest waits", promise},
		{"x.trace", "go1.21", "longest waits", promise},
	} {
		r.Trace.Path, r.Trace.GoVersion = test.path, test.version
		got := textOf(t, r)
		if !strings.Contains(got, test.want) || strings.Contains(got, test.not) {
			t.Errorf("of %q, %s: want %q and not %q in\n%s", test.path, test.version, test.want, test.not, got)
		}
	}
}
