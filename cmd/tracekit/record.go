package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tracekit/demos"
	"tracekit/record/service"
)

func newRecord() *cobra.Command {
	var r anyRecording
	cmd := &cobra.Command{
		Use:   "record DEMO | URL | -- COMMAND",
		Short: "record a demo, a running service, or any Go program, and report on it",
		Long: `Record gets the execution trace of something, and reports on it.

With a command behind --, every Go program that the command builds and runs is
recorded, with no change to its source: by go run, go test, make, or a script.
Each process leaves a trace, which go tool trace opens, in a folder, with a
manifest that says how the recording was made. The command gets its input, and
what it prints goes where it would go; the report goes to the standard error. The
exit code is that of the command.

A program ends as it would without: nothing of its trace is lost when it returns,
exits, panics, or is ended by a signal as Ctrl-C; when it is killed, no more than
--flush. What it can notice is in the README; above all, under the tracer Go's
runtime does not see a deadlock. Record does, and says so.

Main packages in the module cache, and those that a script builds outside of the
folder at hand, need a deeper change to the standard library, which takes a longer
first build. For go run path@version and the like that is done unasked.

With --runs, it is run many times, each with a trace, in one folder; the report says
what varies. It gets no input then, and what it prints is held back, but for the end
of that of the first run that fails. The exit code is that of the first that is not 0.
An interrupted recording keeps the runs that are complete, and --resume goes on.

With the URL of a service that runs and serves net/http/pprof, that one is asked to
trace itself for a time; host:port will do. A demo is recorded as DEMO.trace, with
DEMO.trace.json, the manifest, beside it.`,
		Example: `  tracekit record -- go run ./cmd/server -addr :8080
  tracekit record -- go test -run TestX ./...
  tracekit record -o before -- make bench
  tracekit record --for 5s http://localhost:6060
  tracekit record --runs 10 --procs 1,2 -- go test -run TestX ./...
  tracekit record lock
  tracekit record lock --threads 8 --unit 20ms -o small.trace`,
		Args: r.args,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return r.run(cmd, args)
	}
	r.plan.add(cmd.PersistentFlags())
	r.add(cmd.Flags())
	r.flags = cmd.Flags()
	for _, d := range demos.All() {
		cmd.AddCommand(newRecordDemo(d, &r.plan))
	}
	return cmd
}

// anyRecording is a recording of a command or a service; which, the arguments say.
type anyRecording struct {
	command commandRecording
	service serviceRecording
	plan    plan // of demos, too
	flags   *pflag.FlagSet
	shared  recording
}

func (r *anyRecording) add(flags *pflag.FlagSet) {
	r.command.plan = &r.plan
	flags.StringVarP(&r.shared.output, "output", "o", "", "the `folder` to record a command into, by default one that is named after it and new; of a service, the file")
	flags.BoolVar(&r.shared.force, "force", false, "replace the recording that is there")
	flags.BoolVarP(&r.shared.quiet, "quiet", "q", false, "hold back the report")
	r.command.add(flags)
	r.service.add(flags)
}

// share hands out the flags that both kinds have.
func (r *anyRecording) share() {
	r.shared.outputSet = r.flags.Changed("output")
	r.command.recording, r.service.recording = r.shared, r.shared
}

func (r *anyRecording) run(cmd *cobra.Command, args []string) error {
	r.share()
	if cmd.ArgsLenAtDash() == 0 {
		return r.command.run(cmd, args)
	}
	return r.service.run(cmd, args[0])
}

// args refuses what is neither behind --, nor a service, nor the name of a demo.
func (r *anyRecording) args(cmd *cobra.Command, args []string) error {
	switch at := cmd.ArgsLenAtDash(); {
	case at < 0 && len(args) == 0:
		return nil
	case at == 0 && len(args) == 0:
		return usage(cmd, errors.New("there is no command behind --"))
	case at == 0:
		r.share()
		return usageOf(cmd, cmp.Or(r.mixed("with a command", "for", "header"), r.command.check()))
	case len(args) == 1 && at < 0 && service.IsTarget(args[0]):
		return usageOf(cmd, r.mixed("with a service", "only", "flush", "stall", "ring", "overhead", "deep",
			"timeout", "runs", "procs", "warmup", "resume"))
	}
	err := noSubcommand(cmd, args)
	var p *problem
	if errors.As(err, &p) && !strings.HasPrefix(p.hint, "did you mean") {
		p.err = fmt.Errorf("there is no demo %q", args[0])
		p.hint = "tracekit demos lists them; a command stands behind --: tracekit record -- " + joinWords(args)
	}
	return err
}

// mixed refuses flags that are for another kind of recording.
func (r *anyRecording) mixed(what string, names ...string) error {
	for _, name := range names {
		if r.flags.Changed(name) {
			return fmt.Errorf("--%s makes no sense %s", name, what)
		}
	}
	return nil
}

// usageOf is usage of what may be no error.
func usageOf(cmd *cobra.Command, err error) error {
	if err == nil {
		return nil
	}
	return usage(cmd, err)
}

func printNext(w io.Writer, trace string) {
	profile := strings.TrimSuffix(trace, ".trace") + ".pb.gz"
	fmt.Fprintf(w, `
next
  tracekit whatif %[1]s
  tracekit view %[1]s
  go tool trace %[1]s
  tracekit analyze -f json %[1]s
  tracekit export pprof %[1]s -o %[2]s
  go tool pprof -top %[2]s
`, quote(trace), quote(profile))
}

// joinWords makes a command line for the shell of its words.
func joinWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quoteWord(w)
	}
	return strings.Join(quoted, " ")
}

// quote makes a word for the shell of the name of a file.
func quote(s string) string {
	if strings.HasPrefix(s, "-") { // no flag
		s = "./" + s
	}
	return quoteWord(s)
}

func quoteWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=,:@+%", r)
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// defaultFlush is the length of a generation: the most that a program loses which
// is killed.
const defaultFlush = 200 * time.Millisecond
