package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tracekit/analyze"
	"tracekit/analyze/report"
)

// stall watches over the traces of a recording that goes on. Under the tracer,
// Go's runtime does not notice a deadlock: the tracer's own goroutine could always
// go on. A program that does nothing adds little to its trace; where that is so for
// some time, that end of it is read, and if nothing ran in it and every goroutine
// waits for another one, the user is told, once.
type stall struct {
	dir    string
	after  time.Duration
	stderr io.Writer
	traces map[string]*growth
}

// growth is how long a trace was at the last few looks.
type growth struct {
	sizes []int64
	told  bool // of the stall that goes on
}

// looks is how many looks there are in the time that makes a stall.
const looks = 10

// quiet is what a trace grows at most by, in bytes, in a stall. More is not read:
// a program with that many goroutines may be in one all the same.
const quiet = 16 << 20

// watchStalls watches over the traces in a folder until stop is called.
func watchStalls(dir string, after time.Duration, stderr io.Writer) (stop func()) {
	if after == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s := &stall{dir: dir, after: after, stderr: stderr, traces: make(map[string]*growth)}
		ticker := time.NewTicker(after / looks)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				s.look()
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// look takes the size of each trace.
func (s *stall) look() {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !strings.Contains(e.Name(), ".trace") {
			continue
		}
		g := s.traces[e.Name()]
		if g == nil {
			g = &growth{}
			s.traces[e.Name()] = g
		}
		g.sizes = append(g.sizes, info.Size())
		if len(g.sizes) <= looks+1 {
			continue
		}
		g.sizes = g.sizes[1:]
		s.judge(e.Name(), g)
	}
}

// judge tells of a trace whose end shows a stall. One that does not grow any more
// is of a process that has ended.
func (s *stall) judge(name string, g *growth) {
	from, to := g.sizes[0], g.sizes[looks]
	if to-from > quiet || to == from || from == 0 {
		g.told = false
		return
	}
	r, err := readPart(filepath.Join(s.dir, name), from, to)
	switch {
	case err != nil || !stalled(r, s.after):
		g.told = false
	case !g.told:
		g.told = true
		s.tell(name, r)
	}
}

// readPart reports on a part of a trace that begins where a generation does: when
// the tracer has last written before a pause.
func readPart(path string, from, to int64) (*report.Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const header = 16
	part := io.MultiReader(io.NewSectionReader(f, 0, header), io.NewSectionReader(f, from, to-from))
	return analyze.Trace(part, path, analyze.Options{InFlight: 1})
}

// forOthers are the kinds of waits that only another goroutine can end: those for
// the network, a timer, or the system are none.
var forOthers = []string{"mutex", "rwmutex-r", "rwmutex-w", "lock", "semaphore", "cond", "waitgroup", "once",
	"chan-send", "chan-recv", "select", "rlock", "gil", "condition", "barrier"}

// stalled reports whether nothing of the user's ran, and all waited for others.
func stalled(r *report.Report, after time.Duration) bool {
	if r.Parallel.WorkNS > 0 || r.Trace.WallNS < after.Nanoseconds()/2 || r.Parallel.DemandAvg > 0 {
		return false
	}
	waiting := int64(0)
	for _, w := range openWaits(r) {
		if !slices.Contains(forOthers, w.kind) {
			return false
		}
		waiting += w.goroutines
	}
	return waiting == int64(r.Trace.Goroutines)
}

// openWait is where goroutines wait.
type openWait struct {
	kind, place string
	goroutines  int64
}

// openWaits lists where goroutines wait at the end of a trace.
func openWaits(r *report.Report) (waits []openWait) {
	place := func(site int) string {
		if site < 0 {
			return "a place that the trace does not show"
		}
		f := r.Sites[site]
		return fmt.Sprintf("%s %s:%d", f.Func, f.File, f.Line)
	}
	for _, l := range r.Waits.Locks {
		for _, a := range l.Acquires {
			waits = append(waits, openWait{a.Kind, place(a.Site), a.OpenWaits})
		}
	}
	for _, s := range slices.Concat(r.Waits.Sites, r.Waits.Idle) {
		waits = append(waits, openWait{s.Kind, place(s.Site), s.OpenWaits})
	}
	return slices.DeleteFunc(waits, func(w openWait) bool { return w.goroutines == 0 })
}

// certain are the kinds of waits that no timer ends, and no signal.
var certain = []string{"mutex", "rwmutex-r", "rwmutex-w", "cond", "waitgroup", "once"}

// standstill says what a stall is: a deadlock, or what may be one.
func standstill(r *report.Report) string {
	switch n := r.Trace.Goroutines; {
	case n == 0:
		return "none of its goroutines is left, but for the runtime's"
	case slices.ContainsFunc(openWaits(r), func(w openWait) bool { return !slices.Contains(certain, w.kind) }):
		return fmt.Sprintf("all of its %d goroutines wait for others, unless it is for a timer or a signal", n)
	default:
		return fmt.Sprintf("all of its %d goroutines wait for others", n)
	}
}

// tell says what is stalled, and where.
func (s *stall) tell(name string, r *report.Report) {
	notice(s.stderr, fmt.Sprintf("nothing has run in %s for %s: %s", name[:strings.LastIndex(name, ".trace")], s.after, standstill(r)))
	const top = 10
	waits := openWaits(r)
	for i, w := range waits {
		if i == top {
			fmt.Fprintf(s.stderr, "  … and %d more places\n", len(waits)-top)
			break
		}
		fmt.Fprintf(s.stderr, "  %4d  %-10s %s\n", w.goroutines, w.kind, oneLine(w.place))
	}
	fmt.Fprintln(s.stderr, "hint: if it is a deadlock, Go would end it without the tracer; Ctrl-C ends the recording, and --timeout TIME does so by itself, with all stacks")
}
