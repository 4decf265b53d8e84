// Package prodconswith is the tutorial's producer and consumer with its with
// statement: what happens under the lock is a function.
package prodconswith

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
	Name:  "prodcons-with",
	Short: "prodcons, by functions that are called with the lock held",
	Long: `The program of the demo prodcons, in which what happens under the lock is a
function that is called with the lock held. The trace shows the consumer's waits
on the condition, ended by the producer's notification.`,
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
	var notified error
	released := l.lock.With(func() {
		l.items = append(l.items, item)
		notified = l.nonEmpty.Notify(1)
	})
	return errors.Join(notified, released)
}

// take takes an item out, and waits for one while there is none.
func (l *list) take() error {
	var waited error
	released := l.lock.With(func() {
		waited = l.nonEmpty.WaitFor(context.Background(), func() bool { return len(l.items) > 0 })
		if waited == nil {
			l.items = l.items[1:]
		}
	})
	return errors.Join(waited, released)
}

func pause(random *rand.Rand, longest time.Duration) {
	time.Sleep(time.Duration(random.Int64N(int64(longest) + 1)))
}
