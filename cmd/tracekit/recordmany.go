package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
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
	case p.Runs < 1:
		return fmt.Errorf("--runs is %d; it is at least 1", p.Runs)
	case p.Warmup < 0:
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

// run records, and leaves what is complete in the folder.
func (r *manyRecording) run(cmd *cobra.Command, f *folder, m *record.Manifest) error {
	defer f.abort()
	err := r.record(cmd, f, m)
	if len(m.Runs) == 0 {
		return r.nothing(cmd.ErrOrStderr(), m, err)
	}
	if e := f.commit(); e != nil {
		return fmt.Errorf("%w; %s", writeError(f.name, e), f.keep())
	}
	if err != nil {
		return hint(fmt.Errorf("record %s: %w; %s has the %d runs that are complete", r.name, err, f.name, len(m.Runs)), "%s", r.goOn(f, m))
	}
	return r.tell(cmd, f, m)
}

// nothing says why there is no run that is complete.
func (r *manyRecording) nothing(stderr io.Writer, m *record.Manifest, err error) error {
	if err == nil {
		return fmt.Errorf("record %s: %w before a run was complete", r.name, record.ErrInterrupted)
	}
	r.held.show(stderr)
	if errors.Is(err, record.ErrNoProcess) && r.demo == nil {
		return noTrace(m, r.rest[1:], r.command.Deep)
	}
	return fmt.Errorf("record %s: %w", r.name, err)
}

// record makes the runs, and shows on a terminal how many are made.
func (r *manyRecording) record(cmd *cobra.Command, f *folder, m *record.Manifest) error {
	stderr := cmd.ErrOrStderr()
	bar := newRunsBar("record", stderr)
	defer bar.clear()
	r.command.Stdout, r.command.Stderr = &r.held, &r.held
	r.command.Notice = func(s string) { bar.notice(s) }
	r.many.Begin = func(dir string) func() {
		r.held.reset()
		return watchStalls(dir, r.stall, bar)
	}
	r.many.Done = func(made record.RunMade, done, total int) {
		if made.Exit.Status() != 0 {
			r.failed(bar, made)
		}
		bar.set(done, total)
	}
	return record.RunMany(cmd.Context(), r.command, f.path, m, r.many)
}

// failed tells of a run that did not end as it should, and what the first of these
// printed last.
func (r *manyRecording) failed(bar *runsBar, made record.RunMade) {
	what := made.Exit.Text
	if made.TimedOut {
		what += fmt.Sprintf(", after the %s of --timeout", r.timeout)
	}
	bar.notice(fmt.Sprintf("%s ended with %s", runName(made), what))
	if !r.held.shown {
		r.held.show(bar)
	}
}

// runName names a run of a recording.
func runName(r record.RunMade) string {
	name := fmt.Sprintf("run %d", r.Number)
	if r.GOMAXPROCS > 0 {
		name += fmt.Sprintf(" with GOMAXPROCS %d", r.GOMAXPROCS)
	}
	return name
}

// open makes the folder and a manifest, or opens those of a recording that goes on.
func (r *manyRecording) open(base string, numbers bool) (*folder, *record.Manifest, error) {
	name := r.output
	switch {
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
	if errors.As(err, &p) && !r.force {
		p.hint += "; --resume goes on with it"
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
	switch {
	case err != nil:
		return nil, nil, hint(fmt.Errorf("resume %s: %w", name, openProblem(err)), "without --resume, a new recording is made; -o FOLDER names another one")
	case m.Plan == nil:
		return nil, nil, fmt.Errorf("resume %s: it is the recording of one run", name)
	case !slices.Equal(m.Command, commandOf(*m.Plan, r.rest)):
		return nil, nil, hint(fmt.Errorf("resume %s: it is the recording of something else", name), "%s", joinWords(slices.Insert(slices.Clone(m.Command), 2, "--resume", "-o", name)))
	case r.flags.Changed("procs") && !slices.Equal(r.GOMAXPROCS, m.Plan.GOMAXPROCS):
		return nil, nil, fmt.Errorf("resume %s: --procs is not that of the runs that are there", name)
	}
	p := *m.Plan
	if r.flags.Changed("runs") {
		p.Runs = r.Runs
	}
	if r.flags.Changed("warmup") {
		p.Warmup = r.Warmup
	}
	m.Plan, m.Command = &p, commandOf(p, r.rest)
	f := &folder{name: name, path: absolute(name), done: true}
	return f, m, m.RemoveParts(f.path)
}

// goOn is the command that completes a recording.
func (r *manyRecording) goOn(f *folder, m *record.Manifest) string {
	list := slices.Insert(slices.Clone(m.Command), 2, "--resume")
	if r.output != "" {
		list = slices.Insert(list, 3, "-o", f.name)
	}
	return joinWords(list)
}

// tell prints the report of the runs, and ends as the first did that did not end as
// it should.
func (r *manyRecording) tell(cmd *cobra.Command, f *folder, m *record.Manifest) error {
	stderr := cmd.ErrOrStderr()
	if m.Interrupted {
		return hint(fmt.Errorf("record %s: interrupted; %s has the %d of %d runs that are complete", r.name, f.name, len(m.Runs), m.Plan.Total()), "%s", r.goOn(f, m))
	}
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
	if errors.Is(err, os.ErrNotExist) {
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
		recording: r.recording, plan: r.plan, name: joinWords(t.args), rest: append([]string{"--"}, t.args...),
		command: r.command(t.args, cmd.ErrOrStderr()), many: record.Many{Keep: r.only}, stall: r.stall,
	}
	many.command.Signals = signals
	f, m, err := many.open(nameOf(t.args), true)
	if err != nil {
		return err
	}
	return many.run(cmd, f, m)
}
