package rewrite_test

import (
	"bytes"
	"io"
	"math"
	"testing"

	"tracekit/analyze"
	"tracekit/analyze/decode/wire"
	"tracekit/analyze/report"
	"tracekit/analyze/rewrite"
	"tracekit/analyze/rewrite/rewritetest"
)

// cutMade cuts a window out of a trace made by hand, which golang.org/x/exp/trace must
// read as well as the cut, and returns the reports of the window and of the cut.
func cutMade(t *testing.T, data []byte, win rewrite.Window) (window, cut *report.Report) {
	t.Helper()
	all, err := rewritetest.Events(data)
	if err != nil {
		t.Fatal(err)
	}
	checkCut(t, data, all, ties(all), win)
	var out bytes.Buffer
	if _, err := rewrite.Cut(rewritetest.Memory(data), &out, win); err != nil {
		t.Fatal(err)
	}
	window, err = analyze.Trace(bytes.NewReader(data), "x", analyze.Options{Window: &win})
	if err != nil {
		t.Fatal(err)
	}
	cut, _, err = analyze.Verify(bytes.NewReader(out.Bytes()), "x", analyze.Options{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return window, cut
}

const none = uint64(math.MaxUint64)

// TestCutCoroutine has a coroutine that was created, and did not run yet: it waits with
// the stack of its beginning.
func TestCutCoroutine(t *testing.T) {
	m := rewritetest.NewMade()
	body := m.Stack("main.body")
	m.Add(1, 100, wire.EvProcStatus, 0, wire.ProcRunning)
	m.Add(1, 100, wire.EvGoStatusStack, 1, 1, wire.GoRunning, m.Stack("main.main"))
	m.Add(1, 110, wire.EvGoCreateBlocked, 2, body, m.Stack("main.new"))
	m.Add(1, 200, wire.EvGoStop, m.String("preempted"), m.Stack("main.main"))
	m.Add(1, 210, wire.EvGoStart, 1, 1)
	m.Add(1, 300, wire.EvGoStop, m.String("preempted"), m.Stack("main.main"))
	window, cut := cutMade(t, m.Bytes(), rewrite.Window{From: 64 * 50, To: 64 * 150})
	if w, c := window.Waits.Sites[0], cut.Waits.Sites[0]; c.Site < 0 || w.Waits != c.Waits || w.BlockedNS != c.BlockedNS {
		t.Errorf("the window has %+v, the cut %+v", w, c)
	}
}

// TestCutWithoutProcessor cuts where every processor is in a system call of which the
// thread is not known any more.
func TestCutWithoutProcessor(t *testing.T) {
	m := rewritetest.NewMade()
	m.Add(1, 100, wire.EvProcStatus, 0, wire.ProcRunning)
	m.Add(1, 100, wire.EvGoStatusStack, 1, 1, wire.GoRunning, m.Stack("main.called"))
	m.Add(1, 110, wire.EvGoSyscallBegin, 1, m.Stack("main.called"))
	m.Add(1, 120, wire.EvGoDestroySyscall)
	m.Add(none, 120, wire.EvGoStatusStack, 2, none, wire.GoWaiting, m.Stack("main.main"))
	m.Add(2, 200, wire.EvProcSteal, 0, 2, 1)
	data := m.Bytes()
	window, cut := cutMade(t, data, rewrite.Window{From: 64 * 50, To: 64 * 80})
	if w, c := window.Trace, cut.Trace; w.WallNS != c.WallNS || w.Goroutines != c.Goroutines {
		t.Errorf("the window is %+v, the cut %+v", w, c)
	}
	cutMade(t, data, rewrite.Window{From: 64 * 50, To: 64 * 300})
}

// TestCutLastTick cuts in the tick of an event, and before what there was is mentioned.
func TestCutLastTick(t *testing.T) {
	m := rewritetest.NewMade()
	stack := m.Stack("main.main")
	for i := range uint64(3) {
		m.Add(1+i, 100, wire.EvProcStatus, i, wire.ProcRunning)
	}
	m.Add(1, 100, wire.EvGoStatusStack, 1, 1, wire.GoRunning, stack)
	m.Add(2, 100, wire.EvGoStatusStack, 2, 2, wire.GoRunning, stack)
	m.Add(1, 200, wire.EvGoStop, 0, stack)
	m.Add(1, 210, wire.EvGoStart, 1, 1)
	m.Add(2, 220, wire.EvGoStop, 0, stack)
	m.Add(3, 300, wire.EvGoStatusStack, 3, 3, wire.GoRunning, stack)
	for g := range uint64(20) {
		m.Add(none, 300, wire.EvGoStatusStack, 10+g, none, wire.GoWaiting, stack)
	}
	window, cut := cutMade(t, m.Bytes(), rewrite.Window{From: 64 * 50, To: 64*120 + 20})
	if w, c := window.Trace, cut.Trace; w.WallNS != c.WallNS || w.Goroutines != c.Goroutines {
		t.Errorf("the window is %+v, the cut %+v", w, c)
	}
	if w, c := window.Parallel, cut.Parallel; w.RunningAvg != c.RunningAvg {
		t.Errorf("%v run in the window, %v in the cut", w.RunningAvg, c.RunningAvg)
	}
}

// TestCutEmptyStack has the runtime show a coroutine with a stack that has no function: what
// was known of it remains.
func TestCutEmptyStack(t *testing.T) {
	m := rewritetest.NewMade()
	m.Add(1, 100, wire.EvProcStatus, 0, wire.ProcRunning)
	m.Add(1, 100, wire.EvGoStatusStack, 1, 1, wire.GoRunning, m.Stack("main.main"))
	m.Add(1, 110, wire.EvGoCreateBlocked, 2, m.Stack("runtime.corostart"), m.Stack("main.new"))
	m.Add(1, 120, wire.EvGoStatusStack, 2, none, wire.GoWaiting, m.Stack(""))
	m.Add(1, 130, wire.EvGoUnblock, 2, 1, 0)
	m.Add(1, 300, wire.EvGoStop, m.String("preempted"), m.Stack("main.main"))
	window, cut := cutMade(t, m.Bytes(), rewrite.Window{From: 64 * 50, To: 64 * 150})
	for _, rep := range []*report.Report{window, cut} {
		if g := rep.Parallel.Groups; len(g) != 2 || g[0].Name != "runtime.corostart" && g[1].Name != "runtime.corostart" {
			t.Errorf("the groups are %+v", g)
		}
	}
}

// TestCutKeepsTicks has a system call end before its processor is taken away, by the
// clock: that order, and so what comes first of many threads, is the same in a cut.
func TestCutKeepsTicks(t *testing.T) {
	m := rewritetest.NewMade()
	stack := m.Stack("main.main")
	threads := uint64(20)
	for i := range threads {
		m.Add(i, 100, wire.EvProcStatus, i, wire.ProcRunning)
		m.Add(i, 100, wire.EvGoStatusStack, 1+i, i, wire.GoRunning, stack)
	}
	for i := range threads / 2 {
		m.Add(i, 110+i, wire.EvGoSyscallBegin, 1, stack)
		m.Add(i, 150+i, wire.EvGoSyscallEndBlocked)
		m.Add(threads-1-i, 160+i, wire.EvProcSteal, i, 2, i)
	}
	for i := threads / 2; i < threads; i++ {
		m.Add(i, 400+10*i, wire.EvProcsChange, threads, 0)
	}
	cutMade(t, m.Bytes(), rewrite.Window{From: 64 * 5, To: 64 * 250})
}

// TestUnstated has a goroutine run over a border of generations, and be stopped for the
// garbage collector: up to Go 1.25, the second one does not say that it ran.
func TestUnstated(t *testing.T) {
	m := rewritetest.NewMade()
	m.Add(1, 100, wire.EvProcStatus, 0, wire.ProcRunning)
	m.Add(1, 100, wire.EvGoStatusStack, 1, 1, wire.GoRunning, m.Stack("main.main"))
	m.Add(1, 110, wire.EvHeapAlloc, 5)
	m.Next(200)
	m.Add(1, 200, wire.EvProcStatus, 0, wire.ProcRunning)
	m.Add(1, 210, wire.EvGoBlock, m.String("preempted"), m.Stack("main.main"))
	m.Add(1, 300, wire.EvGoStatus, 1, none, wire.GoWaiting)
	m.Add(1, 300, wire.EvGoUnblock, 1, 1, 0)
	m.Add(1, 310, wire.EvGoStart, 1, 2)
	m.Add(1, 400, wire.EvGoDestroy)
	data := m.Bytes()
	for name, in := range map[string]io.Reader{"file": bytes.NewReader(data), "stream": struct{ io.Reader }{bytes.NewReader(data)}} {
		rep, v, err := analyze.Verify(in, "x", analyze.Options{Strict: true})
		if err != nil || v.Spans != 4 || rep.Trace.WallNS != 300*64 {
			t.Errorf("%s: %v, %+v", name, err, v)
		}
	}
	cutMade(t, data, rewrite.Window{From: 64 * 5, To: 64 * 250})
	cutMade(t, data, rewrite.Window{From: 64 * 105, To: 64 * 250})
	cutMade(t, data, rewrite.Window{From: 64 * 150, To: 64 * 250})
	if a, err := analyze.Annotate(rewritetest.Memory(data), io.Discard, 0); err != nil || a.Waits != 1 {
		t.Errorf("%+v, error %v", a, err)
	}
}

// TestCutCutEnd cuts what a cut has stated at its end: a goroutine that runs, of which
// the processor is not known.
func TestCutCutEnd(t *testing.T) {
	m := rewritetest.NewMade()
	stack := m.Stack("main.main")
	m.Add(1, 100, wire.EvProcStatus, 0, wire.ProcRunning)
	m.Add(1, 100, wire.EvGoStatusStack, 1, 1, wire.GoRunning, stack)
	m.Add(2, 110, wire.EvGoStatusStack, 2, 2, wire.GoRunning, stack)
	m.Add(1, 200, wire.EvHeapAlloc, 5)
	cutMade(t, m.Bytes(), rewrite.Window{From: 64 * 50, To: 64 * 200})
}

// TestCutHugeIDs has ids at the end of their range: those that a cut adds are others.
func TestCutHugeIDs(t *testing.T) {
	m := rewritetest.NewMade()
	stack := m.Stack("main.main")
	m.StringAs(none, "preempted")
	m.Add(none-1, 100, wire.EvProcStatus, 0, wire.ProcRunning)
	m.Add(none-1, 100, wire.EvGoStatusStack, 1, none-1, wire.GoRunning, stack)
	m.Add(none-1, 200, wire.EvGoStop, none, stack)
	m.Add(none-1, 210, wire.EvGoStart, 1, 1)
	m.Add(none-1, 220, wire.EvGoStop, none, stack)
	m.Add(none-1, 230, wire.EvProcStop)
	m.Add(none-1, 300, wire.EvProcStart, 0, 1)
	data := m.Bytes()
	for _, win := range []rewrite.Window{{From: 64 * 50, To: 64 * 115}, {From: 64 * 150, To: 64 * 250}} {
		if window, cut := cutMade(t, data, win); window.Trace.WallNS != cut.Trace.WallNS {
			t.Errorf("%v: the window lasts %d ns, the cut %d ns", win, window.Trace.WallNS, cut.Trace.WallNS)
		}
	}
}

// TestCutTells cuts a window in which who ran from before the trace blocks, and nobody
// begins to run: the cut says what it is of.
func TestCutTells(t *testing.T) {
	m := rewritetest.NewMade()
	stack := m.Stack("main.main")
	m.Add(1, 100, wire.EvProcStatus, 0, wire.ProcRunning)
	m.Add(1, 100, wire.EvGoStatusStack, 1, 1, wire.GoRunning, stack)
	m.Add(1, 200, wire.EvGoBlock, m.String("sleep"), stack)
	m.Add(none, 1000, wire.EvGoStatusStack, 2, none, wire.GoWaiting, stack)
	m.Add(1, 1000, wire.EvGoStatusStack, 3, none, wire.GoRunnable, stack)
	if window, cut := cutMade(t, m.Bytes(), rewrite.Window{To: 64*500 + 7}); window.Trace.WallNS != cut.Trace.WallNS {
		t.Errorf("the window lasts %d ns, the cut %d ns", window.Trace.WallNS, cut.Trace.WallNS)
	}
}

// TestWindowLogs has logs that say which window the trace is of, and cannot be: they say
// nothing. A program can write them, too.
func TestWindowLogs(t *testing.T) {
	for _, text := range []string{
		"from 1 ns to 2 ns", "from 1 ns to 19000 ns", "from 1 ns on", "from 9223372036854775800 ns to 9223372036854775806 ns",
		"from 9000000000000000000 ns on", "from 10000 ns to 9223372036854775806 ns",
	} {
		m := rewritetest.NewMade()
		stack := m.Stack("main.main")
		m.Add(1, 100, wire.EvProcStatus, 0, wire.ProcRunning)
		m.Add(1, 100, wire.EvGoStatusStack, 1, 1, wire.GoRunning, stack)
		m.Add(1, 110, wire.EvUserLog, 0, m.String("tracekit.window"), m.String(text), 0)
		m.Add(1, 200, wire.EvGoStop, 0, stack)
		m.Add(1, 210, wire.EvGoStart, 1, 1)
		m.Add(1, 300, wire.EvGoStop, 0, stack)
		data := m.Bytes()
		rep, err := analyze.Trace(bytes.NewReader(data), "x", analyze.Options{})
		if err != nil || rep.Trace.WallNS != 200*64 {
			t.Errorf("%s: %v, %+v", text, err, rep)
		}
		cutMade(t, data, rewrite.Window{From: 64 * 50, To: 64 * 150})
	}
}
