package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tracekit/analyze/render/pprof"
	"tracekit/analyze/report"
)

func newExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "turn a trace into another tool's format",
		Args:  noSubcommand,
		RunE:  needSubcommand,
	}
	cmd.AddCommand(newExportPprof(), newExportGotrace(), newExportFolded(), newExportCSV(), newExportPerfetto())
	return cmd
}

func newExportPprof() *cobra.Command {
	var by, output string
	cmd := &cobra.Command{
		Use:   "pprof FILE|FOLDER…",
		Short: "a contention profile for go tool pprof",
		Long: `Pprof writes the waits of a trace as a profile with the values blocked, sched and
waits. Each is charged to the stack that waited. With --by release, blocked time
is charged to the stacks that made others wait: for locks by blame, a wait's time
split over all releases in it; for the rest to who ended the wait. With --by chain,
each is charged to both: the stack that waited, down to the place where it blocks, and
on top of it the stack that ended the wait, turned over, so that a flame graph shows
who waited for whom. A frame between them says so. (The last frame is the root of the
waker; look at such a profile as a flame graph, or with -traces.)

Samples carry the labels kind, lock and goroutine, and by chain waker. All kinds of waits of user
goroutines are in the profile, sleeps and the network too, except idle ones.

Of many runs, the profile is that of one, on the average, so that those of two
recordings can be compared, however many runs each has. Values are rounded.`,
		Example: `  tracekit export pprof lock.trace -o lock.pb.gz
  go tool pprof -top lock.pb.gz
  go tool pprof -top -tagfocus=kind=lock lock.pb.gz
  tracekit export pprof --by release lock.trace -o blame.pb.gz
  tracekit export pprof --by chain lock.trace -o chain.pb.gz
  go tool pprof -traces chain.pb.gz
  tracekit record --runs 10 -q -o old.runs lock
  tracekit export pprof old.runs -o old.pb.gz
  go tool pprof -top -diff_base old.pb.gz lock.pb.gz`,
		Args: some("traces, or folders of them"),
	}
	flags := cmd.Flags()
	flags.StringVar(&by, "by", string(pprof.Waiter), "whose stacks to `charge`: "+strings.Join(pprof.Ways(), ", "))
	flags.StringVarP(&output, "output", "o", "-", "the `file` to write the profile to, - for stdout")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("by", cobra.FixedCompletions(pprof.Ways(), cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(pprof.Ways(), by) {
			return usage(cmd, fmt.Errorf("--by is %q; it can be %s", by, strings.Join(pprof.Ways(), ", ")))
		}
		return writeResult(cmd.OutOrStdout(), output, args, true, func(w io.Writer) error {
			return writeProfile(cmd, w, "export pprof", args, pprof.By(by))
		})
	}
	return cmd
}

// writeProfile writes the waits of a run, on the average of those there are.
func writeProfile(cmd *cobra.Command, w io.Writer, what string, paths []string, by pprof.By) error {
	mean := &pprof.Mean{By: by}
	runs, err := eachRun(cmd, what, paths, mean.Add)
	if err != nil {
		return err
	}
	return mean.Write(w, len(runs.Runs), runs.Caveats)
}

// eachRun has the reports of each run added, and returns what is known of all.
func eachRun(cmd *cobra.Command, what string, paths []string, add func([]*report.Report) error) (*report.Runs, error) {
	a := analysis{what: what}
	runs, err := a.vary(cmd.Context(), cmd.ErrOrStderr(), paths, add)
	if errors.Is(err, report.ErrNoChains) {
		err = hint(fmt.Errorf("%s %s: %w", what, joinWords(paths), err), "name the trace that it is of, or make the report anew: tracekit analyze -f json TRACE")
	}
	return runs, err
}
