package main

import (
	"sync"
	"time"
)

// pool has four workers take jobs from a channel, each of which needs a lock. Edited,
// each worker has a lock of its own.
func pool(e edit) {
	const n = 4
	mu := share[sync.Mutex](n, e == edited)
	jobs := make(chan int)
	go feed(jobs, 350)
	each(n, func(i int) { work(jobs, mu[i]) })
}

//go:noinline
func work(jobs <-chan int, mu *sync.Mutex) {
	for range jobs {
		time.Sleep(ms)
		finish(mu)
	}
}

//go:noinline
func finish(mu *sync.Mutex) {
	mu.Lock()
	time.Sleep(ms)
	mu.Unlock()
}

// meet has four workers meet at a barrier after each round, one of which is slower than
// the others. Edited, that one takes half its time, and the others are the last.
func meet(e edit) {
	slow := 6 * ms
	if e == edited {
		slow /= 2
	}
	const n, rounds = 4, 60
	b := newBarrier(n)
	each(n, func(i int) {
		if i == 0 {
			slowWorker(b, rounds, slow)
		} else {
			worker(b, rounds)
		}
	})
}

//go:noinline
func slowWorker(b *barrier, rounds int, d time.Duration) {
	for range rounds {
		time.Sleep(d)
		b.wait()
	}
}

//go:noinline
func worker(b *barrier, rounds int) {
	for range rounds {
		time.Sleep(4 * ms)
		b.wait()
	}
}

// barrier lets goroutines on when all have come. newBarrier makes it.
type barrier struct {
	mu      sync.Mutex
	turn    *sync.Cond
	of      int
	waiting int
	round   int
}

func newBarrier(of int) *barrier {
	b := &barrier{of: of}
	b.turn = sync.NewCond(&b.mu)
	return b
}

func (b *barrier) wait() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting++; b.waiting == b.of {
		b.waiting = 0
		b.round++
		b.turn.Broadcast()
		return
	}
	for round := b.round; b.round == round; {
		b.turn.Wait()
	}
}

// forkJoin starts four workers a round and waits for them. Three of them need a lock,
// and the last of these is the last of all. Edited, each of them has its own, and the
// fourth is the last.
func forkJoin(e edit) {
	const lockers, rounds = 3, 35
	mu := share[sync.Mutex](lockers, e == edited)
	for range rounds {
		var wg sync.WaitGroup
		for i := range lockers {
			wg.Go(func() { short(mu[i]) })
		}
		wg.Go(long)
		wg.Wait()
	}
}

//go:noinline
func short(mu *sync.Mutex) {
	mu.Lock()
	time.Sleep(4 * ms)
	mu.Unlock()
}

//go:noinline
func long() { time.Sleep(7 * ms) }
