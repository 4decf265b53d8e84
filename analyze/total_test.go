package analyze

import (
	"math/rand/v2"
	"slices"
	"testing"

	"tracekit/analyze/report"
)

// withWaits is a report with only what a total is made of.
func withWaits(wall int64, kinds map[string]int64, locks map[string]int64) *report.Report {
	r := &report.Report{Trace: report.Trace{WallNS: wall, Events: wall / 10, Goroutines: 3, Bytes: 7}}
	r.Parallel.WorkNS = wall / 2
	for name, ns := range kinds {
		r.Waits.Kinds = append(r.Waits.Kinds, report.Kind{Kind: name, Tally: report.Tally{Waits: 1, BlockedNS: ns, SchedNS: 1}})
	}
	for name, ns := range locks {
		r.Waits.Locks = append(r.Waits.Locks, report.Lock{
			Name: name, Kinds: []string{"mutex"}, Tally: report.Tally{Waits: 2, OpenWaits: 1, BlockedNS: ns},
			Spread: report.Spread{MaxNS: ns},
		})
	}
	return r
}

// TestTotal adds up two processes that have a lock in common, and one without a
// report. The order of the processes makes no difference to the sums.
func TestTotal(t *testing.T) {
	processes := []report.Process{
		{Report: withWaits(100, map[string]int64{"mutex": 30, "sleep": 5}, map[string]int64{"a": 10, "b": 20})},
		{Error: "torn"},
		{Report: withWaits(200, map[string]int64{"mutex": 7}, map[string]int64{"a": 7, "c": 20})},
	}
	got := Total(processes)
	if got.Processes != 2 || got.WallNS != 300 || got.Events != 30 || got.Goroutines != 6 || got.WorkNS != 150 || got.Bytes != 14 {
		t.Errorf("total is %+v", got)
	}
	wantKinds := []report.Kind{
		{Kind: "mutex", Tally: report.Tally{Waits: 2, BlockedNS: 37, SchedNS: 2}},
		{Kind: "sleep", Tally: report.Tally{Waits: 1, BlockedNS: 5, SchedNS: 1}},
	}
	if !slices.Equal(got.Kinds, wantKinds) {
		t.Errorf("kinds are %+v", got.Kinds)
	}
	type lock struct {
		name           string
		blocked, max   int64
		waits          int64
		first, holders int
	}
	var locks []lock
	for _, l := range got.Locks {
		locks = append(locks, lock{l.Name, l.BlockedNS, l.MaxNS, l.Waits, l.Processes[0], len(l.Processes)})
	}
	if want := []lock{{"b", 20, 20, 2, 0, 1}, {"c", 20, 20, 2, 2, 1}, {"a", 17, 10, 4, 0, 2}}; !slices.Equal(locks, want) {
		t.Errorf("locks are %+v", locks)
	}
	rand.Shuffle(len(processes), func(i, j int) { processes[i], processes[j] = processes[j], processes[i] })
	again := Total(processes)
	for i := range got.Locks {
		if again.Locks[i].Tally != got.Locks[i].Tally || again.Locks[i].Name != got.Locks[i].Name {
			t.Errorf("in another order, lock %d is %+v", i, again.Locks[i])
		}
	}
}

func TestTotalOfNothing(t *testing.T) {
	got := Total(nil)
	if got.Kinds == nil || got.Locks == nil || got.Processes != 0 {
		t.Errorf("total is %+v", got)
	}
}
