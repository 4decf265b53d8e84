package main

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// pipeline passes values through three stages that sleep, the middle one for long.
// Edited, that one sleeps half as long, and is still the slowest.
func pipeline(e edit) {
	slow := 4 * ms
	if e == edited {
		slow /= 2
	}
	a, b, c := make(chan int), make(chan int), make(chan int)
	go firstStage(a, b)
	go slowStage(b, c, slow)
	go feed(a, 100)
	lastStage(c)
}

func feed(out chan<- int, n int) {
	for i := range n {
		out <- i
	}
	close(out)
}

//go:noinline
func firstStage(in <-chan int, out chan<- int) {
	for v := range in {
		time.Sleep(ms)
		out <- v
	}
	close(out)
}

//go:noinline
func slowStage(in <-chan int, out chan<- int, d time.Duration) {
	for v := range in {
		time.Sleep(d)
		out <- v
	}
	close(out)
}

//go:noinline
func lastStage(in <-chan int) {
	for range in {
		time.Sleep(ms)
	}
}

// pipelineWide is as pipeline with stages that compute. Edited, the middle one takes a
// quarter of its time, and the last one is the slowest.
func pipelineWide(e edit) {
	slow := ms
	if e == edited {
		slow /= 4
	}
	const buffer = 4
	a, b, c := make(chan int, buffer), make(chan int, buffer), make(chan int, buffer)
	go firstSpin(a, b)
	go slowSpin(b, c, slow)
	go feed(a, 400)
	lastSpin(c)
}

//go:noinline
func firstSpin(in <-chan int, out chan<- int) {
	for v := range in {
		spin(ms / 10)
		out <- v
	}
	close(out)
}

//go:noinline
func slowSpin(in <-chan int, out chan<- int, d time.Duration) {
	for v := range in {
		spin(d)
		out <- v
	}
	close(out)
}

//go:noinline
func lastSpin(in <-chan int) {
	for range in {
		spin(ms / 2)
	}
}

// fanIn has three goroutines produce for one that consumes, and is slow. Edited, it
// takes half as long.
func fanIn(e edit) {
	slow := ms
	if e == edited {
		slow /= 2
	}
	c := make(chan int, 8)
	go func() {
		each(3, func(int) { produce(c, 133) })
		close(c)
	}()
	slowConsumer(c, slow)
}

//go:noinline
func produce(out chan<- int, n int) {
	for i := range n {
		spin(ms / 10)
		out <- i
	}
}

//go:noinline
func slowConsumer(in <-chan int, d time.Duration) {
	for range in {
		spin(d)
	}
}

// Eight goroutines sleep with one of two permits and without, in three programs.
const (
	users   = 8
	permits = 2
)

// use has them take and give back. take and give are functions of top level, by which
// questions name the place.
func use(take, give func()) {
	each(users, func(int) {
		for range 45 {
			time.Sleep(2 * ms)
			take()
			time.Sleep(2 * ms)
			give()
		}
	})
}

// channelSemaphore has the permits in the room of a channel. Edited, there is room for
// all.
func channelSemaphore(e edit) {
	sem := make(chan struct{}, room(users, permits, e))
	use(func() { acquire(sem) }, func() { release(sem) })
}

//go:noinline
func acquire(sem chan struct{}) { sem <- struct{}{} }

//go:noinline
func release(sem chan struct{}) { <-sem }

// weightedSemaphore has them in a semaphore of golang.org/x/sync.
func weightedSemaphore(e edit) {
	sem := semaphore.NewWeighted(int64(room(users, permits, e)))
	use(func() { acquireWeighted(sem) }, func() { releaseWeighted(sem) })
}

//go:noinline
func acquireWeighted(sem *semaphore.Weighted) { check(sem.Acquire(context.Background(), 1)) }

//go:noinline
func releaseWeighted(sem *semaphore.Weighted) { sem.Release(1) }

// recv has a goroutine hand the permits out: who takes one receives it. Edited, there is
// one for each.
func recv(e edit) {
	tokens, back := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { handOut(tokens, back, room(users, permits, e)) })
	use(func() { takeToken(tokens) }, func() { giveToken(back) })
	close(back)
	wg.Wait()
}

//go:noinline
func handOut(tokens chan<- struct{}, back <-chan struct{}, free int) {
	for {
		out := tokens
		if free == 0 {
			out = nil
		}
		select {
		case out <- struct{}{}:
			free--
		case _, ok := <-back:
			if !ok {
				return
			}
			free++
		}
	}
}

//go:noinline
func takeToken(tokens <-chan struct{}) { <-tokens }

//go:noinline
func giveToken(back chan<- struct{}) { back <- struct{}{} }
