package exp

import (
	"strings"

	"golang.org/x/exp/trace"

	"tracekit/analyze/decode"
)

// What x/exp/trace calls ranges of which events are made.
const (
	assistRange = "GC mark assist"
	stopRange   = "stop-the-world ("
)

// mark returns an event of the goroutine that executes the one just read. A mark tells
// of no goroutine: one that the generation has not told of yet is Nobody.
func (d *Reader) mark(t int64, kind decode.Kind) decode.Event {
	return decode.Event{Time: t, Kind: kind, G: d.builder.Known(decode.GoID(d.ev.Goroutine())), By: decode.Nobody}
}

func (d *Reader) sample(t int64) (decode.Event, bool) {
	e := d.mark(t, decode.Sample)
	e.N, e.Stack = int64(d.ev.Goroutine()), d.stack(d.ev.Stack())
	return e, true
}

// ranged translates the stops of the world, and the help for the garbage collector.
func (d *Reader) ranged(t int64) (decode.Event, bool) {
	r, ends := rangeOf(&d.ev), d.ev.Kind() == trace.EventRangeEnd
	switch {
	case r.Name == assistRange:
		e := d.mark(t, either(ends, decode.AssistBegin, decode.AssistEnd))
		e.G = d.builder.Known(decode.GoID(r.Scope.Goroutine())) // which need not be the one that says so
		return e, true
	case strings.HasPrefix(r.Name, stopRange):
		return d.mark(t, either(ends, decode.StopBegin, decode.StopEnd)), true
	}
	return decode.Event{}, false
}

// rangeOf returns what an event says of a range. Of a stop of the world that ends in
// another generation than it began in, x/exp/trace looks the reason up in the wrong
// table, and panics where that does not have it. No other range has one.
func rangeOf(ev *trace.Event) (r trace.Range) {
	defer func() {
		if recover() != nil {
			r = trace.Range{Name: stopRange}
		}
	}()
	return ev.Range()
}

// task translates a task. x/exp/trace knows the name of one that ends where it has seen
// it begin, which the file does not say.
func (d *Reader) task(t int64) (decode.Event, bool) {
	task, ends := d.ev.Task(), d.ev.Kind() == trace.EventTaskEnd
	e := d.mark(t, either(ends, decode.TaskBegin, decode.TaskEnd))
	e.N = int64(task.ID)
	if !ends {
		e.Name = d.symbols.InternString(task.Type)
	}
	return e, true
}

func (d *Reader) region(t int64) (decode.Event, bool) {
	r, ends := d.ev.Region(), d.ev.Kind() == trace.EventRegionEnd
	e := d.mark(t, either(ends, decode.RegionBegin, decode.RegionEnd))
	e.N, e.Name = int64(r.Task), d.symbols.InternString(r.Type)
	return e, true
}

func either(ends bool, begin, end decode.Kind) decode.Kind {
	if ends {
		return end
	}
	return begin
}
