package hook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/trace"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	exp "golang.org/x/exp/trace"
)

// clock is a clock that a test sets.
type clock struct{ at atomic.Pointer[time.Time] }

func newClock() *clock {
	c := &clock{}
	t := time.Date(2026, 1, 2, 15, 4, 5, 123456789, time.UTC)
	c.at.Store(&t)
	return c
}

func (c *clock) now() time.Time { return *c.at.Load() }

func (c *clock) add(d time.Duration) {
	t := c.now().Add(d)
	c.at.Store(&t)
}

// fly starts a flight recorder for the length of a test, and hands on what it
// tells of its snapshots.
func fly(t *testing.T, config FlightConfig, now func() time.Time) (*Flight, <-chan Snapshot) {
	t.Helper()
	told := make(chan Snapshot)
	if config.Dir == "" {
		config.Dir = t.TempDir()
	}
	config.OnSnapshot = func(s Snapshot) {
		select {
		case told <- s:
		case <-t.Context().Done(): // before Stop
		}
	}
	f, err := startFlight(config, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	return f, told
}

// receive waits for what is sure to come.
func receive[T any](t *testing.T, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(time.Minute):
		t.Fatal("nothing came for a minute")
	}
	return v
}

// eventually waits for what is sure to become true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not for a minute: %s", what)
		}
	}
}

// regions reads a whole trace, and returns how many regions of each name begin
// and end in it.
func regions(t *testing.T, in io.Reader) map[string][2]int {
	t.Helper()
	r, err := exp.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string][2]int)
	for n := 0; ; n++ {
		e, err := r.ReadEvent()
		if err == io.EOF && n > 0 {
			return found
		}
		if err != nil {
			t.Fatalf("after %d events: %v", n, err)
		}
		switch e.Kind() {
		case exp.EventRegionBegin:
			c := found[e.Region().Type]
			c[0]++
			found[e.Region().Type] = c
		case exp.EventRegionEnd:
			c := found[e.Region().Type]
			c[1]++
			found[e.Region().Type] = c
		}
	}
}

func regionsOf(t *testing.T, path string) map[string][2]int {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return regions(t, bytes.NewReader(data))
}

// ours returns the stacks of the goroutines that a flight recorder started.
func ours() (stacks []string) {
	buf := make([]byte, 1<<20)
	for _, s := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(s, "sync.(*WaitGroup).Go") && strings.Contains(s, "hook.(*Flight)") {
			stacks = append(stacks, s)
		}
	}
	return stacks
}

// TestFlightAlone has one flight recorder at a time, in a program that may be
// traced besides.
func TestFlightAlone(t *testing.T) {
	var all bytes.Buffer
	if err := trace.Start(&all); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		f, err := StartFlight(FlightConfig{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if other, err := StartFlight(FlightConfig{Dir: t.TempDir()}); err == nil || other != nil {
			t.Errorf("a second one started: %v, %v", other, err)
		}
		path, err := f.Snapshot("")
		if err != nil {
			t.Fatal(err)
		}
		regionsOf(t, path)
		f.Stop()
		f.Stop()
		if path, err := f.Snapshot(""); err == nil || path != "" {
			t.Errorf("a snapshot after Stop: %q, %v", path, err)
		}
		f.request("late", "")
		if s := ours(); len(s) != 0 {
			t.Errorf("after Stop there is\n%s", s)
		}
	}
	trace.Stop()
	regions(t, &all)
}

func TestFlightConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]FlightConfig{
		"MinAge": {MinAge: -1}, "MaxDisk": {MaxDisk: -1}, "Every": {Every: -1}, "SchedLatency": {SchedLatency: -1},
		"MutexWait": {MutexWait: math.NaN()}, "Goroutines": {Goroutines: -1}, "Interval": {Interval: -1},
		"not a directory": {Dir: file},
	} {
		if f, err := StartFlight(c); err == nil || f != nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v, %v", what, f, err)
		}
	}
	dir := t.TempDir()
	t.Chdir(dir)
	f, err := StartFlight(FlightConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	t.Chdir(t.TempDir()) // it does not follow
	if path, err := f.Snapshot("here"); err != nil || filepath.Dir(path) != dir {
		t.Errorf("%s, error %v, want it in %s", path, err, dir)
	}
}

// TestNilFlight has a program that goes on without: StartFlight failed.
func TestNilFlight(t *testing.T) {
	var f *Flight
	f.Watch(context.Background(), "region", 1)()
	if path, err := f.Snapshot("reason"); path != "" || !errors.Is(err, errStopped) {
		t.Errorf("%q, %v", path, err)
	}
	f.Stop()
}

// TestFlightGoroutines counts them: none without a trigger, and none after Stop.
func TestFlightGoroutines(t *testing.T) {
	signals := make(chan os.Signal, 1) // has package signal start its own, which stays
	signal.Notify(signals, syscall.SIGHUP)
	defer signal.Stop(signals)
	before := runtime.NumGoroutine()
	f, _ := fly(t, FlightConfig{}, time.Now)
	if _, err := f.Snapshot("reason"); err != nil {
		t.Fatal(err)
	}
	if s := ours(); len(s) != 0 {
		t.Errorf("without a trigger there is\n%s", s)
	}
	f.Stop()
	for _, c := range []FlightConfig{{Signal: syscall.SIGHUP}, {Goroutines: 1e6}} {
		f, _ := fly(t, c, time.Now)
		eventually(t, "one goroutine with one trigger", func() bool { return len(ours()) == 1 })
		f.Stop()
		if s := ours(); len(s) != 0 {
			t.Errorf("after Stop there is\n%s", s)
		}
	}
	eventually(t, "as few goroutines as before", func() bool { return runtime.NumGoroutine() <= before })
}

// TestStopWaits has a snapshot under way: Stop returns after its OnSnapshot.
func TestStopWaits(t *testing.T) {
	var f *Flight
	var got Snapshot
	called := make(chan bool)
	f, err := StartFlight(FlightConfig{Dir: t.TempDir(), OnSnapshot: func(s Snapshot) {
		close(called)
		for stopped := false; !stopped; runtime.Gosched() {
			f.mu.Lock()
			stopped = f.stopped
			f.mu.Unlock()
		}
		for range 100 {
			runtime.Gosched()
		}
		got = s // not guarded: the race detector finds a Stop that does not wait
	}})
	if err != nil {
		t.Fatal(err)
	}
	f.request("reason", "")
	<-called
	var stops sync.WaitGroup
	for range 2 {
		stops.Go(func() {
			f.Stop()
			if got.Reason != "reason" || got.Err != nil {
				t.Errorf("Stop returned with %+v", got)
			}
		})
	}
	stops.Wait()
}
