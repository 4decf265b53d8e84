// Package lockwith is the tutorial's with statement: what is to happen under the
// lock is a function, and the lock is released whatever happens in it.
package lockwith

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
	Name:  "lock-with",
	Short: "lock, by a function that is called with the lock held",
	Long: `Threads add one to a variable in a function that is called with a lock held. The
trace shows what that of the demo lock does: a wait and a hand-over for each
thread but the first, acquired and released at one line.`,
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

// add adds one. The first one to have the lock keeps it until all are there.
func (c *counter) add(hold time.Duration) {
	c.arrived.Done()
	c.lock.With(func() {
		c.arrived.Wait()
		read := c.someVar
		time.Sleep(hold)
		c.someVar = read + 1
	})
}
