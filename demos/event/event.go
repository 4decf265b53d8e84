// Package event is the tutorial's signal: several threads wait for an event, and
// one sets it.
package event

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "event",
	Short: "several threads wait for an event that one sets",
	Long: `Threads wait for an event. After a while the main thread sets it. The trace shows
a wait for each thread, and all of them are ended at once, by one waker.`,
	Flags: func(f *demo.Flags) demo.Run {
		threads := f.Count("threads", 5, 10_000, "the `number` of threads that wait")
		delay := f.Units("delay", 1, "when the event is set, in `units`")
		return func(out io.Writer) (demo.Outcome, error) {
			n := run(*threads, delay.Duration())
			fmt.Fprintf(out, "%d of %d threads have seen the event\n", n, *threads)
			return demo.Outcome{Name: "threads woken", Got: n, Want: *threads}, nil
		}
	},
}

// run returns how many threads have seen the event.
func run(threads int, delay time.Duration) int {
	var (
		start threading.Event
		seen  atomic.Int64
	)
	for range threads {
		threading.Go(func() {
			if start.Wait(context.Background()) == nil {
				seen.Add(1)
			}
		})
	}
	time.Sleep(delay)
	start.Set()
	threading.Wait()
	return int(seen.Load())
}
