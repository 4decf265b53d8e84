// Package rlock is the tutorial's reentrant lock: a function that holds it calls
// itself, and acquires it again.
package rlock

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
	Name:  "rlock",
	Short: "threads acquire a reentrant lock several times over",
	Long: `Threads acquire a reentrant lock, and while they hold it again, down to the
recursion level that is asked for. The first one keeps the lock until all others
are there. The trace shows a wait and a hand-over for each thread but the first,
and none for the inner levels: who holds the lock does not wait for it.`,
	Flags: func(f *demo.Flags) demo.Run {
		threads := f.Count("threads", 5, 1000, "the `number` of threads")
		levels := f.Count("levels", 3, 1000, "the `number` of times that each thread acquires the lock")
		hold := f.Units("hold", 0.1, "how long each thread holds the lock, in `units`")
		return func(out io.Writer) (demo.Outcome, error) {
			reached, err := run(*threads, *levels, hold.Duration())
			fmt.Fprintf(out, "%d threads reached recursion level %d\n", *threads, reached)
			return demo.Outcome{Name: "recursion level", Got: reached, Want: *levels}, err
		}
	},
}

// nest is a lock that is acquired in levels.
type nest struct {
	lock    *threading.RLock
	levels  int
	hold    time.Duration
	reached int            // the deepest level, by what the lock says
	arrived sync.WaitGroup // threads that are about to acquire the lock
}

// run returns the recursion level that the threads reached.
func run(threads, levels int, hold time.Duration) (int, error) {
	n := &nest{lock: threading.NewRLock(), levels: levels, hold: hold}
	n.arrived.Add(threads)
	for range threads {
		t := new(threading.Thread)
		t.Target = func() {
			n.arrived.Done()
			n.descend(t, 1)
		}
		if err := threading.Start(t); err != nil {
			return 0, err
		}
	}
	threading.Wait()
	return n.reached, nil
}

// descend acquires the lock for the level that is given, and for all below it.
func (n *nest) descend(t *threading.Thread, level int) {
	n.lock.Acquire(t)
	defer n.lock.Release(t)
	if level < n.levels {
		n.descend(t, level+1)
		return
	}
	n.arrived.Wait()
	n.reached = max(n.reached, n.lock.Level(t))
	time.Sleep(n.hold)
}
