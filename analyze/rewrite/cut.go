package rewrite

import (
	"errors"
	"fmt"
	"io"
	"math"

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
	// Lost is what cannot be read behind the window, in bytes of the file, where that
	// was to go on to the end; 0 where it was not.
	Lost int64

	closes bool   // the whole goes on behind To
	said   string // what the whole says of the window that it is of itself
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
	found  bool  // a generation
	fresh  bool  // it begins where the trace does
	end    int64 // where the generation ends that was written last; 0: none was
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
			c.extent.Lost = lostAtEnd(r, c.row)
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
	if c.extent.closes {
		c.extent.Lost = 0
	}
	return nil
}

// lostAtEnd returns the bytes behind a row of generations that cannot be read.
func lostAtEnd(r *wire.Reader, row []wire.Raw) (bytes int64) {
	for _, l := range r.Losses() {
		if len(row) > 0 && l.Offset >= row[len(row)-1].End {
			bytes += l.Bytes
		}
	}
	return bytes
}

// open works out the window when the first generation is known. The trace may have been
// cut before.
func (c *cut) open(gen *decode.Generation, win Window) {
	e := &c.extent
	e.Start, e.To = gen.Start, math.MaxInt64
	whole := gen.Whole()
	if whole != nil {
		e.Start, e.To = whole.From, whole.To
		e.closes, e.said = whole.To < math.MaxInt64, whole.Text()
	}
	c.fresh = win.From <= 0 && whole == nil
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
	p.takeRanges()
	if err := g.raw.Walk(wire.Walk{At: at.index, Reached: p.begin, Visit: p.visit}); err != nil && !errors.Is(err, errEnough) {
		return err
	}
	c.end = g.raw.End
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

// copy copies a generation, and those without events in front of it.
func (c *cut) copy(raw *wire.Raw) error {
	if err := c.between(raw); err != nil {
		return err
	}
	return copyRaw(c.w, c.f, raw)
}

// between copies what lies between the generation that was written last and the next
// one.
func (c *cut) between(raw *wire.Raw) error {
	begin := c.end
	c.end = raw.End
	if begin == 0 {
		return nil
	}
	_, err := io.Copy(c.w, io.NewSectionReader(c.f, begin, raw.Begin-begin))
	return err
}

// whole writes a generation from its beginning on, up to the end of the window; with
// the log of the window, if that is to be told.
func (c *cut) whole(raw *wire.Raw, tell bool) error {
	if err := c.between(raw); err != nil {
		return err
	}
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
		var err error
		if raw.Last < c.extent.To {
			err = c.copy(raw)
		} else {
			err = c.whole(raw, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
