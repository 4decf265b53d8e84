// Package semaphorebounded is the tutorial's limit on connections with a counter
// that cannot rise above where it began.
package semaphorebounded

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "semaphore-bounded",
	Short: "semaphore, and one release too many is refused",
	Long: `Five threads grab pages, with a bounded semaphore that lets two in. At the end
the main thread releases it once more than it was acquired, and gets an error: a
plain semaphore would let three in from then on. The trace shows what that of the
demo semaphore does.`,
	Flags: func(f *demo.Flags) demo.Run {
		maxConn := f.Count("maxconn", 2, 1000, "the `number` of threads that may grab at the same time")
		grab := f.Units("grab", 0.5, "what a page takes at most, in `units`")
		seed := f.Seed()
		return func(out io.Writer) (demo.Outcome, error) {
			err := run(*maxConn, grab.Duration(), rand.New(rand.NewPCG(*seed, 0)))
			refused := 0
			if errors.Is(err, threading.ErrTooMany) {
				fmt.Fprintln(out, "one release too many:", err)
				refused, err = 1, nil
			}
			return demo.Outcome{Name: "releases refused", Got: refused, Want: 1}, err
		}
	},
}

const hosts = 5

// run returns the error of a release too many.
func run(maxConn int, longest time.Duration, random *rand.Rand) error {
	connections, err := threading.NewBoundedSemaphore(maxConn)
	if err != nil {
		return err
	}
	for range hosts {
		d := longest/2 + time.Duration(random.Int64N(int64(longest)/2+1))
		threading.Go(func() {
			connections.Acquire()
			defer connections.Release()
			grab(d)
		})
	}
	threading.Wait()
	return connections.Release()
}

// grab stands for a connection to a host.
func grab(d time.Duration) { time.Sleep(d) }
