package pprof

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/pprof/profile"

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

// written writes the profile of runs and reads it back.
func written(t *testing.T, by By, runs ...*report.Report) *profile.Profile {
	t.Helper()
	m := &Mean{By: by}
	for _, r := range runs {
		if err := m.Add([]*report.Report{r}); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := m.Write(&b, len(runs), []report.Caveat{{About: "runs", Text: "so many"}}); err != nil {
		t.Fatal(err)
	}
	p, err := profile.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMean has three runs, of which one is torn: the mean is that of the two others. Of
// torn ones alone, it is theirs.
func TestMean(t *testing.T) {
	r, torn := sample(t), sample(t)
	r.Trace.LostBytes, torn.Trace.LostBytes = 0, 1
	one := written(t, Waiter, r)
	var m Mean
	m.By = Waiter
	for _, run := range []*report.Report{r, torn, r} {
		if err := m.Add([]*report.Report{run}); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := m.Write(&b, 2, []report.Caveat{{About: "runs", Text: "so many"}}); err != nil {
		t.Fatal(err)
	}
	mean, err := profile.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	if totals(mean) != totals(one) || mean.DurationNanos != one.DurationNanos || len(mean.Comments) != 1 {
		t.Errorf("the mean has %v, the run %v; comments %q", totals(mean), totals(one), mean.Comments)
	}
	if alone := written(t, Waiter, torn, torn); totals(alone) != totals(one) {
		t.Errorf("of torn runs: %v, the run has %v", totals(alone), totals(one))
	}
}

func totals(p *profile.Profile) (sum [3]int64) {
	for _, s := range p.Sample {
		for i, v := range s.Value {
			sum[i] += v
		}
	}
	return sum
}

// find returns the sample with these labels.
func find(t *testing.T, p *profile.Profile, lock, goroutine string) *profile.Sample {
	t.Helper()
	for _, s := range p.Sample {
		if strings.Join(s.Label["lock"], "") == lock && strings.Join(s.Label["goroutine"], "") == goroutine {
			return s
		}
	}
	t.Fatalf("no sample with lock %q and goroutine %q", lock, goroutine)
	return nil
}

func stack(s *profile.Sample) string {
	var names []string
	for _, loc := range s.Location {
		names = append(names, loc.Line[0].Function.Name)
	}
	return strings.Join(names, " < ")
}

func TestByWaiter(t *testing.T) {
	p := written(t, Waiter, sample(t))
	if got, want := totals(p), [3]int64{2_900_001_000, 4_002_500, 1205}; got != want {
		t.Errorf("totals are %v, want %v", got, want)
	}
	if len(p.SampleType) != 3 || p.SampleType[0].Type != "blocked" || p.SampleType[0].Unit != "nanoseconds" ||
		p.SampleType[1].Type != "sched" || p.SampleType[2].Type != "waits" || p.SampleType[2].Unit != "count" {
		t.Errorf("sample types are %v", p.SampleType)
	}
	s := find(t, p, "shop.(*Till).Sell:41", "main.audit")
	if s.Value[0] != 500_000_000 || s.Value[2] != 200 || s.Label["kind"][0] != "mutex" {
		t.Errorf("sample is %v %v", s.Value, s.Label)
	}
	if got := stack(s); got != "sync.(*Mutex).Lock < example.com/shop.(*Till).Sell < main.audit" {
		t.Errorf("stack is %s", got)
	}
	line := s.Location[1].Line[0]
	if line.Line != 41 || line.Function.Filename != "/src/shop/till.go" {
		t.Errorf("frame is %s:%d", line.Function.Filename, line.Line)
	}
	// Ten frames of the sample are of waiters; one location stands for nobody.
	if len(p.Location) != 11 || len(p.Mapping) != 1 || !p.Mapping[0].HasFunctions {
		t.Errorf("%d locations, mappings %+v", len(p.Location), p.Mapping)
	}
	if p.DefaultSampleType != "blocked" || p.DurationNanos != 1_000_000_000 {
		t.Errorf("default is %s, duration %d", p.DefaultSampleType, p.DurationNanos)
	}
}

func TestByRelease(t *testing.T) {
	p := written(t, Release, sample(t))
	if got, want := totals(p), [3]int64{2_900_001_000, 0, 1203}; got != want {
		t.Errorf("totals are %v, want %v", got, want)
	}
	s := find(t, p, "shop.(*Till).Sell:41", "main.audit")
	if s.Value[0] != 1_800_000_000 || s.Value[2] != 199 || !strings.HasPrefix(stack(s), "sync.(*Mutex).Unlock < example.com/shop.(*Till).Count") {
		t.Errorf("sample is %v %s", s.Value, stack(s))
	}
	if s := find(t, p, "shop.(*Till).Sell:41", ""); stack(s) != "(no goroutine's stack)" || s.Value[0] != 10_000_000 {
		t.Errorf("unreleased: %v %s", s.Value, stack(s))
	}
}

func TestCaveatsAreComments(t *testing.T) {
	comments := strings.Join(written(t, Waiter, sample(t)).Comments, "\n")
	for _, c := range sample(t).Caveats {
		if !strings.Contains(comments, c.About+": "+c.Text) {
			t.Errorf("caveat %s is missing in %s", c.Code, comments)
		}
	}
}

// TestDiffBase subtracts a profile from itself, as -diff_base does.
func TestDiffBase(t *testing.T) {
	base := written(t, Waiter, sample(t))
	base.Scale(-1)
	diff, err := profile.Merge([]*profile.Profile{written(t, Waiter, sample(t)), base})
	if err != nil {
		t.Fatal(err)
	}
	if got := totals(diff); got != [3]int64{} {
		t.Errorf("the difference is %v", got)
	}
}

func TestUnknownWay(t *testing.T) {
	if _, err := Profile(sample(t), "color"); err == nil || !strings.Contains(err.Error(), `"color"`) {
		t.Errorf("error is %v", err)
	}
}
