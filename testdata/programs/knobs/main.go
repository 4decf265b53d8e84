// Command knobs runs one of several small programs, each of which has a knob: an edit
// of the source that is known to do exactly what a question "what if" supposes, as that
// nobody waits for a lock. What a trace of the program predicts can then be held against
// what the edit does:
//
//	go run . -trace sleeping > sleeping.trace
//	go run . sleeping
//	go run . sleeping edited
//
// The wall time of the work goes to stderr, in ns. Edited or not, the work is the same:
// so many rounds of sleeping and computing, each of a fixed length. Computing is counted
// in iterations, so that there is as much of it on a busy machine; runs that are to be
// compared are given one number of them, which "knobs calibrate" prints:
//
//	go run . -iterations $(go run . calibrate) spinning
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"sync"
	"time"
)

// Sleeps are of whole milliseconds: while no goroutine runs, the runtime on Linux sleeps
// for whole ones, and half of one takes as long as one.
const ms = time.Millisecond

// edit is what is changed in a program, "" for nothing.
type edit string

const (
	edited  edit = "edited"
	editedA edit = "edited-a" // of decoy
	editedB edit = "edited-b"
)

type program struct {
	edits []edit
	setUp func(edit) // nil, or what is to be done before the trace begins
	run   func(edit)
	// samples has a trace take CPU samples: where the edit is of a function that
	// computes, they alone say when it does.
	samples bool
}

var once = []edit{edited}

var programs = map[string]program{
	"sleeping":     {edits: once, run: sleeping},
	"spinning":     {edits: once, run: spinning},
	"nested":       {edits: once, run: nested},
	"rwmutex":      {edits: once, run: rwmutex},
	"gil":          {edits: once, run: gil},
	"decoy":        {edits: []edit{editedA, editedB}, run: decoy},
	"pipeline":     {edits: once, run: pipeline},
	"pipelinewide": {edits: once, run: pipelineWide, samples: true},
	"fanin":        {edits: once, run: fanIn, samples: true},
	"semaphore":    {edits: once, run: channelSemaphore},
	"weighted":     {edits: once, run: weightedSemaphore},
	"recv":         {edits: once, run: recv},
	"pool":         {edits: once, run: pool},
	"barrier":      {edits: once, run: meet},
	"procs":        {edits: once, setUp: setProcs, run: procs},
	"forkjoin":     {edits: once, run: forkJoin},
}

func main() {
	traced := flag.Bool("trace", false, "write a trace to stdout")
	flag.IntVar(&iterations, "iterations", 0, "compute so many iterations for what is called a microsecond; 0: calibrate")
	flag.Parse()
	if flag.Arg(0) == "calibrate" && flag.NArg() == 1 {
		fmt.Println(calibrate())
		return
	}
	p, ok := programs[flag.Arg(0)]
	e := edit(flag.Arg(1))
	if !ok || flag.NArg() > 2 || e != "" && !slices.Contains(p.edits, e) {
		fmt.Fprintln(os.Stderr, "usage: knobs [-trace] [-iterations N] calibrate|PROGRAM [EDIT]")
		os.Exit(2)
	}
	if iterations <= 0 {
		iterations = calibrate()
	}
	if p.setUp != nil {
		p.setUp(e)
	}
	fmt.Fprintln(os.Stderr, p.measure(e, *traced).Nanoseconds())
}

// measure returns the wall time of the work alone.
func (p program) measure(e edit, traced bool) time.Duration {
	if traced {
		if p.samples {
			check(pprof.StartCPUProfile(io.Discard))
			defer pprof.StopCPUProfile() // behind the trace: it waits for its writer
		}
		check(trace.Start(os.Stdout))
		defer trace.Stop()
	}
	begun := time.Now()
	p.run(e)
	return time.Since(begun)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// iterations is how many of them spin computes for what is called a microsecond.
var iterations int

// calibrate returns how many iterations take a microsecond: by the shortest of several
// tries, in which nobody took the processor away.
func calibrate() int {
	const tries, count = 50, 1_000_000
	shortest := time.Hour
	for range tries {
		begun := time.Now()
		compute(count)
		shortest = min(shortest, time.Since(begun))
	}
	return max(int(count*time.Microsecond/shortest), 1)
}

// spin computes as much as takes so long where the processor is its own.
func spin(d time.Duration) {
	compute(iterations * int(d/time.Microsecond))
}

func compute(n int) {
	x := uint64(n)
	for range n {
		x = x*6364136223846793005 + 1442695040888963407
	}
	runtime.KeepAlive(x) // else the compiler leaves it all out
}

// each runs f in n goroutines and waits for them.
func each(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// share returns what each of n goroutines is to lock: the same for all, or, if there is
// to be one for each, its own.
func share[T any](n int, own bool) []*T {
	list := make([]*T, n)
	for i := range list {
		if i == 0 || own {
			list[i] = new(T)
		} else {
			list[i] = list[0]
		}
	}
	return list
}

// setProcs has procs run on one processor, edited on two.
func setProcs(e edit) {
	runtime.GOMAXPROCS(1)
	if e == edited {
		runtime.GOMAXPROCS(2)
	}
}

// procs computes in four goroutines.
func procs(edit) {
	each(4, func(int) {
		for range 100 {
			spin(ms)
		}
	})
}
