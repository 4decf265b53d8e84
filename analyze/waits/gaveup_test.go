package waits

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestGaveUp has a waiter's context end while others wait for the same
// semaphore: what it waited since the last release is the context's, and for the
// others nothing has happened.
func TestGaveUp(t *testing.T) {
	w, r := run(t, `
		0 g1 running main.a
		0 g2 running main.w
		0 g3 running main.w
		0 g4 running main.w
		0 g5 running main.w
		0 g9 running main.cancel
		10 g2 waits "select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.get
		20 g3 waits "select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.get
		40 g1 wakes g2 runtime.closechan < golang.org/x/sync/semaphore.(*Weighted).notifyWaiters < main.put
		50 g4 waits "select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.get
		55 g5 waits "select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.get
		60 g9 wakes g3 runtime.closechan < context.(*cancelCtx).cancel < main.cancel    # waited since before the last release
		65 g9 wakes g5 runtime.closechan < context.(*cancelCtx).cancel < main.cancel    # and since after it
		80 g1 wakes g4 runtime.closechan < golang.org/x/sync/semaphore.(*Weighted).notifyWaiters < main.put
		90 end
	`)
	if len(w.Locks) != 1 || w.Locks[0].Waiters != 4 || w.Locks[0].BlockedNS != 30+40+30+10 || w.Locks[0].Waits != 4 || w.Locks[0].GaveUp != 2 || w.Locks[0].Kinds[0] != "semaphore" {
		t.Fatalf("locks are %+v", w.Locks)
	}
	// main.put: 30 and 20 up to 40, and 30 up to 80; main.cancel: 20 and 10.
	if diff := cmp.Diff([]string{"main.put 2 80", "main.cancel 0 30"}, blame(r, w.Locks[0])); diff != "" {
		t.Error(diff)
	}
}

// TestGaveUpJoined has two semaphores, of which some gave up waiting, turn out to
// be one.
func TestGaveUpJoined(t *testing.T) {
	const acquire = ` waits "select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.`
	const release = ` runtime.closechan < golang.org/x/sync/semaphore.(*Weighted).Release < main.put`
	w, r := run(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		0 g4 running main.b
		0 g5 running main.c
		10 g2`+acquire+`a
		20 g3`+acquire+`b
		30 g4`+acquire+`b
		40 g1 wakes g2 runtime.closechan < context.(*cancelCtx).cancel < main.main
		50 g1 wakes g3 runtime.closechan < main.ownContext < main.main      # one of the program's own
		51 g2 starts
		52 g2`+acquire+`a
		60 nobody wakes g4
		61 g4 starts
		62 g4`+acquire+`b
		---
		70 g1 wakes g2`+release+`
		80 g1 wakes g4`+release+`
		90 end
	`)
	if len(w.Locks) != 1 || w.Locks[0].GaveUp != 3 || w.Locks[0].Waits != 5 {
		t.Fatalf("locks are %+v", w.Locks)
	}
	want := []string{"main.put 2 36", "main.main 0 30", "main.main 0 30", "- 0 30"}
	if diff := cmp.Diff(want, blame(r, w.Locks[0]), cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Error(diff)
	}
}
