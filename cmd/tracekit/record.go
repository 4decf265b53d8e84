package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tracekit/analyze/render"
	"tracekit/analyze/report"
	"tracekit/demos"
	"tracekit/demos/demo"
	"tracekit/record"
)

func newRecord() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "record DEMO",
		Short: "run a demo under the execution tracer and report on it",
		Long: `Record runs a demo in a process of its own under the execution tracer. It writes
DEMO.trace, which go tool trace opens, and DEMO.trace.json, the manifest, which
says how the recording was made. Then it prints the report of the trace.

Ctrl-C ends the recording; what ran until then is kept.`,
		Example: `  tracekit record lock
  tracekit record lock --threads 8 --unit 20ms -o small.trace
  tracekit record prodcons --quiet --force`,
		Args: knownDemo,
		RunE: needSubcommand,
	}
	for _, d := range demos.All() {
		cmd.AddCommand(newRecordDemo(d))
	}
	return cmd
}

// knownDemo refuses what is not the name of a demo.
func knownDemo(cmd *cobra.Command, args []string) error {
	err := noSubcommand(cmd, args)
	var p *problem
	if errors.As(err, &p) && !strings.HasPrefix(p.hint, "did you mean") {
		p.err = fmt.Errorf("there is no demo %q", args[0])
		p.hint = "tracekit demos lists them; of a program of your own, analyze a trace that runtime/trace or go test -trace made"
	}
	return err
}

// recording is what the flags of record ask for.
type recording struct {
	output string
	force  bool
	quiet  bool
}

func newRecordDemo(d demo.Demo) *cobra.Command {
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
	flags.StringVarP(&r.output, "output", "o", d.Name+".trace", "the `file` to write the trace to")
	flags.BoolVar(&r.force, "force", false, "replace the trace and the manifest if they exist")
	flags.BoolVarP(&r.quiet, "quiet", "q", false, "hold back what the demo prints")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return r.run(cmd, d, parameters) }
	return cmd
}

// run records a demo, and reports on the trace.
func (r *recording) run(cmd *cobra.Command, d demo.Demo, parameters *pflag.FlagSet) error {
	if info, err := os.Stat(r.output); r.output == "" || r.output == "-" || err == nil && !info.IsDir() && special(r.output, info) {
		return fmt.Errorf("write %q: a recording needs the name of a file, beside which its manifest can lie", r.output)
	}
	m, rep, err := r.make(cmd, d, parameters)
	if err != nil {
		return err
	}
	return r.tell(cmd, m, rep)
}

// make runs the demo, reports on its trace, and puts the trace and its manifest
// in their places. A trace of which nothing can be read does not get there, and
// replaces none. When all was interrupted before the report was done, that is not
// looked at, and the report is nil.
func (r *recording) make(cmd *cobra.Command, d demo.Demo, parameters *pflag.FlagSet) (*record.Manifest, *report.Report, error) {
	defer holdSignals()()
	trace, err := create(r.output, r.force)
	if err != nil {
		return nil, nil, err
	}
	defer trace.abort()
	manifest, err := create(record.ManifestPath(r.output), r.force)
	if err != nil {
		return nil, nil, err
	}
	defer manifest.abort()

	m, err := r.child(cmd, d, parameters, trace.Name())
	if err != nil {
		return nil, nil, fmt.Errorf("record %s: %w", d.Name, err)
	}
	m.Command = append([]string{"tracekit", "record", d.Name}, changed(parameters)...)
	m.Demo = &record.Demo{Name: d.Name, Parameters: values(parameters)}
	m.Trace.File = filepath.Base(r.output)
	rep, err := r.report(cmd, m, trace.Name())
	if err != nil {
		return nil, nil, fmt.Errorf("record %s: the program ended with %s: %w", d.Name, m.Exit.Text, err)
	}
	if err := writeManifest(manifest, m); err != nil {
		return nil, nil, err
	}
	if err := trace.commit(); err != nil {
		return nil, nil, err
	}
	return m, rep, manifest.commit()
}

// report reads the trace of a recording that is complete.
func (r *recording) report(cmd *cobra.Command, m *record.Manifest, trace string) (*report.Report, error) {
	if m.Interrupted {
		return nil, nil
	}
	var a analysis
	rep, err := a.reportAs(cmd.Context(), cmd.ErrOrStderr(), trace, r.output)
	switch {
	case cmd.Context().Err() != nil:
		return nil, nil
	case err != nil:
		return nil, err
	}
	describe(rep, m)
	return rep, nil
}

func writeManifest(o *output, m *record.Manifest) error {
	data, err := m.Encode()
	if err != nil {
		return err
	}
	if _, err := o.Write(data); err != nil {
		return writeError(o.path, err)
	}
	return nil
}

// child runs the demo in a process of its own: this program again.
func (r *recording) child(cmd *cobra.Command, d demo.Demo, parameters *pflag.FlagSet, trace string) (*record.Manifest, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := record.Program{
		Path:   self,
		Args:   append([]string{childCommand, d.Name}, all(parameters)...),
		Stdout: cmd.OutOrStdout(),
		Stderr: cmd.ErrOrStderr(),
	}
	if r.quiet {
		p.Stdout = nil
	}
	path, err := filepath.Abs(trace)
	if err != nil {
		return nil, err
	}
	return record.Run(cmd.Context(), p, path)
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

func printNext(w io.Writer, trace string) {
	profile := strings.TrimSuffix(trace, ".trace") + ".pb.gz"
	fmt.Fprintf(w, `
next
  go tool trace %[1]s
  tracekit analyze -f json %[1]s
  tracekit export pprof %[1]s -o %[2]s
  go tool pprof -top %[2]s
`, quote(trace), quote(profile))
}

// quote makes a word for the shell of the name of a file.
func quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=,:@+%", r)
	}
	if strings.HasPrefix(s, "-") { // no flag
		s = "./" + s
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
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
