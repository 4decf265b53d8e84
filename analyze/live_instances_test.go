package analyze_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/trace"
	"strings"
	"sync"
	"testing"
	"time"

	"tracekit/analyze"
	"tracekit/analyze/report"
)

// napAlone sleeps, and returns for how long.
func napAlone(d time.Duration) time.Duration {
	began := time.Now()
	time.Sleep(d)
	return time.Since(began)
}

// napHolding does, too, in a function of its own, so that the report tells them apart.
func napHolding(d time.Duration) time.Duration {
	began := time.Now()
	time.Sleep(d)
	return time.Since(began)
}

// turnTimes is what goroutines note of regions: how long each took, and how long they
// slept in it without the lock and with it.
type turnTimes struct{ whole, alone, holding []time.Duration }

// takeTurns goes through regions: in each, one sleeps, and then waits for a lock that
// another one, whom it has woken before, sleeps with.
func takeTurns(n int) (note turnTimes) {
	var mu sync.Mutex
	turn, taken := make(chan struct{}), make(chan struct{})
	go func() {
		for range turn {
			mu.Lock()
			taken <- struct{}{}
			note.holding = append(note.holding, napHolding(10*time.Millisecond))
			mu.Unlock()
		}
		close(taken)
	}()
	for range n {
		began := time.Now()
		trace.WithRegion(context.Background(), "turn", func() {
			note.alone = append(note.alone, napAlone(5*time.Millisecond))
			turn <- struct{}{}
			<-taken
			mu.Lock()
			defer mu.Unlock()
		})
		note.whole = append(note.whole, time.Since(began))
	}
	close(turn)
	<-taken
	return note
}

// TestLiveRegions has what regions are made of be as the goroutines note it.
func TestLiveRegions(t *testing.T) {
	attempt(t, func() error {
		const n = 20
		var note turnTimes
		data := traced(t, func() { note = takeTurns(n) })
		r, err := analyze.Trace(bytes.NewReader(data), "turns", analyze.Options{Regions: []string{"turn"}})
		if err != nil {
			t.Fatal(err)
		}
		in := r.Critpath.Instances[0]
		if in.Count != n || in.Open != 0 {
			t.Fatalf("there are %d regions, %d open, not %d", in.Count, in.Open, n)
		}
		for what, times := range map[string][2]int64{
			"all":        {in.P50NS, int64(median(note.whole))},
			"napAlone":   {sleptIn(r, in.Median, "napAlone"), int64(median(note.alone))},
			"napHolding": {sleptIn(r, in.Median, "napHolding"), int64(median(note.holding))},
		} {
			if got, want := times[0], times[1]; got < want*7/10 || got > want*13/10 {
				return fmt.Errorf("%s takes %d ns, by the program's own clock %d ns", what, got, want)
			}
		}
		return nil
	})
}

// sleptIn returns for how long a path sleeps in a function.
func sleptIn(r *report.Report, c report.Composition, function string) (ns int64) {
	for _, s := range c.Segments {
		if s.Kind == "sleep" && s.Site >= 0 && strings.HasSuffix(r.Sites[s.Site].Func, function) {
			ns += s.NS
		}
	}
	return ns
}

var kept [][]byte // what a program allocates

// allocate has the garbage collector run again and again.
func allocate(d time.Duration) {
	for began := time.Now(); time.Since(began) < d; {
		kept = append(kept, make([]byte, 4096))
		if len(kept) > 2000 {
			kept = kept[1000:]
		}
	}
}

// TestLiveGC has a goroutine that allocates be on the path throughout, and so each stop
// of the world: it is stopped for longer than the runtime counts, from when that asks
// for it.
func TestLiveGC(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	attempt(t, func() error {
		var before, after runtime.MemStats
		data := traced(t, func() {
			runtime.ReadMemStats(&before)
			allocate(60 * time.Millisecond)
			runtime.ReadMemStats(&after)
		})
		r, err := analyze.Trace(bytes.NewReader(data), "gc", analyze.Options{})
		if err != nil {
			t.Fatal(err)
		}
		stopped := int64(0)
		for _, s := range r.Critpath.Segments {
			if s.Kind == report.SegStopped {
				stopped += s.NS
			}
		}
		paused := int64(after.PauseTotalNs - before.PauseTotalNs)
		if n := after.NumGC - before.NumGC; n < 3 || stopped < paused*8/10 || stopped > r.Critpath.PathNS/2 {
			return fmt.Errorf("%d collections stop the world for %d ns, of the path for %d ns of %d ns", n, paused, stopped, r.Critpath.PathNS)
		}
		w, err := analyze.WhatIf(bytes.NewReader(data), "gc", analyze.Options{}, analyze.Scenario{Name: "without", NoGC: true})
		if err != nil {
			t.Fatal(err)
		}
		if s := w.Scenarios[0]; s.PredictedNS > w.WallNS-stopped/2 || s.PredictedNS < w.WallNS/4 {
			return fmt.Errorf("without the garbage collector it takes %d ns, not %d ns with %d ns of stops", s.PredictedNS, w.WallNS, stopped)
		}
		return nil
	})
}
