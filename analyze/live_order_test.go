package analyze_test

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"testing"
	"time"
)

// turn is what a goroutine notes of one acquisition.
type turn struct{ ask, got time.Duration }

// fight has goroutines fight for a mutex. Who is woken often finds it taken by
// one that came just then, and has to wait again.
func fight() (turns []turn) {
	const goroutines, rounds = 6, 300
	var (
		mu sync.Mutex
		wg sync.WaitGroup
	)
	start := time.Now()
	each := make([][]turn, goroutines)
	for g := range each {
		each[g] = make([]turn, 0, rounds)
		wg.Go(func() {
			for range rounds {
				ask := time.Since(start)
				mu.Lock()
				each[g] = append(each[g], turn{ask, time.Since(start)})
				spin(50 * time.Microsecond)
				mu.Unlock()
				spin(5 * time.Microsecond)
			}
		})
	}
	wg.Wait()
	for _, list := range each {
		turns = append(turns, list...)
	}
	return turns
}

func spin(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
	}
}

// stampedFifo is the share of pairs that waited at the same time and were served
// in the order in which they asked.
func stampedFifo(turns []turn) (fifo float64, waited, pairs int) {
	const atOnce = 5 * time.Microsecond // who got the mutex within this did not wait
	var overtaken int
	var waits []turn
	for _, t := range turns {
		if t.got-t.ask > atOnce {
			waits = append(waits, t)
		}
	}
	for _, a := range waits {
		for _, b := range waits {
			if a.ask < b.ask && b.ask < a.got { // a came first, and they met
				pairs++
				if b.got < a.got {
					overtaken++
				}
			}
		}
	}
	return 1 - float64(overtaken)/float64(pairs), len(waits), pairs
}

// TestTruthOrder compares the order of a busy mutex with the program's stamps.
// They cannot tell who waited from who lost the processor, so that they differ by
// more on a loaded machine; a retry taken for a new wait makes it 0.5.
func TestTruthOrder(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	attempt(t, func() error {
		var turns []turn
		data := traced(t, func() { turns = fight() })
		r := verified(t, data, "fight")
		want, waited, pairs := stampedFifo(turns)
		if len(r.Order.Locks) != 1 || r.Order.Locks[0].Fifo == nil || pairs < 50 {
			return fmt.Errorf("locks %+v; the stamps say %d pairs", r.Order.Locks, pairs)
		}
		o := r.Order.Locks[0]
		if math.Abs(*o.Fifo-want) > 0.2 || o.OutOfTurn > 0 {
			return fmt.Errorf("%d pairs, %d out of turn, fifo %v; the stamps say %v", o.Pairs, o.OutOfTurn, *o.Fifo, want)
		}
		if n := o.Handovers - o.Retries; math.Abs(float64(n)-float64(waited)) > 0.3*float64(waited) {
			return fmt.Errorf("%d acquisitions waited; the stamps say %d", n, waited)
		}
		return nil
	})
}
