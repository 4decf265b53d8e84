package timeline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/timeline"
)

// diary writes down all that an observer is told, a line each.
type diary struct {
	timeline.Ignore
	symbols *timeline.Symbols
	lines   []string
}

func (d *diary) note(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *diary) site(f timeline.FrameID) string {
	if f == timeline.NoSite {
		return "-"
	}
	frame := d.symbols.Frame(f)
	return fmt.Sprintf("%s:%d", frame.Func, frame.Line)
}

func (d *diary) Born(g *timeline.Goroutine) {
	d.note("%d born g%d %v %q class %d", g.Since, g.ID, g.State, g.Name, g.Class)
}

func (d *diary) Span(g *timeline.Goroutine, was timeline.State, since int64) {
	d.note("%d span g%d %v from %d", g.Since, g.ID, was, since)
}

func (d *diary) LockBlocked(w *timeline.Wait) {
	d.note("%d blocked g%d %v at %s lock %d", w.Start, w.G.ID, w.Kind, d.site(w.Site), w.Lock)
}

func (d *diary) Woken(w *timeline.Wait) {
	by := "nobody"
	if w.By != nil {
		by = fmt.Sprintf("g%d", w.By.ID)
	}
	gaveUp := ""
	if w.GaveUp {
		gaveUp = ", gave up"
	}
	d.note("%d woken g%d by %s at %s%s", w.Woken, w.G.ID, by, d.site(w.BySite), gaveUp)
}

func (d *diary) LockWoken(*timeline.Wait) {} // Woken tells

func (d *diary) LockDone(w *timeline.Wait) {
	d.note("%d done g%d blocked %d sched %d open %v", w.Resumed, w.G.ID, w.Blocked(), w.Sched(), w.Open())
}

func (d *diary) Waited(w *timeline.Wait) {
	d.note("%d waited g%d %v at %s from %d sched %d open %v", w.Resumed, w.G.ID, w.Kind, d.site(w.Site), w.Start, w.Sched(), w.Open())
}

func (d *diary) Joined(j timeline.Join) {
	d.note("joined %d into %d, %d waits", j.From, j.Into, len(j.Waits))
}

func (d *diary) Procs(t, n int64) { d.note("%d procs %d", t, n) }

// tell runs a script and returns what observers are told.
func tell(t *testing.T, script string) ([]string, timeline.Extent) {
	t.Helper()
	src, err := decodetest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	d := &diary{symbols: src.Symbols()}
	laws := timeline.NewLaws()
	extent, err := timeline.Run(src, d, laws)
	if err != nil {
		t.Fatal(err)
	}
	if err := laws.Err(); err != nil {
		t.Errorf("laws: %v", err)
	}
	return d.lines, extent
}

func want(t *testing.T, got []string, text string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if diff := cmp.Diff(lines, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestHandOver(t *testing.T) {
	got, extent := tell(t, `
		0 procs 2
		0 g1 running
		10 g1 creates g2 main.worker @ main.main:7
		20 g2 starts
		30 g2 waits "sync" sync.(*Mutex).Lock < main.get:3 < main.worker:9
		70 g1 wakes g2 sync.(*Mutex).Unlock < main.put:5 < main.main:8
		75 g2 starts
		80 g1 stops "preempted" main.main
		90 g2 ends
		100 end
	`)
	want(t, got, `
		joined [1] into 0, 0 waits
		0 born g1 running "main.main" class 0
		0 procs 2
		10 born g2 runnable "main.worker" class 0
		20 span g2 runnable from 10
		30 span g2 running from 20
		30 blocked g2 mutex at main.get:3 lock 0
		70 span g2 waiting from 30
		70 woken g2 by g1 at main.put:5
		75 span g2 runnable from 70
		75 done g2 blocked 40 sched 5 open false
		80 span g1 running from 0
		90 span g2 running from 75
		100 span g1 runnable from 80
	`)
	if extent.Start != 0 || extent.End != 100 || extent.Events != 10 || extent.Goroutines != [3]int{2, 0, 0} {
		t.Errorf("extent is %+v", extent)
	}
}

// TestOpenWaits has waits that began before the trace, and waits that nobody
// ends.
func TestOpenWaits(t *testing.T) {
	got, _ := tell(t, `
		5 g1 running
		10 g3 waiting
		11 nobody wakes g3
		12 g3 starts
		15 g3 waits "sleep" time.Sleep < main.nap:4
		20 g2 waiting runtime.gopark < runtime.chanrecv < runtime.chanrecv1 < main.recv:2
	`)
	want(t, got, `
		5 born g1 running "" class 0
		5 born g2 waiting "main.recv" class 0
		5 born g3 waiting "main.nap" class 0
		11 span g3 waiting from 5
		11 woken g3 by nobody at -
		12 span g3 runnable from 11
		12 waited g3 other at - from 5 sched 1 open true
		15 span g3 running from 12
		20 span g1 running from 5
		20 span g2 waiting from 5
		20 waited g2 chan-recv at main.recv:2 from 5 sched 0 open true
		20 span g3 waiting from 15
		20 waited g3 sleep at main.nap:4 from 15 sched 0 open true
	`)
}

// TestWokenByTheRuntime has a wake that names a goroutine which only lent its
// thread: it is nobody's.
func TestWokenByTheRuntime(t *testing.T) {
	got, _ := tell(t, `
		0 g1 running main.main
		1 g2 running main.read
		2 g2 waits "network" internal/poll.(*FD).Read < main.read:3
		5 g1 wakes g2 runtime.systemstack_switch < runtime.gcStart < main.main
		6 g2 starts
	`)
	want(t, got[4:5], `5 woken g2 by nobody at -`)
}

func TestNamesAndClasses(t *testing.T) {
	got, extent := tell(t, `
		0 g1 running
		1 g1 creates g2 sync.(*WaitGroup).Go.func1 @ main.main
		2 g1 creates g3 runtime.gcBgMarkWorker @ runtime.gcStart
		3 g1 creates g4 runtime/trace.(*traceMultiplexer).startLocked.func1 @ runtime/trace.Start
		4 g1 creates g5 tracekit/record/hook.watch.func1 @ main.main
		5 g1 creates g6 os/signal.loop @ main.main
		6 g1 creates g7 runtime.corostart @ main.main
		6 g1 creates g8 runtime/trace.tracekitStop.func1.1 @ main.main
		6 g1 creates g9 os.tracekitRead @ main.main
		7 g2 starts
		8 g2 waits "sync" sync.(*Mutex).Lock < main.work < sync.(*WaitGroup).Go.func1
		9 g1 waits "sleep" time.Sleep < main.main < runtime.main
		10 end
	`)
	want(t, got[:9], `
		0 born g1 running "main.main" class 0
		1 born g2 runnable "main.work" class 0
		2 born g3 runnable "runtime.gcBgMarkWorker" class 1
		3 born g4 runnable "runtime/trace.(*traceMultiplexer).startLocked.func1" class 2
		4 born g5 runnable "tracekit/record/hook.watch.func1" class 2
		5 born g6 runnable "os/signal.loop" class 1
		6 born g7 runnable "runtime.corostart" class 0
		6 born g8 runnable "runtime/trace.tracekitStop.func1.1" class 2
		6 born g9 runnable "os.tracekitRead" class 2
	`)
	if extent.Goroutines != [3]int{3, 2, 4} {
		t.Errorf("goroutines by class: %v", extent.Goroutines)
	}
}

// TestUsersInTheRuntime has goroutines of the program that the trace shows to
// begin in the runtime or in what launched them.
func TestUsersInTheRuntime(t *testing.T) {
	tests := map[string]string{ // by outermost functions
		"main.main < runtime.main":                                  "main.main",
		"main.main < main.init.0 < runtime.doInit1":                 "main.main",
		"main.f < runtime/pprof.Do":                                 "main.f",
		"main.f < runtime/trace.WithRegion":                         "main.f",
		"main.f < main.go_f < _cgoexp_1a2b_f < runtime.cgocallback": "main.go_f",
		"main.f < golang.org/x/sync/errgroup.(*Group).Go.func1":     "main.f",
		"main.seq < runtime.corostart":                              "main.seq",
	}
	for stack, name := range tests {
		got, extent := tell(t, "0 g1 running\n1 g1 waits \"chan receive\" runtime.chanrecv1 < "+stack+"\n2 end")
		want(t, got[:1], fmt.Sprintf("0 born g1 running %q class 0", name))
		if extent.Goroutines != [3]int{1, 0, 0} {
			t.Errorf("%s: goroutines by class: %v", stack, extent.Goroutines)
		}
	}
}

// TestNameAfterGo names what sync.WaitGroup.Go started after the function that
// was handed to it, from the first stack that shows it: its own or as a waker,
// in the generation of its birth or later.
func TestNameAfterGo(t *testing.T) {
	const begin = `
		0 g1 running main.main
		1 g1 creates g2 sync.(*WaitGroup).Go.func1 @ main.main
		2 g2 starts
		3 g1 waits "chan receive" runtime.chanrecv1 < main.main
	`
	const wait = `8 g2 waits "sync" sync.(*Mutex).Lock < main.get < main.work < sync.(*WaitGroup).Go.func1`
	const wake = `8 g2 wakes g1 runtime.chansend1 < main.work < sync.(*WaitGroup).Go.func1`
	for _, script := range []string{begin + wait, begin + wake, begin + "---\n" + wait, begin + "---\n" + wake} {
		src := decodetest.MustParse(script + "\n9 end")
		names := &lastNames{names: make(map[timeline.GoID]string)}
		if _, err := timeline.Run(src, names); err != nil {
			t.Fatal(err)
		}
		if got := names.names[2]; got != "main.work" {
			t.Errorf("the goroutine is called %q:\n%s", got, script)
		}
	}
}

// TestClassIsFinal has a goroutine turn out to be the runtime's after it was
// counted as the program's: it stays where it was counted.
func TestClassIsFinal(t *testing.T) {
	got, extent := tell(t, `
		0 g1 running main.main
		0 g2 waiting
		---
		10 g1 wakes g2 main.main
		11 g2 starts
		12 g2 waits "system goroutine wait" runtime.gopark < runtime.bgsweep
		20 end
	`)
	want(t, got[1:2], `0 born g2 waiting "" class 0`)
	if extent.Unnamed != 1 || extent.Goroutines[timeline.User] != 2 {
		t.Errorf("extent is %+v", extent)
	}
}

type lastNames struct {
	timeline.Ignore
	names map[timeline.GoID]string
}

func (n *lastNames) Span(g *timeline.Goroutine, _ timeline.State, _ int64) { n.names[g.ID] = g.Name }

// TestJoinLater has two sites wait, one each, before a wake of a later
// generation shows that they are of one lock.
func TestJoinLater(t *testing.T) {
	got, _ := tell(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		1 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		2 g3 waits "sync" sync.(*Mutex).Lock < main.b:1
		3 g1 wakes g2 sync.(*Mutex).Unlock < main.main:5
		4 g2 starts
		5 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		---
		6 g1 wakes g3 sync.(*Mutex).Unlock < main.main:5
		7 end
	`)
	joins := 0
	for _, line := range got {
		if strings.HasPrefix(line, "joined") {
			joins++
			if joins == 2 && !strings.HasSuffix(line, "2 waits") {
				t.Errorf("second join: %s", line)
			}
		}
	}
	if joins != 2 {
		t.Errorf("%d joins in %q", joins, got)
	}
}

func TestSystemLocksAreNoLocks(t *testing.T) {
	got, _ := tell(t, `
		0 g2 runnable
		1 g2 starts
		2 g2 waits "sync" sync.(*Mutex).Lock < runtime/trace.flush < runtime/trace.Start.func1
		3 end
	`)
	want(t, got[4:], `3 waited g2 mutex at sync.(*Mutex).Lock:1 from 2 sched 0 open true`)
}

func TestLawsSeeBreaches(t *testing.T) {
	g := &timeline.Goroutine{ID: 1, State: timeline.Running}
	waker := &timeline.Goroutine{ID: 2, State: timeline.Waiting}
	span := func(l *timeline.Laws, was, is timeline.State, start, end int64) {
		g.State, g.Since = is, end
		l.Span(g, was, start)
	}
	tests := map[string]func(*timeline.Laws){
		"gap": func(l *timeline.Laws) {
			span(l, timeline.Running, timeline.Waiting, 0, 5)
			span(l, timeline.Waiting, timeline.NotExist, 6, 9)
		},
		"wrong state": func(l *timeline.Laws) { span(l, timeline.Waiting, timeline.NotExist, 0, 5) },
		"backwards":   func(l *timeline.Laws) { span(l, timeline.Running, timeline.NotExist, 0, -5) },
		"no end":      func(l *timeline.Laws) { span(l, timeline.Running, timeline.Waiting, 0, 5) },
		"unborn": func(l *timeline.Laws) {
			span(l, timeline.Running, timeline.NotExist, 0, 5)
			span(l, timeline.Running, timeline.NotExist, 5, 6)
		},
		"waker not running": func(l *timeline.Laws) {
			l.Woken(&timeline.Wait{G: g, By: waker})
			span(l, timeline.Running, timeline.NotExist, 0, 5)
		},
		"wait out of order": func(l *timeline.Laws) {
			l.Waited(&timeline.Wait{G: g, Start: 5, Woken: 4, Resumed: 6})
			span(l, timeline.Running, timeline.NotExist, 0, 5)
		},
	}
	for name, breach := range tests {
		l := timeline.NewLaws()
		g.State, g.Since = timeline.Running, 0
		l.Born(g)
		breach(l)
		if l.Err() == nil {
			t.Errorf("%s: no breach was seen", name)
		}
	}
}

// ends notes of each span where it was, and whether it is cut.
type ends struct {
	timeline.Ignore
	symbols *timeline.Symbols
	lines   []string
}

func (e *ends) Span(g *timeline.Goroutine, was timeline.State, _ int64) {
	e.lines = append(e.lines, fmt.Sprintf("g%d %v %q found %v cut %v", g.ID, was, timeline.Leaf(e.symbols, g.Stack), g.Found, g.Cut))
}

// TestLives tells goroutines that were there from those that are born, those that end
// from those that the trace leaves, and where each of them is.
func TestLives(t *testing.T) {
	src := decodetest.MustParse(`
		0 g1 running main.main
		1 g1 creates g2 main.worker @ main.main
		2 g2 starts
		3 g2 syscall syscall.read < main.worker
		4 g2 returns
		5 g2 ends
		6 g1 stops "preempted" main.loop < main.main
		9 end
		--- gap
		20 g1 running main.more < main.main
		29 end
	`)
	e := &ends{symbols: src.Symbols()}
	if _, err := timeline.Run(src, e); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`g2 runnable "main.worker" found false cut false`,
		`g2 running "" found false cut false`,
		`g2 syscall "syscall.read" found false cut false`,
		`g2 running "" found false cut false`,
		`g1 running "main.main" found true cut false`,
		`g1 runnable "main.loop" found true cut true`,
		`g1 running "main.more" found true cut true`,
	}
	if diff := cmp.Diff(want, e.lines); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestBornAgain has a thread of C come back under the id that it had, in the
// generation in which it went, when others have been born in between.
func TestBornAgain(t *testing.T) {
	script := `
		0 g1 running main.main
		0 g5 running main.called
		5 end
		---
		10 g5 ends
		11 g1 creates g6 main.worker @ main.main:7
		12 g1 creates g5 main.called @ main.main:8
		13 g5 starts
		20 end
		---
		30 g5 ends
		31 g6 starts
		39 end
		---
		40 g6 ends
		45 end
	`
	got, extent := tell(t, script)
	want(t, got, `
		0 born g1 running "main.main" class 0
		0 born g5 running "main.called" class 0
		10 span g5 running from 0
		11 born g6 runnable "main.worker" class 0
		12 born g5 runnable "main.called" class 0
		13 span g5 runnable from 12
		30 span g5 running from 13
		31 span g6 runnable from 11
		40 span g6 running from 31
		45 span g1 running from 0
	`)
	if extent.Goroutines[timeline.User] != 4 {
		t.Errorf("there are %d goroutines", extent.Goroutines)
	}
	d := new(diary)
	src := decodetest.MustParse(script)
	d.symbols = src.Symbols()
	if _, err := timeline.RunWindow(src, timeline.Window{From: 15, To: 40}, d); err != nil {
		t.Fatal(err)
	}
	want(t, d.lines, `
		15 born g1 running "main.main" class 0
		15 born g5 running "main.called" class 0
		15 born g6 runnable "main.worker" class 0
		30 span g5 running from 15
		31 span g6 runnable from 15
		40 span g1 running from 15
		40 span g6 running from 31
	`)
}
