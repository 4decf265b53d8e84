package wire

import "sync/atomic"

// Shortest is the length, in ns, from which on Reader.Waits has waits. It can rise
// while the reader reads.
type Shortest struct{ ns atomic.Int64 }

// Raise makes it so long, and a little less: where generations reach into one another,
// times that are given are not those of a generation by itself.
func (s *Shortest) Raise(ns int64) { s.ns.Store(ns - ns/10) }

// Holds reports whether a wait lasted so long, or an end of it is in another generation.
func (s *Shortest) Holds(w *WaitPlace) bool {
	return w.Block.Size == 0 || w.Start.Size == 0 || w.Start.Time-w.Block.Time >= s.ns.Load()
}

// WaitPlace is where a wait stands in a generation: the event with which a goroutine
// blocked, and the one with which it ran again.
type WaitPlace struct {
	G              uint64
	Block, Start   EventPlace // one of them may not be in the generation
	Stack, ByStack uint64     // ids of the stacks of who waits, and of who ended it, where they are in the generation

	started bool // the goroutine has run in the generation
}

// EventPlace is where an event stands in a file. Its Size is 0 where there is none.
type EventPlace struct {
	Time     int64  // ns on the trace's clock, as Event.Time
	Ticks    uint64 // as Event.Ticks
	Batch    int64  // as Event.Batch
	At, Size int32  // in the batch's data
	index    int
}

// waitPlaces notes where waits stand while a generation is decoded.
type waitPlaces struct {
	least int64
	open  []WaitPlace // by goroutine; those without a G have no wait going on
	list  []WaitPlace
	tasks []uint64
}

// ManyTasks is an id that no program's tasks come to: they are counted from 1 on. Those
// that are added to a trace begin with it.
const ManyTasks = 1 << 40

// task notes that a task begins or ends.
func (w *waitPlaces) task(id uint64) {
	if id >= ManyTasks {
		w.tasks = append(w.tasks, id)
	}
}

// Tasks returns the ids from ManyTasks on of tasks that begin or end in the generation
// that Next has returned last, where Options.Waits asked for it. An id can come twice.
func (r *Reader) Tasks() []uint64 { return r.out.tasks }

// place returns where the event stands that has just happened.
func (d *decoder) place(s *stream) EventPlace {
	return EventPlace{
		Time: d.last, Ticks: s.ticks, Batch: s.offset,
		At: int32(s.length - len(s.data) - s.size), Size: int32(s.size), index: d.out.read - 1,
	}
}

// of returns the wait of a goroutine.
func (w *waitPlaces) of(g int32) *WaitPlace {
	for len(w.open) <= int(g) {
		w.open = append(w.open, WaitPlace{})
	}
	return &w.open[g]
}

// placeBlock notes that a goroutine blocks.
func (d *decoder) placeBlock(s *stream, g int32) {
	*d.waits.of(g) = WaitPlace{G: uint64(d.out.goroutines[g]), Block: d.place(s), Stack: s.args[1], started: true}
}

// placeWake notes that one is woken.
func (d *decoder) placeWake(s *stream, g int32) {
	w := d.waits.of(g)
	w.G, w.ByStack = uint64(d.out.goroutines[g]), s.args[2]
}

// placeStart notes that one runs again, if it has waited.
func (d *decoder) placeStart(s *stream, g int32) {
	w := d.waits.of(g)
	if w.G == 0 && (w.started || d.gs[g].found == 0) {
		return // nor is it one that the generation has found waiting
	}
	w.G, w.Start = uint64(d.out.goroutines[g]), d.place(s)
	if w.Block.Size == 0 || w.Start.Time-w.Block.Time >= d.waits.least {
		d.waits.list = append(d.waits.list, *w)
	}
	*w = WaitPlace{started: true}
}

// finish adds the waits that are going on, and returns all.
func (w *waitPlaces) finish() []WaitPlace {
	for i := range w.open {
		if p := &w.open[i]; p.Block.Size > 0 {
			w.list = append(w.list, *p)
		}
	}
	return w.list
}

// Waits returns where waits stand in the generation that Next has returned last, where
// Options.Waits asked for it: those that lasted so long, and those of which an end is in
// another generation. It has others of which the beginning is not in the trace.
func (r *Reader) Waits() []WaitPlace {
	list := r.out.waits
	floor := r.gen.Floor
	for i := range list {
		for _, p := range []*EventPlace{&list[i].Block, &list[i].Start} {
			if p.Size > 0 {
				p.Time = max(p.Time, floor+int64(p.index))
			}
		}
	}
	return list
}
