package timeline

import (
	"strings"
	"testing"
)

// TestClassify holds the table of kinds to stacks that were read off real
// traces, of Go 1.22 to 1.26.
func TestClassify(t *testing.T) {
	tests := []struct {
		reason, stack string
		want          Kind
	}{
		{"sync", "sync.(*Mutex).Lock < main.f", Mutex},
		{"sync", "sync.(*Mutex).Lock < sync.(*Cond).Wait < main.f", Mutex},
		{"sync", "internal/sync.(*HashTrieMap[...]).Swap < sync.(*Map).Store < main.f", Mutex},
		{"sync", "internal/poll.(*fdMutex).rwlock < internal/poll.(*FD).Write < net.(*netFD).Write", Mutex},
		{"sync", "internal/poll.(*FD).Close < net.(*netFD).Close < net.(*conn).Close", Network},
		{"sync", "sync.(*RWMutex).RLock < main.f", RWMutexR},
		{"sync", "sync.(*RWMutex).Lock < main.f", RWMutexW},
		{"sync", "sync.(*Mutex).Lock < sync.(*RWMutex).Lock < main.f", RWMutexW},
		{"sync", "sync.(*WaitGroup).Wait < main.f", WaitGroup},
		{"sync", "sync.(*Mutex).Lock < sync.(*Once).doSlow < sync.(*Once).Do < main.f", Once},
		{"sync", "runtime.gcStart < runtime.mallocgc < main.f", GC},
		{"sync", "runtime.stopTheWorld < runtime.GOMAXPROCS < main.f", System},
		{"sync", "", Other},
		{"sync.(*Cond).Wait", "sync.(*Cond).Wait < main.f", Cond},
		{"chan receive", "runtime.chanrecv1 < main.f", ChanRecv},
		{"chan receive", "runtime.chanrecv2 < main.f", ChanRecv},
		{"chan receive", "runtime.chanrecv1 < runtime.gcBgMarkStartWorkers < runtime.gcStart < main.f", GC},
		{"chan receive", "runtime.chanrecv1 < runtime.(*wakeableSleep).sleep < runtime.x", System},
		{"chan send", "runtime.chansend1 < main.f", ChanSend},
		{"select", "runtime.selectgo < main.f", Select},
		{"select", "runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.f", Semaphore},
		{"sync", "sync.(*Mutex).Lock < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.f", Mutex},
		{"select", "runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < " +
			"tracekit/demos/threading.(*Semaphore).Acquire < main.f", Semaphore},
		{"chan send", "runtime.chansend1 < tracekit/demos/threading.slot.take < tracekit/demos/threading.(*Lock).Acquire < main.f", Lock},
		{"select", "runtime.selectgo < tracekit/demos/threading.slot.takeContext < " +
			"tracekit/demos/threading.(*Lock).AcquireContext < main.f", Lock},
		{"chan send", "runtime.chansend1 < tracekit/demos/threading.slot.take < tracekit/demos/threading.(*Lock).restore < " +
			"tracekit/demos/threading.(*Condition).Wait < main.f", Lock},
		{"chan send", "runtime.chansend1 < tracekit/demos/threading.slot.take < tracekit/demos/threading.(*RLock).Acquire < main.f", RLock},
		{"chan send", "runtime.chansend1 < tracekit/demos/threading.slot.take < tracekit/demos/threading.(*GIL).Tick < main.f", GIL},
		{"chan send", "runtime.chansend1 < tracekit/demos/threading.slot.take < tracekit/demos/threading.(*GIL).IO.deferwrap1 < " +
			"tracekit/demos/threading.(*GIL).IO < main.f", GIL},
		{"select", "runtime.selectgo < tracekit/demos/threading.(*Condition).Wait < main.f", Condition},
		{"sync", "sync.(*Mutex).Lock < tracekit/demos/threading.(*waiting).enter < tracekit/demos/threading.(*Condition).Wait < main.f", Mutex},
		{"preempted", "main.f < tracekit/demos/threading.(*Condition).WaitFor < main.g", GC},
		{"GC mark assist wait for work", "context.Background < tracekit/demos/threading.(*Semaphore).Acquire < main.f", GC},
		{"select", "runtime.selectgo < tracekit/demos/threading.(*Event).Wait < main.f", Event},
		{"select", "runtime.selectgo < tracekit/demos/threading.(*Timer).Run < tracekit/demos/threading.(*life).run", Event},
		{"select", "runtime.selectgo < tracekit/demos/threading.(*Barrier).Wait < main.f", Barrier},
		{"select", "runtime.selectgo < tracekit/demos/threading.(*Thread).Join < main.f", WaitGroup},
		{"chan receive", "runtime.chanrecv1 < tracekit/demos/threading.Wait < main.f", WaitGroup},
		{"chan send", "runtime.chansend1 < tracekit/demos/threading.slot.take < tracekit/demos/threading.(*BoundedSemaphore).Acquire < main.f", Semaphore},
		{"chan send", "runtime.chansend1 < main.f < tracekit/demos/threading.(*Lock).With < main.g", ChanSend},
		{"select", "runtime.selectgo < runtime/trace.tracekitStop < runtime/trace.tracekitExit < internal/runtime/exithook.Run", Recording},
		{"forever", "runtime.block < main.f", Select},
		{"forever", "runtime.chanrecv1 < main.f", ChanRecv},
		{"forever", "runtime.chansend1 < main.f", ChanSend},
		{"sleep", "time.Sleep < main.f", Sleep},
		{"network", "internal/poll.(*FD).Read < net.(*netFD).Read", Network},
		{"preempted", "main.f", GC},
		{"GC mark assist wait for work", "main.f", GC},
		{"wait until GC ends", "runtime.GC < main.f", GC},
		{"system goroutine wait", "runtime.gopark < runtime.gcBgMarkWorker", System},
		{"coroutine", "iter.Pull < main.f", Other},
		{"a reason of a later Go", "main.f", Other},
		{"unspecified", "runtime.goparkunlock < runtime.gcWaitOnMark < runtime.GC < main.f", GC},
		// Waits that began before the trace: no reason, and the parked stack.
		{"", "", Other},
		{"", "runtime.gopark < runtime.goparkunlock < runtime.semacquire1 < internal/sync.runtime_SemacquireMutex < " +
			"internal/sync.(*Mutex).lockSlow < internal/sync.(*Mutex).Lock < sync.(*Mutex).Lock < main.f", Mutex},
		{"", "runtime.gopark < runtime.goparkunlock < runtime.semacquire1 < sync.runtime_SemacquireMutex < " +
			"sync.(*Mutex).lockSlow < sync.(*Mutex).Lock < main.f", Mutex},
		{"", "runtime.gopark < runtime.goparkunlock < runtime.semacquire1 < sync.runtime_SemacquireRWMutexR < " +
			"sync.(*RWMutex).RLock < main.f", RWMutexR},
		{"", "runtime.gopark < runtime.goparkunlock < runtime.semacquire1 < sync.runtime_SemacquireWaitGroup < " +
			"sync.(*WaitGroup).Wait < main.f", WaitGroup},
		{"", "runtime.gopark < runtime.goparkunlock < sync.runtime_notifyListWait < sync.(*Cond).Wait < main.f", Cond},
		{"", "runtime.gopark < runtime.chanrecv < runtime.chanrecv1 < main.f", ChanRecv},
		{"", "runtime.gopark < runtime.chansend < runtime.chansend1 < main.f", ChanSend},
		{"", "runtime.gopark < runtime.chansend < runtime.chansend1 < tracekit/demos/threading.slot.take < " +
			"tracekit/demos/threading.(*Lock).Acquire < main.f", Lock},
		{"", "runtime.gopark < runtime.selectgo < tracekit/demos/threading.(*Barrier).Wait < main.f", Barrier},
		{"", "runtime.gopark < runtime.selectgo < main.f", Select},
		{"", "runtime.gopark < runtime.block < main.f", Select},
		{"", "runtime.gopark < time.Sleep < main.f", Sleep},
		{"", "runtime.gopark < runtime.netpollblock < internal/poll.runtime_pollWait < internal/poll.(*pollDesc).wait", Network},
	}
	for _, tt := range tests {
		var stack []string
		if tt.stack != "" {
			stack = strings.Split(tt.stack, " < ")
		}
		if got := classify(tt.reason, stack); got != tt.want {
			t.Errorf("classify(%q, %s) = %v, want %v", tt.reason, tt.stack, got, tt.want)
		}
	}
}

func TestKindFamilies(t *testing.T) {
	locks := map[Kind]bool{Mutex: true, RWMutexR: true, RWMutexW: true, Lock: true, RLock: true, GIL: true, Semaphore: true}
	for k := range Kinds {
		if k.IsLock() != locks[k] {
			t.Errorf("%v: IsLock %v", k, k.IsLock())
		}
		// A sync.Mutex, and so the one in an RWMutex, can be taken before who
		// was woken for it runs.
		if k.HandsOver() != (locks[k] && k != Mutex && k != RWMutexW) {
			t.Errorf("%v: HandsOver %v", k, k.HandsOver())
		}
		if k.String() == "" || k.String() == "invalid" {
			t.Errorf("kind %d has no word", k)
		}
	}
}
