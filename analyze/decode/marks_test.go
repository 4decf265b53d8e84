package decode_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"testing"
	"time"

	exptrace "golang.org/x/exp/trace"

	"tracekit/analyze/decode"
)

// TestMarksOfProgram traces a program with tasks, regions, a CPU profile and a garbage
// collector at work. Both readers find the marks that golang.org/x/exp/trace has.
func TestMarksOfProgram(t *testing.T) {
	var data []byte
	var want map[decode.Kind]int
	for d := 50 * time.Millisecond; want[decode.Sample] < 10; d *= 2 {
		if d > 5*time.Second {
			t.Skip("the profiler does not look at this process")
		}
		data = profiled(t, d)
		want = rawMarks(t, data)
	}
	if want[decode.StopBegin] == 0 || want[decode.TaskBegin] != 2 || want[decode.RegionEnd] != 4 {
		t.Fatalf("the trace has %v", want)
	}
	both(t, func(t *testing.T, reader string) {
		got, shown := make(map[decode.Kind]int), 0
		d, err := open(bytes.NewReader(data), reader)
		if err != nil {
			t.Fatal(err)
		}
		err = eachMark(d, func(e *decode.Event) {
			got[e.Kind]++
			switch name := d.Symbols().String(e.Name); {
			case e.Kind == decode.Sample && e.Stack != decode.NoStack && e.G != decode.Nobody:
				shown++
			case e.Kind == decode.TaskBegin && name != "work":
				t.Errorf("a task is called %q", name)
			case (e.Kind == decode.RegionBegin || e.Kind == decode.RegionEnd) && name != "outer" && name != "inner":
				t.Errorf("a region is called %q", name)
			}
		})
		if err != nil || !maps.Equal(got, want) || shown == 0 {
			t.Errorf("marks are %v, %d of the samples with a stack and a goroutine, error %v; want %v", got, shown, err, want)
		}
	})
}

// eachMark calls f with each mark of a trace.
func eachMark(src decode.Source, f func(*decode.Event)) error {
	for {
		gen, err := src.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var e decode.Event
		for c := gen.Cursor(); c.Next(&e); {
			if e.Kind >= decode.Sample {
				f(&e)
			}
		}
	}
}

var (
	sink  int
	waste []byte
)

// profiled traces a program that is profiled, this very process, which computes for some
// time. How much of that it gets is not its own affair.
func profiled(t *testing.T, d time.Duration) []byte {
	t.Helper()
	var b, profile bytes.Buffer
	if err := pprof.StartCPUProfile(&profile); err != nil {
		t.Skipf("this process is being profiled already: %v", err)
	}
	defer pprof.StopCPUProfile()
	if err := trace.Start(&b); err != nil {
		t.Skipf("this process is being traced already: %v", err)
	}
	for range 2 {
		ctx, task := trace.NewTask(context.Background(), "work")
		trace.WithRegion(ctx, "outer", func() {
			defer trace.StartRegion(ctx, "inner").End()
			busy(d)
		})
		task.End()
	}
	trace.Stop()
	return b.Bytes()
}

// busy computes for a time, and has the garbage collector run.
func busy(d time.Duration) {
	for begin := time.Now(); time.Since(begin) < d; {
		for i := range 100_000 {
			sink ^= i
		}
		waste = make([]byte, 1<<16)
	}
	runtime.GC()
}

// rawMarks counts the marks that golang.org/x/exp/trace finds.
func rawMarks(t *testing.T, data []byte) map[decode.Kind]int {
	t.Helper()
	r, err := exptrace.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	n := make(map[decode.Kind]int)
	for {
		ev, err := r.ReadEvent()
		if errors.Is(err, io.EOF) {
			delete(n, decode.Transition)
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		n[rawKind(&ev)]++
	}
}

var rawKinds = map[exptrace.EventKind]decode.Kind{
	exptrace.EventStackSample: decode.Sample, exptrace.EventTaskBegin: decode.TaskBegin, exptrace.EventTaskEnd: decode.TaskEnd,
	exptrace.EventRegionBegin: decode.RegionBegin, exptrace.EventRegionEnd: decode.RegionEnd,
}

// rawKind returns which mark an event is; Transition: none.
func rawKind(ev *exptrace.Event) decode.Kind {
	switch ev.Kind() {
	case exptrace.EventRangeBegin, exptrace.EventRangeActive, exptrace.EventRangeEnd:
	default:
		return rawKinds[ev.Kind()]
	}
	kind := decode.Transition
	switch name := rangeName(ev); {
	case name == "GC mark assist":
		kind = decode.AssistBegin
	case strings.HasPrefix(name, "stop-the-world"):
		kind = decode.StopBegin
	default:
		return kind
	}
	if ev.Kind() == exptrace.EventRangeEnd {
		kind++
	}
	return kind
}

// TestMarksOfFixtures finds the marks of the saved traces, of old versions too.
func TestMarksOfFixtures(t *testing.T) { both(t, testMarksOfFixtures) }

func testMarksOfFixtures(t *testing.T, reader string) {
	for name, data := range fixtures(t) {
		got, want := make(map[decode.Kind]int), rawMarks(t, data)
		d, err := open(bytes.NewReader(data), reader)
		if err != nil {
			t.Fatal(err)
		}
		err = eachMark(d, func(e *decode.Event) { got[e.Kind]++ })
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: marks are %v, error %v; want %v", name, got, err, want)
		}
	}
}

// rangeName returns the name of a range. Where a stop of the world ends in another
// generation than it began in, x/exp/trace may not have it, and panics.
func rangeName(ev *exptrace.Event) (name string) {
	defer func() {
		if recover() != nil {
			name = "stop-the-world"
		}
	}()
	return ev.Range().Name
}
