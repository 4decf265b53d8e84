package timeline_test

import (
	"strings"
	"testing"

	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/timeline"
)

// locksSeen collects the locks that waits are for when they are over, and
// whether any were inferred to be one.
type locksSeen struct {
	timeline.Ignore
	ids      map[timeline.LockID]bool
	inferred bool
}

func (l *locksSeen) Joined(j timeline.Join) { l.inferred = l.inferred || j.Inferred }

func (l *locksSeen) LockBlocked(*timeline.Wait) {}

func (l *locksSeen) LockWoken(*timeline.Wait) {}

func (l *locksSeen) LockDone(w *timeline.Wait) { l.ids[w.Lock] = true }

// TestBehindWriter has reader g1 hold an RWMutex and writer g2 wait for it, while
// reader g3 queues. No wake joins what the writer waited for with what it
// released; that it kept g3 out does.
func TestBehindWriter(t *testing.T) {
	const (
		running = "0 g1 running main.slow\n0 g2 running main.f\n0 g3 running main.read\n"
		write   = "10 g2 waits \"sync\" sync.(*RWMutex).Lock < main.write:1 < main.f:7\n"
		read    = "20 g3 waits \"sync\" sync.(*RWMutex).RLock < main.read:1\n"
		left    = "50 g1 wakes g2 sync.(*RWMutex).RUnlock < main.slow:2\n51 g2 starts\n"
		written = "60 g2 wakes g3 sync.(*RWMutex).Unlock < main.write:3 < main.f:7\n61 g3 starts\n"
		ends    = "70 g2 ends\n"
		begin   = "---\n"
	)
	tests := []struct {
		name, script string
		locks        int
		inferred     bool
	}{
		{"a writer that waits once", running + write + read + left + written, 1, true},
		{"where a wake says so, nothing is inferred", running + write + read + left + written +
			"70 g3 waits \"sync\" sync.(*RWMutex).Lock < main.write:1 < main.f:7\n" +
			"80 g2 wakes g3 sync.(*RWMutex).Unlock < main.write:3 < main.f:7\n81 g3 starts\n", 1, false},
		{"in three generations", running + write + begin + read + left + begin + written + ends, 1, true},
		{"unlocked by a deferred call", running + write + read + left +
			"60 g2 wakes g3 sync.(*RWMutex).Unlock < runtime.deferreturn < main.write:4 < main.f:7\n61 g3 starts\n", 1, true},
		{"the reader came first, so that the writer held another lock when it began to wait",
			running + "5 g3 waits \"sync\" sync.(*RWMutex).RLock < main.read:1\n" + write + left + written, 2, false},
		{"the reader came when the writer waited no more",
			running + write + left + "55 g3 waits \"sync\" sync.(*RWMutex).RLock < main.read:1\n" + written, 2, false},
		{"nobody knows which of them came first", "0 g1 running main.slow\n" +
			"20 g2 waiting runtime.gopark < sync.runtime_SemacquireRWMutex < sync.(*RWMutex).Lock < main.write:1 < main.f:7\n" +
			"30 g3 waiting runtime.gopark < sync.runtime_SemacquireRWMutexR < sync.(*RWMutex).RLock < main.read:1\n" + left + written, 2, false},
		{"released in another function", running + write + read + left +
			"60 g2 wakes g3 sync.(*RWMutex).Unlock < main.other:3 < main.f:7\n61 g3 starts\n", 2, false},
		{"released in another call of the function", running + write + read + left +
			"60 g2 wakes g3 sync.(*RWMutex).Unlock < main.write:3 < main.f:8\n61 g3 starts\n", 2, false},
		{"the writer's first release, of two in one call, is that of the lock it waited for", running +
			"0 g4 running main.other\n" + write + read + "25 g4 waits \"sync\" sync.(*RWMutex).RLock < main.other:1\n" + left +
			"55 g2 wakes g4 sync.(*RWMutex).Unlock < main.write:2 < main.f:7\n56 g4 starts\n" + written, 2, true},
		{"a plain mutex released before is none of the two", running +
			"0 g4 running main.other\n" + write + read + "25 g4 waits \"sync\" sync.(*Mutex).Lock < main.other:1\n" + left +
			"55 g2 wakes g4 sync.(*Mutex).Unlock < main.write:2 < main.f:7\n56 g4 starts\n" + written, 2, true},
		{"released by another writer", running + "0 g4 running main.f\n" + write + read + left +
			"60 g4 wakes g3 sync.(*RWMutex).Unlock < main.write:3 < main.f:7\n61 g3 starts\n", 2, false},
		{"a writer that waits for a writer keeps nobody out", running +
			"10 g2 waits \"sync\" sync.(*Mutex).Lock < sync.(*RWMutex).Lock < main.write:1 < main.f:7\n" + read +
			"50 g1 wakes g2 sync.(*Mutex).Unlock < sync.(*RWMutex).Unlock < main.slow:2\n51 g2 starts\n" + written, 2, false},
	}
	for _, tt := range tests {
		src, err := decodetest.Parse(tt.script)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		seen := &locksSeen{ids: make(map[timeline.LockID]bool)}
		if _, err := timeline.Run(src, seen); err != nil {
			t.Fatal(err)
		}
		if len(seen.ids) != tt.locks {
			t.Errorf("%s: %d locks, want %d", tt.name, len(seen.ids), tt.locks)
		}
		if seen.inferred != tt.inferred {
			t.Errorf("%s: inferred is %v", tt.name, seen.inferred)
		}
	}
}

// TestGaveUpJoinsNothing has the waiters of two semaphores be woken by one
// place that ends contexts: they remain two.
func TestGaveUpJoinsNothing(t *testing.T) {
	src, err := decodetest.Parse(`
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		10 g2 waits "select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.a
		11 g3 waits "select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.b
		20 g1 wakes g2 runtime.closechan < context.(*cancelCtx).cancel < main.main
		21 g1 wakes g3 runtime.closechan < context.(*cancelCtx).cancel < main.main
		90 end
	`)
	if err != nil {
		t.Fatal(err)
	}
	l := &locksSeen{ids: make(map[timeline.LockID]bool)}
	if _, err := timeline.Run(src, l); err != nil {
		t.Fatal(err)
	}
	if len(l.ids) != 2 {
		t.Errorf("%d locks", len(l.ids))
	}
}

// TestMutexInside has the mutexes inside a semaphore and a context be waited for:
// they are locks of their own, and are released and not given up.
func TestMutexInside(t *testing.T) {
	lines, _ := tell(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.a
		10 g2 waits "select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.a
		11 g3 waits "sync" sync.(*Mutex).Lock < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.a
		20 g1 wakes g3 sync.(*Mutex).Unlock < context.(*cancelCtx).cancel < main.main
		30 g1 wakes g2 runtime.closechan < golang.org/x/sync/semaphore.(*Weighted).Release < main.main
		40 end
	`)
	got := strings.Join(lines, "\n")
	ids := make(map[string]string)
	for _, line := range lines {
		if what, id, ok := strings.Cut(line, " lock "); ok {
			ids[what] = id
		}
	}
	semaphore, mutex := ids["10 blocked g2 semaphore at main.a:1"], ids["11 blocked g3 mutex at main.a:1"]
	if semaphore == "" || mutex == "" || semaphore == mutex {
		t.Errorf("the semaphore is lock %q, the mutex %q, in\n%s", semaphore, mutex, got)
	}
	if strings.Contains(got, "gave up") {
		t.Error(got)
	}
}
