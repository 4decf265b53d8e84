package wire

import (
	"tracekit/analyze/decode"
)

// decoder decodes one generation.
type decoder struct {
	gen       *generation
	argCounts *[256]uint8
	pool      *decode.Pool
	clock     clock
	tally     *tally
	walk      *walk       // nil: nobody watches
	marks     *marks      // nil: nobody asked for them
	waits     *waitPlaces // nil: nobody asked for them
	*tables

	streams frontier
	threads map[uint64]*thread
	room    *room
	gs      []goroutine // room.states, grown
	procIDs index
	procs   []proc
	gcSeq   uint64
	gcState uint8
	err     error

	summary  summary
	out      *decoded
	stackAt  []int32 // by index in tables.stacks: index in out.stacks, 0: not used
	reasonAt []int32 // by index in tables.strings: index in out.reasons
	nameAt   []int32 // by index in tables.strings: index in out.names; nil: there are none
	last     int64   // time of the event before
	window   uint64  // id of the string that is the category of a log of a window; 0: none
}

// decoded is a generation of which every event was read, by itself: the one
// before is not known.
type decoded struct {
	start   int64 // ns
	first   int64 // time of the first event
	last    int64 // of the last one
	silence int64 // the longest time between two events, in ns
	read    int
	events  decode.Events

	goroutines []decode.GoID
	states     []goroutine // of the goroutines, at the end
	summary    *summary
	room       *room
	tally      *tally // nil: nobody asked for it
	marks      *marks // nil: nobody asked for them
	waits      []WaitPlace
	tasks      []uint64
	settings   []Setting
	window     *decode.Window // that the generation says the trace is of
	procs      []proc
	threads    map[uint64]*thread
	tables     *tables
	stacks     []int32 // those that events refer to, by index in tables.stacks
	reasons    []int32 // by index in tables.strings
	names      []int32 // by index in tables.strings
}

// room is what a decoder needs that grows with the goroutines and threads of a
// generation. It is used again for another one.
type room struct {
	goroutines []decode.GoID
	states     []goroutine
	index      index
	buffers    [][]byte
}

func newRoom() *room { return &room{index: newIndex()} }

// buffer returns room for n bytes of the batches of the thread at i.
func (r *room) buffer(i, n int) []byte {
	for len(r.buffers) <= i {
		r.buffers = append(r.buffers, nil)
	}
	if cap(r.buffers[i]) < n {
		r.buffers[i] = make([]byte, n)
	}
	return r.buffers[i][:n]
}

// decode decodes a generation, and shows its events to w, unless that is nil.
func (g *generation) decode(version int, pool *decode.Pool, room *room, o Options, w *walk) (*decoded, error) {
	t, err := g.readTables(version, room)
	if err != nil {
		return nil, err
	}
	d := &decoder{
		gen: g, argCounts: argCounts(version), pool: pool, room: room, clock: t.clock, tables: t,
		summary:  newSummary(),
		threads:  make(map[uint64]*thread),
		procIDs:  newIndex(),
		out:      &decoded{tables: t, stacks: make([]int32, 1), reasons: make([]int32, 1), names: make([]int32, 1)},
		stackAt:  make([]int32, len(t.stacks)),
		reasonAt: make([]int32, len(t.strings)),
	}
	if o.Tally {
		d.tally = new(tally)
		d.out.tally = d.tally
	}
	if o.Follow {
		d.marks = new(marks)
		d.out.marks = d.marks
	}
	if o.Waits != nil {
		d.waits = &waitPlaces{least: o.Waits.ns.Load()}
	}
	d.walk, d.window = w, t.find(decode.WindowLog)
	room.index.reset()
	d.gs, d.out.goroutines = room.states[:0], room.goroutines[:0]
	if err := d.run(); err != nil {
		d.out.events.Free()
		return nil, err
	}
	return d.out, nil
}

// run merges the events of all threads into one order.
func (d *decoder) run() error {
	if err := d.open(); err != nil {
		return err
	}
	for len(d.streams) > 0 {
		if len(d.samples) > 0 {
			if err := d.putSamples(); err != nil {
				return err
			}
		}
		// The earliest event is next, unless it builds on another one that a
		// clock puts behind it.
		s := d.streams[0]
		s.thread.seen = true
		if d.walk != nil {
			d.walk.before(d, s)
		}
		switch d.advance(s) {
		case early:
			if err := d.pickAnother(); err != nil {
				return err
			}
			continue
		case broken:
			return d.err
		}
		if d.walk != nil {
			if err := d.walk.after(d, s); err != nil {
				return err
			}
		}
		ok, err := s.next(d)
		if err != nil {
			return err
		}
		if ok {
			d.streams.down(0)
		} else {
			d.streams.remove(0)
		}
	}
	if err := d.putSamples(); err != nil {
		return err
	}
	d.finish()
	return nil
}

// open reads the first event of each thread.
func (d *decoder) open() error {
	for _, b := range d.gen.tables {
		if b.time > d.clock.max {
			return errTime
		}
	}
	if n := len(d.samples); d.gen.minTime > d.clock.max || n > 0 && d.samples[n-1].ticks > d.clock.max {
		return errTime
	}
	d.last = d.clock.time(d.gen.minTime)
	d.out.start = d.last
	d.out.events.Begin(d.last, d.pool)
	streams := make([]*stream, len(d.gen.threads))
	for i, id := range d.gen.threads {
		streams[i] = &stream{thread: d.thread(id), index: i}
	}
	for _, b := range d.gen.events {
		s := streams[b.thread]
		s.batches = append(s.batches, b)
	}
	for _, s := range streams {
		ok, err := s.next(d)
		if err != nil {
			return err
		}
		if ok {
			d.streams.insert(s)
		}
	}
	return nil
}

func (d *decoder) thread(id uint64) *thread {
	t := d.threads[id]
	if t == nil {
		t = &thread{id: id, g: none, p: none}
		d.threads[id] = t
	}
	return t
}

// pickAnother passes the earliest event that can be next, where the earliest of
// all cannot.
func (d *decoder) pickAnother() error {
	d.streams.sort()
	for i := 1; i < len(d.streams); i++ {
		if ok, err := d.try(i); ok || err != nil {
			return err
		}
	}
	return errStuck
}

// try passes the event of the stream at i in the frontier, if it can be next.
func (d *decoder) try(i int) (bool, error) {
	s := d.streams[i]
	s.thread.seen = true
	if d.walk != nil {
		d.walk.before(d, s)
	}
	switch d.advance(s) {
	case early:
		return false, nil
	case broken:
		return false, d.err
	}
	if d.walk != nil {
		if err := d.walk.after(d, s); err != nil {
			return false, err
		}
	}
	ok, err := s.next(d)
	switch {
	case err != nil:
		return false, err
	case !ok:
		d.streams.remove(i)
	default:
		d.streams.moved(i)
	}
	return true, nil
}

// tick returns the time for an event: times rise by at least 1 ns an event.
func (d *decoder) tick(t int64) int64 {
	t = max(t, d.last+1)
	if d.out.read == 0 {
		d.out.first = t
	} else {
		d.out.silence = max(d.out.silence, t-d.last)
	}
	d.last = t
	d.out.read++
	return t
}

// leaveOut counts an event that nobody asks for.
func (d *decoder) leaveOut(t int64) outcome {
	d.tick(t)
	d.out.events.Pass()
	return passed
}

// put hands an event on.
func (d *decoder) put(t int64, e *decode.Event) {
	e.Time = d.tick(t)
	d.out.events.Append(e)
}

func (d *decoder) fail(err error) outcome {
	d.err = err
	return broken
}

// stack returns the number of a stack among those that are used.
func (d *decoder) stack(id uint64) (decode.StackID, bool) {
	i, ok := d.stackIDs.get(id)
	if !ok || i == 0 {
		return decode.NoStack, ok
	}
	n := d.stackAt[i]
	if n == 0 {
		n = int32(len(d.out.stacks))
		d.stackAt[i] = n
		d.out.stacks = append(d.out.stacks, i)
	}
	return decode.StackID(n), true
}

// reason returns the number of a reason among those that are used.
func (d *decoder) reason(id uint64) (decode.StringID, bool) {
	i, ok := d.stringIDs.get(id)
	if !ok || i == 0 {
		return 0, ok
	}
	n := d.reasonAt[i]
	if n == 0 {
		n = int32(len(d.out.reasons))
		d.reasonAt[i] = n
		d.out.reasons = append(d.out.reasons, i)
	}
	return decode.StringID(n), true
}

// known reports whether the stacks and strings that an event refers to are there.
func (d *decoder) known(s *stream) bool {
	spec := &specs[s.kind]
	for _, i := range spec.stacks {
		if i != 0 {
			if _, ok := d.stackIDs.get(s.args[i-1]); !ok {
				return false
			}
		}
	}
	for _, i := range spec.strings {
		if i != 0 {
			if _, ok := d.stringIDs.get(s.args[i-1]); !ok {
				return false
			}
		}
	}
	return true
}

// goroutine returns the index of a goroutine, none for one that is new.
func (d *decoder) goroutine(id uint64) int32 { return d.room.index.get(id) }

// enter adds a goroutine.
func (d *decoder) enter(id uint64, status, found uint8) int32 {
	d.gs = append(d.gs, goroutine{status: status, found: found})
	d.out.goroutines = append(d.out.goroutines, decode.GoID(id))
	return d.room.index.add(id)
}

func (d *decoder) finish() {
	if d.waits != nil {
		d.out.waits, d.out.tasks = d.waits.finish(), d.waits.tasks
	}
	d.out.last = d.last
	d.out.states, d.out.room = d.gs, d.room
	d.room.states, d.room.goroutines = d.gs, d.out.goroutines
	d.out.summary = &d.summary
	d.out.procs, d.out.threads = d.procs, d.threads
}
