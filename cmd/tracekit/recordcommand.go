package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tracekit/analyze/render"
	"tracekit/record"
)

// commandRecording is what the flags of record ask for, of a command.
type commandRecording struct {
	recording
	*plan
	only  []string
	flush time.Duration
	stall time.Duration
	ring  byteSize
	deep  bool
	cost  bool
}

// pairs is how often --overhead runs the command with the tracer, and without: the
// interval of the median is then one of 97 % confidence.
const pairs = 6

func (r *commandRecording) add(flags *pflag.FlagSet) {
	flags.StringSliceVar(&r.only, "only", nil, "keep only the processes of packages that match the `pattern`, as example.com/x/...")
	flags.DurationVar(&r.flush, "flush", defaultFlush, "have the trace written this often: the `time` that is lost of a program that is killed")
	flags.DurationVar(&r.stall, "stall", 10*time.Second, "say so when nothing has run in a program for this `time`, as in a deadlock; 0 is never")
	flags.Var(&r.ring, "ring", "keep only the last `SIZE` of each trace, as 64MB, for programs that run for days; 0 is all")
	flags.BoolVar(&r.cost, "overhead", false, "find out what recording costs: run the command six times with the tracer and six times without")
	flags.BoolVar(&r.deep, "deep", false, "record main packages of the module cache, and of other modules, that a script builds, too")
}

// check refuses values that make no sense.
func (r *commandRecording) check() error {
	switch {
	case r.flush < 10*time.Millisecond || r.flush > 2*time.Second:
		return fmt.Errorf("--flush is %s; it is between 10ms and 2s", r.flush)
	case r.stall < 0 || r.stall > 0 && r.stall < time.Second:
		return fmt.Errorf("--stall is %s; it is at least 1s, or 0 for never", r.stall)
	case r.ring != 0 && r.ring < 1e6:
		return fmt.Errorf("--ring is %s; it is at least 1MB, or 0 for all", &r.ring)
	case r.outputSet && (r.output == "" || r.output == "-"):
		return fmt.Errorf("-o is %q; it is the name of a folder", r.output)
	case r.cost && r.isMany():
		return errors.New("--overhead makes runs of its own; there is none of --runs, --procs, --warmup and --resume with it")
	}
	return r.plan.check()
}

// run records a command.
func (r *commandRecording) run(cmd *cobra.Command, args []string) error {
	target, err := chooseTarget(args)
	if err != nil {
		return err
	}
	for _, s := range target.notices {
		notice(cmd.ErrOrStderr(), s)
	}
	if r.isMany() {
		return r.runMany(cmd, target)
	}
	folder, err := r.folder(args)
	if err != nil {
		return err
	}
	defer folder.abort()
	m, err := r.record(cmd, target, folder.path)
	switch {
	case errors.Is(err, record.ErrInterrupted):
		return fmt.Errorf("record %s: %w", joinWords(args), err)
	case err != nil:
		return fmt.Errorf("record %s: %w; %s", joinWords(args), err, folder.keep())
	case len(m.Processes) == 0:
		return noTrace(m, args, r.deep)
	}
	if err := m.Write(folder.path); err != nil {
		return fmt.Errorf("%w; %s", writeError(folder.name, err), folder.keep())
	}
	if err := folder.commit(); err != nil {
		return fmt.Errorf("%w; %s", writeError(folder.name, err), folder.keep())
	}
	return r.tell(cmd, m, folder.name)
}

// folder makes the one that a command is recorded into.
func (r *commandRecording) folder(args []string) (*folder, error) {
	if r.output == "" {
		return createNumbered(nameOf(args), recordingEnding)
	}
	return createFolder(r.output, r.force)
}

// forward returns the signals that come until stop is called, for the command.
func forward() (signals chan os.Signal, stop func()) {
	signals = make(chan os.Signal, 8)
	for _, sig := range append(endSignals(), syscall.SIGQUIT) {
		signal.Notify(signals, sig)
	}
	return signals, func() { signal.Stop(signals) }
}

// command is what is to be run.
func (r *commandRecording) command(args []string, stderr io.Writer) record.Command {
	return record.Command{
		Args: args, Inject: true, Deep: r.deep, Flush: r.flush, Ring: int64(r.ring), Timeout: r.timeout,
		Notice: func(s string) { notice(stderr, s) },
	}
}

// record runs the command to its end, whatever signals come: they are its own.
func (r *commandRecording) record(cmd *cobra.Command, t target, dir string) (*record.Manifest, error) {
	c := r.command(t.in(dir), cmd.ErrOrStderr())
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, cmd.OutOrStdout(), cmd.ErrOrStderr()
	signals, stop := forward()
	defer stop()
	c.Signals = signals
	defer watchStalls(dir, r.stall, cmd.ErrOrStderr())()
	m, err := r.runs(cmd.Context(), c, dir)
	if err != nil {
		return nil, err
	}
	m.Command = append([]string{"tracekit", "record", "--"}, t.args...)
	t.claim(m, dir)
	if err := m.Keep(dir, r.only); errors.Is(err, record.ErrNoMatch) && len(m.Processes) > 0 {
		notice(cmd.ErrOrStderr(), onlyNone(m))
	} else if err != nil && !errors.Is(err, record.ErrNoMatch) {
		return nil, err
	}
	return m, nil
}

// onlyNone says that no process is of those that are to be kept.
func onlyNone(m *record.Manifest) string {
	return fmt.Sprintf("no process matches --only, which takes paths of packages, as %s: all are kept", m.Processes[0].Path)
}

// runs runs the command as often as it takes.
func (r *commandRecording) runs(ctx context.Context, c record.Command, dir string) (*record.Manifest, error) {
	if r.cost {
		return record.RunPairs(ctx, c, dir, pairs)
	}
	return record.Run(ctx, c, dir)
}

// notice tells the user something while the command's own output goes on.
func notice(w io.Writer, s string) { fmt.Fprintf(w, "tracekit: %s\n", oneLine(s)) }

// tell prints the report of a recording, and ends as the command did.
func (r *commandRecording) tell(cmd *cobra.Command, m *record.Manifest, dir string) error {
	out := cmd.ErrOrStderr()
	var err error
	if !r.quiet {
		err = r.report(cmd, m, dir)
	}
	notice(out, recorded(m, dir))
	if m.TimedOut {
		notice(out, fmt.Sprintf("the programs were ended by SIGQUIT after the %s of --timeout", r.timeout))
	}
	if err != nil {
		return &problem{err: err, code: cmp.Or(m.Exit.Status(), exitFailed)}
	}
	if status := m.Exit.Status(); status != 0 {
		return &problem{code: status, err: fmt.Errorf("%s ended with %s", joinWords(m.Command[3:]), m.Exit.Text)}
	}
	return nil
}

// report prints what is in a recording.
func (r *commandRecording) report(cmd *cobra.Command, m *record.Manifest, dir string) error {
	var a analysis
	out := cmd.ErrOrStderr()
	ctx, stop := untilSignal(context.WithoutCancel(cmd.Context()))
	defer stop()
	set, err := a.reportSet(ctx, out, dir, m)
	if err != nil {
		return err
	}
	fmt.Fprintln(out)
	return render.Set("text")(out, set)
}

// recorded says what was recorded, and where it is.
func recorded(m *record.Manifest, dir string) string {
	what := fmt.Sprintf("%d processes recorded", len(m.Processes))
	if len(m.Processes) == 1 {
		what = "1 process recorded"
	}
	if m.Dropped > 0 {
		what += fmt.Sprintf(" (and %d that --only leaves out)", m.Dropped)
	}
	for _, p := range m.Processes {
		if p.Ended == record.EndedNot {
			what += fmt.Sprintf("; process %d, %s, still runs, and its trace goes on", p.PID, p.Path)
		}
	}
	return what + ": " + joinWords([]string{"tracekit", "analyze", dir})
}
