// Package atomic is the tutorial's list of operations that are atomic, and of
// those that look it: threads count with both at the same time.
package atomic

import (
	"fmt"
	"io"
	"runtime"
	"sync/atomic"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "atomic",
	Short: "threads count with operations that are atomic, and with some that are not",
	Long: `Threads add one again and again in three ways. To add in one operation is
atomic, and so is to compare and swap until that succeeds: no update is lost. To
load, add and store is three operations, each of them atomic, and together they
are not: updates are lost. The trace shows that none of them waits: no lock, no
channel, nothing.`,
	Flags: func(f *demo.Flags) demo.Run {
		threads := f.Count("threads", 4, 10_000, "the `number` of threads that count")
		rounds := f.Count("rounds", 20_000, 1_000_000, "the `number` of times that each adds one")
		return func(out io.Writer) (demo.Outcome, error) {
			c := run(*threads, *rounds)
			for _, line := range []struct {
				how string
				n   int64
			}{{"add", c.added.Load()}, {"compare and swap", c.swapped.Load()}, {"load, add, store", c.stored.Load()}} {
				fmt.Fprintf(out, "%8d of %d by %s\n", line.n, *threads**rounds, line.how)
			}
			return demo.Outcome{Name: "atomic updates", Got: int(min(c.added.Load(), c.swapped.Load())), Want: *threads * *rounds}, nil
		}
	},
}

// counters are counted up in three ways.
type counters struct{ added, swapped, stored, arrived atomic.Int64 }

func run(threads, rounds int) *counters {
	c := new(counters)
	for range threads {
		threading.Go(func() { c.count(threads, rounds) })
	}
	threading.Wait()
	return c
}

func (c *counters) count(threads, rounds int) {
	// All begin at the same time, with nothing that waits.
	for c.arrived.Add(1); c.arrived.Load() < int64(threads); {
		runtime.Gosched()
	}
	for i := range rounds {
		c.added.Add(1)
		c.swap()
		c.store(i%1000 == 0)
	}
}

func (c *counters) swap() {
	for {
		if n := c.swapped.Load(); c.swapped.CompareAndSwap(n, n+1) {
			return
		}
	}
}

// store lets others run in the middle at times. It needs no help where there are
// several processors.
func (c *counters) store(pause bool) {
	read := c.stored.Load()
	if pause {
		runtime.Gosched()
	}
	c.stored.Store(read + 1)
}
