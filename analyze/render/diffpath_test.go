package render

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"tracekit/analyze/report"
)

// TestCSVPathSums finds the path of each run in its parts; those of a run that has none
// are not known.
func TestCSVPathSums(t *testing.T) {
	rows := csvRows(t, written(t, csvRuns, sampleRuns(t)))
	known := 0
	for _, r := range rows {
		if r["quantity"] != "path" {
			continue
		}
		var sum int64
		parts := find(rows, "value", "source", r["source"], "run", r["run"], "gomaxprocs", r["gomaxprocs"], "quantity", "on-path", "function", "")
		for _, v := range parts {
			n, err := strconv.ParseInt(v, 10, 64)
			if (err == nil) != (r["value"] != "") {
				t.Errorf("%v has a part of %q", r, v)
			}
			sum += n
		}
		if len(parts) != 3 || r["value"] != "" && integer(sum) != r["value"] {
			t.Errorf("%v: the parts are %v", r, parts)
		}
		if r["value"] != "" {
			known++
		}
	}
	if known != 6 {
		t.Errorf("%d runs have a path", known)
	}
}

// TestCSVPathOfLock adds up what a run has of a lock.
func TestCSVPathOfLock(t *testing.T) {
	r := sampleRuns(t)
	r.Runs[0].Locks = append(r.Runs[0].Locks, report.RunLock{Acquires: []int{1}, PathNS: 5})
	rows := csvRows(t, written(t, csvRuns, r))
	got := find(rows, "value", "source", "counter.recording", "run", "1", "gomaxprocs", "1", "quantity", "on-path", "kind", "mutex")
	if !slices.Equal(got, []string{"60000005", "0", "0"}) {
		t.Errorf("of locks there are %v", got)
	}
}

// TestCSVOfOlderRuns has no rows of a path that no run has.
func TestCSVOfOlderRuns(t *testing.T) {
	r := sampleRuns(t)
	for i := range r.Runs {
		r.Runs[i].Critpath = nil
	}
	if got := find(csvRows(t, written(t, csvRuns, r)), "value", "quantity", "on-path"); len(got) > 0 {
		t.Errorf("there are %v", got)
	}
}

// TestDiffOfOlder has no section of a path that was not compared, and the caveat that
// says so.
func TestDiffOfOlder(t *testing.T) {
	d := sampleDiff(t)
	d.Critpath = nil
	d.Caveats = []report.Caveat{{Code: "no-critpath", About: "critpath", Text: "the path is not compared"}}
	for _, s := range both(pageOf(t, diffText, d), pageOf(t, diffMarkdown, d)) {
		if strings.Contains(s, "of the path") || !strings.Contains(s, "the path is not compared") {
			t.Errorf("it has a path, or does not say that it has none:\n%s", s)
		}
	}
	rows := csvRows(t, written(t, csvDiff, d))
	if got := find(rows, "quantity", "what", "path"); len(got) > 0 {
		t.Errorf("the table has %v", got)
	}
	if got := find(rows, "caveats", "what", "caveat"); !slices.Equal(got, []string{"the path is not compared"}) {
		t.Errorf("the caveats are %q", got)
	}
}

// TestDiffPathSays has what the sample has not.
func TestDiffPathSays(t *testing.T) {
	for want, change := range map[string]func(*report.PathDiff){
		"no path takes any time":                func(p *report.PathDiff) { p.Kinds, p.Locks = nil, nil },
		"… 8 more, with -f json":                func(p *report.PathDiff) { p.Kinds = slices.Repeat(p.Kinds[:1], 20) },
		"… 9 more, with -f json":                func(p *report.PathDiff) { p.Locks = slices.Repeat(p.Locks[:1], 21) },
		"lock 99, 10.0 % → 25.0 % of the path":  func(p *report.PathDiff) { p.Locks[0].Lock = 99 },
		"running, 0.0 % → 100.0 % of the path":  func(p *report.PathDiff) { p.Kinds[0].OldShare, p.Kinds[0].NewShare = 0, 1 },
		"a|b_c, 70.0 % → 62.0 % of the path":    func(p *report.PathDiff) { p.Kinds[0].Kind = "a|b_c" },
		"lock 0 counter.(*Counter).Add:44 mute": func(*report.PathDiff) {},
	} {
		d := sampleDiff(t)
		change(d.Critpath)
		text, markdown := pageOf(t, diffText, d), pageOf(t, diffMarkdown, d)
		fits(t, document{name: want, text: text, markdown: markdown})
		cells(t, document{name: want, markdown: markdown})
		plain := strings.NewReplacer("`", "", "&#124;", "|", `\_`, "_", "  ", " ").Replace(markdown)
		for _, s := range both(text, plain) {
			if !strings.Contains(s, want) {
				t.Errorf("it does not say %q:\n%s", want, s)
			}
		}
	}
}

// TestDiffPathRank puts what changed first.
func TestDiffPathRank(t *testing.T) {
	d := sampleDiff(t)
	d.Critpath.Kinds[0].Path.Significant = false
	text := pageOf(t, diffText, d)
	if sched, running := strings.Index(text, "  sched, "), strings.Index(text, "  running, "); sched < 0 || sched > running {
		t.Error(text)
	}
}
