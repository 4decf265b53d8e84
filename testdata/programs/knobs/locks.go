package main

import (
	"sync"
	"time"
)

// The functions that questions name must not be inlined into one another, and take and
// give back in a place of their own.

// sleeping has six goroutines sleep with one mutex and without it. Edited, each has a
// mutex of its own.
func sleeping(e edit) {
	const n = 6
	mu := share[sync.Mutex](n, e == edited)
	each(n, func(i int) {
		for range 60 {
			time.Sleep(2 * ms)
			sleepLocked(mu[i])
		}
	})
}

//go:noinline
func sleepLocked(mu *sync.Mutex) {
	mu.Lock()
	time.Sleep(ms)
	mu.Unlock()
}

// spinning is as sleeping with computing: edited, it is the processors that set the
// length.
func spinning(e edit) {
	const n = 4
	mu := share[sync.Mutex](n, e == edited)
	each(n, func(i int) {
		for range 300 {
			spin(ms / 10)
			spinLocked(mu[i])
		}
	})
}

//go:noinline
func spinLocked(mu *sync.Mutex) {
	mu.Lock()
	spin(4 * ms / 10)
	mu.Unlock()
}

// nested has two goroutines take an inner mutex with the outer one held, and four take
// the inner one alone. Edited, each has an inner one of its own: what is left is the
// wait for the outer one.
func nested(e edit) {
	const both, n = 2, 6
	var outer sync.Mutex
	inner := share[sync.Mutex](n, e == edited)
	each(n, func(i int) {
		for range 30 {
			time.Sleep(ms)
			if i < both {
				holdOuter(&outer, inner[i])
			} else {
				holdInner(inner[i])
			}
		}
	})
}

//go:noinline
func holdOuter(outer, inner *sync.Mutex) {
	outer.Lock()
	time.Sleep(ms)
	holdInner(inner)
	outer.Unlock()
}

//go:noinline
func holdInner(inner *sync.Mutex) {
	inner.Lock()
	time.Sleep(2 * ms)
	inner.Unlock()
}

// rwmutex has four readers and two writers, which hold the lock for longer. Edited, each
// has a lock of its own.
func rwmutex(e edit) {
	const writers, n = 2, 6
	mu := share[sync.RWMutex](n, e == edited)
	each(n, func(i int) {
		if i < writers {
			for range 50 {
				time.Sleep(ms)
				write(mu[i])
			}
			return
		}
		for range 100 {
			time.Sleep(ms)
			read(mu[i])
		}
	})
}

//go:noinline
func write(mu *sync.RWMutex) {
	mu.Lock()
	time.Sleep(2 * ms)
	mu.Unlock()
}

//go:noinline
func read(mu *sync.RWMutex) {
	mu.RLock()
	time.Sleep(ms)
	mu.RUnlock()
}

// gil has four threads compute under the lock of an interpreter, which they give up
// every so often. It is a channel, so that it goes round among them. Edited, there is
// room in it for all.
func gil(e edit) {
	const n = 4
	lock := make(chan struct{}, room(n, 1, e))
	each(n, func(int) {
		for range 50 {
			takeGIL(lock)
			spin(2 * ms)
			giveGIL(lock)
		}
	})
}

// room returns for how many of n there is room: for all when edited.
func room(n, bound int, e edit) int {
	if e == edited {
		return n
	}
	return bound
}

//go:noinline
func takeGIL(lock chan struct{}) { lock <- struct{}{} }

//go:noinline
func giveGIL(lock chan struct{}) { <-lock }

// decoy has eight goroutines in the background wait long for a lock A, for which main
// does not wait, while main and another one wait for a lock B, never long. Edited as A,
// each of the eight has a lock A of its own, as B, main and the other one have.
func decoy(e edit) {
	const background = 8
	a := share[sync.Mutex](background, e == editedA)
	b := share[sync.Mutex](2, e == editedB)
	for i := range background {
		go linger(a[i])
	}
	each(2, func(i int) { advance(b[i]) })
}

// linger takes less than main, whatever is edited.
func linger(a *sync.Mutex) {
	for range 6 {
		holdA(a)
		time.Sleep(ms)
	}
}

//go:noinline
func holdA(a *sync.Mutex) {
	a.Lock()
	time.Sleep(4 * ms)
	a.Unlock()
}

func advance(b *sync.Mutex) {
	for range 90 {
		spin(2 * ms / 10)
		holdB(b)
	}
}

//go:noinline
func holdB(b *sync.Mutex) {
	b.Lock()
	time.Sleep(2 * ms)
	b.Unlock()
}
