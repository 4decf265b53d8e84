// Package prodconsspin is the tutorial's first producer and consumer, from before
// the condition: while the list is empty, the consumer looks again and again, with
// the lock held that the producer needs to put something in.
package prodconsspin

import (
	"fmt"
	"io"
	"time"

	"tracekit/demos/demo"
	"tracekit/demos/threading"
)

// Demo is the registry's entry.
var Demo = demo.Demo{
	Name:  "prodcons-spin",
	Short: "prodcons without the condition: the consumer spins, and holds the lock",
	Long: `A consumer that finds the list empty looks again and again, while it holds the
lock that the producer needs to put something in. When its patience ends it gives
the lock up. The trace shows the producer wait for the lock for as long as the
consumer spins, and the place where that one lets go is the one to blame.`,
	Flags: func(f *demo.Flags) demo.Run {
		items := f.Count("items", 5, 10_000, "the `number` of items")
		pause := f.Units("pause", 0.1, "what the producer takes for each item, in `units`; the consumer takes a third of it")
		patience := f.Units("patience", 0.5, "how long the consumer spins, in `units`")
		return func(out io.Writer) (demo.Outcome, error) {
			n, looks := run(*items, pause.Duration(), patience.Duration())
			fmt.Fprintf(out, "%d items produced, %d consumed; the consumer looked %d times\n", *items, n, looks)
			return demo.Outcome{Name: "items consumed", Got: n, Want: *items}, nil
		}
	},
}

// list is what producer and consumer share.
type list struct {
	lock  *threading.Lock
	items []int
	looks int // at the list, by the consumer
}

// run produces and consumes all items, and returns the number consumed and how
// often the consumer looked for one.
func run(items int, pause, patience time.Duration) (n, looks int) {
	l := &list{lock: threading.NewLock()}
	threading.Go(func() {
		for n < items {
			n += l.spin(patience)
			time.Sleep(pause / 3)
		}
	})
	threading.Go(func() {
		for i := range items {
			time.Sleep(pause)
			l.put(i)
		}
	})
	threading.Wait()
	return n, l.looks
}

func (l *list) put(item int) {
	l.lock.Acquire()
	l.items = append(l.items, item)
	l.lock.Release()
}

// spin looks for items until there are some or its patience ends, takes them out
// and returns their number.
func (l *list) spin(patience time.Duration) int {
	l.lock.Acquire()
	for begin := time.Now(); len(l.items) == 0 && time.Since(begin) < patience; {
		l.looks++
	}
	n := len(l.items)
	l.items = nil
	l.lock.Release()
	return n
}
