// Package barrier is the tutorial's meeting point: parties with different work
// meet behind each round of it.
package barrier

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
	Name:  "barrier",
	Short: "parties with different work meet, several rounds",
	Long: `In each round the parties work for different times and then meet at a barrier.
Who has most to do is another one each time. The trace shows a wait for each
party of a round but the last to come, which waits for nobody and ends the waits
of all others.`,
	Flags: func(f *demo.Flags) demo.Run {
		parties := f.Count("parties", 4, 1000, "the `number` of threads that meet")
		rounds := f.Count("rounds", 3, 1000, "the `number` of rounds")
		work := f.Units("work", 0.2, "by how much each party works longer than another, in `units`")
		return func(out io.Writer) (demo.Outcome, error) {
			last, err := run(*parties, *rounds, work.Duration())
			for round, party := range last {
				fmt.Fprintf(out, "party %d was the last of round %d\n", party+1, round+1)
			}
			return demo.Outcome{Name: "rounds", Got: len(last), Want: *rounds}, err
		}
	},
}

// run returns who came last in each round.
func run(parties, rounds int, work time.Duration) (last []int, err error) {
	b, err := threading.NewBarrier(parties)
	if err != nil {
		return nil, err
	}
	errs := make([]error, parties)
	for i := range parties {
		threading.Go(func() {
			for round := range rounds {
				time.Sleep(work * time.Duration(1+(i+round)%parties))
				index, err := b.Wait(context.Background())
				if err != nil {
					errs[i] = err
					return
				}
				if index == parties-1 {
					last = append(last, i) // nobody else does until the next round is over
				}
			}
		})
	}
	threading.Wait()
	return last, errors.Join(errs...)
}
