// Package gilio is the tutorial's explanation of why threads help with I/O all the
// same: who waits for it gives up the interpreter's lock.
package gilio

import (
	"fmt"
	"io"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/primes"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "gil-io",
	Short: "threads wait for I/O under a global interpreter lock, which they give up",
	Long: `Each thread makes requests, one after the other, and interprets a little between
them. While it waits for the answer it gives up the lock of the interpreter. The
trace shows the waits for I/O overlap: the run takes about as long as the requests
of one thread. What they wait for the lock is little beside that.`,
	Flags: func(f *demo.Flags) demo.Run {
		threads := f.Count("threads", 4, 1000, "the `number` of threads")
		requests := f.Count("requests", 3, 1000, "the `number` of requests that each makes")
		latency := f.Units("latency", 0.5, "how long the answer takes, in `units`")
		return func(out io.Writer) (demo.Outcome, error) {
			n := run(*threads, *requests, latency.Duration())
			fmt.Fprintf(out, "%d answers to %d threads\n", n, *threads)
			return demo.Outcome{Name: "answers", Got: n, Want: *threads * *requests}, nil
		}
	},
}

// run returns how many requests were answered.
func run(threads, requests int, latency time.Duration) (answers int) {
	gil := threading.NewGIL(threading.DefaultTicks)
	for range threads {
		threading.Go(func() {
			gil.Interpret(func() {
				for range requests {
					gil.IO(func() { request(latency) })
					interpret(gil)
					answers++
				}
			})
		})
	}
	threading.Wait()
	return answers
}

// request stands for one over a network.
func request(latency time.Duration) { time.Sleep(latency) }

// interpret stands for what is done with an answer.
func interpret(gil *threading.GIL) (n int) {
	for k := range 50_000 {
		if primes.Is(k) {
			n++
		}
		if k%10 == 9 {
			gil.Tick()
		}
	}
	return n
}
