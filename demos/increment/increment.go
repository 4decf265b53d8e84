// Package increment is the tutorial's race: many threads read a variable, add
// one, and write it back, with no lock. Whoever reads between another's read
// and write loses that one's update.
package increment

import (
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "increment",
	Short: "threads add one to a variable with no lock, and lose updates",
	Long: `Threads read a variable, add one and write it back, with no lock. Who reads
between another's read and write loses that one's update: some_var becomes less
than the number of threads, and where there are several processors, another number
from run to run. What the tutorial prints in between makes that likely; here it is
a window in which others may run. The trace shows no lock.`,
	Flags: func(f *demo.Flags) demo.Run {
		threads := f.Count("threads", 50, 10_000, "the `number` of threads that add one")
		window := f.Units("window", 0, "time between reading and writing, in `units`; 0 only lets others run")
		return func(out io.Writer) (demo.Outcome, error) {
			n := run(*threads, window.Duration())
			fmt.Fprintf(out, "some_var is %d after %d threads added 1\n", n, *threads)
			return demo.Outcome{Name: "some_var", Got: n, Want: *threads}, nil
		}
	},
}

// run has all threads add one and returns what the variable became.
//
// Load and Store are atomic each, so that the program is free of data races as
// the Go memory model defines them. The update made of the two is not atomic,
// and that is the race which the tutorial is about.
func run(threads int, window time.Duration) int {
	var someVar atomic.Int64
	for range threads {
		threading.Go(func() { add(&someVar, window) })
	}
	threading.Wait()
	return int(someVar.Load())
}

func add(someVar *atomic.Int64, window time.Duration) {
	read := someVar.Load()
	if window > 0 {
		time.Sleep(window)
	} else {
		runtime.Gosched()
	}
	someVar.Store(read + 1)
}
