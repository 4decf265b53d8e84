package folded

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/report"
)

func sample(t *testing.T) *report.Report {
	t.Helper()
	data, err := os.ReadFile("../../../testdata/reports/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	r := new(report.Report)
	if err := json.Unmarshal(data, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// written returns the lines of runs of one process each.
func written(t *testing.T, m *Mean, count int, runs ...*report.Report) []string {
	t.Helper()
	for _, r := range runs {
		if err := m.Add([]*report.Report{r}); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	if err := m.Write(&b, count); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

func TestWaiters(t *testing.T) {
	r := sample(t)
	r.Frames[13].Func = "far.Wait"
	want := []string{
		"(unnamed);(no_stack) 100",
		"main.audit;main.audit;example.com/shop.(*Till).Sell;sync.(*Mutex).Lock 500000000",
		"main.audit;main.audit;time.Sleep 100000000",
		"main.main;main.main;far.Wait;runtime.chanrecv1 300000000",
		"main.serve;main.serve;example.com/shop.(*Shelf).Get;sync.(*RWMutex).RLock 900",
		"main.serve;main.serve;example.com/shop.(*Till).Sell;sync.(*Mutex).Lock 2000000000",
	}
	if diff := cmp.Diff(want, written(t, new(Mean), 1, r)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWakers(t *testing.T) {
	r := sample(t)
	r.Frames[13].Func = "far.Wait"
	want := []string{
		"(unnamed);(no_stack);--;(not_woken_in_the_trace) 100",
		"main.audit;main.audit;example.com/shop.(*Till).Sell;sync.(*Mutex).Lock;--;(not_woken_in_the_trace) 10000000",
		"main.audit;main.audit;example.com/shop.(*Till).Sell;sync.(*Mutex).Lock;--;sync.(*Mutex).Unlock;example.com/shop.(*Till).Sell;main.serve;main.serve 490000000",
		"main.audit;main.audit;time.Sleep;--;(nobody) 100000000",
		"main.main;main.main;far.Wait;runtime.chanrecv1;--;sync.(*Mutex).Unlock;example.com/shop.(*Till).Sell;main.serve;main.serve 300000000",
		"main.serve;main.serve;example.com/shop.(*Shelf).Get;sync.(*RWMutex).RLock;--;sync.(*RWMutex).Unlock;example.com/shop.(*Shelf).Fill;main.main;main.main 900",
		"main.serve;main.serve;example.com/shop.(*Till).Sell;sync.(*Mutex).Lock;--;sync.(*Mutex).Unlock;example.com/shop.(*Till).Count;main.audit;main.audit 1500000000",
		"main.serve;main.serve;example.com/shop.(*Till).Sell;sync.(*Mutex).Lock;--;sync.(*Mutex).Unlock;example.com/shop.(*Till).Sell;main.serve;main.serve 500000000",
	}
	if diff := cmp.Diff(want, written(t, &Mean{Wakes: true}, 1, r)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestMean has three runs, of which one is torn: the mean is that of the two others. Of
// torn ones alone, it is theirs.
func TestMean(t *testing.T) {
	whole, longer, torn := sample(t), sample(t), sample(t)
	whole.Trace.LostBytes, longer.Trace.LostBytes, torn.Trace.LostBytes = 0, 0, 1
	longer.Waits.Locks[1].Acquires[0].BlockedNS = 903
	const line = "main.serve;main.serve;example.com/shop.(*Shelf).Get;sync.(*RWMutex).RLock "
	for _, tt := range []struct {
		count int
		runs  []*report.Report
		want  string
	}{
		{2, []*report.Report{whole, torn, longer}, "902"}, // 901.5
		{3, []*report.Report{torn, torn, torn}, "900"},
		{1, []*report.Report{longer}, "903"},
	} {
		if lines := strings.Join(written(t, new(Mean), tt.count, tt.runs...), "\n"); !strings.Contains(lines, line+tt.want) {
			t.Errorf("want %s in\n%s", tt.want, lines)
		}
	}
}

// TestLittle leaves out what is not blocked for a nanosecond on the average.
func TestLittle(t *testing.T) {
	r := sample(t)
	r.Trace.LostBytes = 0
	r.Waits.Locks[1].Acquires[0].BlockedNS = 1
	r.Waits.Sites[1].Stacks[0].BlockedNS = 0
	lines := written(t, new(Mean), 3, r, r)
	if s := strings.Join(lines, "\n"); len(lines) != 5 || strings.Contains(s, "time.Sleep") {
		t.Errorf("lines are\n%s", s)
	}
	m := new(Mean)
	for range 3 {
		r := sample(t)
		r.Trace.LostBytes = 0
		r.Waits.Locks[1].Acquires[0].BlockedNS = 0
		if err := m.Add([]*report.Report{r}); err != nil {
			t.Fatal(err)
		}
	}
	if s := strings.Join(written(t, m, 4, r), "\n"); strings.Contains(s, "RLock") { // 1 in 4 runs
		t.Errorf("lines are\n%s", s)
	}
}

// TestNames has names that mean something in the format.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"a;b":                          "a:b",
		"f[struct { X int }]":          "f[struct_{_X_int_}]",
		"f\n7":                         "f_7",
		"f 7":                          "f_7",
		"\x1b[31m\xff":                 "?[31m?",
		"\u2028\u00a0":                 "__",
		"":                             "(no_name)",
		"example.com/für.(*T).F·dwrap": "example.com/für.(*T).F·dwrap",
	} {
		if got := word(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

func TestNoChains(t *testing.T) {
	r := sample(t)
	r.Waits.Chains = nil
	if err := (&Mean{Wakes: true}).Add([]*report.Report{r}); !errors.Is(err, report.ErrNoChains) {
		t.Errorf("error is %v", err)
	}
	if err := new(Mean).Add([]*report.Report{r}); err != nil {
		t.Error(err)
	}
}

// TestCaveats has those of the one report, or of the runs, but no others than qualify
// what is shown.
func TestCaveats(t *testing.T) {
	about := func(list []report.Caveat) string {
		var keys []string
		for _, c := range list {
			keys = append(keys, c.About)
		}
		return strings.Join(keys, " ")
	}
	m := new(Mean)
	runs := []report.Caveat{{About: "recordings"}, {About: "runs"}, {About: "orders"}}
	written(t, m, 1, sample(t))
	if got := about(m.Caveats(runs)); got != "trace.lost_bytes waits.kinds" {
		t.Errorf("of one: %s", got)
	}
	written(t, m, 2, sample(t))
	if got := about(m.Caveats(runs)); got != "recordings runs" {
		t.Errorf("of two: %s", got)
	}
}
