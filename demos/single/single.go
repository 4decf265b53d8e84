// Package single is the tutorial's measure of threads: one thread has work for a
// processor. Package multi has several do the same work.
package single

import (
	"fmt"
	"io"

	"tracekit/demos/demo"
	"tracekit/demos/primes"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "single",
	Short: "one thread computes; compare multi",
	Long: `One thread counts the primes below a limit, and the main thread waits for it.
The trace shows a parallelism of 1: however many processors there are, a single
thread is on one of them. The demo multi has several threads do the same work.`,
	Flags: func(f *demo.Flags) demo.Run {
		limit := f.Count("limit", 1_000_000, 100_000_000, "the primes below this `number` are counted")
		return func(out io.Writer) (demo.Outcome, error) {
			n := run(*limit)
			fmt.Fprintf(out, "1 thread counted %d primes below %d\n", n, *limit)
			return demo.Outcome{Name: "primes", Got: n, Want: primes.Below(*limit)}, nil
		}
	},
}

func run(limit int) (n int) {
	threading.Go(func() { n = count(limit) })
	threading.Wait()
	return n
}

func count(limit int) (n int) {
	for k := range limit {
		if primes.Is(k) {
			n++
		}
	}
	return n
}
