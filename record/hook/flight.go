package hook

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"
)

// FlightConfig says what a flight recorder keeps, when it takes a snapshot of
// that, and where it puts the snapshots. The zero value keeps the runtime's
// default window and takes snapshots by Snapshot, Handler and Watch only.
type FlightConfig struct {
	// MinAge is how far back a snapshot goes, at least, unless MaxBytes
	// forbids. Make it longer than what is to be understood by it. 0 is the
	// default of runtime/trace, which in Go 1.26 is 10 s.
	MinAge time.Duration
	// MaxBytes is about how many bytes of trace are kept in memory. It
	// overrides MinAge, but the last second or so of a busy program is kept
	// whatever its size. 0 is the default of runtime/trace, which in Go 1.26
	// is 10 MiB.
	MaxBytes uint64

	// Dir is the folder of the snapshots. It is made if it is not there.
	// Empty is the current folder.
	Dir string
	// MaxDisk is how many bytes the snapshots of this program in Dir may have
	// together, those of earlier runs included; 0 is 256 MiB. Where one more
	// would pass it, the oldest are removed first. The one that is being
	// written comes on top while it is.
	MaxDisk int64
	// Every is the least time between two snapshots that signals or triggers
	// ask for, from start to start; 0 is one minute. What comes sooner is
	// held back, not put off.
	Every time.Duration

	// Signal asks for a snapshot, on Unix syscall.SIGUSR1, say; nil is none. It
	// should not be one by which Start ends a trace. After Stop it has its old
	// effect again, which for most signals is to end the program.
	Signal os.Signal
	// MutexWait asks for a snapshot when goroutines have waited for locks for
	// more than so many seconds in a second: 2.5 is two and a half goroutines
	// that wait at any time. It is what /sync/mutex/wait/total:seconds of
	// runtime/metrics grew by, for which the runtime measures one wait in
	// eight, and counts it eight times, when it is over. 0 is off.
	MutexWait float64
	// SchedLatency asks for a snapshot when one in a hundred goroutines that
	// were ready to run had to wait for a processor for longer than this, by
	// /sched/latencies:seconds of runtime/metrics. The runtime measures one in
	// eight, and counts them in buckets of which each is up to a quarter wide:
	// what is over the limit by less than that may go unnoticed. With less than
	// a hundred of them in an Interval, the longest counts. 0 is off.
	SchedLatency time.Duration
	// Goroutines asks for a snapshot when there are more goroutines than this;
	// 0 is off.
	Goroutines int
	// Interval is how often MutexWait, SchedLatency and Goroutines are looked
	// at, and what time they are taken over; 0 is one second.
	Interval time.Duration

	// OnSnapshot is told of each snapshot that a signal or a trigger made, and
	// of each that failed, in a goroutine of its own. Until it returns, no
	// other one is begun, and Stop waits, so that it must not call Stop. If it
	// is nil, they are logged by log/slog, failures as errors.
	OnSnapshot func(Snapshot)
}

// complete checks the configuration and puts the defaults in.
func (c FlightConfig) complete() (FlightConfig, error) {
	for _, field := range []struct {
		name string
		ok   bool
	}{
		{"MinAge", c.MinAge >= 0}, {"MaxDisk", c.MaxDisk >= 0}, {"Every", c.Every >= 0},
		{"MutexWait", c.MutexWait >= 0}, // NaN is not, either
		{"SchedLatency", c.SchedLatency >= 0}, {"Goroutines", c.Goroutines >= 0}, {"Interval", c.Interval >= 0},
	} {
		if !field.ok {
			return c, fmt.Errorf("%s is negative or no number", field.name)
		}
	}
	if c.MaxDisk == 0 {
		c.MaxDisk = 256 << 20
	}
	if c.Every == 0 {
		c.Every = time.Minute
	}
	if c.Interval == 0 {
		c.Interval = time.Second
	}
	if c.OnSnapshot == nil {
		c.OnSnapshot = logSnapshot
	}
	dir, err := filepath.Abs(c.Dir) // the program may go elsewhere
	if err != nil {
		return c, err
	}
	c.Dir = dir
	return c, os.MkdirAll(dir, 0o777)
}

// Flight is a flight recorder that runs: the last seconds of the program's
// execution trace, in memory, to be written when something happens. Its methods
// may be called at any time, from any goroutine, and a nil Flight is one that is
// stopped.
type Flight struct {
	config   FlightConfig
	program  string // in the names of the snapshots
	now      func() time.Time
	recorder *trace.FlightRecorder
	once     sync.Once
	done     chan struct{} // closed to end run
	work     sync.WaitGroup

	writing sync.Mutex // held while a snapshot is taken: the runtime allows one
	named   time.Time  // of the last name

	mu      sync.Mutex // guards what follows, and is held for no longer than that
	stopped bool
	busy    bool      // a snapshot in the background is under way
	last    time.Time // when the last one of those was begun
	held    int       // how many were held back since
}

var errStopped = errors.New("no flight recorder is running")

// running is the flight recorder of this program, or nil.
var running atomic.Pointer[Flight]

// StartFlight begins to record, until Stop. It is an error when a flight
// recorder runs already in this program, or the configuration has a negative
// number or a Dir that cannot be made. A trace of Start may run beside it.
//
// The recorder has one goroutine if there is a Signal, MutexWait, SchedLatency
// or Goroutines, and one for each snapshot that these and Watch ask for. What it
// keeps is lost with the program: there is no snapshot of a panic.
func StartFlight(config FlightConfig) (*Flight, error) {
	return startFlight(config, time.Now)
}

// startFlight is StartFlight by the clock of a test.
func startFlight(config FlightConfig, now func() time.Time) (*Flight, error) {
	config, err := config.complete()
	if err != nil {
		return nil, fmt.Errorf("start the flight recorder: %w", err)
	}
	poll, err := newPoller(config.triggers())
	if err != nil {
		return nil, fmt.Errorf("start the flight recorder: %w", err)
	}
	f := &Flight{config: config, program: program(), now: now, done: make(chan struct{})}
	f.recorder = trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: config.MinAge, MaxBytes: config.MaxBytes})
	if err := f.recorder.Start(); err != nil {
		return nil, fmt.Errorf("start the flight recorder: %w", err)
	}
	running.Store(f)
	f.listen(poll)
	return f, nil
}

// listen starts the goroutine for the signal and the poller, if there are any.
func (f *Flight) listen(poll *poller) {
	var signals chan os.Signal
	if f.config.Signal != nil {
		signals = make(chan os.Signal, 1)
		signal.Notify(signals, f.config.Signal)
	}
	if signals != nil || len(poll.triggers) > 0 {
		f.work.Go(func() { f.run(poll, signals) })
	}
}

// run asks for a snapshot whenever the signal comes or a poll says so.
func (f *Flight) run(poll *poller, signals chan os.Signal) {
	defer signal.Stop(signals)
	var ticks <-chan time.Time
	if len(poll.triggers) > 0 {
		ticker := time.NewTicker(f.config.Interval)
		defer ticker.Stop()
		ticks = ticker.C
	}
	for {
		select {
		case <-f.done:
			return
		case sig := <-signals:
			f.request("signal", sig.String())
		case <-ticks:
			if reason, detail := poll.look(); reason != "" {
				f.request(reason, detail)
			}
		}
	}
}

// Stop ends the recording. It waits for the snapshots that are under way and for
// every goroutine of the recorder. It may be called more than once.
func (f *Flight) Stop() {
	if f != nil {
		f.once.Do(f.end)
	}
}

func (f *Flight) end() {
	f.mu.Lock()
	f.stopped = true // no more is added to work
	f.mu.Unlock()
	close(f.done)
	f.work.Wait()
	f.writing.Lock()
	defer f.writing.Unlock()
	// In this order, as another one may start at once when the recorder stops.
	running.Store(nil)
	f.recorder.Stop()
}
