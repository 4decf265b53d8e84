package waits

import (
	"testing"

	"github.com/google/go-cmp/cmp"
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
	if len(w.Locks) != 1 || w.Locks[0].BlockedNS != 30+40+30+10 || w.Locks[0].Waits != 4 || w.Locks[0].GaveUp != 2 || w.Locks[0].Kinds[0] != "semaphore" {
		t.Fatalf("locks are %+v", w.Locks)
	}
	// main.put: 30 and 20 up to 40, and 30 up to 80; main.cancel: 20 and 10.
	if diff := cmp.Diff([]string{"main.put 2 80", "main.cancel 0 30"}, blame(r, w.Locks[0])); diff != "" {
		t.Error(diff)
	}
}
