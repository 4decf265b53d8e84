package decode

// GoID is the runtime's number of a goroutine, unique within a trace.
type GoID int64

// NoGoroutine is the GoID of nobody, for instance where a timer or the network
// poller caused an event.
const NoGoroutine GoID = -1

// GoIndex is the index of a goroutine in Generation.Goroutines.
type GoIndex int32

// Nobody is the GoIndex that stands for no goroutine.
const Nobody GoIndex = -1

// State is what a goroutine is doing.
type State uint8

// The states of a goroutine.
const (
	Unknown  State = iota // the trace has not said yet
	NotExist              // before its creation or after its end
	Runnable              // could run, waits for a processor
	Running               // runs on a processor
	Waiting               // waits for an event: a lock, a channel, a timer …
	Syscall               // in a system call
	States                // the number of states
)

var stateNames = [States]string{"unknown", "notexist", "runnable", "running", "waiting", "syscall"}

// String returns the lower-case word for s, as it is used in reports.
func (s State) String() string {
	if s < States {
		return stateNames[s]
	}
	return "invalid"
}

// Kind tells what an Event is about.
type Kind uint8

// The kinds of events.
const (
	// Transition is a change of the state of a goroutine, or (From Unknown, or
	// From equal to To) a statement of the state that it has been in.
	Transition Kind = iota
	// Procs is a statement or change of GOMAXPROCS.
	Procs
	// Sample is a look of the CPU profiler at what a thread executes. G is Nobody
	// where that was no goroutine, or one of which the generation had not told yet; N is
	// its GoID in any case.
	Sample
	// StopBegin is where G begins to stop the world.
	StopBegin
	// StopEnd is where the world runs again.
	StopEnd
	// AssistBegin is where G begins to help the garbage collector mark, or the
	// statement that it does, which comes anew in each generation.
	AssistBegin
	// AssistEnd is where G has helped enough.
	AssistEnd
	// TaskBegin is the beginning of a task of runtime/trace.
	TaskBegin
	// TaskEnd is the end of one, which can be told more than once.
	TaskEnd
	// RegionBegin is the beginning of a region of runtime/trace.
	RegionBegin
	// RegionEnd is the end of one. It may be of none that has begun.
	RegionEnd
	kinds // the number of kinds
)

var kindNames = [kinds]string{
	"transition", "procs", "sample", "stop-begin", "stop-end", "assist-begin", "assist-end",
	"task-begin", "task-end", "region-begin", "region-end",
}

// String returns a word for k.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return "invalid"
}

// Event is one thing that happened. Times never decrease within a trace.
type Event struct {
	Time int64 // ns on the trace's own clock
	// N is GOMAXPROCS for Procs, and the GoID of a Sample. Of tasks and regions it is the runtime's number of
	// the task; 0 for a region that is of none.
	N int64
	// G is the goroutine whose state changes for a Transition. Of all that follows
	// Procs it is the one that executes it, and may be Nobody.
	G GoIndex
	// By is the goroutine that caused the transition by what it executed: the
	// creator, or the one that made G runnable. Nobody where none did, and for
	// what a goroutine does itself.
	By      GoIndex
	Stack   StackID  // Transition, Sample: where G is; for a birth, where it will start
	ByStack StackID  // Transition: where By was
	Reason  StringID // Transition: why G waits or was stopped, in the runtime's words
	Name    StringID // TaskBegin, RegionBegin, RegionEnd: what the program calls it
	Kind    Kind     //
	From    State    // Transition
	To      State    // Transition
}

// Generation is a stretch of a trace of which every event was read. The runtime
// starts a new one about once a second.
type Generation struct {
	Start, End int64 // ns on the trace's clock; End is the time of the last event
	Read       int   // number of events in the file, those included that Events leaves out
	// Goroutines holds the goroutines of the generation, each once.
	Goroutines []GoID
	// Stacks, Reasons and Names translate what Events.Append was given into the ids
	// of Symbols. The first of each is the empty one.
	Stacks  []StackID
	Reasons []StringID
	Names   []StringID
	Events  Events
	Summary *Summary // nil: nobody has made one
	// Floor moves events that the generation before reaches over: the event
	// number i, counted from 0 over all that were read, is not before Floor+i.
	Floor int64
	// Restated is set where the goroutines that existed before are known: a
	// statement of a state is then From that state.
	Restated bool
	// Window is what the generation says of the trace: that it is of a window of
	// another one. nil: nothing.
	Window *Window
	// Gap is set where something is missing between this generation and the one
	// that was handed out before. Then nothing is known of what was before.
	Gap bool
}

// Summary says what stacks the events of a generation show together. It is short
// where the events are many, and saves who knows all of it a look at them.
type Summary struct {
	Starts []StackID  // with which goroutines were born, each once
	Wakes  []WakePair // of waits that began in the generation, each once
	Late   []LateWake // of waits that began before it
}

// WakePair is a wait and the wake that ended it.
type WakePair struct {
	Stack, ByStack StackID
	Reason         StringID
}

// LateWake is a wake, other than of a WakePair.
type LateWake struct {
	G       GoIndex
	ByStack StackID
}

// Source yields the generations of one trace in order. It is the one interface
// between the readers and what follows.
type Source interface {
	// Next returns the next whole generation, or io.EOF after the last one.
	// The result is valid until the next call.
	Next() (*Generation, error)
	// Symbols returns the table of the stacks and strings that events refer to.
	Symbols() *Symbols
}

// Loss says what of a trace could not be read: a stretch of it, most often its
// end.
type Loss struct {
	Offset int64 // where in the file it begins
	Bytes  int64 // may be 0, where something is missing that is not in the file
	NS     int64 // how much time it covers, as far as is known
	Cause  error // what was wrong
}
