package timeline

import (
	"strings"

	"tracekit/analyze/decode"
)

// Kind says what was waited on.
type Kind uint8

// The kinds of waits. Up to Semaphore they are lock waits, and up to Select sync
// waits, which one goroutine ends for another. Those of threading are for the
// objects of that package of the demos.
const (
	Mutex     Kind = iota
	RWMutexR       // a reader that waits for a writer
	RWMutexW       // a writer that waits for readers or another writer
	Lock           // of threading
	RLock          // of threading
	GIL            // of threading
	Semaphore      // of golang.org/x/sync, or threading
	WaitGroup      //
	Cond           //
	Once           //
	Condition      // of threading
	Event          // of threading
	Barrier        // of threading
	ChanSend       //
	ChanRecv       //
	Select         //
	Sleep          //
	Network        // the network poller: sockets, pipes, some files
	GC             // the garbage collector
	System         // the runtime's own affairs
	Other          // a coroutine switch, or a wait of which the trace says too little
	Recording      // for the recorder, as a program exits
	Kinds          // the number of kinds
)

var kindNames = [Kinds]string{
	"mutex", "rwmutex-r", "rwmutex-w", "lock", "rlock", "gil", "semaphore",
	"waitgroup", "cond", "once", "condition", "event", "barrier", "chan-send", "chan-recv", "select",
	"sleep", "network", "gc", "system", "other", "recording",
}

// String returns the word for k that reports use.
func (k Kind) String() string {
	if k < Kinds {
		return kindNames[k]
	}
	return "invalid"
}

// IsLock reports whether k is a kind of lock wait.
func (k Kind) IsLock() bool { return k <= Semaphore }

// IsSync reports whether k is a kind of sync wait.
func (k Kind) IsSync() bool { return k <= Select }

// OfChannels reports whether k is a kind of lock that is built of channels. Who is
// woken for it has it, unless something other than its release did that: a
// context which is done.
func (k Kind) OfChannels() bool { return k >= Lock && k <= Semaphore }

// HandsOver reports whether a release that wakes a waiter of kind k gives it what
// it waited for. One that is woken for a sync.Mutex may find it taken again.
func (k Kind) HandsOver() bool { return k == RWMutexR || k.OfChannels() }

// family returns the kind that stands for all that one lock can be waited for as.
func (k Kind) family() Kind {
	if k <= RWMutexW {
		return Mutex
	}
	return k
}

// threading begins the names of the functions of that package.
const threading = "tracekit/demos/threading."

// rules is the table of kinds: the first rule that fits a wait decides. reason
// is the runtime's word; stack is the beginning of the waiter's stack, leaf
// first, where a * at the end of a name stands for anything.
//
// The reason "sync" covers sync.Mutex and its kin, the mutexes of internal/poll
// and the runtime's own semaphores alike: only the stack tells them apart. And so
// it is with what packages build of channels.
var rules = []struct {
	reason string
	stack  []string
	kind   Kind
}{
	{"sync", []string{"sync.(*Mutex).Lock", "sync.(*RWMutex).Lock"}, RWMutexW},
	{"sync", []string{"sync.(*Mutex).Lock", "sync.(*Once).doSlow"}, Once},
	{"sync", []string{"sync.(*RWMutex).RLock"}, RWMutexR},
	{"sync", []string{"sync.(*RWMutex).Lock"}, RWMutexW},
	{"sync", []string{"sync.(*WaitGroup).Wait"}, WaitGroup},
	{"sync", []string{"internal/poll.(*FD).Close"}, Network}, // for what is under way to end
	{"sync", []string{"runtime.gc*"}, GC},
	{"sync", []string{"runtime.*"}, System},
	{"sync", []string{"*"}, Mutex},
	{"sync.(*Cond).Wait", nil, Cond},
	{"GC *", nil, GC},
	{"wait until GC ends", nil, GC},
	{"preempted", nil, GC}, // so that its stack can be scanned
	{"*", []string{"*", "runtime/trace.tracekit*"}, Recording},
	{"select", []string{"*", "golang.org/x/sync/semaphore.(*Weighted).Acquire"}, Semaphore},
	{"*", []string{"*", threading + "slot.*", threading + "(*BoundedSemaphore).*"}, Semaphore},
	{"*", []string{"*", threading + "slot.*", threading + "(*Lock).*"}, Lock},
	{"*", []string{"*", threading + "slot.*", threading + "(*RLock).*"}, RLock},
	{"*", []string{"*", threading + "slot.*", threading + "(*GIL).*"}, GIL},
	{"*", []string{"*", threading + "(*Condition).*"}, Condition},
	{"*", []string{"*", threading + "(*Event).*"}, Event},
	{"*", []string{"*", threading + "(*Timer).*"}, Event}, // of being cancelled
	{"*", []string{"*", threading + "(*Barrier).*"}, Barrier},
	{"*", []string{"*", threading + "(*Thread).Join"}, WaitGroup}, // for a goroutine to end
	{"*", []string{"*", threading + "Wait"}, WaitGroup},
	{"chan receive", []string{"*", "runtime.gc*"}, GC},
	{"chan receive", []string{"*", "runtime.*"}, System},
	{"chan receive", nil, ChanRecv},
	{"chan send", []string{"*", "runtime.*"}, System},
	{"chan send", nil, ChanSend},
	{"select", nil, Select},
	{"forever", []string{"runtime.chanrecv*"}, ChanRecv},
	{"forever", []string{"runtime.chansend*"}, ChanSend},
	{"forever", nil, Select},
	{"sleep", nil, Sleep},
	{"network", nil, Network},
	{"system goroutine wait", nil, System},
	{"wait for debug call", nil, System},
	{"", []string{"runtime.gc*"}, GC},
	{"*", nil, Other},
}

// plumbing names the functions that can stand between the place that blocks and
// the parked goroutine. The stack of a block leaves them out; that of a
// goroutine which was found waiting does not, but lacks the reason, which is
// read off them.
var plumbing = []struct{ function, reason string }{
	{"runtime.gopark", ""},
	{"runtime.goparkunlock", ""},
	{"runtime.semacquire1", "sync"},
	{"runtime.semacquire", "sync"},
	{"sync.runtime_notifyListWait", "sync.(*Cond).Wait"},
	{"sync.runtime_*", "sync"},
	{"internal/sync.runtime_*", "sync"},
	{"internal/poll.runtime_Semacquire", "sync"},
	{"internal/sync.(*Mutex).*", "sync"},
	{"sync.(*Mutex).lockSlow", "sync"},
	{"runtime.chanrecv", "chan receive"},
	{"runtime.chansend", "chan send"},
	{"runtime.netpollblock", "network"},
	{"internal/poll.runtime_pollWait", "network"},
}

// leaves tells the reason of a goroutine found waiting by its first function
// behind the plumbing, where that has not told it.
var leaves = []struct{ function, reason string }{
	{"runtime.selectgo", "select"},
	{"runtime.block", "forever"},
	{"time.Sleep", "sleep"},
}

type askKey struct {
	reason decode.StringID
	stack  StackID
}

// ask returns what a stack waits for, by the reason, which is empty where the wait
// began before the trace. A stack has the same reason most of the time.
func (tl *timeline) ask(reason decode.StringID, stack StackID) *asked {
	s := tl.shapeOf(stack)
	if !s.ask.known || s.ask.reason != reason {
		s.ask = tl.askAnew(reason, stack)
	}
	return &s.ask
}

func (tl *timeline) askAnew(reason decode.StringID, stack StackID) asked {
	key := askKey{reason, stack}
	if a, ok := tl.asked[key]; ok {
		return a
	}
	var names []string
	for _, f := range tl.symbols.Stack(stack) {
		names = append(names, tl.symbols.Frame(f).Func)
	}
	a := asked{known: true, reason: reason, kind: classify(tl.symbols.String(reason), names), lock: NoLock}
	if a.kind.IsLock() && tl.shapeOf(stack).class == User {
		a.lock = tl.locks.find(lockSite{tl.shapeOf(stack).site, false, a.kind.family()})
	}
	tl.asked[key] = a
	return a
}

func classify(reason string, stack []string) Kind {
	if reason == "" || reason == "unspecified" {
		reason, stack = unplumb(stack)
	}
	for _, r := range rules {
		if fits(r.reason, reason) && begins(stack, r.stack) {
			return r.kind
		}
	}
	return Other
}

// unplumb cuts the plumbing off a stack and tells what it says of the reason.
func unplumb(stack []string) (reason string, rest []string) {
cut:
	for len(stack) > 0 {
		for _, p := range plumbing {
			if fits(p.function, stack[0]) {
				if p.reason != "" {
					reason = p.reason
				}
				stack = stack[1:]
				continue cut
			}
		}
		break
	}
	if reason == "" && len(stack) > 0 {
		for _, l := range leaves {
			if l.function == stack[0] {
				reason = l.reason
			}
		}
	}
	return reason, stack
}

// begins reports whether the stack's first functions fit the patterns.
func begins(stack, patterns []string) bool {
	if len(stack) < len(patterns) {
		return false
	}
	for i, p := range patterns {
		if !fits(p, stack[i]) {
			return false
		}
	}
	return true
}

// fits reports whether name is what the pattern says, up to a * at its end.
func fits(pattern, name string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return pattern == name
}
