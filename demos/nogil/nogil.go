// Package nogil is the program of package gilcpu without the lock of the
// interpreter.
package nogil

import (
	"fmt"
	"io"
	"sync/atomic"

	"tracekit/demos/demo"
	"tracekit/demos/primes"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "no-gil",
	Short: "gil-cpu without the lock",
	Long: `Each thread counts the primes below a limit, as in the demo gil-cpu, but there is
no lock around it. The trace shows a parallelism near the number of threads, or
GOMAXPROCS where that is less.`,
	Flags: func(f *demo.Flags) demo.Run {
		threads := f.Count("threads", 2, 1000, "the `number` of threads that compute")
		limit := f.Count("limit", 500_000, 100_000_000, "each counts the primes below this `number`")
		return func(out io.Writer) (demo.Outcome, error) {
			n := run(*threads, *limit)
			fmt.Fprintf(out, "%d threads counted %d primes\n", *threads, n)
			return demo.Outcome{Name: "primes", Got: n, Want: *threads * primes.Below(*limit)}, nil
		}
	},
}

func run(threads, limit int) int {
	var sum atomic.Int64
	for range threads {
		threading.Go(func() { sum.Add(int64(count(limit))) })
	}
	threading.Wait()
	return int(sum.Load())
}

func count(limit int) (n int) {
	for k := range limit {
		if primes.Is(k) {
			n++
		}
	}
	return n
}
