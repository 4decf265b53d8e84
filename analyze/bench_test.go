package analyze

import (
	"bytes"
	"flag"
	"io"
	"os"
	"runtime"
	"runtime/trace"
	"slices"
	"sync"
	"testing"
	"time"

	"tracekit/analyze/decode"
	"tracekit/analyze/timeline"
)

// The benchmarks run on a trace that they make themselves, of a mutex and a
// channel under contention, or on one of your own:
//
//	go test -run - -bench . ./analyze -in "$PWD/x.trace"
var in = flag.String("in", "", "the trace to benchmark on")

var benchTrace = sync.OnceValues(func() ([]byte, error) {
	if *in != "" {
		return os.ReadFile(*in)
	}
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		return nil, err
	}
	contention(time.Second)
	trace.Stop()
	return b.Bytes(), nil
})

// contention has goroutines fight for a mutex and pass values for a while.
func contention(d time.Duration) {
	var (
		mu   sync.Mutex
		wg   sync.WaitGroup
		c    = make(chan int)
		stop = time.Now().Add(d)
	)
	for range 8 {
		wg.Go(func() {
			for time.Now().Before(stop) {
				mu.Lock()
				runtime.Gosched()
				mu.Unlock()
				select {
				case c <- 1:
				case <-c:
				case <-time.After(time.Millisecond):
				}
			}
		})
	}
	wg.Wait()
}

// bench measures f, which goes through a whole trace and returns the number of
// its events, in events/s and allocated B/event.
func bench(b *testing.B, size int, f func() int) {
	b.Helper()
	var before, after runtime.MemStats
	events := 0
	b.SetBytes(int64(size))
	runtime.ReadMemStats(&before)
	for b.Loop() {
		events += f()
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(events), "B/event")
}

func load(b *testing.B) []byte {
	b.Helper()
	data, err := benchTrace()
	if err != nil {
		b.Fatal(err)
	}
	return data
}

func open(b *testing.B, data []byte) *decode.Reader {
	b.Helper()
	r, err := decode.Open(bytes.NewReader(data))
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func BenchmarkDecode(b *testing.B) {
	data := load(b)
	bench(b, len(data), func() (events int) {
		r := open(b, data)
		for {
			gen, err := r.Next()
			if err == io.EOF {
				return events
			}
			if err != nil {
				b.Fatal(err)
			}
			events += gen.Read
		}
	})
}

// replay is a Source of generations that were read before.
type replay struct {
	symbols     *decode.Symbols
	generations []decode.Generation
	next        int
}

func (r *replay) Symbols() *decode.Symbols { return r.symbols }

func (r *replay) Next() (*decode.Generation, error) {
	if r.next == len(r.generations) {
		return nil, io.EOF
	}
	r.next++
	return &r.generations[r.next-1], nil
}

func BenchmarkTimeline(b *testing.B) {
	data := load(b)
	r := open(b, data)
	src := &replay{symbols: r.Symbols()}
	for {
		gen, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		keep := *gen
		keep.Blocks = nil
		for _, block := range gen.Blocks {
			keep.Blocks = append(keep.Blocks, slices.Clone(block))
		}
		src.generations = append(src.generations, keep)
	}
	bench(b, len(data), func() int {
		src.next = 0
		extent, err := timeline.Run(src)
		if err != nil {
			b.Fatal(err)
		}
		return extent.Events
	})
}

func BenchmarkAnalysis(b *testing.B) {
	data := load(b)
	bench(b, len(data), func() int {
		r, err := Trace(bytes.NewReader(data), "bench")
		if err != nil {
			b.Fatal(err)
		}
		return int(r.Trace.Events)
	})
}
