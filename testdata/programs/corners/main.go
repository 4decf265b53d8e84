// Command corners does what few programs do, and a reader of traces must know all
// the same. It writes its trace to the file named by its first argument; with a
// second one, and from Go 1.25 on, that of the flight recorder to that file. It
// needs a C compiler. The fixtures in testdata/traces were made with
//
//	for v in 1.22.12 1.24.9 1.25.4 1.26.8; do
//		CGO_ENABLED=1 GODEBUG=traceadvanceperiod=20000000 GOTOOLCHAIN=go$v \
//			go run . ../../traces/corners-$v.trace ../../traces/flight-$v.trace
//	done
package main

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"sync"
	"syscall"
	"time"
)

const ms = time.Millisecond

func main() {
	f, err := os.Create(os.Args[1])
	check(err)
	ctx, task := trace.NewTask(context.Background(), "begun before the trace")
	region := trace.StartRegion(ctx, "begun before the trace")
	finish := inSyscall()
	time.Sleep(5 * ms)
	check(pprof.StartCPUProfile(new(bytes.Buffer)))
	stop := fly(os.Args[2:])
	check(trace.Start(f))
	annotate()
	starve()
	churn()
	processors()
	coroutines()
	callbacks()
	timers()
	compute(30 * ms) // long enough for samples, and a generation or two
	region.End()
	task.End()
	finish()
	stop()
	trace.Stop()
	pprof.StopCPUProfile()
	check(f.Close())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// inSyscall has a goroutine be in a system call from before the trace on, over
// many generations, until the function is called that it returns.
func inSyscall() (finish func()) {
	var fds [2]int
	check(syscall.Pipe(fds[:]))
	done := make(chan bool)
	go func() {
		var b [1]byte
		syscall.Read(fds[0], b[:])
		done <- true
	}()
	return func() {
		syscall.Write(fds[1], []byte{1})
		<-done
	}
}

// annotate uses tasks, regions and logs, one in the other and across goroutines.
func annotate() {
	ctx, task := trace.NewTask(context.Background(), "outer")
	var wg sync.WaitGroup
	for i := 0; i < 3; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			ctx, inner := trace.NewTask(ctx, "inner")
			defer inner.End()
			trace.WithRegion(ctx, "region", func() {
				trace.Logf(ctx, "category", "message")
				trace.WithRegion(ctx, "nested", func() { time.Sleep(ms) })
			})
		}()
	}
	wg.Wait()
	task.End()
}

// starve has goroutines wait for a mutex for longer than a millisecond, while
// another one takes it again and again: then it is handed over.
func starve() {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := 0; i < 3; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := 0; n < 4; n++ {
				mu.Lock()
				compute(2 * ms)
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
}

// compute spins.
func compute(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
	}
}

// churn starts goroutines that end at once.
func churn() {
	var wg sync.WaitGroup
	for i := 0; i < 300; i++ {
		wg.Add(1)
		go wg.Done()
	}
	wg.Wait()
}

// processors changes GOMAXPROCS midway.
func processors() {
	n := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(n)
	for _, n := range []int{1, 3} {
		runtime.GOMAXPROCS(n)
		churn()
	}
}

// timers has timers fire, be stopped and be reset.
func timers() {
	t := time.NewTimer(time.Hour)
	t.Stop()
	t.Reset(ms)
	<-t.C
	done := make(chan bool)
	time.AfterFunc(ms, func() { close(done) })
	<-done
	tick := time.NewTicker(ms)
	defer tick.Stop()
	for i := 0; i < 3; i++ {
		<-tick.C
	}
}
