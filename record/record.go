// Package record runs programs and gets their execution traces.
//
// The way of the data: [Run] starts a command with the name of a folder in its
// environment. Each Go program that the command runs, and that has a part of
// tracekit in it, writes its trace and a note on itself to that folder (package
// spool). The part is in it because package inject has the command's own builds
// add it, or because its source imports package hook. When the command has ended,
// the notes become the processes of a [Manifest], which lies with the traces; that
// is all that the analysis gets. A running service is asked over HTTP instead
// (package service).
//
// What it cannot know: what a program did before its trace began, and anything of
// a program without that part.
package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tracekit/record/inject"
	"tracekit/record/spool"
)

// Command is what is to be run and recorded.
type Command struct {
	Args []string // the command line
	Env  []string // what to set beside this program's environment, as "name=value"

	Stdin          io.Reader // nil: nothing
	Stdout, Stderr io.Writer // nil drops what is printed

	// Inject has the Go programs that the command builds record themselves; Deep,
	// those outside of the modules at hand, too.
	Inject, Deep bool
	// Flush is how long a generation of the trace lasts: the most that a program
	// loses that is killed. 0 is the runtime's own second.
	Flush time.Duration
	// Ring is the most bytes of trace to keep of each process, the last ones; 0 is
	// all.
	Ring int64
	// NoTrace has the processes leave their notes only: to compare with.
	NoTrace bool

	// Signals are handed on to the command and the recorded processes, and ctx then
	// ends nothing that has started; nil: none.
	Signals <-chan os.Signal
	// Timeout ends the recorded processes by SIGQUIT, upon which they print their
	// stacks; 0: never.
	Timeout time.Duration
	// Notice is told what the user should know at the start; nil drops it.
	Notice func(string)
}

// ErrInterrupted is the error of a recording that was told to stop before there
// was any trace.
var ErrInterrupted = errors.New("interrupted before the trace began")

// Run runs a command until it ends, and has its processes write their traces to a
// folder. When ctx is cancelled the command is terminated, and killed if it has not
// ended after a few seconds.
//
// That the command fails or is interrupted is no error, nor that there is no trace:
// the manifest says how it ended, and of which processes there are traces. It is
// not written to the folder. The errors are for commands that could not be run.
func Run(ctx context.Context, c Command, dir string) (*Manifest, error) {
	if _, err := os.ReadDir(dir); err != nil {
		return nil, err
	}
	p, err := c.prepare(ctx)
	if err != nil {
		return nil, err
	}
	defer p.close()
	return p.run(ctx, c, dir)
}

// prepared is a command whose builds are prepared: it can be run many times.
type prepared struct {
	args, env []string
	m         Manifest // what is known before any run
	close     func()
}

// prepare has the builds of a command add what records, where that is asked for.
func (c *Command) prepare(ctx context.Context) (*prepared, error) {
	p := &prepared{args: c.Args, env: append(os.Environ(), c.Env...), m: *NewManifest(), close: func() {}}
	if !c.Inject {
		return p, nil
	}
	in, err := c.inject(ctx, p.env)
	if err != nil {
		return nil, interrupted(ctx, err)
	}
	stop := in.Follow()
	p.close = func() {
		stop()
		in.Close()
	}
	p.args, p.env = in.Args, append(p.env, in.Env...)
	p.m.Go, p.m.Source = in.Go.Settings(), source(ctx)
	p.m.Command = append([]string{"tracekit", "record", "--"}, c.Args...)
	return p, nil
}

// run runs the command once.
func (p *prepared) run(ctx context.Context, c Command, dir string) (*Manifest, error) {
	m := p.m
	env := slices.Concat(p.env, c.environment(p.env, dir))
	if c.Inject { // whoever finds the folder when this program was killed finds a recording
		if err := m.Write(dir); err != nil {
			return nil, err
		}
	}
	r := &run{command: c, dir: dir, m: &m}
	if err := r.run(ctx, p.args, env); err != nil {
		return nil, interrupted(ctx, err)
	}
	return &m, r.collect()
}

// inject prepares the command's builds. That there is no go command is none of
// those errors: the command may run what records itself.
func (c *Command) inject(ctx context.Context, env []string) (*inject.Injection, error) {
	in, err := inject.Prepare(ctx, inject.Target{Args: c.Args, Env: env, Deep: c.Deep})
	if errors.Is(err, inject.ErrNoGo) {
		c.tell("there is no go command in PATH: only programs with tracekit's hook in them will be recorded")
		return &inject.Injection{Args: c.Args}, nil
	}
	if err == nil && in.Deep != "" {
		c.tell("the standard library is changed more deeply, for " + in.Deep + ": the first build takes longer")
	}
	return in, err
}

func (c *Command) tell(s string) {
	if c.Notice != nil {
		c.Notice(s)
	}
}

// environment returns the variables by which the recorded processes know what to
// do. GODEBUG is added to: of settings of one name, the last counts.
func (c *Command) environment(env []string, dir string) []string {
	note := ""
	if c.NoTrace {
		note = "1"
	}
	add := []string{ // all of them: there may be those of a recording that this one is part of
		spool.SpoolDirEnv + "=" + dir,
		spool.SpoolRingEnv + "=" + strconv.FormatInt(c.Ring, 10),
		spool.SpoolNoteEnv + "=" + note,
	}
	if c.Flush > 0 {
		debug := ""
		for _, e := range env {
			if v, ok := strings.CutPrefix(e, "GODEBUG="); ok && v != "" {
				debug = v + ","
			}
		}
		add = append(add, fmt.Sprintf("GODEBUG=%straceadvanceperiod=%d", debug, c.Flush.Nanoseconds()))
	}
	return add
}

// interrupted replaces an error that is due to an interruption.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	return err
}

func exitOf(state *os.ProcessState) Exit {
	return Exit{Code: state.ExitCode(), Signal: signalOf(state), Text: state.String()}
}

// Status returns the exit status by which a shell would know of the ending: that
// of a signal is 128 and its number.
func (e Exit) Status() int {
	if e.Code >= 0 {
		return e.Code
	}
	for n := 1; n < 65; n++ {
		if syscall.Signal(n).String() == e.Signal {
			return 128 + n
		}
	}
	return 1
}
