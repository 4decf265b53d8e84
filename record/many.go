package record

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Plan is how often a command is to be run.
type Plan struct {
	Runs       int   `json:"runs"`       // of each GOMAXPROCS
	GOMAXPROCS []int `json:"gomaxprocs"` // in turn; empty: as the environment has it
	Warmup     int   `json:"warmup"`     // runs of each before, of which nothing is kept
}

// MaxRuns is how many runs a plan can have, those to warm up included.
const MaxRuns = 10_000

// Total returns how many runs a plan is for, without those to warm up.
func (p Plan) Total() int { return p.Runs * max(1, len(p.GOMAXPROCS)) }

// RunMade is a run that has been made.
type RunMade struct {
	Number     int       `json:"number"`     // from 1 on, of those with its GOMAXPROCS
	GOMAXPROCS int       `json:"gomaxprocs"` // that it was told to have; 0: none
	Start      time.Time `json:"start"`
	WallNS     int64     `json:"wall_ns"`
	Exit       Exit      `json:"exit"`
	TimedOut   bool      `json:"timed_out"`
}

// Many says how a command is to be run many times.
type Many struct {
	// Name is what the trace of a run is called that has one process; empty: as
	// programs call their traces.
	Name string
	Keep []string // as for Manifest.Keep

	// Begin is told of the folder of each run before it begins, and returns what is
	// called when it has ended; nil: nobody is told.
	Begin func(dir string) (end func())
	// Done is told of each run that has been made, how many processes it left, and of
	// how many there are to be, those to warm up included; nil: nobody is told.
	Done func(r RunMade, processes, done, total int)
}

// RunMany runs a command as often as the plan of a manifest says, less the runs that
// the manifest has already, and adds what comes of it to the manifest, and the traces
// to the folder. The runs of several GOMAXPROCS are made in rounds, one of each, which
// begin with another one each time: what drifts touches all alike.
//
// The manifest is written to the folder after each run. When the recording is
// interrupted, it has the runs that are complete, and that is no error; that a command
// leaves no trace in its first run is one, ErrNoProcess. A run that leaves none later is
// not among those of the manifest. That another recorder is at it is an error, too.
func RunMany(ctx context.Context, c Command, dir string, m *Manifest, many Many) error {
	if err := m.Plan.check(); err != nil {
		return err
	}
	if m.Complete && len(m.slots()) == 0 {
		return nil // there is nothing to be done
	}
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	defer unlock()
	if err := removeParts(dir); err != nil {
		return err
	}
	p, err := c.prepare(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	m.adopt(&p.m)
	if err := m.Write(dir); err != nil { // whoever finds the folder finds a recording
		return err
	}
	s := &series{command: c, prepared: p, dir: dir, m: m, many: many}
	s.keepAll = len(m.Runs) > 0 && !slices.ContainsFunc(m.Processes, func(p Process) bool { return Matches(many.Keep, p.Path) })
	err = s.run(ctx)
	m.Complete = true
	if m.Failed = ""; err != nil {
		m.Failed = err.Error()
	}
	return errors.Join(err, m.Write(dir))
}

// lockFile is there while runs are recorded into a folder.
const lockFile = ".tracekit-lock"

// lock takes the folder for this recorder.
func lock(dir string) (unlock func(), err error) {
	name := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return nil, err
	}
	if !tryLock(f) {
		f.Close()
		return nil, errors.New("another recorder is at it")
	}
	return func() {
		os.Remove(name)
		f.Close()
	}, nil
}

// ErrNoProcess is the error of RunMany for a command no process of which leaves a
// trace.
var ErrNoProcess = errors.New("no process was recorded")

// check returns an error for a plan that cannot be made.
func (p *Plan) check() error {
	if p == nil {
		return errors.New("there is no plan")
	}
	if p.Runs < 1 || p.Warmup < 0 || p.Runs > MaxRuns || p.Warmup > MaxRuns || len(p.GOMAXPROCS) > MaxRuns/(p.Runs+p.Warmup) {
		return fmt.Errorf("a plan of %d runs and %d to warm up, with %d settings; there are at most %d", p.Runs, p.Warmup, len(p.GOMAXPROCS), MaxRuns)
	}
	for i, n := range p.GOMAXPROCS {
		if n < 1 || slices.Contains(p.GOMAXPROCS[:i], n) {
			return fmt.Errorf("a plan with GOMAXPROCS %v", p.GOMAXPROCS)
		}
	}
	return nil
}

// adopt takes over what is known of a command that is prepared.
func (m *Manifest) adopt(p *Manifest) {
	m.Complete, m.Interrupted = false, false
	if len(m.Runs) == 0 {
		m.Start, m.Go, m.Source = p.Start, p.Go, p.Source
		return
	}
	sameSource := m.Source == nil && p.Source == nil || m.Source != nil && p.Source != nil && *m.Source == *p.Source
	m.Changed = m.Changed || !sameSource || !maps.Equal(m.Go, p.Go) || !maps.Equal(m.Env, p.Env) || m.Tracekit != p.Tracekit
}

// series makes the runs of a plan.
type series struct {
	command  Command
	prepared *prepared
	dir      string
	m        *Manifest
	many     Many
	done     int
	keepAll  bool // the first run had no process that is to be kept
}

// slot is a run to be made.
type slot struct {
	number, procs int
	warmup        bool
}

func (s *series) run(ctx context.Context) error {
	slots := s.m.slots()
	for _, slot := range slots {
		made, processes, err := s.make(ctx, slot)
		switch {
		case errors.Is(err, ErrInterrupted):
			s.m.Interrupted = true
			return nil
		case err != nil:
			return err
		}
		s.done++
		if s.many.Done != nil {
			s.many.Done(made, processes, s.done, len(slots))
		}
	}
	return nil
}

// slots returns the runs that are still to be made.
func (m *Manifest) slots() (list []slot) {
	procs := m.Plan.GOMAXPROCS
	if len(procs) == 0 {
		procs = []int{0}
	}
	has := func(s slot) bool {
		return slices.ContainsFunc(m.Runs, func(r RunMade) bool { return r.Number == s.number && r.GOMAXPROCS == s.procs })
	}
	for n := 1 - m.Plan.Warmup; n <= m.Plan.Runs; n++ {
		for i := range procs {
			turn := n + m.Plan.Warmup - 1
			s := slot{number: n, procs: procs[(turn+i)%len(procs)], warmup: n < 1}
			if s.warmup || !has(s) {
				list = append(list, s)
			}
		}
	}
	if !slices.ContainsFunc(list, func(s slot) bool { return !s.warmup }) {
		return nil // nothing is left to warm up for
	}
	return list
}

// make makes one run, in a folder of its own, takes over what it leaves, and returns of
// how many processes.
func (s *series) make(ctx context.Context, slot slot) (made RunMade, processes int, err error) {
	if s.interrupted(ctx) {
		return made, 0, ErrInterrupted
	}
	dir, err := os.MkdirTemp(s.dir, partOfRun)
	if err != nil {
		return made, 0, err
	}
	defer os.RemoveAll(dir)
	m, err := s.runIn(ctx, slot, dir)
	switch {
	case err != nil:
		return made, 0, err
	case m.Interrupted:
		if len(s.m.Runs) == 0 {
			s.m.Exit = m.Exit
		}
		return made, 0, ErrInterrupted
	}
	made = RunMade{Number: slot.number, GOMAXPROCS: slot.procs, Start: m.Start, WallNS: m.WallNS, Exit: m.Exit, TimedOut: m.TimedOut}
	if !slot.warmup {
		err = s.take(m, dir, made)
	}
	return made, len(m.Processes), err
}

// runIn makes a run in a folder.
func (s *series) runIn(ctx context.Context, slot slot, dir string) (*Manifest, error) {
	c, p := s.command, *s.prepared
	if slot.procs > 0 {
		p.env = append(slices.Clip(p.env), fmt.Sprintf("GOMAXPROCS=%d", slot.procs))
	}
	end := func() {}
	if s.many.Begin != nil {
		end = s.many.Begin(dir)
	}
	m, err := p.run(ctx, c, dir)
	end()
	if err == nil && signalled(m.Exit) { // the same signal may be on its way to us
		m.Interrupted = s.soon(ctx) || m.Interrupted
	}
	return m, err
}

// signalled reports whether a program ended as one does that is asked to: by a signal, or
// with the exit status that a shell has for that.
func signalled(e Exit) bool {
	const sighup, sigint, sigterm = 128 + 1, 128 + 2, 128 + 15
	return e.Signal != "" || e.Code == sighup || e.Code == sigint || e.Code == sigterm
}

// soon reports whether this recording is told to stop within a moment.
func (s *series) soon(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	case <-s.command.Signals:
		return true
	case <-time.After(delivery):
		return false
	}
}

// interrupted reports whether this recording was told to stop between two runs.
func (s *series) interrupted(ctx context.Context) bool {
	select {
	case <-s.command.Signals:
		return true
	default:
		return ctx.Err() != nil
	}
}

// partOfRun is what the name of the folder of a run begins with that is being made.
const partOfRun = ".tracekit-run-"

// take moves the traces of a run into the folder of the recording.
func (s *series) take(m *Manifest, dir string, made RunMade) error {
	if err := s.keep(m, dir); err != nil {
		return err
	}
	switch {
	case len(m.Processes) > 0:
	case len(s.m.Runs) > 0:
		s.m.TimedOut = s.m.TimedOut || made.TimedOut
		return nil
	default:
		s.m.Exit, s.m.TimedOut = m.Exit, m.TimedOut
		return ErrNoProcess
	}
	for i := range m.Processes {
		if err := s.move(&m.Processes[i], dir, made, len(m.Processes)); err != nil {
			for _, p := range m.Processes[:i] {
				os.Remove(filepath.Join(s.dir, p.Trace.File))
			}
			return err
		}
	}
	s.m.Processes = append(s.m.Processes, m.Processes...)
	s.m.Runs = append(s.m.Runs, made)
	s.m.Dropped += m.Dropped
	s.m.TimedOut = s.m.TimedOut || made.TimedOut
	s.m.WallNS += made.WallNS
	if s.m.Exit.Text == "" || s.m.Exit.Status() == 0 { // the first that is not as it should be
		s.m.Exit = made.Exit
	}
	return s.m.Write(s.dir)
}

// keep drops processes that are not to be kept: of all runs alike. Where the first run
// has none that is, all are kept, as those of one run would be.
func (s *series) keep(m *Manifest, dir string) error {
	if s.keepAll {
		return nil
	}
	err := m.Keep(dir, s.many.Keep)
	switch {
	case !errors.Is(err, ErrNoMatch):
		return err
	case len(s.m.Runs) == 0:
		s.keepAll = true
	default:
		m.Dropped += len(m.Processes)
		m.Processes = nil
	}
	return nil
}

// move moves the trace of a process to its place. One that still runs would be cut, and
// go on beside the next runs.
func (s *series) move(p *Process, dir string, made RunMade, processes int) error {
	if p.Ended == EndedNot {
		return fmt.Errorf("process %d, %s, still runs when the command has ended: it would go on beside the next run", p.PID, p.Path)
	}
	name := p.Trace.File
	if s.many.Name != "" && processes == 1 {
		name = s.many.Name
	}
	from := filepath.Join(dir, p.Trace.File)
	p.Trace.File, p.Run = prefix(made)+name, len(s.m.Runs)
	if err := os.Rename(from, filepath.Join(s.dir, p.Trace.File)); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// prefix is what the names of the traces of a run begin with.
func prefix(made RunMade) string {
	if made.GOMAXPROCS > 0 {
		return fmt.Sprintf("%03d-p%d-", made.Number, made.GOMAXPROCS)
	}
	return fmt.Sprintf("%03d-", made.Number)
}

// removeParts removes what the recorder of a folder left of runs that it could not
// complete, because it was killed.
func removeParts(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if name := e.Name(); e.IsDir() && strings.HasPrefix(name, partOfRun) || name == manifestFile+".part" {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, name)))
		}
	}
	return err
}
