// Command mixed does a little of everything that a goroutine can wait for, some
// of it begun before the trace, and writes its trace to the file named by its
// argument. The fixtures in testdata/traces were made with
//
//	for v in 1.21.13 1.22.12 1.24.9 1.25.4 1.26.8; do
//		GOTOOLCHAIN=go$v go run . ../../traces/mixed-$v.trace
//	done
//
// and those of many short generations with
//
//	for v in 1.24.9 1.25.4 1.26.8; do
//		GODEBUG=traceadvanceperiod=10000000 GOTOOLCHAIN=go$v go run . ../../traces/generations-$v.trace
//	done
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
	"time"
)

const ms = time.Millisecond

func main() {
	f, err := os.Create(os.Args[1])
	check(err)
	finish := early()
	time.Sleep(5 * ms)
	check(trace.Start(f))
	queue()
	readers()
	once()
	cond()
	channels()
	selects()
	network()
	fdMutex()
	workers()
	runtime.GC()
	finish()
	trace.Stop()
	check(f.Close())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// par runs functions at the same time and waits for them.
func par(fs ...func()) {
	var wg sync.WaitGroup
	for _, f := range fs {
		f := f
		wg.Add(1)
		go func() {
			defer wg.Done()
			f()
		}()
	}
	wg.Wait()
}

// early starts waits that begin before the trace. Some of them are ended by the
// function that it returns, the others last longer than the trace.
func early() (finish func()) {
	var mu, forever sync.Mutex
	var rw sync.RWMutex
	var wg sync.WaitGroup
	c := sync.NewCond(new(sync.Mutex))
	ch := make(chan int)
	mu.Lock()
	forever.Lock()
	rw.Lock()
	wg.Add(1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() { mu.Lock(); mu.Unlock() }()
	go func() { forever.Lock() }()
	go func() { rw.RLock(); rw.RUnlock() }()
	go func() { wg.Wait() }()
	go func() { c.L.Lock(); c.Wait(); c.L.Unlock() }()
	go func() { <-ch }()
	go func() { ch <- 1; ch <- 2 }()
	go func() { select {} }()
	go func() { l.Accept() }()
	go func() { time.Sleep(time.Hour) }()
	return func() {
		mu.Unlock()
		<-ch
		time.Sleep(ms)
	}
}

// queue has four goroutines queue for one mutex, each from a place of its own.
func queue() {
	var mu sync.Mutex
	hold := func(n int) {
		mu.Lock()
		time.Sleep(time.Duration(n) * 2 * ms)
		mu.Unlock()
	}
	par(
		func() { hold(2) },
		func() { time.Sleep(1 * ms); hold(1) },
		func() { time.Sleep(2 * ms); hold(2) },
		func() { time.Sleep(3 * ms); hold(3) },
	)
}

func readers() {
	var mu sync.RWMutex
	write := func() { mu.Lock(); time.Sleep(3 * ms); mu.Unlock() }
	read := func() { mu.RLock(); time.Sleep(2 * ms); mu.RUnlock() }
	par(write, func() { time.Sleep(ms); read() }, func() { time.Sleep(ms); write() })
	par(read, func() { time.Sleep(ms); write() })
}

func once() {
	var o sync.Once
	f := func() { o.Do(func() { time.Sleep(3 * ms) }) }
	par(f, f)
}

func cond() {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	ready := false
	wait := func() {
		mu.Lock()
		for !ready {
			c.Wait()
		}
		mu.Unlock()
	}
	par(wait, wait, func() {
		time.Sleep(2 * ms)
		mu.Lock()
		ready = true
		c.Broadcast()
		mu.Unlock()
	})
}

func channels() {
	c := make(chan int)
	par(
		func() { time.Sleep(ms); c <- 1; c <- 2 },
		func() { <-c; time.Sleep(2 * ms); <-c },
	)
	d := make(chan int)
	par(func() { drain(d) }, func() { time.Sleep(ms); close(d) })
}

func drain(c chan int) {
	for range c {
	}
}

func selects() {
	c := make(chan int)
	par(
		func() {
			time.Sleep(ms)
			select {
			case c <- 1:
			case <-time.After(time.Second):
			}
		},
		func() {
			select {
			case <-c:
			case <-time.After(time.Second):
			}
		},
	)
	select {
	case <-time.After(ms):
	case <-c:
	}
}

func network() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	par(
		func() {
			c, err := l.Accept()
			check(err)
			c.Read(make([]byte, 10))
			c.Close()
		},
		func() {
			c, err := net.Dial("tcp", l.Addr().String())
			check(err)
			time.Sleep(2 * ms)
			fmt.Fprint(c, "x")
			c.Close()
		},
	)
}

// fdMutex has two goroutines write to one connection that nobody reads yet: the
// second waits for the mutex of the file descriptor.
func fdMutex() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	par(
		func() {
			c, err := l.Accept()
			check(err)
			time.Sleep(5 * ms)
			for b := make([]byte, 4<<20); err == nil; {
				_, err = c.Read(b)
			}
		},
		func() {
			c, err := net.Dial("tcp", l.Addr().String())
			check(err)
			b := make([]byte, 6<<20)
			write := func() { c.Write(b) }
			par(write, write)
			c.Close()
		},
	)
}

// workers has a pool of two wait for jobs in the function that it was started
// with.
func workers() {
	jobs := make(chan int)
	var wg sync.WaitGroup
	for i := 0; i < 2; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range jobs {
				time.Sleep(ms / 2)
			}
		}()
	}
	for i := 0; i < 6; i++ {
		time.Sleep(ms)
		jobs <- i
	}
	close(jobs)
	wg.Wait()
}
