package analyze

import (
	"fmt"
	"strings"
	"testing"

	"tracekit/analyze/decode/decodetest"
)

// TestSplitLocks has three goroutines use one mutex, each in a function of its
// own, so that no wake joins the sites of all. The report has two locks, and
// says that they may be one.
func TestSplitLocks(t *testing.T) {
	r := built(t, decodetest.MustParse(`
		0 g1 running main.a
		0 g2 running main.b
		0 g3 running main.c
		1 g2 waits "sync" sync.(*Mutex).Lock < main.b:1
		2 g3 waits "sync" sync.(*Mutex).Lock < main.c:1
		10 g1 wakes g2 sync.(*Mutex).Unlock < main.a:3
		11 g2 starts
		20 g2 wakes g3 sync.(*Mutex).Unlock < main.b:3
		21 g3 starts
		30 end
	`))
	if len(r.Waits.Locks) != 2 {
		t.Fatalf("locks are %+v", r.Waits.Locks)
	}
	var texts []string
	for _, c := range r.Caveats {
		if c.Code == "lock-split" {
			texts = append(texts, c.Text)
		}
	}
	// The wait of c is the longer one: its lock is the first.
	if len(texts) != 1 || !strings.HasPrefix(texts[0], "main.b waits for lock 1 and releases lock 0:") {
		t.Errorf("caveats are %q", texts)
	}
}

// TestSeveralLocks has two locks of a kind that are taken at one site: who comes last is
// served first, again and again.
func TestSeveralLocks(t *testing.T) {
	for _, at := range [][2]string{
		{`"sync" sync.(*Mutex).Lock`, "sync.(*Mutex).Unlock"},
		{`"select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire`, "golang.org/x/sync/semaphore.(*Weighted).Release"},
	} {
		testSeveralLocks(t, at[0], at[1])
	}
}

func testSeveralLocks(t *testing.T, acquire, release string) {
	t.Helper()
	var script strings.Builder
	fmt.Fprintf(&script, "0 g1 running main.main\n0 g2 running main.w\n1 g2 waits %s < main.get\n", acquire)
	for i := range 4 {
		g, now := 10+i, 2_000_000*(i+1)
		fmt.Fprintf(&script, "%d g1 creates g%d main.w @ main.main\n%d g%d starts\n", now, g, now+1, g)
		fmt.Fprintf(&script, "%d g%d waits %s < main.get\n", now+2, g, acquire)
		fmt.Fprintf(&script, "%d g1 wakes g%d %s < main.put\n%d g%d starts\n", now+3, g, release, now+4, g)
	}
	r := built(t, decodetest.MustParse(script.String()))
	if o := r.Order.Locks[0]; o.OutOfTurn != 4 || o.Overtakes != 4 {
		t.Errorf("order is %+v", o)
	}
	var about []string
	for _, c := range r.Caveats {
		if c.Code == "several-locks" {
			about = append(about, c.About)
		}
	}
	if strings.Join(about, " ") != "waits.locks order.locks" {
		t.Errorf("caveats are about %q", about)
	}
}

// TestNotSplit has one function use two mutexes, and release both.
func TestNotSplit(t *testing.T) {
	r := built(t, decodetest.MustParse(`
		0 g1 running main.a
		0 g2 running main.a
		0 g3 running main.a
		1 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		2 g3 waits "sync" sync.(*Mutex).Lock < main.a:2
		10 g1 wakes g3 sync.(*Mutex).Unlock < main.a:3
		20 g1 wakes g2 sync.(*Mutex).Unlock < main.a:4
		21 g2 starts
		22 g3 starts
		30 end
	`))
	if len(r.Waits.Locks) != 2 {
		t.Fatalf("locks are %+v", r.Waits.Locks)
	}
	for _, c := range r.Caveats {
		if c.Code == "lock-split" {
			t.Errorf("caveat %+v", c)
		}
	}
}

// TestOutOfTurnOfRetry has a goroutine that tries again be passed over for 1 ms,
// which is out of turn and, as its place in the queue is not known, no overtake.
func TestOutOfTurnOfRetry(t *testing.T) {
	r := built(t, decodetest.MustParse(`
		0 g1 running main.main
		0 g2 running main.w
		0 g3 running main.w
		10 g2 waits "sync" sync.(*Mutex).Lock < main.get
		20 g1 wakes g2 sync.(*Mutex).Unlock < main.main
		21 g2 starts
		22 g2 waits "sync" sync.(*Mutex).Lock < main.get
		1000022 g3 waits "sync" sync.(*Mutex).Lock < main.get
		1000030 g1 wakes g3 sync.(*Mutex).Unlock < main.main
		1000031 g3 starts
		1000040 end
	`))
	if o := r.Order.Locks[0]; o.OutOfTurn != 1 || o.Overtakes != 0 || o.Retries != 0 || o.Handovers != 2 {
		t.Errorf("order is %+v", o)
	}
}

// TestInferredLock has a writer keep a reader out while it waits for another.
func TestInferredLock(t *testing.T) {
	r := built(t, decodetest.MustParse(`
		0 g1 running main.read
		0 g2 running main.write
		0 g3 running main.read
		10 g2 waits "sync" sync.(*RWMutex).Lock < main.write:1
		20 g3 waits "sync" sync.(*RWMutex).RLock < main.read:1
		50 g1 wakes g2 sync.(*RWMutex).RUnlock < main.read:3
		51 g2 starts
		60 g2 wakes g3 sync.(*RWMutex).Unlock < main.write:3
		61 g3 starts
		70 end
	`))
	var texts []string
	for _, c := range r.Caveats {
		if c.Code == "lock-inferred" || c.Code == "lock-split" {
			texts = append(texts, c.Text)
		}
	}
	if len(texts) != 1 || !strings.HasPrefix(texts[0], "that the sites of lock 0 are of one RWMutex follows") {
		t.Errorf("caveats are %q", texts)
	}
}
