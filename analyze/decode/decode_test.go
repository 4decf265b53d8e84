package decode

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/exp/trace"
)

// fixtures returns the saved traces by name.
func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../../testdata/traces/*.trace")
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	traces := make(map[string][]byte)
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		traces[filepath.Base(name)] = data
	}
	return traces
}

// result is what came out of a trace.
type result struct {
	generations int
	read        int
	events      []Event
	start, end  int64
	err         error
	loss        *Loss
}

func readAll(r io.Reader) (res result) {
	d, err := Open(r)
	if err != nil {
		res.err = err
		return res
	}
	for {
		gen, err := d.Next()
		if err == io.EOF {
			res.loss = d.Loss()
			return res
		}
		if err != nil {
			res.err = err
			return res
		}
		if res.generations == 0 {
			res.start = gen.Start
		}
		res.generations++
		res.read += gen.Read
		for _, block := range gen.Blocks {
			res.events = append(res.events, block...)
		}
		res.end = gen.End
	}
}

// TestAgainstReader reads each fixture with x/exp/trace alone and compares
// numbers and times.
func TestAgainstReader(t *testing.T) {
	for name, data := range fixtures(t) {
		got := readAll(bytes.NewReader(data))
		if got.err != nil || got.loss != nil {
			t.Errorf("%s: error %v, loss %v", name, got.err, got.loss)
			continue
		}
		r, err := trace.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		var read, blocks, gotBlocks int
		var last int64
		for {
			ev, err := r.ReadEvent()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if ev.Kind() == trace.EventSync {
				continue
			}
			read++
			last = int64(ev.Time())
			if ev.Kind() == trace.EventStateTransition && ev.StateTransition().Resource.Kind == trace.ResourceGoroutine {
				if from, to := ev.StateTransition().Goroutine(); from == trace.GoRunning && to == trace.GoWaiting {
					blocks++
				}
			}
		}
		for _, e := range got.events {
			if e.From == Running && e.To == Waiting {
				gotBlocks++
			}
		}
		if got.read != read || got.end != last || gotBlocks != blocks || blocks == 0 {
			t.Errorf("%s: %d events to %d ns with %d blocks, want %d to %d ns with %d",
				name, got.read, got.end, gotBlocks, read, last, blocks)
		}
	}
}

// TestSmallReads gives the bytes one by one, and by halves.
func TestSmallReads(t *testing.T) {
	for name, data := range fixtures(t) {
		if len(data) > 130_000 {
			continue
		}
		want := readAll(bytes.NewReader(data))
		for how, wrap := range map[string]func(io.Reader) io.Reader{"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "data with EOF": iotest.DataErrReader} {
			got := readAll(wrap(bytes.NewReader(data)))
			if got.err != nil || got.read != want.read || len(got.events) != len(want.events) || got.end != want.end {
				t.Errorf("%s, %s: %d events, error %v; want %d", name, how, got.read, got.err, want.read)
			}
		}
	}
}

// TestTruncated cuts traces at many places. What comes out is always the
// beginning of the whole, and what is lost adds up to the file.
func TestTruncated(t *testing.T) {
	for name, data := range fixtures(t) {
		whole := readAll(bytes.NewReader(data))
		step := max(len(data)/60, 1)
		for n := 0; n < len(data); n += step {
			got := readAll(bytes.NewReader(data[:n]))
			if got.err != nil {
				if got.generations != 0 {
					t.Errorf("%s cut at %d: %v after %d generations", name, n, got.err, got.generations)
				}
				continue
			}
			if got.read > whole.read || len(got.events) > len(whole.events) {
				t.Errorf("%s cut at %d: %d of %d events", name, n, got.read, whole.read)
				continue
			}
			for i, e := range got.events {
				if w := whole.events[i]; e.Time != w.Time || e.G != w.G || e.To != w.To {
					t.Errorf("%s cut at %d: event %d is %+v, want %+v", name, n, i, e, w)
					break
				}
			}
			checkLoss(t, name, got, int64(n))
		}
	}
}

func checkLoss(t *testing.T, name string, got result, size int64) {
	t.Helper()
	l := got.loss
	if l == nil {
		return
	}
	if l.Offset < headerSize || l.Bytes < 0 || l.Offset+l.Bytes != size || l.Cause == nil {
		t.Errorf("%s of %d bytes: loss is %+v", name, size, l)
	}
	if strings.Contains(l.Cause.Error(), "\n") {
		t.Errorf("%s: the cause has several lines: %q", name, l.Cause)
	}
}

// TestLossIsTheTail cuts in the last generation: what is lost begins exactly
// where that generation does.
func TestLossIsTheTail(t *testing.T) {
	for name, data := range fixtures(t) {
		if !strings.HasPrefix(name, "generations-") {
			continue
		}
		f := &frames{r: bytes.NewReader(data[headerSize:]), offset: headerSize, marked: strings.Contains(name, "1.26")}
		if _, err := io.Copy(io.Discard, f); err != nil || f.broken {
			t.Fatalf("%s: frames: %v, broken: %v", name, err, f.broken)
		}
		whole := readAll(bytes.NewReader(data))
		if len(f.ends) != whole.generations || f.ends[len(f.ends)-1] != int64(len(data)) {
			t.Errorf("%s: %d ends (%v) of %d generations, %d bytes", name, len(f.ends), f.ends, whole.generations, len(data))
		}
		begin := f.ends[len(f.ends)-2]
		for _, n := range []int64{begin + 20, (begin + int64(len(data))) / 2, int64(len(data)) - 20} {
			got := readAll(bytes.NewReader(data[:n]))
			if got.err != nil || got.loss == nil || got.loss.Offset != begin || got.generations != whole.generations-1 {
				t.Errorf("%s cut at %d: %d of %d generations, loss %+v, error %v; want the loss at %d",
					name, n, got.generations, whole.generations, got.loss, got.err, begin)
			}
		}
	}
}

// TestKilled has the file of a program that was killed: whole generations, and
// the batch with which the next one begins. The reader of x/exp/trace finds
// nothing wrong with it.
func TestKilled(t *testing.T) {
	for _, name := range []string{"generations-1.25.4.trace", "generations-1.26.8.trace"} {
		data := fixtures(t)[name]
		f := &frames{r: bytes.NewReader(data[headerSize:]), offset: headerSize, marked: strings.Contains(name, "1.26")}
		if _, err := io.Copy(io.Discard, f); err != nil {
			t.Fatal(err)
		}
		whole := readAll(bytes.NewReader(data))
		begin := f.ends[len(f.ends)-2]
		// The first batch has a size of one byte or two in its header.
		first := frames{r: bytes.NewReader(data[begin:])}
		n := int64(1)
		for first.scan(data[begin : begin+1]); first.field != fieldType || first.skip > 0 || n == 1; n++ {
			first.scan(data[begin+n : begin+n+1])
		}
		got := readAll(bytes.NewReader(data[:begin+n]))
		if got.err != nil || got.loss == nil || got.loss.Offset != begin || got.loss.Bytes != n || got.generations != whole.generations-1 {
			t.Errorf("%s: %d generations, loss %+v, error %v; want the loss of %d bytes at %d", name, got.generations, got.loss, got.err, n, begin)
		}
	}
}

// TestJunkBehind has bytes behind a whole trace that are none of it: they alone
// are lost.
func TestJunkBehind(t *testing.T) {
	for name, data := range fixtures(t) {
		if strings.Contains(name, "1.21") {
			continue // v1 has no frames: all or nothing
		}
		whole := readAll(bytes.NewReader(data))
		got := readAll(bytes.NewReader(append(bytes.Clone(data), "\xffjunk"...)))
		if got.loss == nil || got.loss.Bytes != 5 || got.read != whole.read {
			t.Errorf("%s: %d events, loss %+v, error %v; want %d events and a loss of 5 bytes", name, got.read, got.loss, got.err, whole.read)
		}
	}
}

// TestFlipped flips single bytes all over the fixtures.
func TestFlipped(t *testing.T) {
	for name, data := range fixtures(t) {
		step := max(len(data)/40, 1)
		for i := 0; i < len(data); i += step {
			for _, x := range []byte{0x01, 0xff} {
				bad := bytes.Clone(data)
				bad[i] ^= x
				got := readAll(bytes.NewReader(bad))
				checkLoss(t, name, got, int64(len(data)))
				if got.err == nil && got.end-got.start > maxLength {
					t.Errorf("%s with byte %d flipped: it lasts %d ns", name, i, got.end-got.start)
				}
			}
		}
	}
}

func TestNotATrace(t *testing.T) {
	tests := []struct {
		name, input string
		want        error
		says        string
	}{
		{"empty", "", ErrEmpty, ""},
		{"short", "go 1.26", ErrNotTrace, "7 bytes"},
		{"text", "package main\n\nfunc main() {}\n", ErrNotTrace, `"package main`},
		{"gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", ErrNotTrace, ""},
		{"no padding", "go 1.26 trace...", ErrNotTrace, ""},
		{"future", "go 1.99 trace\x00\x00\x00\x01\x02", ErrVersion, "Go 1.99"},
		{"past", "go 1.5 trace\x00\x00\x00\x00\x01\x02", ErrVersion, "Go 1.5"},
		{"header alone", "go 1.26 trace\x00\x00\x00", ErrDamaged, "no events"},
		{"header alone, before 1.26", "go 1.22 trace\x00\x00\x00", ErrDamaged, ""},
		{"header alone, v1", "go 1.21 trace\x00\x00\x00", ErrDamaged, ""},
		{"garbage behind the header", "go 1.26 trace\x00\x00\x00garbage", ErrDamaged, ""},
	}
	for _, tt := range tests {
		got := readAll(strings.NewReader(tt.input))
		if !errors.Is(got.err, tt.want) || !strings.Contains(got.err.Error(), tt.says) {
			t.Errorf("%s: error is %v, want %v with %q", tt.name, got.err, tt.want, tt.says)
		}
	}
}

// TestReadError passes on what is wrong with the medium, not with the trace.
func TestReadError(t *testing.T) {
	broken := errors.New("the disk is gone")
	for name, data := range fixtures(t) {
		got := readAll(io.MultiReader(bytes.NewReader(data[:len(data)/3]), iotest.ErrReader(broken)))
		if !errors.Is(got.err, broken) || errors.Is(got.err, ErrDamaged) {
			t.Errorf("%s: error is %v, loss %+v", name, got.err, got.loss)
		}
	}
}

// TestPanicOfTheReader has the reader of x/exp/trace panic, as it does for some
// damaged traces, and gets an error.
func TestPanicOfTheReader(t *testing.T) {
	d := &Reader{frames: &frames{r: strings.NewReader("")}, symbols: NewSymbols()}
	_, err := d.Next() // its exp is nil
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "the reader failed") {
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
		want Event
		keep bool
	}{
		{"block", event(t, trace.EventStateTransition, 7, at, block),
			Event{G: 7, By: NoGoroutine, From: Running, To: Waiting, Stack: 1, Reason: 1}, true},
		{"wake", event(t, trace.EventStateTransition, 8, by, trace.MakeGoStateTransition(7, trace.GoWaiting, trace.GoRunnable)),
			Event{G: 7, By: 8, From: Waiting, To: Runnable, ByStack: 1}, true},
		{"wake by nobody", event(t, trace.EventStateTransition, trace.NoGoroutine, trace.NoStack, trace.MakeGoStateTransition(7, trace.GoWaiting, trace.GoRunnable)),
			Event{G: 7, By: NoGoroutine, From: Waiting, To: Runnable}, true},
		{"birth", event(t, trace.EventStateTransition, 8, by, birth),
			Event{G: 7, By: 8, From: NotExist, To: Runnable, Stack: 1, ByStack: 2}, true},
		{"restated with a stack", event(t, trace.EventStateTransition, 9, at, restated),
			Event{G: 7, By: NoGoroutine, From: Waiting, To: Waiting, Stack: 1}, true},
		{"many processors", event(t, trace.EventMetric, 9, trace.NoStack, trace.Metric{Name: gomaxprocs, Value: trace.Uint64Value(1 << 60)}),
			Event{Kind: Procs, N: maxProcs, G: NoGoroutine, By: NoGoroutine}, true},
		{"restated", event(t, trace.EventStateTransition, 9, trace.NoStack, trace.MakeGoStateTransition(7, trace.GoWaiting, trace.GoWaiting)), Event{}, false},
		{"processor", event(t, trace.EventStateTransition, 9, trace.NoStack, trace.MakeProcStateTransition(1, trace.ProcIdle, trace.ProcRunning)), Event{}, false},
		{"GOMAXPROCS", event(t, trace.EventMetric, 9, trace.NoStack, trace.Metric{Name: gomaxprocs, Value: trace.Uint64Value(6)}),
			Event{Kind: Procs, N: 6, G: NoGoroutine, By: NoGoroutine}, true},
		{"heap", event(t, trace.EventMetric, 9, trace.NoStack, trace.Metric{Name: "/gc/heap/goal:bytes", Value: trace.Uint64Value(6)}), Event{}, false},
		{"log", event(t, trace.EventLog, 9, trace.NoStack, trace.Log{Category: "a", Message: "b"}), Event{}, false},
	}
	for _, tt := range tests {
		d := &Reader{symbols: NewSymbols(), stacks: make(map[trace.Stack]StackID), ev: tt.ev}
		got, keep := d.translate(0)
		if keep != tt.keep || got.G != tt.want.G || got.By != tt.want.By || got.From != tt.want.From || got.To != tt.want.To ||
			got.N != tt.want.N || got.Kind != tt.want.Kind || (got.Stack != 0) != (tt.want.Stack != 0) || (got.ByStack != 0) != (tt.want.ByStack != 0) {
			t.Errorf("%s: %+v (%v), want %+v (%v)", tt.name, got, keep, tt.want, tt.keep)
		}
		if tt.name == "block" {
			leaf := d.symbols.Frame(d.symbols.Stack(got.Stack)[0])
			if leaf != (Frame{"main.f", "f.go", 3}) || d.symbols.String(got.Reason) != "sync" {
				t.Errorf("block at %+v for %q", leaf, d.symbols.String(got.Reason))
			}
		}
	}
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
		d := &Reader{first: tt.first, last: tt.last, whole: 1, framed: true}
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

func TestSymbols(t *testing.T) {
	s := NewSymbols()
	a := s.InternFrame(Frame{"a", "a.go", 1})
	b := s.InternFrame(Frame{"b", "b.go", 2})
	if s.InternFrame(Frame{"a", "a.go", 1}) != a || a == b {
		t.Error("frames are not interned by content")
	}
	ab, ba := s.InternStack([]FrameID{a, b}), s.InternStack([]FrameID{b, a})
	if ab == ba || ab == NoStack || s.InternStack([]FrameID{a, b}) != ab || s.InternStack(nil) != NoStack {
		t.Errorf("stacks are %d and %d", ab, ba)
	}
	if got := s.Stack(ba); len(got) != 2 || got[0] != b || s.Frame(got[1]).Func != "a" {
		t.Errorf("stack is %v", got)
	}
}

// ends is endless: each byte of it is one that ends a generation.
type ends struct{}

func (ends) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = frameEnd
	}
	return len(p), nil
}

// TestJunkIsNotKept has megabytes of junk behind a trace take no memory.
func TestJunkIsNotKept(t *testing.T) {
	const size = 16 << 20
	data := fixtures(t)["mixed-1.26.8.trace"]
	allocated := func(junk int64) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := readAll(io.MultiReader(bytes.NewReader(data), io.LimitReader(ends{}, junk)))
		runtime.ReadMemStats(&after)
		if got.err != nil || (got.loss != nil) != (junk > 0) || junk > 0 && got.loss.Bytes != junk {
			t.Fatalf("loss with %d bytes of junk is %+v, error %v", junk, got.loss, got.err)
		}
		return after.TotalAlloc - before.TotalAlloc
	}
	if none, much := allocated(0), allocated(size); much > none+size/8 {
		t.Errorf("%d bytes without junk, %d with %d of it", none, much, size)
	}
}
