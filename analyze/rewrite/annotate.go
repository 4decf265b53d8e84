package rewrite

import (
	"bytes"
	"cmp"
	"io"
	"maps"
	"slices"

	"tracekit/analyze/decode/wire"
	"tracekit/analyze/timeline"
)

// Annotated says what a trace was annotated with.
type Annotated struct {
	Waits   int   // that have a region
	Tasks   int   // for locks, and for the places of other waits
	MinNS   int64 // the shortest wait that was to have one
	Dropped int64 // waits of the asked length that there was no room for
	Unseen  int64 // waits from before the trace until behind it, of which it has no event
	Stays   Stays // of the critical path
	Read    int64 // bytes of the trace
	Written int64
	Lost    int64 // bytes of Read that are missing: they are damaged
}

// Annotate writes a trace with waits in it, for go tool trace and other viewers: each
// is a region from its block to the moment when the goroutine ran again, with a log of
// who woke it. A wait that does not end has a region that does not. The regions belong
// to tasks, one for each lock, and one for each kind and place of other waits. lock
// returns the name of a lock. One more task is the critical path, of which each stay on a
// goroutine is a region from when that runs until it hands the path over, with a log of
// what the path goes on to.
//
// All that was in the trace remains. What is at the same tick of the clock as an
// insertion moves by 1 ns for each event inserted there, 3 at most for each end of a wait,
// and of a stay. Where a
// generation reaches back into the one before, all that it has from then is at one tick.
//
// gens are the generations of the trace, notes those of a timeline of them, and stays
// those of the critical path, each of which begins where the one before ends. The error
// wraps ErrGap where there is damage that is not at the end.
func Annotate(f File, w io.Writer, gens *Generations, notes *Notes, lock func(timeline.LockID) string, stays []Stay) (*Annotated, error) {
	version, err := versionOf(f)
	if err != nil {
		return nil, err
	}
	if len(gens.rows) > 1 {
		return nil, gapError(gens.rows[0], gens.rows[1])
	}
	row := gens.rows[0]
	a := &annotation{f: f, notes: notes, lock: lock, tasks: make(map[taskKey]*task), waits: gens.waits, taken: gens.tasks, next: wire.ManyTasks}
	a.plan()
	a.path = newCritical(notes.symbols, stays, len(row), notes.room-notes.taken)
	a.pathTask = a.freeTask()
	if err := a.path.find(row); err != nil {
		return nil, err
	}
	out := &counting{w: w}
	if _, err := out.Write(wire.AppendHeader(nil, version)); err != nil {
		return nil, err
	}
	if err := a.write(out, row); err != nil {
		return nil, err
	}
	return &Annotated{
		Waits: len(notes.list), Tasks: len(a.tasks), MinNS: notes.min, Dropped: notes.dropped, Unseen: notes.unseen,
		Stays: a.path.count, Read: f.Size(), Written: out.n, Lost: f.Size() - row[len(row)-1].End,
	}, nil
}

// counting counts what is written.
type counting struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// annotation is a trace being annotated.
type annotation struct {
	f      File
	notes  *Notes
	lock   func(timeline.LockID) string
	tasks  map[taskKey]*task
	waits  [][]wire.WaitPlace // by generation
	taken  map[uint64]bool    // ids of tasks
	next   uint64             // one that may be free
	points []point            // in time order

	path     *critical
	pathTask uint64 // its id
}

// taskKey names what a task is for: a lock, or the place of another kind of wait.
type taskKey struct {
	lock timeline.LockID
	kind timeline.Kind
	site timeline.FrameID
}

type task struct {
	id   uint64
	name string
	ends int // of regions that are to come
	open int // regions that do not end
}

// point is a moment of a wait at which something is inserted: when the goroutine
// blocks, or runs again.
type point struct {
	time    int64
	note    *note
	task    *task
	resumes bool
	// The task begins with it, or ends.
	begins, ends bool
}

// plan works out what is to be inserted when.
func (a *annotation) plan() {
	list := a.notes.list
	slices.SortFunc(list, func(x, y note) int {
		return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(x.g, y.g))
	})
	for i := range list {
		n := &list[i]
		t := a.taskOf(n)
		if !n.cutStart {
			a.points = append(a.points, point{time: n.start, note: n, task: t})
		}
		if !n.cutEnd {
			a.points = append(a.points, point{time: n.resume, note: n, task: t, resumes: true})
			t.ends++
		} else {
			t.open++
		}
	}
	slices.SortStableFunc(a.points, func(x, y point) int { return cmp.Compare(x.time, y.time) })
	begun := make(map[*task]bool)
	for i := range a.points {
		p := &a.points[i]
		p.begins = !begun[p.task]
		begun[p.task] = true
		if p.resumes {
			p.task.ends--
			p.ends = p.task.ends == 0 && p.task.open == 0
		}
	}
}

// taskOf returns the task of a wait.
func (a *annotation) taskOf(n *note) *task {
	key := taskKey{lock: a.notes.lockOf(n)}
	if key.lock == timeline.NoLock {
		key.kind, key.site = n.kind, n.site
	}
	t := a.tasks[key]
	if t == nil {
		t = &task{id: a.freeTask(), name: a.name(key)}
		a.tasks[key] = t
	}
	return t
}

// freeTask returns an id that no task of the trace has, which may have been annotated
// before.
func (a *annotation) freeTask() uint64 {
	for a.taken[a.next] {
		a.next++
	}
	a.next++
	return a.next - 1
}

func (a *annotation) name(key taskKey) string {
	if key.lock != timeline.NoLock {
		return cutText("lock " + a.lock(key.lock))
	}
	name := "waits: " + key.kind.String()
	if key.site != timeline.NoSite {
		name += " " + a.notes.place(key.site)
	}
	return cutText(name)
}

// write writes the generations, of which several are worked on at once.
func (a *annotation) write(w io.Writer, row []wire.Raw) error {
	from := 0
	return inOrder(len(row), func(i int) func() ([]segment, error) {
		raw := &row[i]
		end := from
		for end < len(a.points) && a.points[end].time <= raw.Last {
			end++
		}
		points := a.points[from:end]
		from = end
		begin := raw.Begin
		if i > 0 {
			begin = row[i-1].End // and what has no events
		}
		return func() ([]segment, error) { return a.generation(raw, begin, a.waits[i], points, a.path.marks[i]) }
	}, func(list []segment) error { return writeSegments(w, a.f, list) })
}

// segment is a part of what is written: bytes, or a stretch of the file.
type segment struct {
	data       []byte // nil: a stretch
	begin, end int64
}

func writeSegments(w io.Writer, f File, list []segment) error {
	buf := make([]byte, 1<<20)
	for _, s := range list {
		var err error
		if s.data != nil {
			_, err = w.Write(s.data)
		} else {
			// Past WriteTo and ReadFrom, which have smaller buffers.
			_, err = io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{io.NewSectionReader(f, s.begin, s.end-s.begin)}, buf)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inOrder has n pieces worked out, several at once, and used in their order. next is
// called in order, too, and returns how a piece is worked out.
func inOrder[T any](n int, next func(int) func() (T, error), use func(T) error) error {
	type piece struct {
		value T
		err   error
	}
	var queue []chan piece
	for i := 0; i < n || len(queue) > 0; {
		if i < n && len(queue) < workers {
			work, done := next(i), make(chan piece, 1)
			go func() {
				value, err := work()
				done <- piece{value, err}
			}()
			queue = append(queue, done)
			i++
			continue
		}
		p := <-queue[0]
		queue = queue[1:]
		if p.err != nil {
			return p.err
		}
		if err := use(p.value); err != nil {
			return err
		}
	}
	return nil
}

// generation returns a generation with insertions. begin is where the one before it
// ends, and waits are where waits stand in it.
func (a *annotation) generation(raw *wire.Raw, begin int64, waits []wire.WaitPlace, points []point, marks []mark) ([]segment, error) {
	in := &inserter{f: a.f, raw: raw, path: a.pathTask, batches: make(map[int64][]insertion)}
	if len(points)+len(marks) > 0 {
		t, err := raw.Tables()
		if err != nil {
			return nil, err
		}
		in.tickNS, in.added = t.TickNS, newAdded(t)
		in.insert(spots(waits), points)
		for i := range marks {
			in.mark(&marks[i])
		}
	}
	return in.segments(begin)
}

// spot is an end of a wait, as it stands in a generation.
type spot struct {
	*wire.WaitPlace
	wire.EventPlace
	starts bool
}

// spots returns the ends of waits, in time order.
func spots(waits []wire.WaitPlace) (list []spot) {
	for i := range waits {
		w := &waits[i]
		if w.Block.Size > 0 {
			list = append(list, spot{w, w.Block, false})
		}
		if w.Start.Size > 0 {
			list = append(list, spot{w, w.Start, true})
		}
	}
	slices.SortFunc(list, func(a, b spot) int { return cmp.Compare(a.Time, b.Time) })
	return list
}

// inserter inserts what a generation is annotated with.
type inserter struct {
	f       File
	raw     *wire.Raw
	tickNS  int64
	added   *added // nil: nothing is inserted
	path    uint64 // id of the task of the critical path
	batches map[int64][]insertion
}

// insert puts points where the events are. Each event has a time of its own.
func (in *inserter) insert(list []spot, points []point) {
	for i := range points {
		p := &points[i]
		for len(list) > 0 && list[0].Time < p.time {
			list = list[1:]
		}
		if len(list) > 0 && list[0].Time == p.time && list[0].G == uint64(p.note.g) && list[0].starts == p.resumes {
			in.put(&list[0], p)
		}
	}
}

func (in *inserter) put(s *spot, p *point) {
	i := insertion{at: int(s.At), ticks: s.Ticks}
	if p.resumes {
		i.at += int(s.Size)
		i.events = in.ends(p, s.ByStack)
	} else {
		i.before, i.events = int(s.Size), in.begins(p, s.Stack)
	}
	in.batches[s.Batch] = append(in.batches[s.Batch], i)
}

// begins returns the events in front of a block.
func (in *inserter) begins(p *point, stack uint64) (b []byte) {
	b = in.beginTask(p)
	return wire.AppendEvent(b, wire.EvUserRegionBegin, 0, p.task.id, in.added.string(p.note.region), stack)
}

// beginTask returns the beginning of a task, if it begins there.
func (in *inserter) beginTask(p *point) []byte {
	if !p.begins {
		return nil
	}
	return wire.AppendEvent(nil, wire.EvUserTaskBegin, 0, p.task.id, 0, in.added.string(p.task.name), 0)
}

// ends returns the events behind the moment when a goroutine runs again. The log bears
// the stack of the waker, 0 where the generation does not have it; so does the end of
// the region, which is how go tool trace shows it beside that of the waiter.
func (in *inserter) ends(p *point, waker uint64) (b []byte) {
	by, text := in.added.string("woken by"), in.added.string(p.note.wokenBy)
	b = wire.AppendEvent(in.beginTask(p), wire.EvUserLog, 0, p.task.id, by, text, waker)
	if !p.note.cutStart {
		b = wire.AppendEvent(b, wire.EvUserRegionEnd, 0, p.task.id, in.added.string(p.note.region), waker)
	}
	if p.ends {
		b = wire.AppendEvent(b, wire.EvUserTaskEnd, 0, p.task.id, 0)
	}
	return b
}

// segments returns the generation, from an offset on: the batches with insertions are
// new, and in front of the mark at the end there are new strings.
func (in *inserter) segments(begin int64) (list []segment, err error) {
	batches := in.raw.EventBatches()
	var data []byte // of a batch
	for _, at := range slices.Sorted(maps.Keys(in.batches)) {
		b := batches[at]
		data = slices.Grow(data[:0], b.End-b.Data)[:b.End-b.Data]
		if n, err := in.f.ReadAt(data, at); n < len(data) {
			return nil, err
		}
		ins := inPlace(in.batches[at])
		fresh := insert(make([]byte, 0, len(data)+noteBytes*len(ins)), &b, data, ins)
		list = append(list, segment{begin: begin, end: int64(b.Offset)}, segment{data: fresh})
		begin = int64(b.End)
	}
	end, mark := in.raw.End, []byte{}
	if in.raw.Version() >= 26 {
		mark = []byte{wire.EvEndOfGeneration}
		if !in.raw.Unmarked {
			end--
		}
	}
	list = append(list, segment{begin: begin, end: end})
	if in.added != nil {
		var tables bytes.Buffer
		if err := in.added.writeTo(&tables, in.raw.Number, uint64(in.raw.Start/in.tickNS)); err != nil {
			return nil, err
		}
		list = append(list, segment{data: tables.Bytes()})
	}
	return append(list, segment{data: mark}), nil
}
