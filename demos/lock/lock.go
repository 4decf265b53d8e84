// Package lock is the tutorial's cure for the race of increment: each thread
// reads, adds one and writes back while it holds a lock.
package lock

import (
	"fmt"
	"io"
	"sync"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "lock",
	Short: "threads add one to a variable under a lock",
	Long: `Threads add one to a variable while they hold a lock, each for a fiftieth of a
unit. The first one keeps the lock until all others are there. The trace shows
one lock with a wait and a hand-over for each thread but the first.`,
	Flags: func(f *demo.Flags) demo.Run {
		threads := f.Count("threads", 50, 10_000, "the `number` of threads that add one")
		hold := f.Units("hold", 0.02, "how long each thread holds the lock, in `units`")
		return func(out io.Writer) (demo.Outcome, error) {
			n := run(*threads, hold.Duration())
			fmt.Fprintf(out, "some_var is %d after %d threads added 1\n", n, *threads)
			return demo.Outcome{Name: "some_var", Got: n, Want: *threads}, nil
		}
	},
}

// counter is a variable and the lock that guards it.
type counter struct {
	lock    *threading.Lock
	someVar int
	arrived sync.WaitGroup // threads that are about to acquire the lock
}

// run has all threads add one and returns what the variable became.
func run(threads int, hold time.Duration) int {
	c := &counter{lock: threading.NewLock()}
	c.arrived.Add(threads)
	for range threads {
		threading.Go(func() { c.add(hold) })
	}
	threading.Wait()
	return c.someVar
}

// add adds one. The first one to have the lock keeps it until all are there, so
// that all others have to wait for it.
func (c *counter) add(hold time.Duration) {
	c.arrived.Done()
	c.lock.Acquire()
	c.arrived.Wait()
	read := c.someVar
	time.Sleep(hold)
	c.someVar = read + 1
	c.lock.Release()
}
