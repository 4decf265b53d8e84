// Package lock is the tutorial's cure for the race of increment: each thread
// reads, adds one and writes back while it holds a lock.
package lock

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"
)

// Params are the knobs of the demo.
type Params struct {
	Threads int           // how many add one
	Hold    time.Duration // how long each holds the lock
}

// counter is a variable and the lock that guards it.
type counter struct {
	mu      sync.Mutex
	someVar int
}

// Run lets all threads add one and returns what the variable became.
//
// The first thread keeps the lock until all others are blocked on it: only an
// acquisition that has to wait shows up in an execution trace, and this way it
// is always the same number of them.
func Run(out io.Writer, p Params) int {
	var (
		c  counter
		wg sync.WaitGroup
	)
	held := make(chan struct{})
	wg.Go(func() {
		c.addFirst(p.Hold, func() {
			close(held)
			awaitBlocked(p.Threads - 1)
		})
	})
	<-held
	for range p.Threads - 1 {
		wg.Go(func() { c.add(p.Hold) })
	}
	wg.Wait()
	fmt.Fprintf(out, "some_var is %d after %d threads added 1\n", c.someVar, p.Threads)
	return c.someVar
}

func (c *counter) add(hold time.Duration) {
	c.mu.Lock()
	read := c.someVar
	time.Sleep(hold)
	c.someVar = read + 1
	c.mu.Unlock()
}

func (c *counter) addFirst(hold time.Duration, ready func()) {
	c.mu.Lock()
	ready()
	read := c.someVar
	time.Sleep(hold)
	c.someVar = read + 1
	c.mu.Unlock()
}

// awaitBlocked returns when n goroutines are parked on a mutex, or after ten
// seconds. There is no other way to know than what a stack dump states of each.
func awaitBlocked(n int) {
	dump := make([]byte, 64<<10)
	for range 10_000 {
		size := runtime.Stack(dump, true)
		if bytes.Count(dump[:size], []byte("[sync.Mutex.Lock")) >= n {
			return
		}
		if size == len(dump) {
			dump = make([]byte, 2*len(dump))
		}
		time.Sleep(time.Millisecond)
	}
}
