package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tracekit/analyze"
	"tracekit/analyze/render"
	"tracekit/analyze/report"
	"tracekit/record"
)

// analysis is what the flags of analyze ask for.
type analysis struct {
	format string
	output string
	verify bool

	options readOptions
	window  windowFlags
	what    string // is being done, in errors; empty: analyze
}

func (a *analysis) doing() string { return cmp.Or(a.what, "analyze") }

func newAnalyze() *cobra.Command { return new(analysis).command() }

// command is analyze.
func (a *analysis) command() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "analyze FILE|FOLDER|-…",
		Short: "report on a trace: waits, order of hand-overs, parallelism, critical path",
		Long: `Analyze reads an execution trace, of any program and made in any way, and reports

  waits     where goroutines wait, on what, for how long, and who ended it
  order     in what order locks are handed over
  parallel  how many goroutines run, and how many could
  critpath  what set the length of the run, and how long it would be without each lock

FILE may be compressed with gzip or zstd, or be a report that was saved with -f json;
- is the standard input. The text report is for a terminal and shows the largest;
-f json has all, markdown fits a pull request, and csv and bench (the format of Go's
benchmarks, for benchstat) have a row for each run and site.

Of a FOLDER, the recording of a command, it reports on each process and on all
together. Of many runs, as record --runs makes them, of several files, and of a folder
of traces and reports, it says what varies from one run to the next: the medians with
their intervals, whether locks are always handed over in the same order, and how the
program scales with GOMAXPROCS.

With --from and --to, it reports on a window of the trace: what was going on when that
begins is known, and waits that it cuts are open.

--task and --region, which can be given several times, name tasks and regions of
runtime/trace: of a trace, they say what the slowest of that name spend their time on,
beside the median ones.

Of a trace that is damaged, what is whole is reported, with how much was lost;
--strict makes that an error. --verify reads a file a second time, up to the first
damage, with golang.org/x/exp/trace, and fails if that says anything else. What
only that library reads (Go 1.21 and before), and a pipe, it cannot compare; it
says so.`,
		Example: `  tracekit analyze lock.trace
  tracekit analyze -f json -o lock.json lock.trace
  tracekit analyze --from 20ms --to 60ms lock.trace
  tracekit analyze --verify --strict lock.trace
  tracekit record --runs 10 -q lock && tracekit analyze -f markdown lock.runs`,
		Args: some("traces, reports, or folders of them"),
	}
	flags := cmd.Flags()
	flags.StringVarP(&a.format, "format", "f", "text", "the `format`: "+strings.Join(render.Formats(), ", "))
	flags.StringVarP(&a.output, "output", "o", "-", "the `file` to write the report to, - for stdout")
	a.options.add(flags)
	a.window.add(flags, "report on what is")
	flags.StringArrayVar(&a.options.Tasks, "task", nil, "say what the path of the tasks of this `name` is made of")
	flags.StringArrayVar(&a.options.Regions, "region", nil, "say what the path of the regions of this `name` is made of")
	flags.BoolVar(&a.options.Strict, "strict", false, "fail if any part of the trace cannot be read")
	flags.BoolVar(&a.verify, "verify", false, "check that times add up and that golang.org/x/exp/trace reads the same, and fail if not")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(render.Formats(), cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(render.Formats(), a.format) {
			return usage(cmd, noFormat(a.format, render.Formats()))
		}
		if err := a.options.check(); err != nil {
			return usage(cmd, err)
		}
		if err := a.checkWindow(); err != nil {
			return usage(cmd, err)
		}
		if err := a.checkInstances(args); err != nil {
			return usage(cmd, err)
		}
		return a.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args)
	}
	return cmd
}

// instances reports whether tasks or regions are asked for.
func (a *analysis) instances() bool { return len(a.options.Tasks)+len(a.options.Regions) > 0 }

// checkInstances refuses tasks and regions where nothing would tell of them, as in what
// is said of many runs.
func (a *analysis) checkInstances(paths []string) error {
	switch {
	case !a.instances():
		return nil
	case slices.Contains(a.options.Tasks, "") || slices.Contains(a.options.Regions, ""):
		return errors.New("--task and --region take a name")
	case render.PerRun(a.format):
		return fmt.Errorf("-f %s has no tasks and regions", a.format)
	case len(paths) != 1:
		return fmt.Errorf("--task and --region are for one trace, and there are %d", len(paths))
	}
	return nil
}

// checkWindow has the window that the flags ask for read, and no other part.
func (a *analysis) checkWindow() error {
	if err := a.window.check(); err != nil {
		return err
	}
	if a.window.asked() {
		win := a.window.window()
		a.options.Window = &win
	}
	return nil
}

// run reports on what the user named.
func (a *analysis) run(ctx context.Context, stdout, stderr io.Writer, paths []string) error {
	if a.instances() {
		if _, err := a.oneTrace(paths[0]); err != nil {
			return err
		}
	}
	return writeResult(stdout, a.output, paths, false, func(w io.Writer) error {
		m, err := a.load(ctx, stderr, paths)
		if err != nil {
			return err
		}
		return m.render(w, a.format)
	})
}

// printVerified tells what was checked, and how far.
func printVerified(w io.Writer, v analyze.Verification) {
	fmt.Fprintf(w, "verified: %d spans touch and add up, %d wakes came from running goroutines, blame adds up to blocked time\n",
		v.Spans, v.Wakes)
	switch {
	case v.Compared < 0:
		fmt.Fprintln(w, "not compared with golang.org/x/exp/trace: the trace is one that it alone reads, or is read from a pipe")
	case v.Damaged:
		fmt.Fprintf(w, "verified: golang.org/x/exp/trace finds the same %d transitions up to the first damage, where it stops\n", v.Compared)
	default:
		fmt.Fprintf(w, "verified: golang.org/x/exp/trace finds the same %d transitions\n", v.Compared)
	}
}

// read reads a file, with the manifest that lies beside it: a trace, or a saved report.
func (a *analysis) read(ctx context.Context, stderr io.Writer, path string) (material, error) {
	m, err := a.readAs(ctx, stderr, path, path)
	if err == nil && m.report != nil && !m.saved && path != "-" {
		attach(m.report, path)
	}
	return m, err
}

// readAs reads a file that is to be called by another name.
func (a *analysis) readAs(ctx context.Context, stderr io.Writer, path, name string) (material, error) {
	m, err := readTrace(ctx, stderr, a.doing(), path, name, func(in io.Reader) (material, error) { return a.readFrom(in, name) })
	switch {
	case err != nil:
	case m.saved && a.options.Strict && m.torn():
		err = fmt.Errorf("%s %s: %w", a.doing(), name, analyze.ErrLoss)
	case m.saved && a.window.asked():
		err = hint(fmt.Errorf("%s %s: it is a saved report: no part of it can be reported on", a.doing(), name), "name the trace")
	case m.saved && a.instances():
		err = hint(fmt.Errorf("%s %s: it is a saved report: what tasks and regions are made of needs the trace", a.doing(), name), "name the trace")
	case m.saved && a.verify:
		notice(stderr, name+" is a saved report: there is no trace to verify")
	case a.verify:
		printVerified(stderr, m.verified)
	}
	return m, err
}

// readTraceAs reads a trace that is to be called by another name.
func (a *analysis) readTraceAs(ctx context.Context, stderr io.Writer, path, name string) (*report.Report, error) {
	m, err := a.readAs(ctx, stderr, path, name)
	if err == nil && m.saved {
		err = fmt.Errorf("%s %s: it is a report, and no trace", a.doing(), name)
	}
	return m.report, err
}

func (a *analysis) readFrom(in io.Reader, name string) (m material, err error) {
	json, in := isJSON(in)
	switch {
	case json:
		m, err = readSaved(in)
		m.saved = true
	case a.verify:
		m.report, m.verified, err = analyze.Verify(in, name, a.options.Options)
	default:
		m.report, err = analyze.Trace(in, name, a.options.Options)
	}
	return m, err
}

// attach adds what the manifest of a trace says to its report, where it is that of
// this very trace.
func attach(r *report.Report, path string) {
	m, err := record.ReadManifest(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return
	case err != nil:
		distrust(r, fmt.Sprintf("the manifest beside the trace cannot be used: %v", err))
		return
	}
	p := m.Process(filepath.Base(path))
	if p == nil && len(m.Processes) == 1 { // the trace was given another name
		p = &m.Processes[0]
	}
	switch {
	case p == nil:
		distrust(r, "the manifest beside the trace says nothing of it")
	case p.Trace.Bytes != r.Trace.Bytes:
		distrust(r, fmt.Sprintf("the manifest beside the trace is of one with %d bytes; it was not used", p.Trace.Bytes))
	default:
		describe(r, m, p)
	}
}

// describe adds to the report of a process what the manifest of its trace says.
func describe(r *report.Report, m *record.Manifest, p *record.Process) {
	r.Recording = &report.Recording{Command: m.Command, Ended: p.Exit.Text}
	if p.Ended == record.EndedNot || !m.Complete {
		r.Recording.Ended = ""
	}
	if p.GoVersion != "" {
		r.Trace.GoVersion = p.GoVersion
	}
	if o := p.Outcome; o != nil {
		r.Recording.Outcome = &report.Outcome{Name: o.Name, Got: o.Got, Want: o.Want}
	}
	if m.Interrupted && m.Demo != nil { // a command may well be one that runs until it is
		caution(r, "interrupted", "the recording was interrupted: the trace covers what ran until then", "record again")
	}
	switch {
	case m.Service != "" && p.Lost != "":
		caution(r, "lost-end", "the trace was cut: "+p.Lost, "record again")
	case m.Service != "":
	case p.Lost != "":
		caution(r, "lost-end", "the rest of the trace could not be written: "+p.Lost, "make room where the recording is to lie")
	case p.Ended == record.EndedByFatal:
		caution(r, "lost-end", "an error of the runtime ended the program: what it did last, since the trace was last written, is not in it", "a shorter --flush loses less")
	case !m.Complete: // which is said of the whole
	case p.Ended == record.EndedUnknown:
		caution(r, "lost-end", "the end of the program was not seen: it was killed, or ended past Go's runtime, as by syscall.Exit, or has the hook in its source and does not call stop; what it did last is not in the trace", "a shorter --flush loses less")
	case p.Ended == record.EndedNot:
		caution(r, "lost-end", "the program still ran when the recording ended", "")
	}
	if p.Trace.Tail {
		caution(r, "ring", "this is the end of the trace: --ring gave up what came before", "a larger --ring keeps more")
	}
	if o := m.Overhead; o != nil {
		caution(r, "overhead", overheadText(o), "")
	}
}

// overheadText says what recording cost.
func overheadText(o *record.Overhead) string {
	return fmt.Sprintf("recorded, the program took %.3f times as long as without the tracer (%.3f to %.3f with %.1f %% confidence, from %d pairs of runs)",
		o.Ratio, o.Low, o.High, 100*o.Confidence, o.Pairs)
}

func distrust(r *report.Report, why string) {
	caution(r, "manifest", why, "remove or restore the manifest")
}

// caution adds a caveat about the recording, which comes first in a report.
func caution(r *report.Report, code, text, remedy string) {
	c := report.Caveat{Code: code, About: "recording", Text: text, Remedy: remedy}
	r.Caveats = slices.Insert(r.Caveats, 0, c)
}
