// Package lockdefer is the tutorial's try and finally: the lock is released by a
// deferred call, and so also by a thread that panics while it holds it.
package lockdefer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "lock-defer",
	Short: "lock, released by a deferred call, and one thread panics",
	Long: `Threads add one to a variable while they hold a lock, which a deferred call
releases. One of them panics when it has added its one, and the lock is released
all the same. The trace shows what that of the demo lock does: a wait and a
hand-over for each thread but the first.`,
	Flags: func(f *demo.Flags) demo.Run {
		threads := f.Count("threads", 50, 10_000, "the `number` of threads that add one")
		hold := f.Units("hold", 0.02, "how long each thread holds the lock, in `units`")
		return func(out io.Writer) (demo.Outcome, error) {
			n, panics := run(*threads, hold.Duration())
			fmt.Fprintf(out, "some_var is %d after %d threads added 1, of which %d panicked\n", n, *threads, panics)
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

// run has all threads add one, and returns what the variable became, and how
// many of them panicked.
func run(threads int, hold time.Duration) (someVar, panics int) {
	c := &counter{lock: threading.NewLock()}
	c.arrived.Add(threads)
	var adders []*threading.Thread
	for i := range threads {
		adders = append(adders, threading.Go(func() { c.add(hold, i == threads/2) }))
	}
	for _, t := range adders {
		var p *threading.PanicError
		if errors.As(t.Join(context.Background()), &p) {
			panics++
		}
	}
	return c.someVar, panics
}

// add adds one, and panics if told to. The first one to have the lock keeps it
// until all are there.
func (c *counter) add(hold time.Duration, fail bool) {
	c.arrived.Done()
	c.lock.Acquire()
	defer c.lock.Release()
	c.arrived.Wait()
	read := c.someVar
	time.Sleep(hold)
	c.someVar = read + 1
	if fail {
		panic("oops")
	}
}
