// Command tracekit records execution traces of Go programs and reports from
// them who waits for whom, in what order locks are handed over, and how
// parallel the program really ran.
//
// See the README for a tour, and tracekit help for the manual.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"tracekit/record"
)

func main() { os.Exit(run()) }

// run is main with an exit code, so that tests can be the program.
func run() int {
	ctx := context.Background()
	if len(os.Args) < 2 || os.Args[1] != childCommand {
		var stop context.CancelFunc
		ctx, stop = untilSignal(ctx)
		defer stop()
		// A second signal ends the program wherever it is stuck: in a write
		// that nobody reads, for instance.
		context.AfterFunc(ctx, stop)
	}
	return execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
}

// endSignals returns the signals that ask the program to end, but for those that
// are ignored: by nohup, or a shell's background.
func endSignals() (signals []os.Signal) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(sig) {
			signals = append(signals, sig)
		}
	}
	return signals
}

// untilSignal returns a context that ends at the first signal that asks the
// program to end. The child of a recording is not for it: there the hook
// listens, and before that a signal simply ends it.
func untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	signals := endSignals()
	if len(signals) == 0 { // NotifyContext takes none for all
		return context.WithCancel(ctx)
	}
	return signal.NotifyContext(ctx, signals...)
}

// holdSignals has further signals do nothing until the function that it returns
// is called: a second Ctrl-C must not lose what the first one keeps.
func holdSignals() (release func()) {
	held := make(chan os.Signal, 1)
	for _, sig := range endSignals() {
		signal.Notify(held, sig)
	}
	return func() { signal.Stop(held) }
}

// execute runs one command line.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	return fail(stderr, root.ExecuteContext(ctx))
}

// newHelp is cobra's help command, with an error for what there is no help of.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "help for a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usage(root, fmt.Errorf("there is no command %q", args))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

const manual = `tracekit finds out why a concurrent Go program is slower than its cores. It
records an execution trace and reports from it where goroutines wait, on what,
and who made them wait; in what order locks are handed over; and how many
goroutines really ran at the same time.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 what --fail-on names came true. Of a
command that is recorded, the exit code is its own.`

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "tracekit",
		Short: "find out why a concurrent Go program is slower than its cores",
		Long:  manual,
		Example: `  tracekit demos                                what there is to record
  tracekit record -- go test ./...              record any Go program, and report on it
  tracekit record lock                          record a demo, write lock.trace, print the report
  tracekit analyze lock.trace                   the report of a trace
  tracekit whatif lock.trace                    how long the run would take without its locks
  tracekit record --runs 20 lock                20 runs, and what varies from one to the other
  tracekit diff lock.runs lock.runs             what changed between two recordings
  tracekit export pprof lock.trace -o lock.pb.gz
  tracekit view lock.trace                      the trace in Go's own viewer, with the waits in it`,
		Version:       record.Version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noSubcommand,
		RunE:          needSubcommand,
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, err) })
	root.AddCommand(newDemos(), newRecord(), newAnalyze(), newWhatIf(), newDiff(), newInfo(), newView(), newExport(),
		newCut(), newRepair(), newAnonymise(), newChild())
	root.SetHelpCommand(newHelp(root))
	return root
}
