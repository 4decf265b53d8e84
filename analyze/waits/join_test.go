package waits

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestJoinTakesOver joins two locks that both were waited for before.
func TestJoinTakesOver(t *testing.T) {
	w, r := run(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		1 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		11 g1 wakes g2 sync.(*Mutex).Unlock < main.main:5
		12 g2 starts
		20 g2 waits "sync" sync.(*RWMutex).RLock < main.b:1
		50 g1 wakes g2 sync.(*RWMutex).Unlock < main.main:6
		51 g2 starts
		52 g3 waits "sync" sync.(*RWMutex).RLock < main.b:1
		56 g1 wakes g3 sync.(*RWMutex).Unlock < main.main:6
		57 g3 starts
		---
		60 g3 waits "sync" sync.(*Mutex).Lock < main.a:1
		70 g1 wakes g3 sync.(*Mutex).Unlock < main.main:6   # joins a with b
		71 g3 starts
		80 end
	`)
	if len(w.Locks) != 1 {
		t.Fatalf("%d locks", len(w.Locks))
	}
	l := w.Locks[0]
	if l.Waits != 4 || l.Waiters != 2 || l.BlockedNS != 54 || l.MaxNS != 30 || !slices.Equal(l.Kinds, []string{"mutex", "rwmutex-r"}) {
		t.Errorf("lock is %+v", l)
	}
	var wakes int64
	for _, rel := range l.Releases {
		wakes += rel.Wakes
	}
	if wakes != 4 {
		t.Errorf("%d wakes: %v", wakes, blame(r, l))
	}
}

// TestJoinTwice joins three locks one after the other, before any of them is
// woken again: what is settled is charged to the last wake of all.
func TestJoinTwice(t *testing.T) {
	w, r := run(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		0 g4 running main.c
		10 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		11 g4 waits "sync" sync.(*Mutex).Lock < main.c:1
		---
		12 g3 waits "sync" sync.(*Mutex).Lock < main.b:1
		20 g1 wakes g3 sync.(*Mutex).Unlock < main.r6
		21 g3 starts
		---
		40 g1 wakes g2 sync.(*Mutex).Unlock < main.r6
		41 g2 starts
		50 g1 wakes g4 sync.(*Mutex).Unlock < main.r6
		51 g4 starts
		60 end
	`)
	if len(w.Locks) != 1 {
		t.Fatalf("%d locks", len(w.Locks))
	}
	if diff := cmp.Diff([]string{"main.r6 3 77"}, blame(r, w.Locks[0])); diff != "" {
		t.Error(diff)
	}
}

// TestJoinLate has a wait be in progress for long when its site is joined: what
// is charged for it then is told as late, though it is not over.
func TestJoinLate(t *testing.T) {
	w, r := run(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		10 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		900 g3 waits "sync" sync.(*Mutex).Lock < main.b:1
		910 g1 wakes g3 sync.(*Mutex).Unlock < main.x
		911 g3 starts
		920 g3 ends
		---
		1000 g1 wakes g2 sync.(*Mutex).Unlock < main.x
		1001 g2 starts
		1010 end
	`)
	l := w.Locks[0]
	if diff := cmp.Diff([]string{"main.x 2 1000"}, blame(r, l)); diff != "" || l.JoinedLateNS != 10+900 || l.Waiters != 2 {
		t.Errorf("%+v: -want +got:\n%s", l, diff)
	}
}

// TestJoinInferred has a slow reader keep a writer, and a reader behind that one,
// waiting. Which lock the writer waited for is inferred, and the report says so.
func TestJoinInferred(t *testing.T) {
	w, r := run(t, `
		0 g1 running main.slow
		0 g2 running main.write
		0 g3 running main.read
		10 g2 waits "sync" sync.(*RWMutex).Lock < main.write:1
		20 g3 waits "sync" sync.(*RWMutex).RLock < main.read:1
		50 g1 wakes g2 sync.(*RWMutex).RUnlock < main.slow:2
		51 g2 starts
		60 g2 wakes g3 sync.(*RWMutex).Unlock < main.write:3
		61 g3 starts
		70 end
	`)
	if len(w.Locks) != 1 || !w.Locks[0].Inferred {
		t.Fatalf("locks are %+v", w.Locks)
	}
	if diff := cmp.Diff([]string{"main.slow 1 70", "main.write 1 10"}, blame(r, w.Locks[0])); diff != "" {
		t.Error(diff)
	}
}

// TestWaitersOfOpenWaits has one goroutine wait twice at each place.
func TestWaitersOfOpenWaits(t *testing.T) {
	w, _ := run(t, `
		0 g1 running main.a
		0 g2 running main.b
		1 g2 waits "sync" sync.(*Mutex).Lock < main.lock
		2 g1 wakes g2 sync.(*Mutex).Unlock < main.a
		3 g2 starts
		4 g2 waits "sync" sync.(*Mutex).Lock < main.lock
		9 end
	`)
	if l := w.Locks[0]; l.Waiters != 1 || l.Waits != 2 {
		t.Errorf("lock is %+v", l)
	}
}

// TestWakeAtOnce wakes a waiter in the nanosecond in which it blocked.
func TestWakeAtOnce(t *testing.T) {
	w, r := run(t, `
		0 g1 running main.a
		0 g2 running main.b
		1 g2 waits "sync" sync.(*Mutex).Lock < main.lock
		1 g1 wakes g2 sync.(*Mutex).Unlock < main.a
		3 g2 starts
		9 end
	`)
	if diff := cmp.Diff([]string{"main.a 1 0"}, blame(r, w.Locks[0])); diff != "" {
		t.Error(diff)
	}
}

// TestOpenSiteHasNoWaker: the end of the trace is no wake.
func TestOpenSiteHasNoWaker(t *testing.T) {
	w, _ := run(t, `
		0 g1 running main.a
		1 g1 waits "sleep" time.Sleep < main.a
		9 end
	`)
	if k := w.Sites[0].Wakers; len(k) != 1 || k[0].Wakes != 0 || k[0].BlockedNS != 8 {
		t.Errorf("wakers are %+v", k)
	}
}

// TestNoStackIsNoPlace: wakes without a stack join nothing.
func TestNoStackIsNoPlace(t *testing.T) {
	w, _ := run(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		1 g2 waits "sync" sync.(*Mutex).Lock < main.a
		2 g3 waits "sync" sync.(*Mutex).Lock < main.b
		3 nobody wakes g2
		4 nobody wakes g3
		9 end
	`)
	if len(w.Locks) != 2 {
		t.Errorf("%d locks", len(w.Locks))
	}
}

// TestLockWaitThenChannel: the wake from a channel, after a lock wait of the same
// goroutine, joins nothing either.
func TestLockWaitThenChannel(t *testing.T) {
	w, _ := run(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		1 g2 waits "sync" sync.(*Mutex).Lock < main.a
		2 g1 wakes g2 sync.(*Mutex).Unlock < main.main:1
		3 g2 starts
		4 g2 waits "chan receive" runtime.chanrecv1 < main.x < main.a
		5 g1 wakes g2 runtime.chansend1 < main.main:2
		6 g3 waits "sync" sync.(*Mutex).Lock < main.b
		7 g1 wakes g3 sync.(*Mutex).Unlock < main.main:2
		9 end
	`)
	if len(w.Locks) != 2 {
		t.Errorf("%d locks", len(w.Locks))
	}
}
