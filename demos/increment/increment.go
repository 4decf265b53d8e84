// Package increment is the tutorial's race: many threads read a variable, add
// one, and write it back, with no lock. Whoever reads between another's read
// and write loses that one's update.
package increment

import (
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Params are the knobs of the demo.
type Params struct {
	Threads int           // how many add one
	Window  time.Duration // between reading and writing; 0: let others run once
}

// Run lets all threads add one and returns what the variable became.
//
// Load and Store are atomic each, so that the program is free of data races as
// the Go memory model defines them. The update made of the two is not atomic,
// and that is the race which the tutorial is about.
func Run(out io.Writer, p Params) int {
	var (
		someVar atomic.Int64
		wg      sync.WaitGroup
	)
	for range p.Threads {
		wg.Go(func() { add(&someVar, p.Window) })
	}
	wg.Wait()
	fmt.Fprintf(out, "some_var is %d after %d threads added 1\n", someVar.Load(), p.Threads)
	return int(someVar.Load())
}

func add(someVar *atomic.Int64, window time.Duration) {
	read := someVar.Load()
	if window > 0 {
		time.Sleep(window)
	} else {
		runtime.Gosched() // others may run now, as they may while the tutorial prints
	}
	someVar.Store(read + 1)
}
