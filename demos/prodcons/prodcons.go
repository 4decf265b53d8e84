// Package prodcons is the tutorial's producer and consumer, who share a list
// and a condition: the consumer waits on it while the list is empty.
package prodcons

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Params are the knobs of the demo.
type Params struct {
	Items int           // how many are produced
	Pause time.Duration // what the producer takes for each
}

// list is what producer and consumer share.
type list struct {
	mu       sync.Mutex
	nonEmpty *sync.Cond
	items    []int
}

// Run produces and consumes all items and returns the number consumed.
func Run(out io.Writer, p Params) int {
	var (
		l  list
		wg sync.WaitGroup
		n  int
	)
	l.nonEmpty = sync.NewCond(&l.mu)
	wg.Go(func() { l.produce(p) })
	wg.Go(func() { n = l.consume(p.Items) })
	wg.Wait()
	fmt.Fprintf(out, "%d items produced, %d consumed\n", p.Items, n)
	return n
}

func (l *list) produce(p Params) {
	for i := range p.Items {
		time.Sleep(p.Pause)
		l.mu.Lock()
		l.items = append(l.items, i)
		l.nonEmpty.Signal()
		l.mu.Unlock()
	}
}

func (l *list) consume(items int) int {
	n := 0
	for n < items {
		l.mu.Lock()
		for len(l.items) == 0 {
			l.nonEmpty.Wait()
		}
		n += len(l.items)
		l.items = nil
		l.mu.Unlock()
	}
	return n
}
