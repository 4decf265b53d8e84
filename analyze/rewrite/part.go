package rewrite

import (
	"io"
	"maps"
	"slices"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
)

// part is a part of a generation, of which the events are written anew.
type part struct {
	*generation
	extent   *Extent
	stand    *wire.Standing // what was going on before; nil: the part begins with the generation
	at       int            // Index of the event with which the part begins
	complete bool           // all goroutines were mentioned when it began
	streams  map[uint64]*wire.Events
	told     bool           // the log of the window and the tasks are written
	gomax    uint64         // GOMAXPROCS, as said before the window; 0: it was not
	waiting  map[uint64]int // Index of the event since when goroutines wait
	opens    uint64         // ticks: when what was going on is said
	first    uint64         // ticks that no event in the window is before

	goroutines, procs map[uint64]uint64 // what is added to their sequence numbers, modulo 2^64
	mentioned         map[uint64]bool   // goroutines
	ranges            map[span]bool     // those going on
	stopped           map[uint64]wire.Event
}

func newPart(g *generation, e *Extent) *part {
	return &part{
		generation: g, extent: e,
		streams:    make(map[uint64]*wire.Events),
		goroutines: make(map[uint64]uint64), procs: make(map[uint64]uint64),
		mentioned: make(map[uint64]bool),
		ranges:    make(map[span]bool),
		stopped:   make(map[uint64]wire.Event),
		waiting:   make(map[uint64]int),
	}
}

// visit takes an event.
func (p *part) visit(e *wire.Event) error {
	switch {
	case e.Time >= p.extent.To && p.complete:
		return errEnough
	case e.Time >= p.extent.To:
		p.after(e)
	case e.Index >= p.at:
		p.keep(e)
	default:
		p.before(e)
	}
	return nil
}

// before takes an event before the window, for what it begins.
func (p *part) before(e *wire.Event) {
	p.pass(e)
	switch e.Kind {
	case wire.EvSTWBegin:
		e.Args = slices.Clone(e.Args)
		p.stopped[e.G] = *e
	case wire.EvSTWEnd:
		delete(p.stopped, e.G)
	case wire.EvProcsChange:
		p.gomax = e.Args[0]
	case wire.EvGoBlock, wire.EvGoSwitch:
		p.waiting[e.G] = e.Index
	case wire.EvGoCreateBlocked:
		p.waiting[e.Args[0]] = e.Index
	}
	switch e.Kind {
	case wire.EvUserTaskBegin:
		p.stand.Begin(wire.Task{ID: e.Args[0], Parent: e.Args[1], Name: p.tables.Strings[e.Args[2]]})
	case wire.EvUserTaskEnd:
		p.stand.End(e.Args[0])
	case wire.EvUserRegionBegin:
		p.stand.Stand(e.G).Enter(wire.Region{Task: e.Args[0], Name: p.tables.Strings[e.Args[1]]})
	case wire.EvUserRegionEnd:
		p.stand.Stand(e.G).Leave()
	case wire.EvGoDestroy, wire.EvGoDestroySyscall, wire.EvGoSwitchDestroy:
		delete(p.stand.Goroutines, e.G)
	}
}

// keep writes an event of the window.
func (p *part) keep(e *wire.Event) {
	if !p.pass(e) || e.Kind == wire.EvGCActive && p.ranges[span{kind: wire.EvGCEnd}] || p.isSaid(e) {
		return
	}
	args := slices.Clone(e.Args)
	switch e.Kind {
	case wire.EvGoStatus, wire.EvGoStatusStack, wire.EvGoCreate, wire.EvGoCreateBlocked, wire.EvGoCreateSyscall:
		p.mentioned[args[0]] = true
		delete(p.goroutines, args[0])
	case wire.EvProcStatus:
		delete(p.procs, args[0])
	case wire.EvGoStart, wire.EvGoUnblock, wire.EvGoSwitch, wire.EvGoSwitchDestroy:
		args[1] += p.goroutines[args[0]]
	case wire.EvProcStart, wire.EvProcSteal:
		args[1] += p.procs[args[0]]
	case wire.EvGoSyscallBegin:
		args[0] += p.procs[e.P]
	}
	p.extent.Events++
	ticks := max(e.Ticks, p.first)
	if !p.told && e.Running && stops(e.Kind) {
		p.tellWindow(e.Thread, ticks)
	}
	p.stream(e.Thread).Add(ticks, e.Kind, args...)
	if !p.told && e.Kind == wire.EvGoStart {
		p.tellWindow(e.Thread, ticks)
	}
}

// stops reports whether only a goroutine that runs, on a processor, has such an event,
// after which it does not.
func stops(kind byte) bool {
	switch kind {
	case wire.EvGoBlock, wire.EvGoStop, wire.EvGoSyscallBegin, wire.EvGoDestroy:
		return true
	}
	return false
}

// isSaid reports whether an event is the log of the window that the whole is of: the cut
// is of another one.
func (p *part) isSaid(e *wire.Event) bool {
	return e.Kind == wire.EvUserLog && p.extent.said != "" &&
		p.tables.Strings[e.Args[1]] == decode.WindowLog && p.tables.Strings[e.Args[2]] == p.extent.said
}

// tellWindow writes the log that says which window the trace is of. The thread must
// run a goroutine.
func (p *part) tellWindow(thread, ticks uint64) {
	p.told = true
	p.extent.Added++
	p.stream(thread).Add(ticks, wire.EvUserLog, 0, p.added.string(decode.WindowLog), p.added.string(p.extent.window().Text()), 0)
}

// after takes an event behind the window: what it states of a goroutine that was not
// mentioned before has held since the window. It is stated behind that, so as not to
// move what happens in its last tick.
func (p *part) after(e *wire.Event) {
	switch e.Kind {
	case wire.EvGoStatus, wire.EvGoStatusStack:
		if g, status := e.Args[0], e.Args[2]; !p.mentioned[g] {
			thread := wire.NoThread
			if status == wire.GoRunning {
				thread = e.Thread
			}
			p.extent.Added++
			p.stream(thread).Add(uint64((p.extent.To-1)/p.tables.TickNS)+1, e.Kind, e.Args...)
		}
		p.mentioned[e.Args[0]] = true
	case wire.EvGoCreate, wire.EvGoCreateBlocked, wire.EvGoCreateSyscall:
		p.mentioned[e.Args[0]] = true
	}
}

// stream returns the events of a thread.
func (p *part) stream(thread uint64) *wire.Events {
	s := p.streams[thread]
	if s == nil {
		s = &wire.Events{Generation: p.raw.Number, Thread: thread}
		p.streams[thread] = s
	}
	return s
}

// write writes the generation: its tables, and the events that were kept.
func (p *part) write(w io.Writer) error {
	for i := range p.batches {
		b := &p.batches[i]
		if err := p.writeTable(w, b); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.streams)) {
		if _, err := p.streams[id].WriteTo(w); err != nil {
			return err
		}
	}
	if err := p.added.writeTo(w, p.raw.Number, max(p.opens, uint64(p.raw.Start/p.tables.TickNS))); err != nil {
		return err
	}
	_, err := w.Write(p.mark())
	return err
}

// writeTable writes a batch that is none of events.
func (p *part) writeTable(w io.Writer, b *wire.Batch) error {
	data := p.part(b)
	switch b.Kind {
	case wire.EvBatch:
		return nil
	case wire.EvCPUSamples:
		data = p.samples(data)
	}
	_, err := w.Write(b.Append(nil, max(b.Time, p.opens), data))
	return err
}

// samples returns the CPU samples of a batch that are in the window.
func (p *part) samples(data []byte) []byte {
	kept := data[:1:1]
	for s := range wire.Samples(data) {
		if ns := int64(s.Ticks) * p.tables.TickNS; s.Ticks >= p.first && ns < p.extent.To {
			kept = append(kept, s.Entry...)
		}
	}
	return kept
}
