// Package sleeper is the tutorial's first program: threads that sleep, all at
// once. It takes as long as the longest sleep, not as long as all of them.
package sleeper

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Params are the knobs of the demo.
type Params struct {
	Unit time.Duration
}

// naps are the sleeps of the threads, in units.
var naps = []int{4, 2, 3}

// Threads is the number of threads that Run starts.
func Threads() int { return len(naps) }

// Run starts a thread for each nap and waits for all of them. It returns the
// number of those that woke up again.
func Run(out io.Writer, p Params) int {
	var wg sync.WaitGroup
	woke := make([]bool, len(naps))
	for i, units := range naps {
		wg.Go(func() {
			sleep(time.Duration(units) * p.Unit)
			woke[i] = true
		})
	}
	wg.Wait()
	n := 0
	for i, ok := range woke {
		if ok {
			n++
			fmt.Fprintf(out, "thread %d slept %d units\n", i+1, naps[i])
		}
	}
	return n
}

func sleep(d time.Duration) { time.Sleep(d) }
