package waits

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/report"
)

// chainsOf lists the chains of a report as "lock kind waiter <- waker waits/open
// blocked+sched", with the outermost functions of the stacks.
func chainsOf(r *report.Report) (list []string) {
	root := func(stack int) string {
		if stack < 0 {
			return "-"
		}
		frames := r.Stacks[stack]
		return r.Frames[frames[len(frames)-1]].Func
	}
	for _, c := range r.Waits.Chains {
		by := c.By
		if c.By == report.ByGoroutine {
			by = fmt.Sprintf("%s of %s", root(c.ByStack), c.ByGoroutine)
		}
		list = append(list, fmt.Sprintf("%d %s %s of %s <- %s: %d/%d %d+%d",
			c.Lock, c.Kind, root(c.Stack), c.Goroutine, by, c.Waits, c.OpenWaits, c.BlockedNS, c.SchedNS))
	}
	return list
}

// TestChains has one stack wait for a mutex that two others release, a sleep that
// a timer ends, and waits that the ends of the trace cut.
func TestChains(t *testing.T) {
	_, r := run(t, `
		0 g1 running main.a
		0 g2 running main.b
		0 g3 running main.c
		0 g4 waiting "chan receive" runtime.chanrecv1 < main.recv < main.d
		10 g3 waits "sync" sync.(*Mutex).Lock < main.lock < main.c
		30 g1 wakes g3 sync.(*Mutex).Unlock < main.a
		31 g3 starts
		40 g3 waits "sync" sync.(*Mutex).Lock < main.lock < main.c
		45 g2 wakes g3 sync.(*Mutex).Unlock < main.b
		47 g3 starts
		50 g3 waits "sync" sync.(*Mutex).Lock < main.lock < main.c
		51 g1 wakes g3 sync.(*Mutex).Unlock < main.a
		55 g3 starts
		60 g1 waits "sleep" time.Sleep < main.a
		64 nobody wakes g1
		65 g1 starts
		66 g1 wakes g4 runtime.chansend1 < main.send < main.a
		67 g4 starts
		68 g4 waits "chan receive" runtime.chanrecv1 < main.recv < main.d
		70 g3 waits "sync" sync.(*Mutex).Lock < main.lock < main.c
		90 end
	`)
	want := []string{
		"-1 chan-recv main.d of main.d <- main.a of main.a: 1/1 66+1",
		"-1 chan-recv main.d of main.d <- end: 1/1 22+0",
		"0 mutex main.c of main.c <- main.a of main.a: 2/0 21+5",
		"0 mutex main.c of main.c <- end: 1/1 20+0",
		"0 mutex main.c of main.c <- main.b of main.b: 1/0 5+2",
		"-1 sleep main.a of main.a <- nobody: 1/0 4+1",
	}
	if diff := cmp.Diff(want, chainsOf(r)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestChainsJoin has the chains of two locks become those of one.
func TestChainsJoin(t *testing.T) {
	_, r := run(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		10 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		30 g1 wakes g2 sync.(*Mutex).Unlock < main.main:5
		31 g2 starts
		40 g3 waits "sync" sync.(*Mutex).Lock < main.b:1
		44 g1 wakes g3 sync.(*Mutex).Unlock < main.main:6
		45 g3 starts
		---
		50 g3 waits "sync" sync.(*Mutex).Lock < main.b:1
		53 g1 wakes g3 sync.(*Mutex).Unlock < main.main:5   # joins them
		54 g3 starts
		60 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		62 g1 wakes g2 sync.(*Mutex).Unlock < main.main:5
		63 g2 starts
		90 end
	`)
	want := []string{
		"0 mutex main.a of main.a <- main.main of main.main: 2/0 22+2", // line 5
		"0 mutex main.b of main.b <- main.main of main.main: 1/0 4+1",  // line 6
		"0 mutex main.b of main.b <- main.main of main.main: 1/0 3+1",
	}
	if diff := cmp.Diff(want, chainsOf(r)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestChainsOfIdle leaves out what is in none of the other numbers: waits for work,
// and those of the runtime.
func TestChainsOfIdle(t *testing.T) {
	script := "0 g1 running main.worker\n0 g2 running main.x\n0 g3 waiting runtime.gopark < runtime.bgsweep\n"
	for i := range 3 {
		script += fmt.Sprintf("%[1]d0 g1 waits \"select\" runtime.selectgo < main.worker\n%[1]d5 g2 wakes g1\n%[1]d6 g1 starts\n", i+1)
	}
	w, r := run(t, script+"99 end")
	if w.IdleWaits != 3 || r.Waits.Chains == nil || len(r.Waits.Chains) != 0 {
		t.Errorf("%d idle waits; chains:\n%s", w.IdleWaits, strings.Join(chainsOf(r), "\n"))
	}
}

// TestChainsAddUp has random queues at several sites, which wakes of later
// generations join, and compares the chains with the stacks of the locks.
func TestChainsAddUp(t *testing.T) {
	for seed := range uint64(100) {
		q := newQueue(seed)
		for i := range 90 {
			if i%15 == 14 {
				fmt.Fprintf(&q.b, "---\n")
			}
			q.step(4)
		}
		w, _ := run(t, q.script())
		sums := make([]report.Tally, len(w.Locks))
		for _, c := range w.Chains {
			sums[c.Lock].Add(c.Tally)
		}
		for i, l := range w.Locks {
			if sums[i] != l.Tally {
				t.Fatalf("seed %d: the chains of lock %d add up to %+v, it has %+v", seed, i, sums[i], l.Tally)
			}
		}
	}
}
