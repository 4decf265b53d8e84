package rewrite

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"tracekit/analyze/decode"
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
	Read    int64 // bytes of the trace
	Written int64
	Lost    int64 // bytes of Read that are missing: they are damaged
}

// Annotate writes a trace with waits in it, for go tool trace and other viewers: each
// is a region from its block to the moment when the goroutine ran again, with a log of
// who woke it. A wait that does not end has a region that does not. The regions belong
// to tasks, one for each lock, and one for each kind and place of other waits. lock
// returns the name of a lock.
//
// All that was in the trace remains. What is at the same tick of the clock as an
// insertion moves by 1 ns for each event inserted, 3 at most.
//
// gens are the generations of the trace, and notes those of a timeline of them. The
// error wraps ErrGap where there is damage that is not at the end.
func Annotate(f File, w io.Writer, gens *Generations, notes *Notes, lock func(timeline.LockID) string) (*Annotated, error) {
	version, err := versionOf(f)
	if err != nil {
		return nil, err
	}
	if len(gens.rows) > 1 {
		return nil, gapError(gens.rows[0], gens.rows[1])
	}
	row := gens.rows[0]
	a := &annotation{f: f, notes: notes, lock: lock, tasks: make(map[taskKey]*task)}
	a.plan()
	out := &counting{w: w}
	if _, err := out.Write(wire.AppendHeader(nil, version)); err != nil {
		return nil, err
	}
	if err := a.write(out, row); err != nil {
		return nil, err
	}
	return &Annotated{
		Waits: len(notes.list), Tasks: len(a.tasks), MinNS: notes.min, Dropped: notes.dropped, Unseen: notes.unseen,
		Read: f.Size(), Written: out.n, Lost: f.Size() - row[len(row)-1].End,
	}, nil
}

// Generations is a decode.Source that keeps where the generations are that pass through
// it.
type Generations struct {
	*wire.Reader
	rows [][]wire.Raw // of those that follow one another
}

// ReadGenerations begins to read a file.
func ReadGenerations(f File) (*Generations, error) {
	r, _, err := open(f, options())
	return &Generations{Reader: r}, err
}

// Next implements decode.Source.
func (g *Generations) Next() (*decode.Generation, error) {
	gen, err := g.Reader.Next()
	if err != nil {
		return nil, err
	}
	raw := g.Raw()
	if len(g.rows) == 0 || raw.Gap {
		g.rows = append(g.rows, nil)
	}
	last := len(g.rows) - 1
	g.rows[last] = append(g.rows[last], raw)
	return gen, nil
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
	points []point // in time order
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

// firstTask is an id that no program's tasks come to: they are counted from 1 on.
const firstTask = 1 << 40

// point is a moment of a wait at which something is inserted, or seen.
type point struct {
	time int64
	note *note
	task *task
	what moment
	// The task begins with it, or ends.
	begins, ends bool
}

type moment uint8

const (
	blocks moment = iota
	wakes         // of which the stack is of interest
	resumes
)

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
			a.points = append(a.points, point{time: n.start, note: n, task: t, what: blocks})
		}
		if !n.cutEnd {
			a.points = append(a.points, point{time: n.woken, note: n, what: wakes}, point{time: n.resume, note: n, task: t, what: resumes})
			t.ends++
		} else {
			t.open++
		}
	}
	slices.SortStableFunc(a.points, func(x, y point) int { return cmp.Compare(x.time, y.time) })
	begun := make(map[*task]bool)
	for i := range a.points {
		p := &a.points[i]
		if p.what == wakes {
			continue
		}
		p.begins = !begun[p.task]
		begun[p.task] = true
		if p.what == resumes {
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
		t = &task{id: firstTask + uint64(len(a.tasks)), name: a.name(key)}
		a.tasks[key] = t
	}
	return t
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

// write writes the generations, those with insertions several at once.
func (a *annotation) write(w io.Writer, row []wire.Raw) error {
	from := 0
	return inOrder(len(row), func(i int) func() ([]byte, error) {
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
		return func() ([]byte, error) { return a.generation(raw, begin, points) }
	}, func(data []byte) error {
		_, err := w.Write(data)
		return err
	})
}

// inOrder has n pieces worked out, several at once, and used in their order. next is
// called in order, too, and returns how a piece is worked out.
func inOrder(n int, next func(int) func() ([]byte, error), use func([]byte) error) error {
	type piece struct {
		data []byte
		err  error
	}
	var queue []chan piece
	for i := 0; i < n || len(queue) > 0; {
		if i < n && len(queue) < workers {
			work, done := next(i), make(chan piece, 1)
			go func() {
				data, err := work()
				done <- piece{data, err}
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
		if err := use(p.data); err != nil {
			return err
		}
	}
	return nil
}

// generation returns the bytes of a generation with insertions. begin is where the one
// before it ends.
func (a *annotation) generation(raw *wire.Raw, begin int64, points []point) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(int(raw.End-begin) + noteBytes*len(points))
	if _, err := io.Copy(&out, io.NewSectionReader(a.f, begin, raw.Begin-begin)); err != nil {
		return nil, err
	}
	if len(points) == 0 {
		err := copyRaw(&out, a.f, raw)
		return out.Bytes(), err
	}
	g, err := load(a.f, raw)
	if err != nil {
		return nil, err
	}
	in := &inserter{generation: g, points: points, batches: make(map[int64][]insertion), wakers: make(map[timeline.GoID]uint64)}
	if err := raw.Walk(wire.Walk{Visit: in.visit}); err != nil {
		return nil, err
	}
	err = in.write(&out)
	return out.Bytes(), err
}

// inserter inserts what a generation is annotated with.
type inserter struct {
	*generation
	points  []point // that are to come
	batches map[int64][]insertion
	wakers  map[timeline.GoID]uint64 // ids of the stacks that woke goroutines
}

// visit inserts what belongs to an event.
func (in *inserter) visit(e *wire.Event) error {
	for len(in.points) > 0 && in.points[0].time <= e.Time {
		p := &in.points[0]
		in.points = in.points[1:]
		if p.time == e.Time {
			in.point(p, e)
		}
	}
	return nil
}

func (in *inserter) point(p *point, e *wire.Event) {
	g := uint64(p.note.g)
	switch {
	case p.what == blocks && e.Kind == wire.EvGoBlock && e.G == g:
		in.put(e, insertion{at: e.At, before: e.Size, events: in.begins(p, e.Args[1])})
	case p.what == wakes && e.Kind == wire.EvGoUnblock && e.Args[0] == g:
		in.wakers[p.note.g] = e.Args[2]
	case p.what == resumes && e.Kind == wire.EvGoStart && e.Args[0] == g:
		in.put(e, insertion{at: e.At + e.Size, events: in.ends(p)})
		delete(in.wakers, p.note.g)
	}
}

func (in *inserter) put(e *wire.Event, i insertion) {
	i.ticks = e.Ticks
	in.batches[e.Batch] = append(in.batches[e.Batch], i)
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
// the stack of the waker, where the generation has it.
func (in *inserter) ends(p *point) (b []byte) {
	by, text := in.added.string("woken by"), in.added.string(p.note.wokenBy)
	b = wire.AppendEvent(in.beginTask(p), wire.EvUserLog, 0, p.task.id, by, text, in.wakers[p.note.g])
	if !p.note.cutStart {
		b = wire.AppendEvent(b, wire.EvUserRegionEnd, 0, p.task.id, in.added.string(p.note.region), 0)
	}
	if p.ends {
		b = wire.AppendEvent(b, wire.EvUserTaskEnd, 0, p.task.id, 0)
	}
	return b
}

// write writes the generation.
func (in *inserter) write(w io.Writer) error {
	for i := range in.generation.batches {
		b := &in.generation.batches[i]
		data := in.data[b.Offset:b.End]
		if list := in.batches[in.raw.Begin+int64(b.Data)]; len(list) > 0 {
			data = insert(make([]byte, 0, len(data)+noteBytes*len(list)), b, in.part(b), list)
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
	first := uint64(in.raw.Start / in.tables.TickNS)
	if err := in.added.writeTo(w, in.raw.Number, first); err != nil {
		return err
	}
	_, err := w.Write(in.mark())
	return err
}
