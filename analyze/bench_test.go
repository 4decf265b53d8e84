package analyze

import (
	"bytes"
	"flag"
	"io"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
	"testing"
	"time"

	exptrace "golang.org/x/exp/trace"

	"tracekit/analyze/critpath"
	"tracekit/analyze/decode"
	"tracekit/analyze/order"
	"tracekit/analyze/parallel"
	"tracekit/analyze/rewrite"
	"tracekit/analyze/timeline"
	"tracekit/analyze/waits"
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
	benchAnew(b, size, func() {}, f)
}

// benchAnew is bench for an f that uses up what prepare makes, which is not measured.
func benchAnew(b *testing.B, size int, prepare func(), f func() int) {
	b.Helper()
	var before, after runtime.MemStats
	events, allocated := 0, uint64(0)
	b.SetBytes(int64(size))
	for b.Loop() {
		b.StopTimer()
		prepare()
		runtime.ReadMemStats(&before)
		b.StartTimer()
		events += f()
		b.StopTimer()
		runtime.ReadMemStats(&after)
		allocated += after.TotalAlloc - before.TotalAlloc
		b.StartTimer()
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(allocated)/float64(events), "B/event")
}

func load(b *testing.B) []byte {
	b.Helper()
	data, err := benchTrace()
	if err != nil {
		b.Fatal(err)
	}
	return data
}

func reader(b *testing.B, data []byte, o Options) source {
	b.Helper()
	r, _, err := open(bytes.NewReader(data), o)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// generations calls f with each generation of a source.
func generations(b *testing.B, src decode.Source, f func(*decode.Generation)) {
	b.Helper()
	for {
		gen, err := src.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			b.Fatal(err)
		}
		f(gen)
	}
}

// BenchmarkReadEvent is what there was before: the loop of x/exp/trace, which does
// nothing with the events.
func BenchmarkReadEvent(b *testing.B) {
	data := load(b)
	bench(b, len(data), func() (events int) {
		r, err := exptrace.NewReader(bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		for {
			_, err := r.ReadEvent()
			if err == io.EOF {
				return events
			}
			if err != nil {
				b.Fatal(err)
			}
			events++
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := load(b)
	for _, d := range []Decoder{Wire, Exp} {
		b.Run(string(d), func(b *testing.B) {
			bench(b, len(data), func() (events int) {
				r := reader(b, data, Options{Decoder: d, Workers: 1, InFlight: 1})
				generations(b, r, func(gen *decode.Generation) { events += gen.Read })
				return events
			})
		})
	}
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

// saved returns the generations of a trace, of which again makes copies.
func saved(b *testing.B, data []byte) *replay {
	r := reader(b, data, Options{})
	src := &replay{symbols: r.Symbols()}
	generations(b, r, func(gen *decode.Generation) {
		src.generations = append(src.generations, *(&changed{rename: same}).change(gen))
	})
	return src
}

// again returns a copy, to be read once.
func (r *replay) again() *replay {
	other := &replay{symbols: r.symbols}
	for i := range r.generations {
		other.generations = append(other.generations, *(&changed{rename: same}).change(&r.generations[i]))
	}
	return other
}

// BenchmarkJoin goes through the generations and joins waits with wakes, for
// nobody; BenchmarkWaits and those that follow have one analysis listen.
func BenchmarkJoin(b *testing.B) {
	benchTimeline(b, func(*decode.Symbols) []timeline.Observer { return nil })
}

func BenchmarkWaits(b *testing.B) {
	benchTimeline(b, func(s *decode.Symbols) []timeline.Observer { return []timeline.Observer{waits.New(s)} })
}

func BenchmarkOrder(b *testing.B) {
	benchTimeline(b, func(s *decode.Symbols) []timeline.Observer { return []timeline.Observer{order.New(s)} })
}

func BenchmarkParallel(b *testing.B) {
	benchTimeline(b, func(*decode.Symbols) []timeline.Observer { return []timeline.Observer{parallel.New()} })
}

func BenchmarkCritpath(b *testing.B) {
	benchTimeline(b, func(s *decode.Symbols) []timeline.Observer { return []timeline.Observer{critpath.New(s)} })
}

// BenchmarkAnalysis has all analyses listen, to events that are decoded already.
func BenchmarkAnalysis(b *testing.B) {
	benchTimeline(b, func(s *decode.Symbols) []timeline.Observer {
		return []timeline.Observer{waits.New(s), order.New(s), parallel.New(), critpath.New(s)}
	})
}

func benchTimeline(b *testing.B, observers func(*decode.Symbols) []timeline.Observer) {
	data := load(b)
	kept := saved(b, data)
	var src *replay
	again := func() { src = kept.again() } // to go through events uses them up
	benchAnew(b, len(data), again, func() int {
		extent, err := timeline.Run(src, observers(src.symbols)...)
		if err != nil {
			b.Fatal(err)
		}
		return extent.Events
	})
}

// BenchmarkWhole is all but the reading of the file.
func BenchmarkWhole(b *testing.B) {
	data := load(b)
	for name, o := range map[string]Options{"one": {Workers: 1, InFlight: 1}, "several": {}, "exp": {Decoder: Exp}} {
		b.Run(name, func(b *testing.B) {
			bench(b, len(data), func() int {
				r, err := Trace(bytes.NewReader(data), "bench", o)
				if err != nil {
					b.Fatal(err)
				}
				return int(r.Trace.Events)
			})
		})
	}
}

// BenchmarkCut cuts 10 ms out of the end of a trace, and BenchmarkAnnotate puts waits of
// 1 ms and more into it: to compare with ReadEvent.
func BenchmarkCut(b *testing.B) {
	data := load(b)
	rep, err := Trace(bytes.NewReader(data), "", Options{})
	if err != nil {
		b.Fatal(err)
	}
	to := rep.Trace.WallNS * 9 / 10
	for b.Loop() {
		if _, err := rewrite.Cut(bytes.NewReader(data), io.Discard, Window{From: max(to-10e6, 0), To: to}); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(data)))
}

func BenchmarkAnnotate(b *testing.B) {
	data := load(b)
	for b.Loop() {
		if _, err := Annotate(bytes.NewReader(data), io.Discard, 1e6); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(data)))
}
