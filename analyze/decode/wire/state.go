package wire

import (
	"errors"

	"tracekit/analyze/decode"
)

// What a goroutine and a processor can be doing, in the numbers of the file.
const (
	goRunnable = 1
	goRunning  = 2
	goSyscall  = 3
	goWaiting  = 4
	goDead     = 5 // not in the file

	procRunning   = 1
	procIdle      = 2
	procSyscall   = 3
	procAbandoned = 4 // in a system call of which the thread is not known any more
)

// goroutineStates translates the numbers of the file.
var goroutineStates = [...]decode.State{
	goRunnable: decode.Runnable, goRunning: decode.Running, goSyscall: decode.Syscall, goWaiting: decode.Waiting, goDead: decode.NotExist,
}

// none is the index of no goroutine or processor.
const none = -1

// noThread is the id under which the runtime writes what no thread does.
const noThread = ^uint64(0)

// goroutine is what is known of a goroutine at a point of the generation.
type goroutine struct {
	seq    uint64 // of the last event that has one: the next has seq+1
	status uint8
	found  uint8           // the status that it was stated to have first; 0: it was created
	late   bool            // it waits since before the generation
	stack  decode.StackID  // of the last wait that began since, among those used
	reason decode.StringID // of that
	at     decode.StackID  // where it was shown last, among those used
	since  int             // when that wait began: how many events had been read
}

// shown notes a stack of the goroutine.
func (g *goroutine) shown(stack decode.StackID) {
	if stack != decode.NoStack {
		g.at = stack
	}
}

// proc is what is known of a processor of the scheduler.
type proc struct {
	id     uint64
	seq    uint64
	status uint8
	found  uint8
}

// thread is what is known of a thread: what it runs.
type thread struct {
	id   uint64
	g, p int32 // or none
	seen bool  // an event of it, or about it, has passed
}

// What is wrong with a generation. The reader of an error gets to know its
// offset, too.
var (
	errTime     = errors.New("a time is beyond all measure")
	errEvent    = errors.New("an event is torn")
	errContext  = errors.New("an event does not fit what its thread is doing")
	errUnstated = errors.New("a goroutine blocks that was not said to run")
	errStatus   = errors.New("the status of a goroutine or processor contradicts what came before")
	errSequence = errors.New("a processor's sequence of events has a gap")
	errTwice    = errors.New("a goroutine is created twice")
	errThread   = errors.New("a goroutine or processor is said to be on another thread than it is")
	errTable    = errors.New("an event refers to a stack or string that is not there")
	errStuck    = errors.New("its events contradict each other: none can come next")
	errReasons  = errors.New("there are too many different reasons for blocking")
)

// outcome is what comes of trying an event.
type outcome uint8

const (
	passed outcome = iota // the event has happened
	early                 // what it builds on has not happened yet
	broken                // it cannot be: decoder.err says why
)
