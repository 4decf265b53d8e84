package main

import (
	"io"

	"github.com/spf13/cobra"

	"tracekit/analyze/render/folded"
	"tracekit/analyze/report"
)

func newExportFolded() *cobra.Command {
	var mean folded.Mean
	var output string
	cmd := &cobra.Command{
		Use:   "folded FILE|FOLDER…",
		Short: "folded stacks for flame graphs",
		Long: `Folded writes a line for each stack that waited, its functions from the root to the
leaf between semicolons, and the nanoseconds for which it was blocked: what
flamegraph.pl, inferno and speedscope read. As in off-CPU profiles, the first word
is who waited, here the function that the goroutine was started with.

With --wake, the line goes on as in off-wake flame graphs: behind -- comes the stack
that ended the wait, upside down, from where it did so to its root, and who that was;
or (nobody), for a timer, the network or the runtime.

All waits of user goroutines are in it, sleeps and the network too, except idle ones.
Of many runs, it is one of them, on the average. Semicolons in names become colons,
and spaces underscores. What must be known of the numbers goes to stderr, for the
format has no room for it.`,
		Example: `  tracekit export folded lock.trace -o lock.folded
  tracekit export folded --wake lock.trace -o wake.folded   # flamegraph.pl --countname ns wake.folded`,
		Args: some("traces, or folders of them"),
	}
	flags := cmd.Flags()
	flags.BoolVar(&mean.Wakes, "wake", false, "add the stack that ended each wait")
	flags.StringVarP(&output, "output", "o", "-", "the `file` to write to, - for stdout")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return writeResult(cmd.OutOrStdout(), output, args, false, func(w io.Writer) error {
			return writeFolded(cmd, w, args, &mean)
		})
	}
	return cmd
}

// writeFolded writes the waits of a run, on the average of those there are.
func writeFolded(cmd *cobra.Command, w io.Writer, paths []string, mean *folded.Mean) error {
	runs, err := eachRun(cmd, "export folded", paths, mean.Add)
	if err != nil {
		return err
	}
	tellCaveats(cmd.ErrOrStderr(), mean.Caveats(runs.Caveats))
	return mean.Write(w, len(runs.Runs))
}

// tellCaveats tells what must be known of an output that has no room for it.
func tellCaveats(w io.Writer, list []report.Caveat) {
	for _, c := range list {
		text := c.About + ": " + c.Text
		if c.Remedy != "" {
			text += "; remedy: " + c.Remedy
		}
		notice(w, text)
	}
}
