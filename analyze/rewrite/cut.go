package rewrite

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
)

// Window is a stretch of a trace, in ns since its beginning. What happens at From is
// in it, and what happens at To is not.
type Window = decode.Window

// Extent says what a trace covers that was cut.
type Extent struct {
	Start, End int64 // ns on the trace's clock: of the whole
	From, To   int64 // of what was written
	Events     int64 // in generations that begin or end in it, without those that were added
	Added      int64 // that say what was going on

	closes bool // the whole goes on behind To
}

// window returns the window as the trace that is written tells of it.
func (e *Extent) window() Window {
	if e.closes {
		return Window{From: e.From, To: e.To}
	}
	return Window{From: e.From, To: math.MaxInt64}
}

// Cut writes a trace of just a window of another one, exact to the event. It begins
// with what was going on: what every goroutine and processor was doing, the waits in
// progress with their stacks and reasons, the tasks and regions that had begun. These
// events are shortly before From on the clock, and a log with the category WindowLog
// says where the window is. Times remain those of the trace's clock.
//
// The error wraps ErrWindow where the window is beyond the trace, and ErrGap where
// generations in it are damaged.
func Cut(f File, w io.Writer, win Window) (*Extent, error) {
	r, version, err := open(f, followed())
	if err != nil {
		return nil, err
	}
	defer r.Close()
	c := &cut{f: f, w: w}
	if err := c.find(r, win); err != nil {
		return nil, err
	}
	if _, err := w.Write(wire.AppendHeader(nil, version)); err != nil {
		return nil, err
	}
	return &c.extent, c.write()
}

func followed() wire.Options {
	o := options()
	o.Follow = true
	return o
}

// cut is a cut in the making.
type cut struct {
	f      File
	w      io.Writer
	extent Extent
	row    []wire.Raw // generations with a part in the window
	before candidate  // the generation before them
	stand  *wire.Standing
	found  bool // a generation
	fresh  bool // it begins where the trace does
}

// candidate is a generation in which a cut may begin.
type candidate struct {
	raw   wire.Raw
	stand *wire.Standing // at its beginning; nil: it cannot
}

// overlap is more, in ns, than generations reach into one another by their clocks.
const overlap = 100e6

// find reads on to the end of the window, and keeps what was going on at its
// beginning.
func (c *cut) find(r *wire.Reader, win Window) error {
	for {
		gen, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if !c.found {
			c.found = true
			c.open(gen, win)
		}
		c.extent.End = gen.End
		if gen.Start >= c.extent.To {
			break
		}
		if err := c.consider(r, r.Raw()); err != nil {
			return err
		}
	}
	if len(c.row) == 0 {
		return fmt.Errorf("%w: it covers %s", ErrWindow, since(c.extent.End, c.extent.Start))
	}
	c.extent.closes = c.extent.closes || c.extent.To <= c.extent.End
	c.extent.To = min(c.extent.To, c.extent.End+1)
	return nil
}

// open works out the window when the first generation is known. The trace may have been
// cut before.
func (c *cut) open(gen *decode.Generation, win Window) {
	e := &c.extent
	e.Start, e.To = gen.Start, math.MaxInt64
	if w := gen.Window; w != nil {
		e.Start, e.To = w.From, w.To
		e.closes = w.To < math.MaxInt64
	}
	c.fresh = win.From <= 0 && gen.Window == nil
	e.From = e.Start + min(max(win.From, 0), math.MaxInt64-e.Start)
	e.To = min(e.To, e.Start+min(win.To, math.MaxInt64-e.Start))
}

// consider looks whether a part of a generation is in the window.
func (c *cut) consider(r *wire.Reader, raw wire.Raw) error {
	if raw.Gap {
		c.before = candidate{}
	}
	switch {
	case len(c.row) > 0 && raw.Gap:
		return gapError(c.row, []wire.Raw{raw})
	case len(c.row) > 0:
	case raw.Last >= c.extent.From:
		c.stand = r.Standing().Clone()
	default:
		c.before = candidate{raw: raw}
		if raw.Last >= c.extent.From-overlap {
			c.before.stand = r.Standing().Clone()
		}
		return nil
	}
	c.row = append(c.row, raw)
	return nil
}

// write writes the generations.
func (c *cut) write() error {
	if c.fresh {
		return c.first()
	}
	g, err := load(c.f, &c.row[0])
	if err != nil {
		return err
	}
	at, found, err := g.clean(c.extent.From)
	switch {
	case err != nil:
		return err
	case !found && c.before.stand != nil:
		if g, err = load(c.f, &c.before.raw); err != nil {
			return err
		}
		if at, _, err = g.clean(math.MaxInt64); err != nil {
			return err
		}
		c.stand = c.before.stand
	case !found:
		return c.first() // nothing was before
	default:
		c.row = c.row[1:]
	}
	if err := c.beginning(g, at); err != nil {
		return err
	}
	return c.rest(c.row)
}

// clean returns the Index of the last event up to the first one at a time, that one
// included, whose time is what the clock says. Others are later than their clock says,
// for there are events before them which are; and without these they would not be. It
// reports false where there is none.
func (g *generation) clean(from int64) (at place, found bool, err error) {
	err = g.raw.Walk(wire.Walk{Visit: func(e *wire.Event) error {
		if e.Time == int64(e.Ticks)*g.tables.TickNS {
			at, found = place{e.Index, e.Ticks}, true
		}
		if e.Time >= from {
			return errEnough
		}
		return nil
	}})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return at, found, err
}

// place is that of an event in a generation.
type place struct {
	index int
	ticks uint64
}

// errEnough ends a walk.
var errEnough = errors.New("the rest is not needed")

// beginning writes the generation in which the cut begins, from an event on.
func (c *cut) beginning(g *generation, at place) error {
	p := newPart(g, &c.extent)
	p.complete = len(c.stand.Goroutines) > 0
	p.stand, p.at, p.first = c.stand, at.index, min(at.ticks, uint64(c.extent.From/g.tables.TickNS))
	if err := g.raw.Walk(wire.Walk{At: at.index, Reached: p.begin, Visit: p.visit}); err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return p.write(c.w)
}

// first writes a cut that begins with the trace.
func (c *cut) first() error {
	if !c.extent.closes {
		return c.rest(c.row)
	}
	c.extent.From = c.row[0].Start
	if err := c.whole(&c.row[0], true); err != nil {
		return err
	}
	return c.rest(c.row[1:])
}

// whole writes a generation from its beginning on, up to the end of the window; with
// the log of the window, if that is to be told.
func (c *cut) whole(raw *wire.Raw, tell bool) error {
	g, err := load(c.f, raw)
	if err != nil {
		return err
	}
	p := newPart(g, &c.extent)
	p.told = !tell
	if err := raw.Walk(wire.Walk{Visit: p.visit}); err != nil {
		return err
	}
	return p.write(c.w)
}

// rest writes generations that are in the window from their beginning on.
func (c *cut) rest(row []wire.Raw) error {
	for i := range row {
		raw := &row[i]
		if raw.Last < c.extent.To {
			if err := copyRaw(c.w, c.f, raw); err != nil {
				return err
			}
			continue
		}
		if err := c.whole(raw, false); err != nil {
			return err
		}
	}
	return nil
}

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

// span is a range of the runtime's: of a goroutine or a processor.
type span struct {
	kind  byte // that ends it
	owner uint64
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

// pass notes the ranges that an event begins or ends. It reports false for one that
// must not be written: the end of what nothing in the window has begun.
func (p *part) pass(e *wire.Event) bool {
	begins, r := rangeOf(e)
	switch {
	case r.kind == 0:
		return true
	case begins && p.ranges[r]:
		return false // it is said to go on once more
	case begins:
		p.ranges[r] = true
		return true
	}
	was := p.ranges[r]
	delete(p.ranges, r)
	return was || p.stand == nil
}

// rangeOf returns the range that an event begins or ends, and which of both.
func rangeOf(e *wire.Event) (begins bool, r span) {
	switch e.Kind {
	case wire.EvSTWBegin, wire.EvSTWEnd:
		return e.Kind == wire.EvSTWBegin, span{wire.EvSTWEnd, e.G}
	case wire.EvGCMarkAssistActive:
		return true, span{wire.EvGCMarkAssistEnd, e.Args[0]}
	case wire.EvGCMarkAssistBegin, wire.EvGCMarkAssistEnd:
		return e.Kind == wire.EvGCMarkAssistBegin, span{wire.EvGCMarkAssistEnd, e.G}
	case wire.EvGCSweepActive:
		return true, span{wire.EvGCSweepEnd, e.Args[0]}
	case wire.EvGCSweepBegin, wire.EvGCSweepEnd:
		return e.Kind == wire.EvGCSweepBegin, span{wire.EvGCSweepEnd, e.P}
	}
	return false, span{}
}

// keep writes an event of the window.
func (p *part) keep(e *wire.Event) {
	if !p.pass(e) || e.Kind == wire.EvGCActive && p.ranges[span{kind: wire.EvGCEnd}] {
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
	ticks := max(e.Ticks, p.first, uint64(e.Time/p.tables.TickNS))
	p.stream(e.Thread).Add(ticks, e.Kind, args...)
	if !p.told && e.Kind == wire.EvGoStart {
		p.tellWindow(e.Thread, ticks)
	}
}

// tellWindow writes the log that says which window the trace is of. The thread must
// run a goroutine.
func (p *part) tellWindow(thread, ticks uint64) {
	p.told = true
	p.extent.Added++
	p.stream(thread).Add(ticks, wire.EvUserLog, 0, p.added.string(decode.WindowLog), p.added.string(p.extent.window().Text()), 0)
}

// after takes an event behind the window: what it states of a goroutine that was not
// mentioned before has held since the window.
func (p *part) after(e *wire.Event) {
	switch e.Kind {
	case wire.EvGoStatus, wire.EvGoStatusStack:
		if g, status := e.Args[0], e.Args[2]; !p.mentioned[g] && status != wire.GoRunning {
			p.extent.Added++
			p.stream(wire.NoThread).Add(uint64((p.extent.To-1)/p.tables.TickNS), e.Kind, e.Args...)
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
	threads := make([]uint64, 0, len(p.streams))
	for id := range p.streams {
		threads = append(threads, id)
	}
	slices.SortFunc(threads, cmp.Compare)
	for _, id := range threads {
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
