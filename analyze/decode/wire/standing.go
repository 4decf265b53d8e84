package wire

import (
	"cmp"
	"maps"
	"slices"

	"tracekit/analyze/decode"
)

// Frame is a frame of a stack.
type Frame struct {
	PC         uint64
	Func, File string
	Line       uint64
}

// Standing is what a program is in the middle of where a generation begins: what the
// trace has told once, and does not tell again. The zero value knows of nothing.
type Standing struct {
	Goroutines map[uint64]*Stand // those alive
	Procs      []ProcState       // as they were left
	Threads    []ThreadState
	tasks      map[uint64]Task // that have begun and not ended
	begun      int             // tasks that have begun so far
	read       int             // events
}

// Stand is what a goroutine is in the middle of.
type Stand struct {
	Status  uint8    // as in GoroutineState
	Stack   []Frame  // leaf first, that it was shown with last
	Wait    []Frame  // with which it waits
	Reason  string   // why it waits
	Waits   bool     // it does, and the trace has its beginning
	Since   int      // when it began to: a number that rises in time
	Regions []Region // that have begun and not ended, the outermost first
	Assists bool     // it helps the garbage collector
	Stops   bool     // it stops the world, or has
	StopFor string   // why
}

// Task is a task of runtime/trace.
type Task struct {
	ID, Parent uint64
	Name       string
	order      int // in which tasks began
}

// Region is a region of runtime/trace.
type Region struct {
	Task uint64
	Name string
}

// Standing returns what is going on where the generation begins that Next has
// returned last, if Options.Follow asked for it; when that has returned io.EOF, what
// is where the last one ends. It is valid until the next call.
func (r *Reader) Standing() *Standing { return &r.stand }

// Stand returns what is known of a goroutine, which may be changed.
func (s *Standing) Stand(g uint64) *Stand {
	st := s.Goroutines[g]
	if st == nil {
		if s.Goroutines == nil {
			s.Goroutines = make(map[uint64]*Stand)
		}
		st = new(Stand)
		s.Goroutines[g] = st
	}
	return st
}

// marks are the beginnings and ends in a generation of tasks and regions, of stops of the
// world, and of help for the garbage collector.
type marks struct{ list []mark }

type mark struct {
	kind   byte
	g      uint64 // that executes it, or helps the garbage collector
	id     uint64 // of the task
	parent uint64
	name   string // or why the world is stopped
}

// mark notes a mark.
func (d *decoder) mark(s *stream) {
	m := mark{kind: s.kind, id: s.args[0]}
	if s.kind == EvGCMarkAssistActive {
		m.g = s.args[0]
	} else {
		m.g = uint64(d.out.goroutines[s.thread.g])
	}
	switch s.kind {
	case EvUserTaskBegin:
		m.parent, m.name = s.args[1], d.text(s.args[2])
	case EvUserRegionBegin:
		m.name = d.text(s.args[1])
	case EvSTWBegin:
		m.name = d.text(s.args[0])
	}
	d.marks.list = append(d.marks.list, m)
}

// text returns the string with an id.
func (t *tables) text(id uint64) string {
	i, _ := t.stringIDs.get(id)
	return t.strings[i]
}

// pass takes over what a generation has told.
func (s *Standing) pass(out *decoded) {
	for _, m := range out.marks.list {
		switch m.kind {
		case EvUserTaskBegin:
			s.Begin(Task{ID: m.id, Parent: m.parent, Name: m.name})
		case EvUserTaskEnd:
			s.End(m.id)
		case EvUserRegionBegin:
			s.Stand(m.g).Enter(Region{m.id, m.name})
		case EvUserRegionEnd:
			s.Stand(m.g).Leave()
		case EvGCMarkAssistActive, EvGCMarkAssistBegin, EvGCMarkAssistEnd:
			s.Stand(m.g).Assists = m.kind != EvGCMarkAssistEnd
		case EvSTWBegin, EvSTWEnd:
			st := s.Stand(m.g)
			st.Stops, st.StopFor = m.kind == EvSTWBegin, m.name
		}
	}
	s.Procs, s.Threads = s.Procs[:0], s.Threads[:0]
	for _, p := range out.procs {
		s.Procs = append(s.Procs, p.state())
	}
	for _, id := range slices.Sorted(maps.Keys(out.threads)) {
		s.Threads = append(s.Threads, out.threadState(out.threads[id]))
	}
	stacks := make(map[int32][]Frame)
	for i, id := range out.goroutines {
		s.goroutine(uint64(id), &out.states[i], out, stacks)
	}
	s.read += out.read
}

// goroutine takes over what a generation has told of a goroutine. stacks has those
// made already, by their indexes.
func (s *Standing) goroutine(id uint64, g *goroutine, out *decoded, stacks map[int32][]Frame) {
	if g.status == goDead {
		delete(s.Goroutines, id)
		return
	}
	st := s.Stand(id)
	st.Status = g.status
	if g.at != decode.NoStack {
		st.Stack = out.stackFrames(g.at, stacks)
	}
	switch {
	case g.status != goWaiting:
		st.Waits, st.Wait, st.Reason = false, nil, ""
	case !g.late:
		st.Waits, st.Since = true, s.read+g.since
		st.Wait, st.Reason = out.stackFrames(g.stack, stacks), out.tables.strings[out.reasons[g.reason]]
	}
}

// stackFrames returns the frames of a stack.
func (out *decoded) stackFrames(id decode.StackID, made map[int32][]Frame) []Frame {
	i := out.stacks[id]
	list, ok := made[i]
	if !ok {
		for _, f := range out.tables.stacks[i] {
			list = append(list, out.tables.frameOf(f))
		}
		made[i] = list
	}
	return list
}

// frameOf returns a frame with its strings.
func (t *tables) frameOf(i int32) Frame {
	f := t.frames[i]
	return Frame{f.pc, t.text(f.function), t.text(f.file), f.line}
}

// Tasks returns those that have begun and not ended, in the order in which they
// began.
func (s *Standing) Tasks() []Task {
	return slices.SortedFunc(maps.Values(s.tasks), func(a, b Task) int { return cmp.Compare(a.order, b.order) })
}

// Begin notes that a task begins.
func (s *Standing) Begin(t Task) {
	if s.tasks == nil {
		s.tasks = make(map[uint64]Task)
	}
	s.begun++
	t.order = s.begun
	s.tasks[t.ID] = t
}

// End notes that a task ends. That can be told more than once.
func (s *Standing) End(id uint64) { delete(s.tasks, id) }

// Enter notes that a region begins.
func (s *Stand) Enter(r Region) { s.Regions = append(s.Regions, r) }

// Leave notes that the innermost region ends, which may have begun before the trace.
func (s *Stand) Leave() { s.Regions = s.Regions[:max(0, len(s.Regions)-1)] }

// Clone returns a copy that can be changed by itself.
func (s *Standing) Clone() *Standing {
	c := &Standing{
		Goroutines: make(map[uint64]*Stand, len(s.Goroutines)),
		Procs:      slices.Clone(s.Procs), Threads: slices.Clone(s.Threads),
		tasks: maps.Clone(s.tasks), begun: s.begun, read: s.read,
	}
	for id, st := range s.Goroutines {
		copied := *st
		copied.Regions = slices.Clone(st.Regions)
		c.Goroutines[id] = &copied
	}
	return c
}
