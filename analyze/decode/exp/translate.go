package decode

import (
	"math"

	"golang.org/x/exp/trace"
)

// maxProcs is beyond any machine. A larger value is damage, and would only
// overflow the sums further down.
const maxProcs = 1 << 12

const gomaxprocs = "/sched/gomaxprocs:threads"

// translate turns the event just read into ours. It reports false for what no
// analysis asks for: processors, ranges, tasks, logs, samples.
func (d *Reader) translate(t int64) (Event, bool) {
	switch d.ev.Kind() {
	case trace.EventStateTransition:
		return d.transition(t)
	case trace.EventMetric:
		return d.metric(t)
	}
	return Event{}, false
}

func (d *Reader) metric(t int64) (Event, bool) {
	m := d.ev.Metric()
	if m.Name != gomaxprocs || m.Value.Kind() != trace.ValueUint64 {
		return Event{}, false
	}
	n := min(m.Value.Uint64(), maxProcs)
	return Event{Time: t, Kind: Procs, N: int64(n), G: NoGoroutine, By: NoGoroutine}, true
}

func (d *Reader) transition(t int64) (Event, bool) {
	st := d.ev.StateTransition()
	if st.Resource.Kind != trace.ResourceGoroutine {
		return Event{}, false
	}
	from, to := st.Goroutine()
	e := Event{
		Time:  t,
		Kind:  Transition,
		G:     GoID(st.Resource.Goroutine()),
		By:    NoGoroutine,
		Stack: d.stack(st.Stack),
		From:  state(from),
		To:    state(to),
	}
	switch {
	case e.From == e.To && e.Stack == NoStack:
		return Event{}, false // restated at the start of a generation: nothing new
	case e.From == NotExist, e.From == Waiting && e.To == Runnable:
		// Only here does the executing goroutine act on another one. The
		// context of other events is the goroutine itself, or whoever
		// happened to write down a status.
		e.By = GoID(d.ev.Goroutine())
		e.ByStack = d.stack(d.ev.Stack())
	}
	e.Reason = d.symbols.InternString(st.Reason)
	return e, true
}

var states = [...]State{
	trace.GoUndetermined: Unknown,
	trace.GoNotExist:     NotExist,
	trace.GoRunnable:     Runnable,
	trace.GoRunning:      Running,
	trace.GoWaiting:      Waiting,
	trace.GoSyscall:      Syscall,
}

func state(s trace.GoState) State {
	if int(s) < len(states) {
		return states[s]
	}
	return Unknown
}

// stack interns a stack, once per handle and generation.
func (d *Reader) stack(s trace.Stack) StackID {
	if s == trace.NoStack {
		return NoStack
	}
	if id, ok := d.stacks[s]; ok {
		return id
	}
	d.scratch = d.scratch[:0]
	for f := range s.Frames() {
		line := int(min(f.Line, math.MaxInt32))
		d.scratch = append(d.scratch, d.symbols.InternFrame(Frame{Func: f.Func, File: f.File, Line: line}))
	}
	id := d.symbols.InternStack(d.scratch)
	d.stacks[s] = id
	return id
}
