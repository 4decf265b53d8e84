// Package hook starts and stops the execution tracer inside the program that is
// being recorded. It imports the standard library only.
//
// A program that is to be recorded calls Start first thing in main and the
// function that it returns last:
//
//	stop, err := hook.Start()
//	if err != nil {
//		log.Print(err)
//	}
//	defer stop()
//
// Without tracekit's environment around it, Start does nothing.
//
// The trace goes to its file as it is made, so that whoever is killed loses the
// last second and no more (and all of it, when it was the first). A SIGINT,
// SIGTERM or SIGHUP first ends the trace properly, then the program, by that
// same signal.
//
// What it cannot see: what ran before Start, and what runs after stop.
package hook

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/trace"
	"sync"
	"syscall"
)

// The environment by which a recorder talks to the program.
const (
	// TraceEnv names the file that the trace goes to.
	TraceEnv = "TRACEKIT_TRACE"
	// OutcomeEnv names the file that the program's outcome goes to.
	OutcomeEnv = "TRACEKIT_OUTCOME"
)

// Outcome is what a program says of its result: a number that it got, and the
// one that it should have got.
type Outcome struct {
	Name string `json:"name"`
	Got  int64  `json:"got"`
	Want int64  `json:"want"`
}

// Start begins to trace into the file that the environment names, and returns
// the function that ends the trace. That function may be called more than once,
// and is never nil. The variables are taken out of the environment, so that
// programs which this one starts do not write to the same files.
func Start() (stop func() error, err error) {
	path := take(TraceEnv)
	if p := take(OutcomeEnv); p != "" { // not there any more when Start is called again
		outcomePath = p
	}
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return func() error { return nil }, fmt.Errorf("open the trace: %w", err)
	}
	// Signals are asked for before the trace and given back after it, so that
	// this does not show up in it.
	signals := listen()
	out := &sink{file: f}
	if err := trace.Start(out); err != nil {
		signal.Stop(signals)
		f.Close()
		return func() error { return nil }, fmt.Errorf("start the tracer: %w", err)
	}
	end := sync.OnceValue(func() error {
		trace.Stop()
		return errors.Join(out.err, f.Close())
	})
	return watch(signals, end), nil
}

// sink is the file of a trace. The tracer pays no heed to errors of writing, so
// the first one is kept for stop to tell.
type sink struct {
	file *os.File
	err  error
}

func (s *sink) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.file.Write(p)
	if err != nil {
		s.err = fmt.Errorf("write the trace: %w", err)
	}
	return n, s.err
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
		signal.Stop(signals)
		close(ended)
		return err
	})
}

// die ends the program as the signal would have without us.
func die(sig os.Signal) {
	signal.Reset(sig)
	if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(sig) == nil {
		select {} // it is on its way
	}
	os.Exit(1)
}

// take returns a variable of the environment and removes it from there.
func take(name string) string {
	value := os.Getenv(name)
	os.Unsetenv(name)
	return value
}

// outcomePath is the file that the outcome goes to, once Start has been called.
var outcomePath string

// SetOutcome hands the program's outcome to the recorder, if there is one and
// Start was called. The last call counts.
func SetOutcome(o Outcome) error {
	if outcomePath == "" {
		return nil
	}
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	// Renamed into its place, so that it is there whole or not at all.
	part := outcomePath + ".part"
	if err := os.WriteFile(part, data, 0o666); err != nil {
		return err
	}
	return os.Rename(part, outcomePath)
}
