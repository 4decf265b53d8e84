package analyze_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"
)

// permits is what the users of a semaphore note.
type permits struct {
	wg     sync.WaitGroup
	sem    *semaphore.Weighted
	mu     sync.Mutex
	waited time.Duration // by those that had to wait
	got    int64         // of those
	gaveUp int64
}

// use acquires a permit, holds it and releases it, or gives up after a while.
func (p *permits) use(patience, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ask := time.Now()
	err := p.sem.Acquire(ctx, 1)
	p.note(time.Since(ask), err == nil)
	if err == nil {
		time.Sleep(d)
		p.sem.Release(1)
	}
}

func (p *permits) note(waited time.Duration, got bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waited += waited
	if got {
		p.got++
	} else {
		p.gaveUp++
	}
}

// TestTruthSemaphore compares a semaphore of golang.org/x/sync with the stamps of
// those who use it. One permit is for all; who came early gets it, in the order
// of arrival, and who has no patience gives up, which is no hand-over.
func TestTruthSemaphore(t *testing.T) {
	const unit = 10 * time.Millisecond
	attempt(t, func() error {
		p := &permits{sem: semaphore.NewWeighted(1)}
		data := traced(t, func() {
			p.sem.TryAcquire(1)
			for i := range 6 {
				patience := time.Minute
				if i%2 == 1 {
					patience = 2 * unit
				}
				p.wg.Go(func() { p.use(patience, unit) })
			}
			time.Sleep(4 * unit)
			p.sem.Release(1)
			p.wg.Wait()
		})
		r := verified(t, data, "semaphore")
		if len(r.Waits.Locks) != 1 || p.got != 3 {
			return fmt.Errorf("%d locks, %d of 3 got a permit", len(r.Waits.Locks), p.got)
		}
		l, o := r.Waits.Locks[0], r.Order.Locks[0]
		if l.Kinds[0] != "semaphore" || l.Waits != p.got+p.gaveUp || l.GaveUp != p.gaveUp || o.Handovers != p.got || o.Retries != 0 {
			return fmt.Errorf("%d got a permit, %d gave up; lock is %+v, order %+v", p.got, p.gaveUp, l, o)
		}
		return near("waits for a permit", l.BlockedNS, p.waited)
	})
}
