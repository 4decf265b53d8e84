// Package timer is the tutorial's delayed call: a thread that runs a function
// after an interval, and one that is cancelled before.
package timer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "timer",
	Short: "a timer runs a function after an interval, and one is cancelled",
	Long: `Two timers are started. One runs its function when the interval is over. The
other one has twice the interval and is cancelled before. The trace shows two
waits: one that nobody ended, but the time, and one that the main thread ended.`,
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
func run(interval time.Duration) (fired int, err error) {
	fires := threading.NewTimer(interval, func() { fired++ })
	cancelled := threading.NewTimer(2*interval, func() { fired++ })
	if err := errors.Join(threading.Start(fires), threading.Start(cancelled)); err != nil {
		return 0, err
	}
	err = fires.Join(context.Background())
	cancelled.Cancel()
	return fired, errors.Join(err, cancelled.Join(context.Background()))
}
