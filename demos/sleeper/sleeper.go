// Package sleeper is the tutorial's first program: threads, each made from a
// function, that sleep all at once. It takes as long as the longest sleep, not
// as long as all of them.
package sleeper

import (
	"fmt"
	"io"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "sleeper",
	Short: "three threads sleep 4, 2 and 3 units at the same time",
	Long: `Three threads sleep 4, 2 and 3 units at the same time. The trace shows three
sleeps in a run of 4 units, not 9, and a parallelism near 0: who sleeps does not
run.`,
	Flags: func(f *demo.Flags) demo.Run {
		unit := f.Unit()
		return func(out io.Writer) (demo.Outcome, error) {
			woke := run(*unit)
			for i, units := range naps[:woke] {
				fmt.Fprintf(out, "thread %d slept %d units\n", i+1, units)
			}
			return demo.Outcome{Name: "threads woken", Got: woke, Want: len(naps)}, nil
		}
	},
}

// naps are the sleeps of the threads, in units.
var naps = []int{4, 2, 3}

// run starts a thread for each nap, waits for all, and returns how many woke up
// again.
func run(unit time.Duration) (woke int) {
	done := make([]bool, len(naps))
	for i, units := range naps {
		threading.Go(func() {
			time.Sleep(time.Duration(units) * unit)
			done[i] = true
		})
	}
	threading.Wait()
	for woke < len(done) && done[woke] {
		woke++
	}
	return woke
}
