package hook

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// trouble makes the cause of every trigger: locks that are waited for, ready
// goroutines that find no processor, and many goroutines.
func trouble() (end func()) {
	var over atomic.Bool
	var lock sync.Mutex
	var work sync.WaitGroup
	for range 100 {
		work.Go(func() {
			for !over.Load() {
				lock.Lock()
				time.Sleep(100 * time.Microsecond)
				lock.Unlock()
			}
		})
	}
	for range 2 * runtime.GOMAXPROCS(0) {
		work.Go(func() {
			for !over.Load() {
			}
		})
	}
	return func() {
		over.Store(true)
		work.Wait()
	}
}

// unreachable has every trigger on, and none that fires.
func unreachable() FlightConfig {
	return FlightConfig{
		MutexWait: 1e9, SchedLatency: time.Hour, Goroutines: math.MaxInt, Every: 1, Interval: 10 * time.Millisecond,
	}
}

// TestTriggers makes all causes at once: the one trigger within reach fires, and
// no other.
func TestTriggers(t *testing.T) {
	defer trouble()()
	for reason, set := range map[string]func(*FlightConfig){
		"mutex-wait":               func(c *FlightConfig) { c.MutexWait = 1 },
		"sched-latency":            func(c *FlightConfig) { c.SchedLatency = 10 * time.Microsecond },
		"goroutines":               func(c *FlightConfig) { c.Goroutines = 100 },
		"goroutines, nothing else": func(c *FlightConfig) { *c = FlightConfig{Goroutines: 100, Every: 1, Interval: 1} },
	} {
		t.Run(reason, func(t *testing.T) {
			c := unreachable()
			set(&c)
			_, told := fly(t, c, time.Now)
			want, _, _ := strings.Cut(reason, ",")
			for range 3 {
				s := receive(t, told)
				if s.Reason != want || s.Err != nil || s.Detail == "" {
					t.Errorf("got %+v", s)
				}
			}
		})
	}
}

// TestLook has the causes come and go.
func TestLook(t *testing.T) {
	c := FlightConfig{MutexWait: 20, SchedLatency: 100 * time.Microsecond, Goroutines: 70}
	p, err := newPoller(c.triggers())
	if err != nil {
		t.Fatal(err)
	}
	look := func() (reasons []string) {
		time.Sleep(20 * time.Millisecond)
		reason, detail := p.look()
		if n := strings.Count(detail, "limit"); reason == "" && detail != "" || reason != "" && n != 1+strings.Count(reason, "+") {
			t.Errorf("reason %q, detail %q", reason, detail)
		}
		return strings.Split(reason, "+")
	}
	for range 2 {
		for range 5 {
			// Latency depends on what else runs on this machine.
			if r := look(); slices.Contains(r, "mutex-wait") || slices.Contains(r, "goroutines") {
				t.Errorf("%s without a cause", r)
			}
		}
		end := trouble()
		eventually(t, "all triggers at once", func() bool { return len(look()) == 3 })
		end()
		look() // what was before the end
	}
}

// TestRate has the same wait in a short time and in a long one.
func TestRate(t *testing.T) {
	defer trouble()()
	waited := []metrics.Sample{{Name: "/sync/mutex/wait/total:seconds"}}
	eventually(t, "somebody waited for a lock", func() bool {
		metrics.Read(waited)
		return waited[0].Value.Float64() > 0
	})
	total := waited[0].Value.Float64()
	for seconds, want := range map[time.Duration]bool{1: true, 9: true, 11: false, 100: false} {
		over := overRate(total / 10)
		if detail := over(waited[0].Value, seconds*time.Second); (detail != "") != want {
			t.Errorf("%v s in %d s is over a tenth in a second: %q", total, seconds, detail)
		}
		if detail := over(waited[0].Value, time.Nanosecond); detail != "" {
			t.Errorf("no more since, and yet %s", detail)
		}
	}
}

// TestP99 compares with the sorted list of what was counted.
func TestP99(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	h := &metrics.Float64Histogram{Buckets: []float64{math.Inf(-1), 0, 1, 2, 4, 8, math.Inf(1)}}
	h.Counts = make([]uint64, len(h.Buckets)-1)
	for range 2000 {
		before := slices.Clone(h.Counts)
		var values []float64
		for range r.IntN(300) {
			i := r.IntN(len(h.Counts) - r.IntN(2))
			if r.IntN(100) > 0 {
				i = r.IntN(3)
			}
			h.Counts[i]++
			values = append(values, h.Buckets[i])
		}
		slices.Sort(values)
		want := 0.0
		if n := len(values); n > 0 {
			want = values[int(math.Ceil(float64(n*99)/100))-1]
		}
		if got := p99Since(before, h); got != want {
			t.Fatalf("got %v, want %v of %v", got, want, values)
		}
	}
}

// spend uses up some time, by the clock that Watch has.
func spend() {
	for start := time.Now(); time.Since(start) < time.Microsecond; {
	}
}

func TestWatch(t *testing.T) {
	f, told := fly(t, FlightConfig{Every: 1}, time.Now)
	ctx := context.Background()
	for range 3 {
		for _, limit := range []time.Duration{0, -1, time.Hour} {
			end := f.Watch(ctx, "not slow", limit)
			spend()
			end()
		}
	}
	f.writing.Lock() // a caller that writes would stand here
	ended := make(chan bool)
	go func() {
		defer close(ended)
		defer f.Watch(ctx, "slow", 1)()
		spend()
	}()
	receive(t, ended)
	f.writing.Unlock()
	s := receive(t, told)
	if s.Reason != "slow" || !strings.Contains(s.Detail, "limit 1ns") || s.Err != nil || s.HeldBack != 0 {
		t.Errorf("got %+v", s)
	}
	got := regionsOf(t, s.Path)
	if got["slow"] != [2]int{1, 1} || got["not slow"] != [2]int{9, 9} {
		t.Errorf("regions begun and ended: %v", got)
	}
}

// TestUnknownMetric has a runtime that knows less.
func TestUnknownMetric(t *testing.T) {
	_, err := newPoller([]trigger{{metric: "/no/such:metric"}})
	if err == nil || !strings.Contains(err.Error(), "/no/such:metric") {
		t.Errorf("error %v", err)
	}
}
