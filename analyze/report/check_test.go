package report

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// sample returns a report that was written by hand.
func sample(t *testing.T) *Report {
	t.Helper()
	data, err := os.ReadFile("../../testdata/reports/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	r := new(Report)
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSampleHolds(t *testing.T) {
	if err := sample(t).Check(); err != nil {
		t.Error(err)
	}
}

// TestCheckSees breaks the sample in one place after the other.
func TestCheckSees(t *testing.T) {
	half := 0.5
	tests := map[string]func(*Report){
		"schema":                 func(r *Report) { r.Schema = "tracekit.report/0" },
		"waits.sites[0]: site":   func(r *Report) { r.Waits.Sites[0].Wakers[0].Site = len(r.Sites) },
		"waits.sites[1]: stack":  func(r *Report) { r.Waits.Sites[1].Wakers[0].Stack = len(r.Stacks) },
		"waits.sites[0]: the st": func(r *Report) { r.Waits.Sites[0].Stacks[0].SchedNS++ },
		"waits.sites[0]: perc":   func(r *Report) { r.Waits.Sites[0].MaxNS = 1 },
		"waits.sites[1] is out":  func(r *Report) { r.Waits.Sites[0], r.Waits.Sites[1] = r.Waits.Sites[1], r.Waits.Sites[0] },
		"stacks[0] has frame":    func(r *Report) { r.Stacks[0][0] = 99 },
		"has the id":             func(r *Report) { r.Waits.Locks[1].ID = 0 },
		"percentiles":            func(r *Report) { r.Waits.Locks[0].P90NS = 1 },
		"waits.locks[0]: site":   func(r *Report) { r.Waits.Locks[0].Releases[0].Site = 7 },
		"waits.locks[0]: stack":  func(r *Report) { r.Waits.Locks[0].Acquires[0].Stack = -2 },
		"the stacks add up":      func(r *Report) { r.Waits.Locks[0].Acquires[0].Waits++ },
		"joined after":           func(r *Report) { r.Waits.Locks[0].JoinedLateNS = 2500000001 },
		"by 0 goroutines":        func(r *Report) { r.Waits.Locks[0].Waiters = 0 },
		"by 3 goroutines":        func(r *Report) { r.Waits.Sites[0].Waiters = 3 },
		"delay_ns":               func(r *Report) { r.Waits.Locks[0].DelayNS++ },
		"waits.locks[0] blame":   func(r *Report) { r.Waits.Locks[0].Releases[0].BlameNS++ },
		"negative blame":         func(r *Report) { r.Waits.Locks[0].Releases[2].BlameNS = -1 },
		"negative time":          func(r *Report) { r.Waits.Locks[0].Acquires[0].SchedNS = -1 },
		"open":                   func(r *Report) { r.Waits.Locks[1].Acquires[0].OpenWaits = 2 },
		"waits.locks[1] is out":  func(r *Report) { r.Waits.Locks[0], r.Waits.Locks[1] = reorder(r.Waits.Locks) },
		"waits.sites[0] wakers":  func(r *Report) { r.Waits.Sites[0].Wakers[0].BlockedNS-- },
		"waits.idle[0] wakers":   func(r *Report) { r.Waits.Idle[0].Wakers[0].BlockedNS-- },
		"waits.idle_ns":          func(r *Report) { r.Waits.IdleNS++ },
		"waits.idle_waits":       func(r *Report) { r.Waits.IdleWaits++ },
		"waits.kinds: mutex":     func(r *Report) { r.Waits.Kinds[0].Waits++ },
		"waits.kinds has":        func(r *Report) { r.Waits.Kinds = r.Waits.Kinds[:4] },
		"waits.chains[1]: lock":  func(r *Report) { r.Waits.Chains[1].Lock = len(r.Waits.Locks) },
		"waits.chains[1]: stac":  func(r *Report) { r.Waits.Chains[1].ByStack = len(r.Stacks) },
		"waits.chains[1]: nega":  func(r *Report) { r.Waits.Chains[1].SchedNS = -1 },
		"waits.chains[1]: what":  func(r *Report) { r.Waits.Chains[1].By = "" },
		"waits.chains[4]: nobo":  func(r *Report) { r.Waits.Chains[4].ByStack = 0 },
		"waits.chains[5]: end ":  func(r *Report) { r.Waits.Chains[5].ByGoroutine = "main.main" },
		"waits.chains[2] is ou":  func(r *Report) { r.Waits.Chains[2].BlockedNS = 1_500_000_001 },
		"chains of lock 0, sta":  func(r *Report) { r.Waits.Chains[0].SchedNS++ },
		"chains of lock -1, st":  func(r *Report) { r.Waits.Chains[3].Waits++ },
		"chains are of 7 stack": func(r *Report) {
			r.Waits.Chains = append(r.Waits.Chains, Chain{Lock: -1, Stack: -1, By: ByEnd, ByStack: -1})
		},
		"order.locks has 1":      func(r *Report) { r.Order.Locks = r.Order.Locks[:1] },
		"is about lock":          func(r *Report) { r.Order.Locks[1].Lock = 0 },
		"pairs overtaken":        func(r *Report) { r.Order.Locks[0].OvertakenPairs = 5001 },
		"overtakes in":           func(r *Report) { r.Order.Locks[0].Overtakes = 1200 },
		"out of turn":            func(r *Report) { r.Order.Locks[0].OutOfTurn = 1200 },
		"fifo of 0 pairs":        func(r *Report) { r.Order.Locks[1].Fifo = &half },
		"2 that gave up end":     func(r *Report) { r.Waits.Locks[0].GaveUp = 2 },
		"-1 that gave up end":    func(r *Report) { r.Waits.Locks[0].GaveUp = -1 },
		"order.locks[0] hand":    func(r *Report) { r.Order.Locks[0].Handovers++ },
		"order.sequences has 1":  func(r *Report) { r.Order.Sequences = r.Order.Sequences[:1] },
		"sequences[1] is about":  func(r *Report) { r.Order.Sequences[1].Lock = 0 },
		"sequences[0]: gorout":   func(r *Report) { r.Order.Sequences[0].Woken[1] = 2 },
		"sequences[0] and left":  func(r *Report) { r.Order.Sequences[0].LeftOut++ },
		"first[1]: goroutine 0":  func(r *Report) { r.Order.Sequences[0].First[1].Goroutine = 0 },
		"first[1] is out":        func(r *Report) { r.Order.Sequences[0].First[1].WokenNS = 50000 },
		"first[0] is out":        func(r *Report) { r.Order.Sequences[0].First[0].ArrivedNS = 51001 },
		"parallel.at[1]":         func(r *Report) { r.Parallel.At[1].Running = 5 },
		"parallel.at:":           func(r *Report) { r.Trace.WallNS++ },
		"work_ns by number":      func(r *Report) { r.Parallel.WorkNS++ },
		"work_ns by group":       func(r *Report) { r.Parallel.Groups[0].RunningNS++ },
		"waits of user":          func(r *Report) { r.Parallel.Groups[0].BlockedNS++ },
		"waits of the system":    func(r *Report) { r.Waits.SystemNS-- },
		"trace.goroutines":       func(r *Report) { r.Trace.Goroutines++ },
		"trace.system_goroutine": func(r *Report) { r.Trace.SystemGoroutines++ },
	}
	for says, breakIt := range tests {
		r := sample(t)
		breakIt(r)
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error is %v, want one with %q", err, says)
		}
	}
}

// TestOlder has reports of before chains were kept hold.
func TestOlder(t *testing.T) {
	r := sample(t)
	r.Waits.Chains = nil
	if err := r.Check(); err != nil {
		t.Error(err)
	}
}

// reorder swaps two locks, with their ids and their order put right.
func reorder(locks []Lock) (Lock, Lock) {
	a, b := locks[1], locks[0]
	a.ID, b.ID = 0, 1
	return a, b
}

func TestTables(t *testing.T) {
	a, b := Frame{"a", "a.go", 1}, Frame{"b", "b.go", 2}
	tables := NewTables()
	if got := tables.Stack(nil); got != -1 {
		t.Errorf("no stack is %d", got)
	}
	ab, ba := tables.Stack([]Frame{a, b}), tables.Stack([]Frame{b, a})
	if ab == ba || tables.Stack([]Frame{a, b}) != ab {
		t.Errorf("stacks are %d and %d", ab, ba)
	}
	many := NewTables()
	for i := range 12 {
		many.Stack([]Frame{{"f", "f.go", i}})
	}
	if many.Stack([]Frame{{"f", "f.go", 1}, {"f", "f.go", 11}}) == many.Stack([]Frame{{"f", "f.go", 11}, {"f", "f.go", 1}}) {
		t.Error("stacks 1 11 and 11 1 are the same")
	}
	if tables.Site(b) != 0 || tables.Site(a) != 1 || tables.Site(b) != 0 {
		t.Error("sites are not numbered in the order of asking")
	}
	r := new(Report)
	tables.Fill(r)
	if len(r.Frames) != 2 || len(r.Stacks) != 2 || len(r.Sites) != 2 || r.Frames[r.Stacks[ba][0]] != b {
		t.Errorf("report has %+v", r)
	}
}
