// Package multi is the tutorial's measure of threads: several threads share work
// for a processor. Package single has one do the same work.
package multi

import (
	"fmt"
	"io"

	"tracekit/demos/demo"
	"tracekit/demos/primes"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "multi",
	Short: "several threads share what the one of single computes",
	Long: `Threads count the primes below a limit, each in an equal part of the numbers.
They wait for nothing, so that the trace shows a parallelism near the number of
threads, or GOMAXPROCS where that is less, and a run that is shorter by as much
than that of the demo single, which does the same work.`,
	Flags: func(f *demo.Flags) demo.Run {
		threads := f.Count("threads", 4, 1000, "the `number` of threads that share the work")
		limit := f.Count("limit", 1_000_000, 100_000_000, "the primes below this `number` are counted")
		return func(out io.Writer) (demo.Outcome, error) {
			n := run(*threads, *limit)
			fmt.Fprintf(out, "%d threads counted %d primes below %d\n", *threads, n, *limit)
			return demo.Outcome{Name: "primes", Got: n, Want: primes.Below(*limit)}, nil
		}
	},
}

func run(threads, limit int) (n int) {
	counts := make([]int, threads)
	for i := range threads {
		threading.Go(func() { counts[i] = count(i, threads, limit) })
	}
	threading.Wait()
	for _, c := range counts {
		n += c
	}
	return n
}

// count counts the primes in part i of so many.
func count(i, parts, limit int) (n int) {
	for k := range primes.Part(i, parts, limit) {
		if primes.Is(k) {
			n++
		}
	}
	return n
}
