package wire

import (
	"io"
	"maps"
	"slices"

	"tracekit/analyze/decode"
)

// Event is an event as it stands in the file.
type Event struct {
	Index  int    // how many events of the generation the reader gives before it
	Time   int64  // ns on the trace's clock, as the reader gives it: later than that of the event before
	Ticks  uint64 // on that clock, as the file has it
	Kind   byte
	Args   []uint64 // behind the time; valid until the next event
	Thread uint64
	// G is the goroutine that the thread runs before the event; Running is not set
	// where it runs none.
	G       uint64
	Running bool
	P       uint64 // the processor that the thread has; 0 where it has none, too
	// Acts is set where G is not in a system call and has that processor, so that what
	// is in front of the event can be an event of its own; NextActs where that is so of
	// the goroutine Next, which the thread runs behind the event.
	Acts, NextActs bool
	Next           uint64
	// Where it stands: the offset of its batch's data in the file, and there.
	Batch    int64
	At, Size int
}

// Walk says what Raw.Walk shows.
type Walk struct {
	// Reached is called before the event with the Index At, with the state that it
	// finds; nil: nobody wants to know.
	At      int
	Reached func(*State) error
	// Visit is shown each event, in order.
	Visit func(*Event) error
}

// walk shows the events of a generation while it is decoded.
type walk struct {
	Walk
	floor   int64
	reached bool
	event   Event
	err     error
}

// before is called before an event is tried.
func (w *walk) before(d *decoder, s *stream) {
	e := &w.event
	e.Index = d.out.read
	e.Time = max(s.time, d.last+1, w.floor+int64(e.Index))
	e.Running = s.thread.g >= 0
	if e.Running {
		e.G = uint64(d.out.goroutines[s.thread.g])
	}
	e.Acts = d.acts(s.thread)
	e.P = 0
	if s.thread.p >= 0 {
		e.P = d.procs[s.thread.p].id
	}
	if !w.reached && w.Reached != nil && e.Index >= w.At {
		w.reached = true
		w.err = w.Reached(d.state())
	}
}

// acts reports whether what a thread runs can have events of its own.
func (d *decoder) acts(t *thread) bool { return t.running() && d.gs[t.g].status == goRunning }

// after is called when it has happened.
func (w *walk) after(d *decoder, s *stream) error {
	if w.err != nil || w.Visit == nil {
		return w.err
	}
	e := &w.event
	e.Ticks, e.Kind, e.Args = s.ticks, s.kind, s.args[:specs[s.kind].args]
	e.Thread = s.thread.id
	if e.NextActs = d.acts(s.thread); e.NextActs {
		e.Next = uint64(d.out.goroutines[s.thread.g])
	}
	e.Batch, e.At, e.Size = s.offset, s.length-len(s.data)-s.size, s.size
	return w.Visit(e)
}

// State is what goroutines, processors and threads are doing at a point of a
// generation, as far as that generation has told. It is valid until the walk goes
// on.
type State struct {
	Goroutines []GoroutineState // alive, in the order in which they were mentioned
	Procs      []ProcState
	Threads    []ThreadState
	GC         bool   // the garbage collector is at work, as the generation has told
	GCSeq      uint64 // of its last beginning or end
}

// The numbers that the format has for what goroutines do.
const (
	GoRunnable = goRunnable
	GoRunning  = goRunning
	GoSyscall  = goSyscall
	GoWaiting  = goWaiting
)

// The numbers that the format has for what processors do.
const (
	ProcRunning   = procRunning
	ProcIdle      = procIdle
	ProcSyscall   = procSyscall
	ProcAbandoned = procAbandoned
)

// NoThread is the id under which the runtime writes what no thread does.
const NoThread = noThread

// GoroutineState is what a goroutine is doing.
type GoroutineState struct {
	ID     uint64
	Seq    uint64 // of the last event about it that has a sequence number
	Status uint8
	// Late is set for one that waits since before the generation: what for is not
	// said in it.
	Late         bool
	Wait, Reason uint64 // ids of the stack with which it waits, and of why
	Stack        uint64 // id of the stack that it was shown with last; 0: none
}

// ProcState is what a processor of the scheduler is doing.
type ProcState struct {
	ID, Seq uint64
	Status  uint8
}

// ThreadState is what a thread runs.
type ThreadState struct {
	ID         uint64
	G, P       uint64
	HasG, HasP bool
}

// state returns what the decoder knows.
func (d *decoder) state() *State {
	s := &State{GC: d.gcState == gcOn, GCSeq: d.gcSeq}
	stacks, strings := d.tables.stackIDs.reverse(len(d.tables.stacks)), d.tables.stringIDs.reverse(len(d.tables.strings))
	for i, id := range d.out.goroutines {
		g := &d.gs[i]
		if g.status == goDead {
			continue
		}
		st := GoroutineState{ID: uint64(id), Seq: g.seq, Status: g.status, Late: g.late, Stack: stacks[d.out.stacks[g.at]]}
		if g.status == goWaiting && !g.late {
			st.Wait, st.Reason = stacks[d.out.stacks[g.stack]], strings[d.out.reasons[g.reason]]
		}
		s.Goroutines = append(s.Goroutines, st)
	}
	for _, p := range d.procs {
		s.Procs = append(s.Procs, p.state())
	}
	d.out.procs = d.procs
	for _, id := range slices.Sorted(maps.Keys(d.threads)) {
		s.Threads = append(s.Threads, d.out.threadState(d.threads[id]))
	}
	return s
}

func (p *proc) state() ProcState { return ProcState{ID: p.id, Seq: p.seq, Status: p.status} }

func (out *decoded) threadState(t *thread) ThreadState {
	s := ThreadState{ID: t.id, HasG: t.g >= 0, HasP: t.p >= 0}
	if s.HasG {
		s.G = uint64(out.goroutines[t.g])
	}
	if s.HasP {
		s.P = out.procs[t.p].id
	}
	return s
}

// reverse returns the ids by the indexes of n entries.
func (t *ids) reverse(n int) []uint64 {
	list := make([]uint64, n)
	for id, i := range t.dense {
		if i != 0 {
			list[i] = uint64(id)
		}
	}
	for id, i := range t.sparse {
		list[i] = id
	}
	return list
}

// Raw is a generation of a file, to be copied or written anew.
type Raw struct {
	Number     uint64
	Begin, End int64 // offsets in the file
	Start      int64 // ns on the trace's clock: when it begins
	Last       int64 // ns: the time of its last event
	Unmarked   bool  // the mark at its end is missing
	Gap        bool  // something is missing before it

	version int
	floor   int64
	gen     *generation
}

func newRaw(g *generation, version int, gen *decode.Generation) Raw {
	return Raw{
		Number: g.number, Begin: g.begin, End: g.end, Start: gen.Start, Last: gen.End, Unmarked: g.unmarked, Gap: gen.Gap,
		version: version, floor: gen.Floor, gen: g,
	}
}

// Raw returns the generation that Next has returned last, of a file.
func (r *Reader) Raw() Raw { return r.raw }

// Walk decodes the generation once more and shows its events. The error is that of
// a function called, or of the file, which may have changed.
func (r *Raw) Walk(w Walk) error {
	_, err := r.gen.decode(r.version, nil, newRoom(), Options{}, &walk{Walk: w, floor: r.floor})
	return err
}

// Place is where a generation lies, found without decoding it: what is in it may be
// damaged.
type Place struct {
	Begin, End int64 // offsets in the file
	Start      int64 // ns on the trace's clock, of its first batch
	Last       int64 // ns: of the last batch up to its end, which has events behind that
	Unmarked   bool  // the mark at its end is missing
}

// Places finds the generations of a file by the headers of their batches. The error is
// what is wrong with the last of them, if it is not whole.
func Places(at Sized, version int) ([]Place, error) {
	s := scanner{version: version, in: input{at: at, offset: decode.HeaderSize}}
	var list []Place
	for {
		g, err := s.scan()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		t, err := g.readTables(version, newRoom())
		if err != nil {
			return list, err
		}
		list = append(list, Place{Begin: g.begin, End: g.end, Start: t.clock.time(min(g.minTime, t.clock.max)), Last: t.clock.time(min(s.latest, t.clock.max)), Unmarked: g.unmarked})
	}
}
