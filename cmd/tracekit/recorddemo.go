package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tracekit/analyze/render"
	"tracekit/analyze/report"
	"tracekit/demos/demo"
	"tracekit/record"
	"tracekit/record/hook"
)

func newRecordDemo(d demo.Demo, p *plan) *cobra.Command {
	var r recording
	cmd := &cobra.Command{
		Use:   d.Name,
		Short: d.Short,
		Long:  d.Long,
		Args:  exactly(0, "no arguments"),

		ValidArgsFunction: cobra.NoFileCompletions,
	}
	parameters := pflag.NewFlagSet(d.Name, pflag.ContinueOnError)
	d.Flags(demo.NewFlags(parameters))
	flags := cmd.Flags()
	flags.AddFlagSet(parameters)
	flags.StringVarP(&r.output, "output", "o", d.Name+".trace", "the `file` to write the trace to; of many runs the folder, by default "+d.Name+runsEnding)
	flags.BoolVar(&r.force, "force", false, "replace the trace and the manifest if they exist")
	flags.BoolVarP(&r.quiet, "quiet", "q", false, "hold back what the demo prints; of many runs, which are quiet anyway, the report")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := p.check(); err != nil {
			return usage(cmd, err)
		}
		if r.outputSet = flags.Changed("output"); p.isMany() {
			if r.outputSet && (r.output == "" || r.output == "-") {
				return usage(cmd, fmt.Errorf("-o is %q; it is the name of a folder", r.output))
			}
			return r.runMany(cmd, p, d, parameters)
		}
		return r.run(cmd, d, parameters, p.timeout)
	}
	return cmd
}

// demoCommand is a demo that runs in a process of its own, which is this program again.
func demoCommand(d demo.Demo, parameters *pflag.FlagSet) (record.Command, error) {
	self, err := os.Executable()
	return record.Command{
		Args: append([]string{self, childCommand, d.Name}, all(parameters)...),
		Env:  []string{hook.HoldEnv + "=1"},
	}, err
}

// runMany records many runs of a demo, and reports on them.
func (r *recording) runMany(cmd *cobra.Command, p *plan, d demo.Demo, parameters *pflag.FlagSet) error {
	defer holdSignals()()
	c, err := demoCommand(d, parameters)
	if err != nil {
		return err
	}
	c.Timeout = p.timeout
	many := manyRecording{
		recording: *r, plan: p, name: d.Name, rest: append([]string{d.Name}, given(cmd.Flags())...),
		demo:    &record.Demo{Name: d.Name, Parameters: values(parameters)},
		command: c, many: record.Many{Name: d.Name + ".trace"},
	}
	if !r.outputSet {
		many.output = ""
	}
	f, m, err := many.open(d.Name, false)
	if err != nil {
		return err
	}
	return many.run(cmd, f, m)
}

// run records a demo, and reports on the trace.
func (r *recording) run(cmd *cobra.Command, d demo.Demo, parameters *pflag.FlagSet, timeout time.Duration) error {
	if err := r.check(); err != nil {
		return err
	}
	c, err := demoCommand(d, parameters)
	if err != nil {
		return err
	}
	c.Timeout = timeout
	m, rep, err := r.make(cmd, c, d, parameters)
	if err != nil {
		return err
	}
	return r.tell(cmd, m, rep)
}

// make runs the demo, reports on its trace, and puts the trace and its manifest
// in their places. A trace of which nothing can be read does not get there, and
// replaces none. When all was interrupted before the report was done, that is not
// looked at, and the report is nil.
func (r *recording) make(cmd *cobra.Command, c record.Command, d demo.Demo, parameters *pflag.FlagSet) (*record.Manifest, *report.Report, error) {
	defer holdSignals()()
	files, err := r.create()
	if err != nil {
		return nil, nil, err
	}
	defer files.abort()

	m, err := r.child(cmd, c, files.trace)
	if err != nil {
		return nil, nil, fmt.Errorf("record %s: %w", d.Name, err)
	}
	m.Command = append([]string{"tracekit", "record", d.Name}, changed(parameters)...)
	m.Demo = &record.Demo{Name: d.Name, Parameters: values(parameters)}
	rep, err := r.report(cmd, m, files.trace.Name())
	if err != nil {
		return nil, nil, fmt.Errorf("record %s: the program ended with %s: %w", d.Name, m.Exit.Text, err)
	}
	return m, rep, files.commit(m)
}

// report reads the trace of a recording that is complete.
func (r *recording) report(cmd *cobra.Command, m *record.Manifest, trace string) (*report.Report, error) {
	if m.Interrupted {
		return nil, nil
	}
	var a analysis
	rep, err := a.readTraceAs(cmd.Context(), cmd.ErrOrStderr(), trace, r.output)
	switch {
	case cmd.Context().Err() != nil:
		return nil, nil
	case err != nil:
		return nil, err
	}
	describe(rep, m, &m.Processes[0])
	return rep, nil
}

// child runs the demo in a folder beside the trace, and has its trace take the place
// of the empty one.
func (r *recording) child(cmd *cobra.Command, c record.Command, trace *output) (*record.Manifest, error) {
	dir, err := filepath.Abs(trace.Name() + ".d")
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	c.Stdout, c.Stderr = cmd.OutOrStdout(), cmd.ErrOrStderr()
	if r.quiet {
		c.Stdout = nil
	}
	m, err := record.Run(cmd.Context(), c, dir)
	if err != nil {
		return nil, err
	}
	return m, r.take(cmd, m, dir, trace)
}

// take moves the trace of the only process to where it is to be.
func (r *recording) take(cmd *cobra.Command, m *record.Manifest, dir string, trace *output) error {
	if len(m.Processes) != 1 || m.Processes[0].Trace.Bytes == 0 {
		if cmd.Context().Err() != nil {
			return record.ErrInterrupted
		}
		return fmt.Errorf("the program left no trace (%s)", m.Exit.Text)
	}
	p := &m.Processes[0]
	if err := os.Rename(filepath.Join(dir, p.Trace.File), trace.Name()); err != nil {
		return err
	}
	p.Trace.File = filepath.Base(r.output)
	if p.Lost != "" {
		return errors.New("write the trace: " + p.Lost)
	}
	return nil
}

// tell prints the report of a recording and the commands that come next; of one
// that was interrupted, where it is.
func (r *recording) tell(cmd *cobra.Command, m *record.Manifest, rep *report.Report) error {
	if rep == nil {
		return hint(fmt.Errorf("record %s: interrupted; %s has what ran until then", m.Demo.Name, r.output),
			"tracekit analyze %s", quote(r.output))
	}
	out := cmd.OutOrStdout()
	if !r.quiet {
		fmt.Fprintln(out)
	}
	if err := render.Text(out, rep); err != nil {
		return err
	}
	printNext(out, r.output)
	if m.Exit.Code != 0 {
		return fmt.Errorf("record %s: the program ended with %s", m.Demo.Name, m.Exit.Text)
	}
	return nil
}

// values returns the parameters with their values.
func values(flags *pflag.FlagSet) map[string]string {
	m := make(map[string]string)
	flags.VisitAll(func(f *pflag.Flag) { m[f.Name] = f.Value.String() })
	return m
}

// all returns all parameters as arguments, and changed those that the user gave.
func all(flags *pflag.FlagSet) (args []string) {
	flags.VisitAll(func(f *pflag.Flag) { args = append(args, "--"+f.Name+"="+f.Value.String()) })
	return args
}

func changed(flags *pflag.FlagSet) (args []string) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			args = append(args, "--"+f.Name+"="+f.Value.String())
		}
	})
	return args
}
