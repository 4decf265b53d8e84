package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tracekit/demos"
)

// recording is what the flags of record ask for, of any kind of recording.
type recording struct {
	output string
	force  bool
	quiet  bool
}

func newRecord() *cobra.Command {
	var r commandRecording
	cmd := &cobra.Command{
		Use:   "record DEMO | -- COMMAND",
		Short: "record a demo, or any Go program, and report on it",
		Long: `Record runs something under the execution tracer, and reports on it.

With a command behind --, every Go program that the command builds and runs is
recorded, with no change to its source: by go run, go test, make, or a script.
Each process leaves a trace, which go tool trace opens, in a folder, with a
manifest that says how the recording was made. The command gets its input, and
what it prints goes where it would go; the report goes to the standard error. The
exit code is that of the command.

A program ends as it would without: nothing of its trace is lost when it returns,
exits, panics, or is ended by a signal as Ctrl-C; when it is killed, no more than
--flush. One thing is different: under the tracer, Go's runtime does not notice a
deadlock. Record does, and says so.

Main packages in the module cache, and those that a script builds outside of the
modules at hand, need a deeper change to the standard library, which takes a longer
first build. For go run path@version and the like that is done unasked.

A demo is recorded as DEMO.trace, with DEMO.trace.json, the manifest, beside it.`,
		Example: `  tracekit record -- go run ./cmd/server -addr :8080
  tracekit record -- go test -run TestX ./...
  tracekit record -o before -- make bench
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
	r.add(cmd.Flags())
	for _, d := range demos.All() {
		cmd.AddCommand(newRecordDemo(d))
	}
	return cmd
}

// args refuses what is neither behind -- nor the name of a demo.
func (r *commandRecording) args(cmd *cobra.Command, args []string) error {
	if len(args) == 0 && cmd.ArgsLenAtDash() < 0 {
		return nil
	}
	switch at := cmd.ArgsLenAtDash(); {
	case at == 0 && len(args) == 0:
		return usage(cmd, errors.New("there is no command behind --"))
	case at == 0:
		return usageOf(cmd, r.check())
	}
	err := noSubcommand(cmd, args)
	var p *problem
	if errors.As(err, &p) && !strings.HasPrefix(p.hint, "did you mean") {
		p.err = fmt.Errorf("there is no demo %q", args[0])
		p.hint = "tracekit demos lists them; a command stands behind --: tracekit record -- " + joinWords(args)
	}
	return err
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
