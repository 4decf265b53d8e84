// Command load makes large traces: it does one thing, as fast as it can, for a
// while, and writes its trace to stdout.
//
//	go run . mutex 5s > mutex.trace
//
// With GOTOOLCHAIN=go1.22.12 and others it makes those of older formats.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
	"time"
)

var loads = map[string]func(stop time.Time){
	"mutex": mutex,
	"chan":  channel,
	"http":  web,
	"mixed": mixed,
	"churn": churn,
}

func main() {
	if len(os.Args) != 3 || loads[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: load mutex|chan|http|mixed|churn DURATION > FILE")
		os.Exit(2)
	}
	d, err := time.ParseDuration(os.Args[2])
	check(err)
	check(trace.Start(os.Stdout))
	loads[os.Args[1]](time.Now().Add(d))
	trace.Stop()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func each(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			f(i)
		}(i)
	}
	wg.Wait()
}

// mutex has 16 goroutines fight for one lock.
func mutex(stop time.Time) {
	var mu sync.Mutex
	n := 0
	each(16, func(int) {
		for time.Now().Before(stop) {
			mu.Lock()
			n += work(20)
			runtime.Gosched() // so that there is somebody who waits
			mu.Unlock()
			work(2000)
		}
	})
}

func work(n int) int {
	x := n
	for i := 0; i < n; i++ {
		x = x*31 + i
	}
	return x & 1
}

// channel has 8 pairs pass values without a buffer.
func channel(stop time.Time) {
	each(8, func(int) {
		c := make(chan int)
		go func() {
			defer close(c)
			for i := 0; time.Now().Before(stop); i++ {
				c <- work(500)
			}
		}()
		for range c {
		}
	})
}

// web has 16 clients ask a server on this machine.
func web(stop time.Time) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, r.URL.Path)
	}))
	defer s.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, DialContext: new(net.Dialer).DialContext}}
	each(16, func(i int) {
		for time.Now().Before(stop) {
			resp, err := client.Get(fmt.Sprint(s.URL, "/", i))
			check(err)
			_, err = io.Copy(io.Discard, resp.Body)
			check(err)
			check(resp.Body.Close())
		}
	})
}

// mixed works for a while, and then waits for a mutex, a channel or the clock, at
// a pace that leaves a machine time for other things.
func mixed(stop time.Time) {
	var mu sync.RWMutex
	c := make(chan int, 4)
	each(64, func(i int) {
		for n := 0; time.Now().Before(stop); n++ {
			switch (n + i) % 5 {
			case 0:
				mu.Lock()
				work(2000)
				mu.Unlock()
			case 1, 2:
				mu.RLock()
				work(3000)
				mu.RUnlock()
			case 3:
				if i%2 == 0 {
					select {
					case c <- n:
					case <-time.After(time.Millisecond):
					}
				} else {
					select {
					case <-c:
					case <-time.After(time.Millisecond):
					}
				}
			case 4:
				time.Sleep(100 * time.Microsecond)
			}
		}
	})
}

// churn starts goroutines that end soon, a million and more.
func churn(stop time.Time) {
	for time.Now().Before(stop) {
		each(100, func(i int) { work(100 * i) })
	}
}
