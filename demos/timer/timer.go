// Package timer is the tutorial's delayed call: a thread that runs a function
// after an interval, and one that is cancelled before.
package timer

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
	Name:  "timer",
	Short: "a timer runs a function after an interval, and one is cancelled",
	Long: `Two timers are started. One runs its function when the interval is over. The
other one, which has an hour, is cancelled then. The trace shows two waits: one
that nobody ended, but the time, and one that the main thread ended.`,
	Flags: func(f *demo.Flags) demo.Run {
		interval := f.Units("interval", 1, "after what time the function is run, in `units`")
		return func(out io.Writer) (demo.Outcome, error) {
			fired, err := run(interval.Duration())
			fmt.Fprintf(out, "%d of 2 timers fired\n", fired)
			return demo.Outcome{Name: "timers fired", Got: fired, Want: 1}, err
		}
	},
}

// run returns how many timers have fired.
func run(interval time.Duration) (int, error) {
	var fired atomic.Int64
	fires := threading.NewTimer(interval, func() { fired.Add(1) })
	cancelled := threading.NewTimer(time.Hour, func() { fired.Add(1) })
	if err := errors.Join(threading.Start(fires), threading.Start(cancelled)); err != nil {
		return 0, err
	}
	if err := fires.Join(context.Background()); err != nil {
		return 0, err
	}
	cancelled.Cancel()
	err := cancelled.Join(context.Background())
	return int(fired.Load()), err
}
