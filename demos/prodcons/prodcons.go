// Package prodcons is the tutorial's producer and consumer, who share a list
// and a condition: the consumer waits on it while the list is empty.
package prodcons

import (
	"context"
	"errors"
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
		items := f.Count("items", 10, 10_000, "the `number` of items")
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
func run(items int, longest time.Duration, seed uint64) (n int, err error) {
	lock := threading.NewLock()
	l := &list{lock: lock, nonEmpty: threading.NewCondition(lock)}
	var produced, consumed error
	threading.Go(func() {
		random := rand.New(rand.NewPCG(seed, 1))
		for i := 0; i < items && produced == nil; i++ {
			pause(random, longest)
			produced = l.put(i)
		}
	})
	threading.Go(func() {
		random := rand.New(rand.NewPCG(seed, 2))
		for ; n < items; n++ {
			if consumed = l.take(); consumed != nil {
				return
			}
			pause(random, longest/2)
		}
	})
	threading.Wait()
	return n, errors.Join(produced, consumed)
}

// put adds an item and notifies the condition.
func (l *list) put(item int) error {
	l.lock.Acquire()
	defer l.lock.Release()
	l.items = append(l.items, item)
	return l.nonEmpty.Notify(1)
}

// take takes an item out, and waits for one while there is none.
func (l *list) take() error {
	l.lock.Acquire()
	defer l.lock.Release()
	for len(l.items) == 0 {
		if err := l.nonEmpty.Wait(context.Background()); err != nil {
			return err
		}
	}
	l.items = l.items[1:]
	return nil
}

func pause(random *rand.Rand, longest time.Duration) {
	time.Sleep(time.Duration(random.Int64N(int64(longest) + 1)))
}
