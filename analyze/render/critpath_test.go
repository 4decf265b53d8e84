package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze/report"
)

// critpaths returns the sample's path after a change, in text in one line, and in
// Markdown.
func critpaths(t *testing.T, change func(r *report.Report)) []string {
	t.Helper()
	r := sample(t)
	change(r)
	fits(t, document{name: "critpath", text: textOf(t, r), markdown: pageOf(t, reportMarkdown, r)})
	_, text, _ := strings.Cut(textOf(t, r), "\ncritpath\n")
	_, markdown, _ := strings.Cut(pageOf(t, reportMarkdown, r), "### critpath\n")
	return both(text, markdown)
}

// TestCritpathOfOlder says nothing of what was not kept.
func TestCritpathOfOlder(t *testing.T) {
	r := sample(t)
	r.Critpath = nil
	for _, s := range both(textOf(t, r), pageOf(t, reportMarkdown, r)) {
		if strings.Contains(s, "critical") || strings.Contains(s, "critpath") {
			t.Errorf("it has a path:\n%s", s)
		}
	}
}

// TestCritpathSays has what the sample has not.
func TestCritpathSays(t *testing.T) {
	for want, change := range map[string]func(*report.Report){
		"to where main was seen last": func(r *report.Report) { r.Critpath.End = report.EndLast },
		"to where the last goroutine stops running": func(r *report.Report) {
			r.Critpath.End, r.Critpath.Goroutine = report.EndLast, "main.serve"
		},
		"no goroutine ran: there is no path": func(r *report.Report) { r.Critpath.PathNS = 0 },
		"parallelism 3.00 ":                  func(r *report.Report) { r.Critpath.LeastNS, r.Critpath.MostNS = 0, 0 },
		"on 1 processor at least 420ms":      func(r *report.Report) { r.Trace.GOMAXPROCS = 1 },
		"behind mutex at a place that is not known, lock 0": func(r *report.Report) {
			r.Critpath.Segments[3].Site = -1
		},
		"(no stack shows it), at":             func(r *report.Report) { r.Critpath.Segments[0].Group = "" },
		"the slow ones have more of nothing":  func(r *report.Report) { r.Critpath.Instances[0].Slow.Segments = nil },
		"the slow ones have more of: syscall": func(r *report.Report) { r.Critpath.Instances[0].Slow.Segments = r.Critpath.Segments[7:8] },
		" there is none of this name": func(r *report.Report) {
			r.Critpath.Instances[0] = report.Instances{Type: "task", Name: "checkout"}
		},
		"none is whole: of 3 that begin, no end was seen ": func(r *report.Report) {
			r.Critpath.Instances[0] = report.Instances{Type: "task", Name: "checkout", Open: 3}
		},
		"no end was seen on the goroutine that began them": func(r *report.Report) {
			r.Critpath.Instances[0] = report.Instances{Type: "region", Name: "checkout", Open: 3}
		},
		"the slowest take as long as the median ones": func(r *report.Report) {
			r.Critpath.Instances[0].Slow = r.Critpath.Instances[0].Median
		},
		"1 instance p50":                        func(r *report.Report) { r.Critpath.Instances[0].Count, r.Critpath.Instances[0].Open = 1, 0 },
		"replayed unchanged: 939ms, 50.0 % off": func(r *report.Report) { r.Critpath.ReplayError = 0.5 },
	} {
		for _, s := range critpaths(t, change) {
			s = strings.NewReplacer(" · ", " ", "`", "", "\n", " ").Replace(s)
			if !strings.Contains(s, want) {
				t.Errorf("it does not say %q:\n%s", want, s)
			}
		}
	}
}

// TestNoClaim claims what is above the error of the replay, and no less.
func TestNoClaim(t *testing.T) {
	for _, tt := range []struct {
		wall int64 // without the lock, of a path of 950 ms
		off  float64
		want string
	}{
		{855e6, 0.1, "no claim"}, {854e6, 0.1, "854ms (1.00ms … 2.00ms)"}, {950e6, 0, "no claim"}, {960e6, 0.001, "no claim"},
	} {
		p := critPage{c: &report.Critpath{PathNS: 950e6, ReplayError: tt.off}}
		if got := p.without(&report.Dropped{WallNS: tt.wall, LowNS: 1e6, HighNS: 2e6}); got != tt.want {
			t.Errorf("%d with an error of %v: %s, want %s", tt.wall, tt.off, got, tt.want)
		}
	}
}

// TestTenWhatIfs shows no more, of locks and sites together, and counts the rest.
func TestTenWhatIfs(t *testing.T) {
	for _, tt := range []struct {
		locks, sites         int
		shownLocks, shownOut int
	}{{30, 0, 10, 0}, {30, 30, 6, 4}, {3, 30, 3, 7}, {8, 2, 8, 2}, {9, 2, 8, 2}} {
		for _, s := range critpaths(t, func(r *report.Report) {
			r.Critpath.Locks = slices.Repeat(r.Critpath.Locks[:1], tt.locks)
			r.Critpath.Sites = slices.Repeat(r.Critpath.Sites[:1], tt.sites)
		}) {
			locks, sites := strings.Count(s, "560ms (540ms … 610ms)"), strings.Count(s, "880ms (870ms … 895ms)")
			if locks != tt.shownLocks || sites != tt.shownOut {
				t.Errorf("of %d locks and %d sites there are %d and %d", tt.locks, tt.sites, locks, sites)
			}
			for _, left := range []int{tt.locks - locks, tt.sites - sites} {
				if left > 0 && !strings.Contains(s, fmt.Sprintf("… %d more, with -f json", left)) {
					t.Errorf("it does not count the %d that are left out:\n%s", left, s)
				}
			}
		}
	}
}

// TestLongPath has more segments, links and parts of instances than are shown.
func TestLongPath(t *testing.T) {
	for _, s := range critpaths(t, func(r *report.Report) {
		c := r.Critpath
		for i := range 20 {
			running, link := c.Segments[8], c.Segments[9]
			running.Group, link.Group = fmt.Sprint("main.r", i), fmt.Sprint("main.l", i)
			c.Segments = append(c.Segments, running, link)
			c.Instances[0].Slow.Segments = append(c.Instances[0].Slow.Segments, running)
		}
	}) {
		for _, want := range []string{"… 17 more, 17.0ms in all, with -f json", "… 18 more, with -f json", "… 12 more, with -f json"} {
			if !strings.Contains(s, want) {
				t.Errorf("it does not say %q:\n%s", want, s)
			}
		}
	}
}

// TestSegmentPairs has what both have, or one alone, by the difference; a link takes no
// time.
func TestSegmentPairs(t *testing.T) {
	var got []string
	for _, s := range segmentPairs(&sample(t).Critpath.Instances[0]) {
		got = append(got, fmt.Sprintf("%s %d %d", s.Kind, s.median, s.slow))
	}
	want := []string{"running 0 30000000", "sched 1200000 8500000", "running 9000000 9500000", "syscall 800000 0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRankOf(t *testing.T) {
	list := []int64{5, 9, 5, 1}
	var got []int
	for _, v := range list {
		got = append(got, rankOf(v, list, func(v int64) int64 { return v }))
	}
	if !slices.Equal(got, []int{2, 1, 2, 4}) {
		t.Errorf("ranks are %d", got)
	}
}
