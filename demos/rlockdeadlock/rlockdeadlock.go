// Package rlockdeadlock is the tutorial's reason for a reentrant lock: the program
// of package rlock with a plain one, for which its holder then waits for ever.
package rlockdeadlock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "rlock-deadlock",
	Short: "rlock, with a plain lock: a thread waits for itself",
	Long: `A thread acquires a plain lock, which the main thread hands over to it, and while
it holds it acquires it again: it waits for itself. The main thread gives up when
the deadline has come, and ends the program. The trace shows one lock, which was
handed over once, and an open wait for it by the very thread that it was handed
to.`,
	Flags: func(f *demo.Flags) demo.Run {
		levels := f.Count("levels", 3, 1000, "the `number` of times that the thread acquires the lock")
		deadline := f.Units("deadline", 3, "when the main thread gives up, in `units`")
		return func(out io.Writer) (demo.Outcome, error) {
			reached, err := run(*levels, deadline.Duration())
			switch {
			case errors.Is(err, context.DeadlineExceeded) && reached < *levels:
				fmt.Fprintf(out, "at recursion level %d, the thread waits for itself\n", reached)
				err = nil
			case err == nil:
				fmt.Fprintln(out, "the thread acquired the lock at all levels")
			}
			return demo.Outcome{Name: "recursion level", Got: reached, Want: *levels}, err
		}
	},
}

// nest is a lock that is acquired in levels.
type nest struct {
	lock     *threading.Lock
	levels   int
	arrived  threading.Event // the thread is about to acquire the lock
	acquired threading.Event // and it has
	reached  atomic.Int64    // the deepest level
}

// run returns the recursion level that a thread reached, and the error of the
// deadline where the thread was still alive then. It is a daemon, which keeps no
// program alive.
func run(levels int, deadline time.Duration) (int, error) {
	n := &nest{lock: threading.NewLock(), levels: levels}
	t := &threading.Thread{Daemon: true, Target: func() {
		n.arrived.Set()
		n.descend(1)
	}}
	n.lock.Acquire()
	if err := threading.Start(t); err != nil {
		return 0, err
	}
	if err := n.arrived.Wait(context.Background()); err != nil {
		return 0, err
	}
	time.Sleep(deadline / 10) // for the thread to wait for the lock
	if err := n.lock.Release(); err != nil {
		return 0, err
	}
	if err := n.acquired.Wait(context.Background()); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	err := t.Join(ctx)
	return int(n.reached.Load()), err
}

// descend acquires the lock for the level that is given, and for all below it.
func (n *nest) descend(level int) {
	n.lock.Acquire()
	defer n.lock.Release()
	n.reached.Store(int64(level))
	n.acquired.Set()
	if level < n.levels {
		n.descend(level + 1)
	}
}
