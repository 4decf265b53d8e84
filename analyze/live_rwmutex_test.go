package analyze_test

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// pending is what the goroutines of behindWriter note.
type pending struct {
	slowFree            time.Time // the slow reader releases
	writeAsk, writeFree time.Time
	readAsk             [3]time.Time
}

// behindWriter has a reader keep an RWMutex for 4 units while a writer waits for
// it, and other readers queue behind that writer. It is the slow reader that
// makes them wait for most of the time, though all are woken by the writer.
func behindWriter(unit time.Duration) *pending {
	var (
		p     pending
		rw    sync.RWMutex
		wg    sync.WaitGroup
		taken = make(chan struct{})
		ready = make(chan struct{})
	)
	wg.Go(func() { slowRead(&p, &rw, taken, ready, 4*unit) })
	<-taken
	wg.Go(func() { write(&p, &rw, unit) })
	awaitWaiters("sync.RWMutex.Lock", 1)
	for i := range p.readAsk {
		wg.Go(func() { read(&p.readAsk[i], &rw) })
	}
	awaitWaiters("sync.RWMutex.RLock", len(p.readAsk))
	close(ready)
	wg.Wait()
	return &p
}

func slowRead(p *pending, rw *sync.RWMutex, taken, ready chan struct{}, d time.Duration) {
	rw.RLock()
	close(taken)
	<-ready
	time.Sleep(d)
	p.slowFree = time.Now()
	rw.RUnlock()
}

func write(p *pending, rw *sync.RWMutex, d time.Duration) {
	p.writeAsk = time.Now()
	rw.Lock()
	time.Sleep(d)
	p.writeFree = time.Now()
	rw.Unlock()
}

func read(ask *time.Time, rw *sync.RWMutex) {
	*ask = time.Now()
	rw.RLock()
	defer rw.RUnlock()
}

// TestTruthBehindWriter compares the blame of an RWMutex with the program's own
// stamps: readers that queue behind a waiting writer wait for the slow reader
// first, and then for the writer.
func TestTruthBehindWriter(t *testing.T) {
	attempt(t, func() error {
		var p *pending
		data := traced(t, func() { p = behindWriter(10 * time.Millisecond) })
		r := verified(t, data, "behind a writer")
		if len(r.Waits.Locks) != 1 {
			return fmt.Errorf("%d locks", len(r.Waits.Locks))
		}
		slow, writer := p.slowFree.Sub(p.writeAsk), time.Duration(0)
		for _, ask := range p.readAsk {
			slow += p.slowFree.Sub(ask)
			writer += p.writeFree.Sub(p.slowFree)
		}
		l := r.Waits.Locks[0]
		if err := near("blame of the slow reader", blameOf(r, l, "analyze_test.slowRead"), slow); err != nil {
			return err
		}
		return near("blame of the writer", blameOf(r, l, "analyze_test.write"), writer)
	})
}
