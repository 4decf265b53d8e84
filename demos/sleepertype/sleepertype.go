// Package sleepertype is the tutorial's first program with threads that are made
// from a type: it embeds a thread and says what that does.
package sleepertype

import (
	"fmt"
	"io"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "sleeper-type",
	Short: "sleeper, with threads made from a type",
	Long: `Three threads sleep 4, 2 and 3 units at the same time, as in the demo sleeper,
but are made from a type that embeds a thread. The trace shows the same: three
sleeps in a run of 4 units.`,
	Flags: func(f *demo.Flags) demo.Run {
		unit := f.Unit()
		return func(out io.Writer) (demo.Outcome, error) {
			woke, err := run(out, *unit)
			return demo.Outcome{Name: "threads woken", Got: woke, Want: len(naps)}, err
		}
	},
}

// naps are the sleeps of the threads, in units.
var naps = []int{4, 2, 3}

// sleeper is a thread that sleeps.
type sleeper struct {
	threading.Thread
	nap  time.Duration
	woke bool
}

// Run is what the thread does.
func (s *sleeper) Run() {
	time.Sleep(s.nap)
	s.woke = true
}

// run starts a sleeper for each nap, waits for all, and returns how many woke up
// again.
func run(out io.Writer, unit time.Duration) (woke int, err error) {
	var sleepers []*sleeper
	for i, units := range naps {
		s := &sleeper{nap: time.Duration(units) * unit}
		s.Name = fmt.Sprintf("sleeper %d", i+1)
		if err := threading.Start(s); err != nil {
			return 0, err
		}
		sleepers = append(sleepers, s)
	}
	threading.Wait()
	for _, s := range sleepers {
		if s.woke {
			woke++
			fmt.Fprintf(out, "%s slept %v\n", s.Name, s.nap)
		}
	}
	return woke, nil
}
