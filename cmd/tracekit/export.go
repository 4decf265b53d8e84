package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tracekit/analyze/render/pprof"
)

func newExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "turn the waits of a trace into another tool's format",
		Args:  noSubcommand,
		RunE:  needSubcommand,
	}
	cmd.AddCommand(newExportPprof())
	return cmd
}

func newExportPprof() *cobra.Command {
	var by, output string
	cmd := &cobra.Command{
		Use:   "pprof FILE",
		Short: "a contention profile for go tool pprof",
		Long: `Pprof writes the waits of a trace as a profile with the values blocked, sched and
waits. Each is charged to the stack that waited. With --by release, blocked time
is charged to the stacks that made others wait: for locks by blame, a wait's time
split over all releases in it; for the rest to who ended the wait.

Samples carry the labels kind, lock and goroutine. All kinds of waits of user
goroutines are in the profile, sleeps and the network too, except idle ones.`,
		Example: `  tracekit export pprof lock.trace -o lock.pb.gz
  go tool pprof -top lock.pb.gz
  go tool pprof -top -tagfocus=kind=mutex lock.pb.gz
  tracekit export pprof --by release lock.trace -o blame.pb.gz`,
		Args: exactly(1, "the file of a trace"),
	}
	flags := cmd.Flags()
	flags.StringVar(&by, "by", string(pprof.Waiter), "whose stacks to `charge`: "+strings.Join(pprof.Ways(), " or "))
	flags.StringVarP(&output, "output", "o", "-", "the `file` to write the profile to, - for stdout")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("by", cobra.FixedCompletions(pprof.Ways(), cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(pprof.Ways(), by) {
			return usage(cmd, fmt.Errorf("--by is %q; it can be %s", by, strings.Join(pprof.Ways(), " or ")))
		}
		return writeResult(cmd.OutOrStdout(), output, args[0], true, func(w io.Writer) error {
			var a analysis
			r, err := a.report(cmd.Context(), cmd.ErrOrStderr(), args[0])
			if err != nil {
				return err
			}
			return pprof.Write(w, r, pprof.By(by))
		})
	}
	return cmd
}
