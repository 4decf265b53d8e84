// Package gilcpu is the tutorial's explanation of why threads do not make
// computing faster there: the interpreter has a lock, and who computes holds it.
package gilcpu

import (
	"fmt"
	"io"

	"tracekit/demos/demo"
	"tracekit/demos/primes"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "gil-cpu",
	Short: "threads compute under a global interpreter lock",
	Long: `Each thread counts the primes below a limit while it holds the lock of its
interpreter, which it gives up every hundred ticks. The trace shows a parallelism
of 1, whatever the number of threads: two of them take twice the time of one. With
more than two, the lock goes round in the order in which they came. The demo no-gil
does the same without the lock.`,
	Flags: func(f *demo.Flags) demo.Run {
		threads := f.Count("threads", 2, 1000, "the `number` of threads that compute")
		limit := f.Count("limit", 500_000, 100_000_000, "each counts the primes below this `number`")
		ticks := f.Count("ticks", threading.DefaultTicks, 1_000_000_000, "the `number` of ticks after which a thread gives up the lock")
		return func(out io.Writer) (demo.Outcome, error) {
			n := run(*threads, *limit, *ticks)
			fmt.Fprintf(out, "%d threads counted %d primes\n", *threads, n)
			return demo.Outcome{Name: "primes", Got: n, Want: *threads * primes.Below(*limit)}, nil
		}
	},
}

func run(threads, limit, ticks int) (sum int) {
	gil := threading.NewGIL(ticks)
	for range threads {
		threading.Go(func() {
			gil.Interpret(func() {
				n := count(gil, limit) // gives up the lock: sum is to be read behind it
				sum += n
			})
		})
	}
	threading.Wait()
	return sum
}

// count counts primes. To look at ten numbers is a tick.
func count(gil *threading.GIL, limit int) (n int) {
	for k := range limit {
		if primes.Is(k) {
			n++
		}
		if k%10 == 9 {
			gil.Tick()
		}
	}
	return n
}
