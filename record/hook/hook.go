// Package hook is the part of tracekit inside a program. It imports the standard
// library only.
//
// A program that is to be recorded wherever it is built imports it:
//
//	import _ "tracekit/record/hook"
//
// When the environment is that of a recorder, the trace then begins before main.
// Without one, nothing happens. The trace ends properly when the program calls the
// function that Start returns; else it ends with the process, and lacks what the
// runtime had not written yet, which tracekit record keeps to a fifth of a second:
//
//	stop, err := hook.Start()
//	if err != nil {
//		log.Print(err)
//	}
//	defer stop()
//
// The trace goes to its file as it is made. A SIGINT, SIGTERM or SIGHUP first ends
// the trace properly, then the program, by that same signal.
//
// A service that runs for days keeps the last seconds of its trace in memory by
// [StartFlight], and writes them to a file when a signal comes, when somebody asks
// over HTTP ([Handler]), or when something is slower than it should be.
//
// What it cannot see: what ran before it is initialised, and what runs after stop.
// (tracekit record needs no hook in a program that it builds: it adds one, that
// sees the end of the process, too.)
package hook

import (
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/trace"
	"strconv"
	"sync"
	"syscall"

	"tracekit/record/spool"
)

// HoldEnv, set to anything, has a recorded program begin its trace when it calls
// Start, and not before.
const HoldEnv = "TRACEKIT_HOLD"

func init() {
	if os.Getenv(HoldEnv) != "" {
		return
	}
	stop, err := begin()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tracekit: this process is not recorded:", err)
	}
	if current != nil {
		noteCrashes()
	}
	started = stop
}

var (
	mu      sync.Mutex
	current *spool.Spool // takes the trace and the notes of this process; nil: it is not recorded
	started func() error // ends the trace that was begun
)

// Start begins the trace, if a recorder's environment asks for one and it has not
// begun yet, and returns the function that ends it. That function may be called
// more than once, and is never nil. It waits until the trace is written; its error
// is that of doing so.
func Start() (stop func() error, err error) {
	mu.Lock()
	defer mu.Unlock()
	if started == nil {
		started, err = begin()
	}
	return started, err
}

// begin begins the trace, unless the tracer runs already: for tracekit record has
// put a hook of its own into the program.
func begin() (stop func() error, err error) {
	nothing := func() error { return nil }
	if trace.IsEnabled() {
		return nothing, nil
	}
	path := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		path = info.Path
	}
	s, err := spool.OpenSpool(path, os.Args)
	if err != nil {
		return nothing, fmt.Errorf("open the trace in %s: %w", os.Getenv(spool.SpoolDirEnv), err)
	}
	current = s
	if s == nil || s.NoteOnly {
		return nothing, nil
	}
	// Signals are asked for before the trace and given back after it, so that
	// this does not show up in it.
	signals := listen()
	if err := trace.Start(s); err != nil {
		signal.Stop(signals)
		return nothing, fmt.Errorf("start the tracer: %w", err)
	}
	end := sync.OnceValue(func() error {
		trace.Stop()
		if err := s.Err(); err != nil {
			return fmt.Errorf("write the trace: %w", err)
		}
		return nil
	})
	return watch(signals, end), nil
}

// noteCrashes has the runtime write to the note, too, what it prints of a crash.
func noteCrashes() {
	fd, ok := current.CrashFile()
	if !ok {
		return
	}
	f := os.NewFile(fd, "note")
	defer f.Close()                               // what is set is a duplicate
	debug.SetCrashOutput(f, debug.CrashOptions{}) // if it fails, the note says less
}

// listen asks for the signals that would end the program.
func listen() chan os.Signal {
	signals := make(chan os.Signal, 1)
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(sig) { // by nohup, or a shell's background
			signal.Notify(signals, sig)
		}
	}
	return signals
}

// watch ends the trace, and then the program, when a signal comes. It returns
// end with an end to the watching.
func watch(signals chan os.Signal, end func() error) func() error {
	ended := make(chan struct{})
	go func() {
		select {
		case sig := <-signals:
			end()
			die(sig)
		case <-ended:
		}
	}()
	return sync.OnceValue(func() error {
		err := end()
		current.Note("stop")
		signal.Stop(signals)
		close(ended)
		return err
	})
}

// die ends the program as the signal would have without us.
func die(sig os.Signal) {
	if n, ok := sig.(syscall.Signal); ok {
		current.Note("signal", strconv.Itoa(int(n)))
	}
	signal.Reset(sig)
	if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(sig) == nil {
		select {} // it is on its way
	}
	os.Exit(1)
}

// SetOutcome tells the recorder, if there is one, the program's outcome: a number
// that it got, and the one that it should have got. The last call counts. (In a
// program into which tracekit record has put a hook of its own, it tells nobody.)
func SetOutcome(name string, got, want int64) {
	mu.Lock()
	defer mu.Unlock()
	if current != nil {
		current.Note("outcome", name, strconv.FormatInt(got, 10), strconv.FormatInt(want, 10))
	}
}
