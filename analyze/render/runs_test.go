package render

import (
	"strings"
	"testing"

	"tracekit/analyze/report"
)

// both returns the text of data in one line, and its Markdown.
func both(text, markdown string) []string {
	return []string{strings.Join(strings.Fields(text), " "), markdown}
}

// TestVerdicts has each in words.
func TestVerdicts(t *testing.T) {
	p := 0.0004
	for verdict, want := range map[string]string{
		report.Stable:       "stable: the order is the same in all runs (p < 0.001, 8 runs)",
		report.ArrivalOrder: "arrival-order: the lock is handed over in the order of arrival, and that differs between runs (p < 0.001, 8 runs)",
		report.Varies:       "varies: the order is not the same in all runs, and not random either (p < 0.001, 8 runs)",
		report.Random:       "random: the order is as if drawn by lot in each run (p < 0.001, 8 runs)",
		report.TooFewRuns:   "too few runs: 8 runs do not tell how the order varies, 15 would be enough (p < 0.001)",
		"else":              "verdict: else (p < 0.001, 8 runs)",
	} {
		r := sampleRuns(t)
		o := &r.Orders[0]
		o.Verdict, o.P, o.Enough = verdict, &p, 15
		for _, s := range both(pageOf(t, runsText, r), pageOf(t, runsMarkdown, r)) {
			if !strings.Contains(s, want) {
				t.Errorf("it does not say %q:\n%s", want, s)
			}
		}
	}
}

// TestRunsSay has what the sample has not.
func TestRunsSay(t *testing.T) {
	low, high := 1.7, 1.9
	for want, change := range map[string]func(*report.Runs){
		"no p, 8 runs":                           func(r *report.Runs) { r.Orders[0].P = nil },
		"of 150 goroutines, 50 of them ignored;": func(r *report.Runs) { r.Orders[0].Items, r.Orders[0].Ignored = 150, 50 },
		"distance of two runs -":                 func(r *report.Runs) { r.Orders[0].Distance = nil },
		"(tau-b: some came at the same time)":    func(r *report.Runs) { r.Orders[0].Ties = true },
		"goroutines in common 75.0 %":            func(r *report.Runs) { r.Orders[0].Jaccard = 0.75 },
		"… 28 more":                              func(r *report.Runs) { r.Orders[0].Modal = make([]int, 40) },
		"0.00 …":                                 func(r *report.Runs) { r.Orders[1].EntropyBits = make([]float64, 40) },
		"1.70..1.90":                             func(r *report.Runs) { r.Scaling.Steps[1].Low, r.Scaling.Steps[1].High = &low, &high },
		"GOMAXPROCS not known, 2":                func(r *report.Runs) { r.Procs[0] = 0 },
		"no run stated one":                      func(r *report.Runs) { r.Outcomes = nil },
		"4 runs ended with signal: killed": func(r *report.Runs) {
			for i := range r.Runs[:4] {
				r.Runs[i].Ended = "signal: killed"
			}
		},
		"sigma (contention) 0.05, kappa (coherency) 0.001; residuals +0.0 % at 1, -1.5 % at 2": func(r *report.Runs) {
			r.Scaling.USL = &report.USL{Sigma: 0.05, Kappa: 0.001, Residuals: []float64{0, -0.015}}
		},
	} {
		r := sampleRuns(t)
		change(r)
		for _, s := range both(pageOf(t, runsText, r), pageOf(t, runsMarkdown, r)) {
			if !strings.Contains(s, want) {
				t.Errorf("it does not say %q:\n%s", want, s)
			}
		}
	}
}

// TestOrderOfProcess names the process that a lock is of.
func TestOrderOfProcess(t *testing.T) {
	r := sampleRuns(t)
	r.Orders[0].Process = "example.com/shop#1"
	text, markdown := pageOf(t, runsText, r), pageOf(t, runsMarkdown, r)
	if !strings.Contains(text, "Add:41  in example.com/shop#1\n") || !strings.Contains(markdown, "in `example.com/shop#1`\n") {
		t.Errorf("%s%s", text, markdown)
	}
}

// TestOneRunASide shows the change, and that nothing is known of its being by chance.
func TestOneRunASide(t *testing.T) {
	d := sampleDiff(t)
	one := func(v float64) report.Series { return report.Series{N: 1, Median: v, Min: v, Max: v} }
	ratio := 0.5
	d.Old.Runs, d.New.Runs, d.Tests = 1, 1, 0
	d.Measures = []report.MeasureDiff{{Name: "wall", Unit: "ns", Change: report.Change{Old: one(2e6), New: one(3e6), Ratio: &ratio, Shift: 1e6}}}
	d.Caveats = []report.Caveat{{Code: "one-run", About: "measures", Text: "one run a side says nothing of chance", Remedy: "record at least 4"}}
	text, markdown := pageOf(t, diffText, d), pageOf(t, diffMarkdown, d)
	for _, s := range both(text, strings.ReplaceAll(markdown, " | ", " ")) {
		for _, want := range []string{"wall 2.00ms 3.00ms +50.0 % +1.00ms - - -", "one run a side says nothing of chance; remedy: record at least 4"} {
			if !strings.Contains(s, want) {
				t.Errorf("it does not say %q:\n%s", want, s)
			}
		}
	}
}

// TestDiffRanks puts what changed before what one side has alone, and that before
// the rest.
func TestDiffRanks(t *testing.T) {
	list := []report.SiteDiff{{Kind: "rest", Match: report.Same}, {Kind: "new", Match: report.New}, {Kind: "changed", Match: report.Same}}
	list[2].Waits.Significant = true
	got := ""
	for _, s := range byRank(list, func(s report.SiteDiff) int { return changeRank(siteChanged(s), s.Match) }) {
		got += s.Kind + " "
	}
	if got != "changed new rest " {
		t.Error(got)
	}
}

func TestValues(t *testing.T) {
	for _, tt := range []struct {
		unit string
		v    float64
		want string
	}{
		{"ns", 1500.4, "1.50µs"}, {"ns", -1e300, "-277777h46m40s"}, {"", 3, "3"}, {"", 0.0123, "0.012"}, {"", 0.9996, "1.00"},
		{"", 1.234, "1.23"}, {"", -12.34, "-12.3"}, {"", 1234.5, "1,235"}, {"", 99.96, "100"}, {"", 1e300, "1,000,000,000,000,000,000"},
	} {
		if got := value(tt.unit, tt.v); got != tt.want {
			t.Errorf("%g %s is %s, want %s", tt.v, tt.unit, got, tt.want)
		}
	}
	if got := duration(-1 << 63); !strings.HasPrefix(got, "-2562047h") {
		t.Error(got)
	}
}

// TestValue writes numbers of each unit: a time stays one when it is of something.
func TestValue(t *testing.T) {
	for _, tt := range []struct {
		unit string
		v    float64
		want string
	}{
		{"ns", 1.5e6, "1.50ms"}, {"ns/s", 3.48e9, "3.48s"}, {"ns/outcome", 424, "424ns"},
		{"", 1234, "1,234"}, {"/s", 85.5, "85.5"}, {"", 0.25, "0.250"}, {"", 1.256, "1.26"},
	} {
		if got := value(tt.unit, tt.v); got != tt.want {
			t.Errorf("%v %q is %s, want %s", tt.v, tt.unit, got, tt.want)
		}
	}
}
