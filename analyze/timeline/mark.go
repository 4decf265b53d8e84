package timeline

import (
	"slices"

	"tracekit/analyze/decode"
)

// MarkKind says what a Mark tells.
type MarkKind = decode.Kind

// The kinds of marks.
const (
	Sample      = decode.Sample      // the CPU profiler looked at what a thread executes
	StopBegin   = decode.StopBegin   // the world is being stopped
	StopEnd     = decode.StopEnd     // it runs again
	AssistBegin = decode.AssistBegin // G begins to help the garbage collector mark
	AssistEnd   = decode.AssistEnd   // it has helped enough
	TaskBegin   = decode.TaskBegin   // a task of runtime/trace begins
	TaskEnd     = decode.TaskEnd     // one ends; that can be told more than once
	RegionBegin = decode.RegionBegin // a region of runtime/trace begins
	RegionEnd   = decode.RegionEnd   // one ends, which may have begun before the trace
)

// Mark is something that the trace tells beside what goroutines do.
type Mark struct {
	Time int64 // ns on the trace's clock
	Kind MarkKind
	// G is the goroutine that executes it; nil: nobody, or one that the trace does
	// not show.
	G *Goroutine
	// Task is the runtime's number of the task, of tasks and regions; 0 for a region
	// that is of none.
	Task int64
	// Name is what the program calls it, of all of them but TaskEnd, of which the
	// trace does not say it. Symbols.String has the text.
	Name  decode.StringID
	Stack StackID // of Sample; NoStack where the trace does not say
}

// MarkObserver is an Observer that is told of marks.
type MarkObserver interface {
	Observer
	// Marked tells of a mark, which is valid until it returns. Stops of the world,
	// and a goroutine's help for the garbage collector, begin and end in turns. They
	// do not end where the trace does or has a gap, or the goroutine has died: that
	// has been told then. Regions need not be nested, and of those that end, and of
	// tasks, the beginning may not have been told.
	Marked(m *Mark)
}

// hasMarks reports whether one of the observers is told of marks.
func hasMarks(observers []Observer) bool {
	return slices.ContainsFunc(observers, func(o Observer) bool {
		_, ok := o.(MarkObserver)
		return ok
	})
}

// mark takes an event that is a mark.
func (tl *timeline) mark(e *decode.Event) {
	g := tl.executor(e.G)
	if g == nil && e.Kind == Sample {
		g = tl.gs[GoID(e.N)] // known, but not from this generation yet
	}
	if tl.isNews(e, g) && len(tl.marking) > 0 {
		tl.tellMark(Mark{Time: e.Time, Kind: e.Kind, G: g, Task: e.N, Name: e.Name, Stack: e.Stack})
	}
}

// executor returns the goroutine of a mark, as far as it is known. A mark is no reason
// to enter one.
func (tl *timeline) executor(i decode.GoIndex) *Goroutine {
	if i == decode.Nobody {
		return nil
	}
	if ent := &tl.entries[i]; ent.seen {
		return ent.g
	}
	return tl.gs[tl.gen.Goroutines[i]]
}

// isNews notes what a mark begins or ends that is told in a window, too, which begins
// within. It reports false for what was told before, as each generation tells anew of
// the help that is going on, and for the end of what has not begun.
func (tl *timeline) isNews(e *decode.Event, g *Goroutine) bool {
	switch e.Kind {
	case AssistBegin, AssistEnd:
		if g == nil || g.assisting == (e.Kind == AssistBegin) {
			return false
		}
		g.assisting = e.Kind == AssistBegin
	case StopBegin:
		was := tl.stopped
		tl.stopped, tl.stopper = true, tl.idOf(e.G)
		return !was
	case StopEnd:
		if !tl.stopped || tl.stopper != tl.idOf(e.G) {
			return false // of a stop that another one has followed, by the clock
		}
		tl.stopped = false
	}
	return true
}

func (tl *timeline) idOf(i decode.GoIndex) GoID {
	if i == decode.Nobody {
		return NoGoroutine
	}
	return tl.gen.Goroutines[i]
}

// tellInProgress tells of what has begun and not ended where a window begins, time t.
// alive are the goroutines that are there.
func (tl *timeline) tellInProgress(t int64, alive []*Goroutine) {
	if len(tl.marking) == 0 {
		return
	}
	if tl.stopped {
		m := Mark{Time: t, Kind: StopBegin}
		if i := slices.IndexFunc(alive, func(g *Goroutine) bool { return g.ID == tl.stopper }); i >= 0 {
			m.G = alive[i]
		}
		tl.tellMark(m)
	}
	for _, g := range alive {
		if g.assisting {
			tl.tellMark(Mark{Time: t, Kind: AssistBegin, G: g})
		}
	}
}

func (tl *timeline) tellMark(m Mark) {
	tl.marked = m // so that it does not have to be allocated
	for _, o := range tl.marking {
		o.Marked(&tl.marked)
	}
}
