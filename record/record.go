// Package record runs a program and gets its execution trace.
//
// The way of the data: [Run] starts the program in a process of its own, with
// the name of a file in its environment. There package hook starts the tracer,
// which writes to that file as it goes. When the program has ended, Run puts
// down in a [Manifest] what ran, on what, and how it ended. Trace and manifest
// lie side by side on disk; that is all that the analysis gets.
//
// What it cannot know: what the program did before its hook started, and
// anything of a program without one.
package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"tracekit/record/hook"
)

// grace is how long an interrupted program gets to end its trace before it is
// killed.
const grace = 5 * time.Second

// Program is what is to be recorded.
type Program struct {
	Path string   // the executable
	Args []string // its arguments, without its name
	// Stdout and Stderr get what it prints; nil drops it.
	Stdout, Stderr io.Writer
}

// Run runs the program until it ends, and has it write its trace to the file
// named trace. When ctx is cancelled it is terminated, and killed if it has
// not ended after a few seconds.
//
// That the program fails or is interrupted is no error: the manifest says how
// it ended. The error is for programs that could not be run, or left no trace;
// it wraps ErrInterrupted when that is why.
func Run(ctx context.Context, p Program, trace string) (*Manifest, error) {
	dir, err := os.MkdirTemp("", "tracekit-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(dir)
	outcome := filepath.Join(dir, "outcome.json")

	cmd := exec.CommandContext(ctx, p.Path, p.Args...)
	cmd.Stdout, cmd.Stderr = p.Stdout, p.Stderr
	cmd.Env = append(os.Environ(), hook.TraceEnv+"="+trace, hook.OutcomeEnv+"="+outcome)
	cmd.Cancel = func() error { return terminate(cmd.Process) }
	cmd.WaitDelay = grace

	m := newManifest()
	if err := cmd.Start(); err != nil {
		return nil, interrupted(ctx, err)
	}
	err = cmd.Wait()
	m.WallNS = time.Since(m.Start).Nanoseconds()
	if cmd.ProcessState == nil {
		return nil, err
	}
	m.Exit = exitOf(cmd.ProcessState)
	m.Interrupted = ctx.Err() != nil
	m.Outcome = readOutcome(outcome)
	if err := m.measure(trace); err != nil {
		return nil, interrupted(ctx, err)
	}
	return m, nil
}

// ErrInterrupted is the error of a recording that was told to stop before there
// was any trace.
var ErrInterrupted = errors.New("interrupted before the trace began")

// interrupted replaces an error that is due to an interruption.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	return err
}

// terminate asks a process to end. Where there is no such signal it is killed.
// It is SIGTERM, for a shell has what it starts in the background ignore SIGINT.
func terminate(p *os.Process) error {
	if runtime.GOOS == "windows" {
		return p.Kill()
	}
	return p.Signal(syscall.SIGTERM)
}

func exitOf(state *os.ProcessState) Exit {
	e := Exit{Code: state.ExitCode(), Text: state.String()}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		e.Signal = status.Signal().String()
	}
	return e
}

// readOutcome returns what the program said of its outcome, nil for nothing that
// can be read: the recording is good all the same.
func readOutcome(path string) *hook.Outcome {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	o := new(hook.Outcome)
	if json.Unmarshal(data, o) != nil {
		return nil
	}
	return o
}

// measure notes the size of the trace.
func (m *Manifest) measure(trace string) error {
	info, err := os.Stat(trace)
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return fmt.Errorf("the program left no trace (%s)", m.Exit.Text)
	}
	m.Trace.Bytes = info.Size()
	return nil
}
