// Package prodcons is the tutorial's producer and consumer, who share a list
// and a condition: the consumer waits on it while the list is empty.
package prodcons

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "prodcons",
	Short: "a producer and a consumer on a condition",
	Long: `A producer puts items into a list and notifies a condition; a consumer waits on
it while the list is empty. Both pause at random. The trace shows the consumer's
waits on the condition, ended by the producer's notification.`,
	Flags: func(f *demo.Flags) demo.Run {
		items := f.Count("items", 10, 10_000, "how many `items` are produced")
		pause := f.Units("pause", 0.2, "the producer's longest pause, in `units`; the consumer's is half of it")
		seed := f.Seed()
		return func(out io.Writer) (demo.Outcome, error) {
			n, err := run(*items, pause.Duration(), *seed)
			fmt.Fprintf(out, "%d items produced, %d consumed\n", *items, n)
			return demo.Outcome{Name: "items consumed", Got: n, Want: *items}, err
		}
	},
}

// list is what producer and consumer share.
type list struct {
	lock     *threading.Lock
	nonEmpty *threading.Condition
	items    []int
}

// run produces and consumes all items, and returns the number consumed.
func run(items int, pause time.Duration, seed uint64) (n int, err error) {
	lock := threading.NewLock()
	l := &list{lock: lock, nonEmpty: threading.NewCondition(lock)}
	var produced, consumed error
	threading.Go("producer", func() {
		p := pauses{rand.New(rand.NewPCG(seed, 1)), pause}
		produced = l.produce(items, p)
	})
	threading.Go("consumer", func() {
		p := pauses{rand.New(rand.NewPCG(seed, 2)), pause / 2}
		n, consumed = l.consume(items, p)
	})
	threading.Wait()
	if produced != nil {
		return n, produced
	}
	return n, consumed
}

func (l *list) produce(items int, p pauses) error {
	for i := range items {
		p.pause()
		l.lock.Acquire()
		l.items = append(l.items, i)
		if err := l.nonEmpty.Notify(1); err != nil {
			return err
		}
		if err := l.lock.Release(); err != nil {
			return err
		}
	}
	return nil
}

func (l *list) consume(items int, p pauses) (n int, err error) {
	for n < items {
		l.lock.Acquire()
		for len(l.items) == 0 {
			if err := l.nonEmpty.Wait(context.Background()); err != nil {
				return n, err
			}
		}
		l.items = l.items[1:]
		n++
		if err := l.lock.Release(); err != nil {
			return n, err
		}
		p.pause()
	}
	return n, nil
}

// pauses are random, up to a longest one.
type pauses struct {
	random  *rand.Rand
	longest time.Duration
}

func (p pauses) pause() { time.Sleep(time.Duration(p.random.Int64N(int64(p.longest) + 1))) }
