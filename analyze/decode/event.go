package decode

// GoID is the runtime's number of a goroutine, unique within a trace.
type GoID int64

// NoGoroutine is the GoID of nobody, for instance where a timer or the network
// poller caused an event.
const NoGoroutine GoID = -1

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
)

// Event is one thing that happened. Times never decrease within a trace.
type Event struct {
	Time int64 // ns on the trace's own clock
	G    GoID  // Transition: the goroutine whose state changes
	// By is the goroutine that caused the transition by what it executed: the
	// creator, or the one that made G runnable. NoGoroutine when nobody did,
	// and for what a goroutine does itself.
	By      GoID
	N       int64    // Procs: GOMAXPROCS
	Stack   StackID  // Transition: where G is; for a birth, where it will start
	ByStack StackID  // Transition: where By was
	Reason  StringID // Transition: why G waits or was stopped, in the runtime's words
	Kind    Kind     //
	From    State    // Transition
	To      State    // Transition
}

// Generation is a stretch of a trace of which every event was read. The runtime
// starts a new one about once a second.
type Generation struct {
	Start, End int64 // ns on the trace's clock; End is the time of the last event
	// Blocks holds the events in time order, cut into blocks so that a long
	// generation need not be copied as it grows. They are valid until the
	// next call of Next.
	Blocks [][]Event
	Read   int // number of events in the file, those included that Blocks leaves out
}

// blockSize is the number of events in a block: 200 kB.
const blockSize = 4096

// add puts an event at the end. Blocks that were used before are used again.
func (g *Generation) add(e Event) {
	n := len(g.Blocks)
	if n == 0 || len(g.Blocks[n-1]) == blockSize {
		if n < cap(g.Blocks) {
			g.Blocks = g.Blocks[:n+1]
			g.Blocks[n] = g.Blocks[n][:0]
		} else {
			g.Blocks = append(g.Blocks, nil)
		}
		if g.Blocks[n] == nil {
			g.Blocks[n] = make([]Event, 0, blockSize)
		}
		n++
	}
	g.Blocks[n-1] = append(g.Blocks[n-1], e)
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

// Loss says what of a trace could not be read.
type Loss struct {
	Offset int64 // where in the file the first generation begins that is not whole
	Bytes  int64 // from there to the end of the file
	Cause  error // what was wrong
}
