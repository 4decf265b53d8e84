package analyze

import (
	"testing"

	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// TestGap has something be missing in the middle: what goes on there is cut, and
// found anew behind it. The time between is nobody's.
func TestGap(t *testing.T) {
	laws := timeline.NewLaws()
	done, err := build(decodetest.MustParse(`
		0 procs 2
		0 g1 running main.main
		0 g2 running main.b
		10 g2 waits "sync" sync.(*Mutex).Lock < main.lock < main.b
		20 end
		--- gap
		50 procs 2
		50 g1 running main.main
		50 g2 waiting runtime.gopark < sync.runtime_SemacquireMutex < sync.(*Mutex).Lock < main.lock < main.b
		50 g3 running main.c
		60 g1 wakes g2 sync.(*Mutex).Unlock < main.main
		65 g2 starts
		70 g2 ends
		80 end
	`), Options{}, laws)
	if err != nil {
		t.Fatal(err)
	}
	r := done.report
	if err := laws.Err(); err != nil {
		t.Error(err)
	}
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	if r.Trace.WallNS != 20+30 || r.Parallel.WorkNS != 20+10+30+5+30 || r.Parallel.GOMAXPROCSAvg != 2 {
		t.Errorf("trace is %+v, parallel %+v", r.Trace, r.Parallel)
	}
	l := r.Waits.Locks
	if len(l) != 1 || l[0].Waits != 2 || l[0].OpenWaits != 2 || l[0].BlockedNS != 10+10 || len(l[0].Releases) != 2 {
		t.Fatalf("locks are %+v", l)
	}
	if o := r.Order.Locks[0]; o != (report.LockOrder{Handovers: 1}) {
		t.Errorf("order is %+v", o)
	}
}
