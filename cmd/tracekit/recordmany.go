package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tracekit/record"
)

// plan is what the flags of record ask for, of how often something is run.
type plan struct {
	record.Plan
	resume  bool
	timeout time.Duration
	flags   *pflag.FlagSet
}

func (p *plan) add(flags *pflag.FlagSet) {
	flags.IntVar(&p.Runs, "runs", 1, "record `N` runs, a trace each, into a folder")
	flags.IntSliceVar(&p.GOMAXPROCS, "procs", nil, "record with each GOMAXPROCS of a `LIST`, as 1,2,4, in turn")
	flags.IntVar(&p.Warmup, "warmup", 0, "make `N` runs of each before, of which nothing is kept")
	flags.BoolVar(&p.resume, "resume", false, "go on with a recording of many runs: with one that was interrupted, or by more --runs")
	flags.DurationVar(&p.timeout, "timeout", 0, "end the programs of a run by SIGQUIT after this `time`, upon which they print their stacks; 0 is never")
	p.flags = flags
}

// isMany reports whether a folder with many runs is asked for.
func (p *plan) isMany() bool {
	return slices.ContainsFunc([]string{"runs", "procs", "warmup", "resume"}, p.flags.Changed)
}

// check refuses values that make no sense.
func (p *plan) check() error {
	switch {
	case p.timeout < 0:
		return fmt.Errorf("--timeout is %s; it is a time, or 0 for none", p.timeout)
	case p.Runs < 1 || p.Runs > record.MaxRuns:
		return fmt.Errorf("--runs is %d; it is at least 1, and at most %d", p.Runs, record.MaxRuns)
	case p.Warmup < 0 || p.Warmup > record.MaxRuns:
		return fmt.Errorf("--warmup is %d; it is a number of runs, or 0 for none", p.Warmup)
	}
	for i, n := range p.GOMAXPROCS {
		if n < 1 || slices.Contains(p.GOMAXPROCS[:i], n) {
			return fmt.Errorf("--procs has %d; each is at least 1, and there once", n)
		}
	}
	return nil
}

// words are the flags of a plan.
func words(p record.Plan) []string {
	list := []string{"--runs", strconv.Itoa(p.Runs)}
	if len(p.GOMAXPROCS) > 0 {
		var procs []string
		for _, n := range p.GOMAXPROCS {
			procs = append(procs, strconv.Itoa(n))
		}
		list = append(list, "--procs", strings.Join(procs, ","))
	}
	if p.Warmup > 0 {
		list = append(list, "--warmup", strconv.Itoa(p.Warmup))
	}
	return list
}

// commandOf is the command line of a recording of many runs.
func commandOf(p record.Plan, rest []string) []string {
	return slices.Concat([]string{"tracekit", "record"}, words(p), rest)
}

// manyRecording is the recording of many runs of something.
type manyRecording struct {
	recording
	*plan
	name    string   // of what is recorded
	rest    []string // the command line without the flags of the plan
	demo    *record.Demo
	command record.Command
	many    record.Many
	stall   time.Duration
	held    heldBack
}

// run records, and leaves what is complete in the folder. Over a recording that is there
// goes no part of one.
func (r *manyRecording) run(cmd *cobra.Command, f *folder, m *record.Manifest) error {
	defer f.abort()
	had := len(m.Runs)
	err := r.record(cmd, f, m)
	switch part := err != nil || m.Interrupted; {
	case len(m.Runs) == 0:
		return r.nothing(cmd.ErrOrStderr(), m, err)
	case part && f.final != "":
		f.stepAside()
	default:
		if e := f.commit(); e != nil {
			return fmt.Errorf("%w; %s", writeError(f.name, e), f.keep())
		}
	}
	has := fmt.Sprintf("%s has the %d of %d runs that are complete", f.name, len(m.Runs), m.Plan.Total())
	switch {
	case err != nil && had == len(m.Runs):
		return fmt.Errorf("record %s: %w; %s", r.name, err, has)
	case err != nil:
		return hint(fmt.Errorf("record %s: %w; %s", r.name, err, has), "%s", resumeCommand(f.name, m))
	case m.Interrupted:
		return hint(fmt.Errorf("record %s: interrupted; %s", r.name, has), "%s", resumeCommand(f.name, m))
	}
	return r.tell(cmd, f, m)
}

// resumeCommand goes on with a recording.
func resumeCommand(dir string, m *record.Manifest) string {
	return joinWords(slices.Insert(slices.Clone(m.Command), min(2, len(m.Command)), "--resume", "-o", dir))
}

// nothing says why there is no run that is complete.
func (r *manyRecording) nothing(stderr io.Writer, m *record.Manifest, err error) error {
	if err == nil || errors.Is(err, record.ErrInterrupted) {
		return fmt.Errorf("record %s: interrupted before a run was complete", r.name)
	}
	r.held.show(stderr)
	if errors.Is(err, record.ErrNoProcess) && r.demo == nil {
		return noTrace(m, r.command.Args, r.command.Deep)
	}
	return fmt.Errorf("record %s: %w", r.name, err)
}

// record makes the runs, and shows on a terminal how many are made.
func (r *manyRecording) record(cmd *cobra.Command, f *folder, m *record.Manifest) error {
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE) // who does not read what is said ends no recording
	defer signal.Stop(broken)
	bar := newRunsBar("record", cmd.ErrOrStderr())
	defer bar.clear()
	r.command.Stdout, r.command.Stderr = &r.held, &r.held
	r.command.Notice = func(s string) { bar.notice(s) }
	r.many.Begin = func(dir string) func() {
		r.held.reset()
		return watchStalls(dir, r.stall, bar)
	}
	r.many.Done = func(made record.RunMade, processes, done, total int) {
		if made.Exit.Status() != 0 || processes == 0 {
			r.failed(bar, made, processes)
		}
		bar.set(done, total)
	}
	err := record.RunMany(cmd.Context(), r.command, f.path, m, r.many)
	matches := func(p record.Process) bool { return record.Matches(r.many.Keep, p.Path) }
	if len(r.many.Keep) > 0 && len(m.Processes) > 0 && !slices.ContainsFunc(m.Processes, matches) {
		bar.notice(onlyNone(m))
	}
	return err
}

// failed tells of a run that did not end as it should, and what the first of these
// printed last.
func (r *manyRecording) failed(bar *runsBar, made record.RunMade, processes int) {
	what := made.Exit.Text
	if made.TimedOut {
		what += fmt.Sprintf(", after the %s of --timeout", r.timeout)
	}
	if processes == 0 {
		what += ", and left no trace"
	}
	bar.notice(fmt.Sprintf("%s ended with %s", runName(made), what))
	if !r.held.shown {
		r.held.show(bar)
	}
}

// runName names a run of a recording.
func runName(r record.RunMade) string {
	name := fmt.Sprintf("run %d", r.Number)
	if r.Number < 1 {
		name = "a run to warm up"
	}
	if r.GOMAXPROCS > 0 {
		name += fmt.Sprintf(" with GOMAXPROCS %d", r.GOMAXPROCS)
	}
	return name
}

// open makes the folder and a manifest, or opens those of a recording that goes on.
func (r *manyRecording) open(base string, numbers bool) (*folder, *record.Manifest, error) {
	name := r.output
	switch {
	case r.resume && r.force:
		return nil, nil, errors.New("--resume goes on with a recording, and --force replaces it")
	case r.resume:
		if name == "" {
			name = newest(base, numbers)
		}
		return r.reopen(name)
	case name == "" && numbers:
		f, err := createNumbered(base, runsEnding)
		return f, r.manifest(), err
	case name == "":
		name = base + runsEnding
	}
	f, err := createFolder(name, r.force)
	var p *problem
	if errors.As(err, &p) {
		if m, err := record.ReadManifest(name); err == nil && m.Plan != nil {
			p.hint += "; --resume goes on with it"
		}
	}
	return f, r.manifest(), err
}

// newest is the name of the last folder that recordings of the same got.
func newest(base string, numbers bool) string {
	name := base + runsEnding
	for n := 2; numbers; n++ {
		next := numbered(base, n, runsEnding)
		if info, err := os.Stat(next); err != nil || !info.IsDir() {
			break
		}
		name = next
	}
	return name
}

func (r *manyRecording) manifest() *record.Manifest {
	m := record.NewManifest()
	p := r.Plan
	m.Plan, m.Command, m.Demo = &p, commandOf(p, r.rest), r.demo
	return m
}

// reopen opens a recording to go on with it.
func (r *manyRecording) reopen(name string) (*folder, *record.Manifest, error) {
	m, err := record.Open(name)
	if err == nil {
		err = r.goesOn(name, m)
	} else {
		into := []string{}
		if r.output != "" {
			into = []string{"-o", name}
		}
		err = hint(openProblem(err), "%s", joinWords(slices.Insert(commandOf(r.Plan, r.rest), 2, into...)))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("resume %s: %w", name, err)
	}
	p := *m.Plan
	if r.flags.Changed("runs") {
		p.Runs = r.Runs
	}
	if r.flags.Changed("warmup") {
		p.Warmup = r.Warmup
	}
	m.Plan, m.Command = &p, commandOf(p, r.rest)
	return &folder{name: name, path: absolute(name), done: true}, m, nil
}

// goesOn refuses to go on with the recording of something else.
func (r *manyRecording) goesOn(name string, m *record.Manifest) error {
	here, _ := os.Getwd()
	most := 0
	for _, made := range m.Runs {
		most = max(most, made.Number)
	}
	switch {
	case m.Plan == nil:
		return errors.New("it is the recording of one run")
	case !slices.Equal(m.Command, commandOf(*m.Plan, r.rest)):
		return hint(errors.New("it is the recording of something else, or with other flags"), "%s", resumeCommand(name, m))
	case m.Demo == nil && m.Dir != here:
		return hint(errors.New("the command was run in another folder"), "cd %s", quote(m.Dir))
	case r.flags.Changed("procs") && !slices.Equal(r.GOMAXPROCS, m.Plan.GOMAXPROCS):
		return errors.New("--procs is not that of the runs that are there")
	case r.flags.Changed("runs") && r.Runs < most:
		return fmt.Errorf("--runs is %d, and it has %d", r.Runs, most)
	}
	return nil
}

// given returns the flags that are given, but for those of the plan, and those that say
// where a recording goes and what is printed.
func given(flags *pflag.FlagSet) (list []string) {
	flags.Visit(func(f *pflag.Flag) {
		if !slices.Contains([]string{"runs", "procs", "warmup", "resume", "output", "force", "quiet"}, f.Name) {
			list = append(list, "--"+f.Name+"="+strings.Trim(f.Value.String(), "[]"))
		}
	})
	return list
}

// tell prints the report of the runs, and ends as the first did that did not end as
// it should.
func (r *manyRecording) tell(cmd *cobra.Command, f *folder, m *record.Manifest) error {
	stderr := cmd.ErrOrStderr()
	out := stderr
	if r.demo != nil {
		out = cmd.OutOrStdout()
	}
	if !r.quiet {
		if err := r.report(cmd.Context(), out, stderr, f.name); err != nil {
			return err
		}
	}
	notice(stderr, fmt.Sprintf("%s recorded: tracekit analyze %s", runsOf(len(m.Runs)), quote(f.name)))
	if status := m.Exit.Status(); status != 0 {
		return &problem{code: status, err: fmt.Errorf("record %s: a run ended with %s", r.name, m.Exit.Text)}
	}
	return nil
}

// report prints what the runs show.
func (r *manyRecording) report(ctx context.Context, out, stderr io.Writer, dir string) error {
	ctx, stop := untilSignal(context.WithoutCancel(ctx))
	defer stop()
	a := analysis{format: "text", output: "-"}
	return a.run(ctx, out, stderr, []string{dir})
}

// runsOf counts runs.
func runsOf(n int) string {
	if n == 1 {
		return "1 run"
	}
	return fmt.Sprintf("%d runs", n)
}

// openProblem says that there is no recording, where that is so.
func openProblem(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return errors.New("there is no recording")
	}
	return err
}

// runMany records many runs of a command.
func (r *commandRecording) runMany(cmd *cobra.Command, t target) error {
	if t.traced != "" {
		return hint(fmt.Errorf("record %s: a test binary that was built without tracekit's hook is recorded once, not with --runs", t.args[0]), "tracekit record %s -- go test PACKAGE", joinWords(words(r.Plan)))
	}
	signals, stop := forward()
	defer stop()
	many := manyRecording{
		recording: r.recording, plan: r.plan, name: joinWords(t.args), rest: slices.Concat(given(cmd.Flags()), []string{"--"}, t.args),
		command: r.command(t.args, cmd.ErrOrStderr()), many: record.Many{Keep: r.only}, stall: r.stall,
	}
	many.command.Signals = signals
	f, m, err := many.open(nameOf(t.args), true)
	if err != nil {
		return err
	}
	return many.run(cmd, f, m)
}
