package timeline

import "tracekit/analyze/decode"

// The vocabulary of decode that observers need.
type (
	// GoID is the runtime's number of a goroutine.
	GoID = decode.GoID
	// State is what a goroutine is doing.
	State = decode.State
	// StackID is a stack in Symbols.
	StackID = decode.StackID
	// FrameID is a frame in Symbols.
	FrameID = decode.FrameID
	// Symbols is the table of stacks and frames.
	Symbols = decode.Symbols
	// Window is a stretch of a trace.
	Window = decode.Window
)

// All is the Window of a whole trace.
var All = decode.All

// The states of a goroutine.
const (
	Unknown  = decode.Unknown
	NotExist = decode.NotExist
	Runnable = decode.Runnable
	Running  = decode.Running
	Waiting  = decode.Waiting
	Syscall  = decode.Syscall
	States   = decode.States
)

// NoGoroutine is the GoID of nobody.
const NoGoroutine = decode.NoGoroutine

// NoStack is the StackID where the trace has no stack.
const NoStack = decode.NoStack

// Goroutine is one goroutine of the trace.
type Goroutine struct {
	ID GoID
	// Slot is a small number that it has alone as long as it is alive.
	Slot int
	// Name is the group that it belongs to: the function that it started
	// with, where that is the user's; else the outermost function on its
	// stack outside of sync and the runtime, so that what sync.WaitGroup.Go
	// started is named after the function that was handed to it. Empty as
	// long as no stack has shown it.
	Name  string
	Group GroupID // stands for Name
	Class Class   // User where no stack had shown it when it was Born
	State State
	Since int64         // ns on the trace's clock: when State began
	Stack StackID       // where it was then; NoStack where the trace does not say
	Spent [States]int64 // ns that it was in each state, up to Since
	// Next is where it is at the end of the span that Span tells of; NoStack where the
	// trace does not say.
	Next StackID
	// Creator is the goroutine that created it; nil where the trace does not say. It is
	// valid in Born alone.
	Creator *Goroutine
	// Acts counts what it has done that shows in the trace, other than to wait
	// for locks: other waits, wakes, system calls.
	Acts uint32
	// Identity is what it is called over runs. It outlives the goroutine.
	Identity *Identity
	// Found is set where it was there already when the trace began, or what comes
	// behind a gap of it.
	Found bool
	// Cut is set, for its last span, where it did not end: the trace did, or has a
	// gap there.
	Cut bool

	births    []births
	wait      Wait
	waiting   bool // wait has not been handed to Done
	named     bool // Name is final
	born      bool // observers know of it: Class is final
	assisting bool // it helps the garbage collector
	shown     Class
}

// GroupID is the number of a name of goroutines.
type GroupID int32

// Class says whose goroutine it is.
type Class uint8

// The classes of goroutines.
const (
	User    Class = iota
	Runtime       // the runtime's: garbage collector, scavenger, signal loop …
	Tracer        // those that tracing itself needs
	Classes       // the number of classes
)

// Wait is a waiting span with the wake that ended it and the runnable span that
// follows.
type Wait struct {
	G     *Goroutine
	Kind  Kind
	Stack StackID // of the waiter
	Site  FrameID // NoSite where Stack is NoStack
	Lock  LockID  // NoLock where Kind is no lock or G no user goroutine

	Start   int64 // ns on the trace's clock: when it blocked
	Began   int64 // the same, unless it blocked before the window that is looked at
	Woken   int64 // when it became runnable, or the trace ended
	Resumed int64 // when it ran again, or the trace ended

	// By is the goroutine that woke it; nil for nobody: a timer, the network
	// poller, the runtime, or the end of the trace. It is valid in Woken alone.
	By      *Goroutine
	ByID    GoID    // of By; NoGoroutine for nobody
	ByGroup GroupID // of By
	ByName  string  // of By
	ByStack StackID // of the waker
	BySite  FrameID // NoSite where ByStack is NoStack

	// GaveUp is set where a wait for a lock was ended by something other than
	// a release: a context that was done. The trace's end is not meant.
	GaveUp bool

	CutStart bool // it had begun when the trace began
	CutEnd   bool // nobody had woken it when the trace ended
}

// Open reports whether the trace shows only a part of the wait.
func (w *Wait) Open() bool { return w.CutStart || w.CutEnd }

// Blocked returns the ns up to the wake.
func (w *Wait) Blocked() int64 { return w.Woken - w.Start }

// Sched returns the ns from the wake until it ran.
func (w *Wait) Sched() int64 { return w.Resumed - w.Woken }
