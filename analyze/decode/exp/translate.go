package exp

import (
	"math"

	"golang.org/x/exp/trace"

	"tracekit/analyze/decode"
)

// maxProcs is beyond any machine. A larger value is damage, and would only
// overflow the sums further down.
const maxProcs = 1 << 12

const gomaxprocs = "/sched/gomaxprocs:threads"

// translate turns the event just read into ours. It reports false for what no
// analysis asks for: processors, most ranges, logs, the heap.
func (d *Reader) translate(t int64) (decode.Event, bool) {
	switch d.ev.Kind() {
	case trace.EventStateTransition:
		return d.transition(t)
	case trace.EventMetric:
		return d.metric(t)
	case trace.EventStackSample:
		return d.sample(t)
	case trace.EventRangeBegin, trace.EventRangeActive, trace.EventRangeEnd:
		return d.ranged(t)
	case trace.EventTaskBegin, trace.EventTaskEnd:
		return d.task(t)
	case trace.EventRegionBegin, trace.EventRegionEnd:
		return d.region(t)
	case trace.EventLog:
		if log := d.ev.Log(); log.Category == decode.WindowLog {
			d.window(log.Message)
		}
	}
	return decode.Event{}, false
}

func (d *Reader) window(text string) {
	if w, ok := decode.ParseWindow(text); ok {
		d.builder.Window(w)
	}
}

func (d *Reader) metric(t int64) (decode.Event, bool) {
	m := d.ev.Metric()
	if m.Name != gomaxprocs || m.Value.Kind() != trace.ValueUint64 {
		return decode.Event{}, false
	}
	n := min(m.Value.Uint64(), maxProcs)
	return decode.Event{Time: t, Kind: decode.Procs, N: int64(n), G: decode.Nobody, By: decode.Nobody}, true
}

func (d *Reader) transition(t int64) (decode.Event, bool) {
	st := d.ev.StateTransition()
	if st.Resource.Kind != trace.ResourceGoroutine {
		return decode.Event{}, false
	}
	from, to := st.Goroutine()
	e := decode.Event{
		Time:  t,
		Kind:  decode.Transition,
		G:     d.builder.Goroutine(decode.GoID(st.Resource.Goroutine())),
		By:    decode.Nobody,
		Stack: d.stack(st.Stack),
		From:  state(from),
		To:    state(to),
	}
	if e.From == decode.NotExist || e.From == decode.Waiting && e.To == decode.Runnable {
		// Only here does the executing goroutine act on another one. The
		// context of other events is the goroutine itself, or whoever
		// happened to write down a status.
		e.By = d.builder.Goroutine(decode.GoID(d.ev.Goroutine()))
		e.ByStack = d.stack(d.ev.Stack())
	}
	e.Reason = d.symbols.InternString(st.Reason)
	return e, true
}

var states = [...]decode.State{
	trace.GoUndetermined: decode.Unknown,
	trace.GoNotExist:     decode.NotExist,
	trace.GoRunnable:     decode.Runnable,
	trace.GoRunning:      decode.Running,
	trace.GoWaiting:      decode.Waiting,
	trace.GoSyscall:      decode.Syscall,
}

func state(s trace.GoState) decode.State {
	if int(s) < len(states) {
		return states[s]
	}
	return decode.Unknown
}

// stack interns a stack, once per handle and generation.
func (d *Reader) stack(s trace.Stack) decode.StackID {
	if s == trace.NoStack {
		return decode.NoStack
	}
	if id, ok := d.stacks[s]; ok {
		return id
	}
	d.scratch = d.scratch[:0]
	for f := range s.Frames() {
		line := int(min(f.Line, math.MaxInt32))
		d.scratch = append(d.scratch, d.symbols.InternFrame(decode.Frame{Func: f.Func, File: f.File, Line: line}))
	}
	id := d.symbols.InternStack(d.scratch)
	d.stacks[s] = id
	return id
}
