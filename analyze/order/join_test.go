package order

import (
	"testing"

	"tracekit/analyze/report"
)

// TestJoinedCounts joins two locks that both were handed over before.
func TestJoinedCounts(t *testing.T) {
	got := run(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.a
		0 g4 running main.b
		0 g5 running main.b
		1 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		2 g3 waits "sync" sync.(*Mutex).Lock < main.a:1
		3 g1 wakes g3 sync.(*Mutex).Unlock < main.main:5
		10 g1 wakes g2 sync.(*Mutex).Unlock < main.main:5
		11 g2 starts
		21 g4 waits "sync" sync.(*Mutex).Lock < main.b:1
		22 g5 waits "sync" sync.(*Mutex).Lock < main.b:1
		23 g1 wakes g5 sync.(*Mutex).Unlock < main.main:6
		40 g1 wakes g4 sync.(*Mutex).Unlock < main.main:6
		41 g4 starts
		---
		50 g4 waits "sync" sync.(*Mutex).Lock < main.b:1
		60 g1 wakes g4 sync.(*Mutex).Unlock < main.main:5   # joins them
		90 end
	`)
	o := got[0]
	o.Fifo = nil
	if want := (report.LockOrder{Handovers: 5, Retries: 1, Overtakes: 2, Pairs: 2, OvertakenPairs: 2, LongestPassedOverNS: 17}); o != want {
		t.Errorf("order is %+v, want %+v", o, want)
	}
}

// TestLongestIsNotTheLast has the longest time passed over end before the others.
func TestLongestIsNotTheLast(t *testing.T) {
	if o := run(t, serve(5, 2, 3, 1, 5, 4))[0]; o.LongestPassedOverNS != 200 {
		t.Errorf("longest %d", o.LongestPassedOverNS)
	}
}

// TestJoinedKeepsOvertaken has a waiter overtaken at a lock that then joins an older one.
func TestJoinedKeepsOvertaken(t *testing.T) {
	o := run(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		0 g4 running main.b
		1 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		2 g1 wakes g2 sync.(*Mutex).Unlock < main.main:5
		10 g3 waits "sync" sync.(*Mutex).Lock < main.b:1
		20 g4 waits "sync" sync.(*Mutex).Lock < main.b:1
		30 g1 wakes g4 sync.(*Mutex).Unlock < main.main:6
		---
		50 g1 wakes g3 sync.(*Mutex).Unlock < main.main:5
		90 end
	`)[0]
	if o.LongestPassedOverNS != 20 || o.Handovers != 3 {
		t.Errorf("%+v", o)
	}
}
