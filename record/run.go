package record

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tracekit/record/inject"
)

// grace is how long a command that was told to end gets to do so before it is
// killed.
const grace = 5 * time.Second

// run is a command that runs.
type run struct {
	command Command
	dir     string
	m       *Manifest
	pid     int

	last  os.Signal    // that came; nil: none
	since time.Time    // who got it then or later, got this one
	from  time.Time    // when it is handed on
	until time.Time    // and how long, to new processes, too
	told  map[int]bool // which ones it was handed on to
}

// run runs the command to its end.
func (r *run) run(ctx context.Context, args, env []string) error {
	path, err := inject.LookPath(args[0], env)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.command.Signals != nil { // which are the command's own from here on
		ctx = context.WithoutCancel(ctx)
	}
	cmd := exec.CommandContext(ctx, path, args[1:]...)
	cmd.Args[0] = args[0]
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = r.command.Stdin, r.command.Stdout, r.command.Stderr
	cmd.Cancel = func() error { return terminate(cmd.Process) }
	cmd.WaitDelay = grace
	r.m.Start = time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	r.pid = cmd.Process.Pid
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	err = r.attend(ended)
	r.m.WallNS = time.Since(r.m.Start).Nanoseconds()
	if cmd.ProcessState == nil {
		return err
	}
	r.m.Exit = exitOf(cmd.ProcessState)
	r.m.Interrupted = r.m.Interrupted || ctx.Err() != nil
	return nil
}

// attend hands signals on, and keeps to the time limit, until the command ends.
func (r *run) attend(ended <-chan error) error {
	var timeout, kill <-chan time.Time
	if r.command.Timeout > 0 {
		timeout = time.After(r.command.Timeout)
	}
	ticker := time.NewTicker(moment)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			if len(r.command.Signals) > 0 { // it came as the command ended, and may be why
				r.m.Interrupted = true
			}
			r.settle()
			return err
		case sig := <-r.command.Signals:
			r.m.Interrupted = true
			if !fromTerminal(sig) {
				r.signal(sig)
			}
		case <-ticker.C:
			r.handOn()
		case <-timeout:
			r.m.TimedOut = true
			r.signal(syscall.SIGQUIT)
			kill = time.After(grace)
		case <-kill:
			r.signal(syscall.SIGKILL)
		}
	}
}

const (
	moment = 20 * time.Millisecond
	// newborn is how long a program may take from its start to its note.
	newborn = time.Second
	// delivery is how long a signal may take to all of a group.
	delivery = 100 * time.Millisecond
)

// signal has a signal handed on to the recorded processes, those that come into the
// world in the next moments included, and to the command. Those that have got it
// anyway are left out: who sent it may have meant all of us, as timeout does.
func (r *run) signal(sig os.Signal) {
	now := time.Now()
	r.last, r.since, r.from, r.until = sig, now.Add(-delivery), now.Add(delivery), now.Add(newborn)
	r.told = make(map[int]bool)
}

// handOn sends the last signal to whoever has not got it. The go command gets none
// while it runs a recorded process: it does not hand on what it gets, and left to
// itself, it ends after its program and removes what it built.
func (r *run) handOn() {
	if now := time.Now(); r.last == nil || now.Before(r.from) || now.After(r.until) {
		return
	}
	for _, p := range r.alive() {
		if r.told[p.PID] {
			continue
		}
		r.told[p.PID] = true
		if at, ok := p.got[signalNumber(r.last)]; !ok || at.Before(r.since) {
			send(p.PID, r.last)
		}
	}
	if r.told[r.pid] || len(r.told) > 0 && r.last != syscall.SIGKILL && inject.IsGo(r.command.Args[0]) {
		return
	}
	r.told[r.pid] = true
	send(r.pid, r.last)
}

func signalNumber(sig os.Signal) string {
	n, _ := sig.(syscall.Signal)
	return strconv.Itoa(int(n))
}

// settle sees to it, when the command was ended by a signal, that the processes
// which it leaves behind get that, too, and have the time to end their traces.
func (r *run) settle() {
	if r.last == nil {
		return
	}
	for time.Now().Before(r.until) {
		r.handOn()
		time.Sleep(moment)
	}
	for deadline := time.Now().Add(grace); len(r.alive()) > 0 && time.Now().Before(deadline); {
		time.Sleep(moment)
	}
}

func send(pid int, sig os.Signal) {
	if p, err := os.FindProcess(pid); err == nil {
		p.Signal(sig)
	}
}

// alive returns the recorded processes that run.
func (r *run) alive() (alive []*Process) {
	notes, _ := filepath.Glob(filepath.Join(quoteGlob(r.dir), "*.note"))
	for _, name := range notes {
		if p, err := processOf(name); err == nil && p.Ended == EndedNot {
			alive = append(alive, p)
		}
	}
	return alive
}

// terminate asks a process to end. Where there is no such signal it is killed.
// It is SIGTERM, for a shell has what it starts in the background ignore SIGINT.
func terminate(p *os.Process) error {
	if runtime.GOOS == "windows" {
		return p.Kill()
	}
	return p.Signal(syscall.SIGTERM)
}

// collect takes over what the processes left.
func (r *run) collect() (err error) {
	r.m.Processes, err = collect(r.dir)
	if err != nil {
		return err
	}
	for i := range r.m.Processes {
		if p := &r.m.Processes[i]; p.PID == r.pid {
			p.Exit = r.m.Exit // which its own word is only a guess at
		}
	}
	r.m.Complete = true
	return nil
}

// ErrNoMatch is the error of Keep for patterns that nothing matches: all is kept.
var ErrNoMatch = errors.New("no process matches")

// Keep keeps of a recording only the processes whose package matches one of the
// patterns, in which "..." stands for anything, and removes the traces of the
// others.
func (m *Manifest) Keep(dir string, patterns []string) error {
	if len(patterns) == 0 {
		return nil
	}
	matches := func(p Process) bool { return Matches(patterns, strings.TrimSuffix(p.Path, ".test")) }
	if !slices.ContainsFunc(m.Processes, matches) {
		return ErrNoMatch
	}
	kept := []Process{}
	for _, p := range m.Processes {
		if matches(p) {
			kept = append(kept, p)
			continue
		}
		m.Dropped++
		if err := os.Remove(filepath.Join(dir, p.Trace.File)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	m.Processes = kept
	return nil
}
