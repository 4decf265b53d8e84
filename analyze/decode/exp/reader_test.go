package exp

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/exp/trace"

	"tracekit/analyze/decode"
)

// TestPanicOfTheReader has the reader of x/exp/trace panic, as it does for some
// damaged traces, and gets an error.
func TestPanicOfTheReader(t *testing.T) {
	d := newReader()
	_, err := d.Next() // its exp is nil
	if !errors.Is(err, decode.ErrDamaged) || !strings.Contains(err.Error(), "the reader failed") {
		t.Errorf("error is %v", err)
	}
	if _, again := d.Next(); again != err {
		t.Errorf("then it is %v", again)
	}
}

func TestTranslate(t *testing.T) {
	at := trace.MakeStack([]trace.StackFrame{{PC: 1, Func: "main.f", File: "f.go", Line: 3}, {PC: 2, Func: "main.main", File: "m.go", Line: 9}})
	by := trace.MakeStack([]trace.StackFrame{{PC: 3, Func: "main.g", File: "g.go", Line: 4}})
	block := trace.MakeGoStateTransition(7, trace.GoRunning, trace.GoWaiting)
	block.Reason, block.Stack = "sync", at
	birth := trace.MakeGoStateTransition(7, trace.GoNotExist, trace.GoRunnable)
	birth.Stack = at
	restated := trace.MakeGoStateTransition(7, trace.GoWaiting, trace.GoWaiting)
	restated.Stack = at
	tests := []struct {
		name string
		ev   trace.Event
		want decode.Event
		by   decode.GoID
		keep bool
	}{
		{"block", event(t, trace.EventStateTransition, 7, at, block),
			decode.Event{From: decode.Running, To: decode.Waiting, Stack: 1, Reason: 1}, decode.NoGoroutine, true},
		{"wake", event(t, trace.EventStateTransition, 8, by, trace.MakeGoStateTransition(7, trace.GoWaiting, trace.GoRunnable)),
			decode.Event{From: decode.Waiting, To: decode.Runnable, ByStack: 1}, 8, true},
		{"wake by nobody", event(t, trace.EventStateTransition, trace.NoGoroutine, trace.NoStack, trace.MakeGoStateTransition(7, trace.GoWaiting, trace.GoRunnable)),
			decode.Event{From: decode.Waiting, To: decode.Runnable}, decode.NoGoroutine, true},
		{"birth", event(t, trace.EventStateTransition, 8, by, birth),
			decode.Event{From: decode.NotExist, To: decode.Runnable, Stack: 1, ByStack: 2}, 8, true},
		{"restated with a stack", event(t, trace.EventStateTransition, 9, at, restated),
			decode.Event{From: decode.Waiting, To: decode.Waiting, Stack: 1}, decode.NoGoroutine, true},
		{"restated", event(t, trace.EventStateTransition, 9, trace.NoStack, trace.MakeGoStateTransition(7, trace.GoWaiting, trace.GoWaiting)),
			decode.Event{From: decode.Waiting, To: decode.Waiting}, decode.NoGoroutine, true},
		{"many processors", event(t, trace.EventMetric, 9, trace.NoStack, trace.Metric{Name: gomaxprocs, Value: trace.Uint64Value(1 << 60)}),
			decode.Event{Kind: decode.Procs, N: maxProcs}, decode.NoGoroutine, true},
		{"GOMAXPROCS", event(t, trace.EventMetric, 9, trace.NoStack, trace.Metric{Name: gomaxprocs, Value: trace.Uint64Value(6)}),
			decode.Event{Kind: decode.Procs, N: 6}, decode.NoGoroutine, true},
		{"sample", event(t, trace.EventStackSample, 7, at, trace.StackSample{}),
			decode.Event{Kind: decode.Sample, N: 7, Stack: 1}, decode.NoGoroutine, true},
		{"assistance", event(t, trace.EventRangeBegin, 7, trace.NoStack, trace.Range{Name: assistRange, Scope: trace.MakeResourceID(trace.GoID(7))}),
			decode.Event{Kind: decode.AssistBegin}, decode.NoGoroutine, true},
		{"assistance that goes on", event(t, trace.EventRangeActive, 9, trace.NoStack, trace.Range{Name: assistRange, Scope: trace.MakeResourceID(trace.GoID(7))}),
			decode.Event{Kind: decode.AssistBegin}, decode.NoGoroutine, true},
		{"end of assistance", event(t, trace.EventRangeEnd, 7, trace.NoStack, trace.Range{Name: assistRange, Scope: trace.MakeResourceID(trace.GoID(7))}),
			decode.Event{Kind: decode.AssistEnd}, decode.NoGoroutine, true},
		{"stop of the world", event(t, trace.EventRangeBegin, 7, trace.NoStack, trace.Range{Name: "stop-the-world (x)", Scope: trace.MakeResourceID(trace.GoID(7))}),
			decode.Event{Kind: decode.StopBegin}, decode.NoGoroutine, true},
		{"its end", event(t, trace.EventRangeEnd, 7, trace.NoStack, trace.Range{Name: "stop-the-world (x)", Scope: trace.MakeResourceID(trace.GoID(7))}),
			decode.Event{Kind: decode.StopEnd}, decode.NoGoroutine, true},
		{"task", event(t, trace.EventTaskBegin, 7, trace.NoStack, trace.Task{ID: 1 << 41, Type: "x"}),
			decode.Event{Kind: decode.TaskBegin, N: 1 << 41, Name: 1}, decode.NoGoroutine, true},
		{"end of a task", event(t, trace.EventTaskEnd, 7, trace.NoStack, trace.Task{ID: 3, Type: "x"}),
			decode.Event{Kind: decode.TaskEnd, N: 3}, decode.NoGoroutine, true},
		{"region", event(t, trace.EventRegionBegin, 7, trace.NoStack, trace.Region{Task: 3, Type: "x"}),
			decode.Event{Kind: decode.RegionBegin, N: 3, Name: 1}, decode.NoGoroutine, true},
		{"end of a region", event(t, trace.EventRegionEnd, 7, trace.NoStack, trace.Region{Task: 3, Type: "x"}),
			decode.Event{Kind: decode.RegionEnd, N: 3, Name: 1}, decode.NoGoroutine, true},
		{"sweep", event(t, trace.EventRangeBegin, 7, trace.NoStack, trace.Range{Name: "GC incremental sweep", Scope: trace.MakeResourceID(trace.ProcID(1))}), decode.Event{}, 0, false},
		{"processor", event(t, trace.EventStateTransition, 9, trace.NoStack, trace.MakeProcStateTransition(1, trace.ProcIdle, trace.ProcRunning)), decode.Event{}, 0, false},
		{"heap", event(t, trace.EventMetric, 9, trace.NoStack, trace.Metric{Name: "/gc/heap/goal:bytes", Value: trace.Uint64Value(6)}), decode.Event{}, 0, false},
		{"log", event(t, trace.EventLog, 9, trace.NoStack, trace.Log{Category: "a", Message: "b"}), decode.Event{}, 0, false},
	}
	for _, tt := range tests {
		d := newReader()
		d.ev = tt.ev
		known := d.builder.Goroutine(7)
		got, keep := d.translate(0)
		if keep != tt.keep {
			t.Errorf("%s: kept: %v", tt.name, keep)
		}
		if !keep {
			continue
		}
		d.builder.Add(got)
		gen := d.builder.Take()
		by := decode.NoGoroutine
		if got.By != decode.Nobody {
			by = gen.Goroutines[got.By]
		}
		if got.From != tt.want.From || got.To != tt.want.To || got.N != tt.want.N || got.Kind != tt.want.Kind || by != tt.by ||
			(got.Name != 0) != (tt.want.Name != 0) || got.Kind >= decode.Sample && got.G != known ||
			(got.Stack != 0) != (tt.want.Stack != 0) || (got.ByStack != 0) != (tt.want.ByStack != 0) {
			t.Errorf("%s: %+v by %d, want %+v by %d", tt.name, got, by, tt.want, tt.by)
		}
		if got.Kind == decode.Transition && gen.Goroutines[got.G] != 7 {
			t.Errorf("%s: goroutine %d", tt.name, gen.Goroutines[got.G])
		}
		if tt.name == "block" {
			leaf := d.symbols.Frame(d.symbols.Stack(got.Stack)[0])
			if leaf != (decode.Frame{Func: "main.f", File: "f.go", Line: 3}) || d.symbols.String(got.Reason) != "sync" {
				t.Errorf("block at %+v for %q", leaf, d.symbols.String(got.Reason))
			}
		}
	}
}

// TestMarkOfStranger has marks of goroutines of which nothing was told: they are
// nobody's, and tell of none.
func TestMarkOfStranger(t *testing.T) {
	for _, ev := range []trace.Event{
		event(t, trace.EventStackSample, 7, trace.NoStack, trace.StackSample{}),
		event(t, trace.EventStackSample, trace.NoGoroutine, trace.NoStack, trace.StackSample{}),
		event(t, trace.EventTaskBegin, 7, trace.NoStack, trace.Task{ID: 3}),
	} {
		d := newReader()
		d.ev = ev
		got, keep := d.translate(0)
		if gen := d.builder.Take(); !keep || got.G != decode.Nobody || len(gen.Goroutines) != 0 {
			t.Errorf("%v: kept %v, %+v, goroutines %d", ev.Kind(), keep, got, gen.Goroutines)
		}
	}
}

// newReader returns a Reader that has read nothing.
func newReader() *Reader {
	d := &Reader{
		frames:  &frames{r: strings.NewReader("")},
		symbols: decode.NewSymbols(),
		stacks:  make(map[trace.Stack]decode.StackID),
	}
	d.builder = decode.NewBuilder(&d.pool)
	d.builder.Begin(0)
	return d
}

func event[T trace.EventDetails](t *testing.T, kind trace.EventKind, g trace.GoID, s trace.Stack, details T) trace.Event {
	t.Helper()
	ev, err := trace.MakeEvent(trace.EventConfig[T]{Time: 1, Kind: kind, Goroutine: g, Proc: 1, Thread: 1, Stack: s, Details: details})
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

// TestTimes refuses times that go back, and those that no trace has.
func TestTimes(t *testing.T) {
	tests := []struct {
		first, last, at int64
		ok              bool
	}{
		{100, 200, 200, true},
		{100, 200, 199, false},
		{100, 200, 200 + maxSilence, true},
		{100, 200, 201 + maxSilence, false},
		{100, 100 + maxLength - 5, 100 + maxLength, true},
		{100, 100 + maxLength - 5, 101 + maxLength, false},
	}
	for _, tt := range tests {
		d := newReader()
		d.first, d.last, d.whole, d.framed = tt.first, tt.last, 1, true
		ev, err := trace.MakeEvent(trace.EventConfig[trace.Log]{Time: trace.Time(tt.at), Kind: trace.EventLog})
		if err != nil {
			t.Fatal(err)
		}
		d.ev = ev
		if err := d.event(); (err == nil) != tt.ok {
			t.Errorf("%+v: error is %v", tt, err)
		} else if tt.ok && d.Silence() != tt.at-tt.last {
			t.Errorf("%+v: silence is %d", tt, d.Silence())
		}
	}
}
