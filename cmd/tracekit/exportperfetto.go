package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"tracekit/analyze"
	"tracekit/analyze/report"
)

func newExportPerfetto() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "perfetto FILE|-",
		Short: "a timeline for Perfetto's viewer and its SQL",
		Long: `Perfetto writes a trace in the format of Perfetto, to be looked at in its viewer, and
asked in SQL with its trace_processor:

  goroutines   a track for each, grouped by the function that it started with, with its
               states as slices: running, runnable, syscall, and waits by what they are
               for and where. Slices carry stacks, functions, files and lines. "open"
               marks those that the start or the end of the trace cuts
  wakes        an arrow from the goroutine that woke another one to that one; what a
               timer, the network or the runtime woke has none
  parallelism  how many user goroutines run, and GOMAXPROCS, as numbers over time
  locks        who held them, which is inferred: from when a goroutine that a release
               had woken runs again to its own next release that wakes somebody.
               Holds that begin without a wait, or end with a release that wakes
               nobody, are not shown, and what looks like one can be several
  critical path  what set the length of the run, piece by piece, on whatever goroutine:
               its slices touch, add up to the path_ns of the report, and are named as
               the report names what the path is made of

Times are those of the trace, in ns. The file is up to 15 times as large as the
trace. Of a trace that is damaged, what is whole is
written; what was lost is told, and is in the file, on the track "about this trace".
The stacks of slices show in versions of Perfetto from 2026 on; functions and lines
in any.

FILE may be compressed with gzip or zstd; - is the standard input.`,
		Example: `  tracekit export perfetto lock.trace -o lock.perfetto-trace`,
		Args:    exactly(1, "a trace"),
	}
	cmd.Flags().StringVarP(&output, "output", "o", "-", "the `file` to write to, - for stdout")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return writeResult(cmd.OutOrStdout(), output, args, true, func(w io.Writer) error {
			return writePerfetto(cmd, w, args[0])
		})
	}
	return cmd
}

// writePerfetto writes a trace for Perfetto, and tells what was lost of it.
func writePerfetto(cmd *cobra.Command, w io.Writer, path string) error {
	caveats, err := readTrace(cmd.Context(), cmd.ErrOrStderr(), "export perfetto", path, path, func(in io.Reader) ([]report.Caveat, error) {
		return analyze.Perfetto(in, interruptible{cmd.Context(), w}, analyze.Options{})
	})
	for _, c := range caveats {
		if c.About == "trace.lost_bytes" { // the file itself tells of all
			notice(cmd.ErrOrStderr(), path+": "+c.Text)
		}
	}
	return err
}

// interruptible is a writer that ends when a context does: who writes can be left to
// itself by then.
type interruptible struct {
	ctx context.Context
	w   io.Writer
}

// Write implements io.Writer.
func (i interruptible) Write(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.w.Write(p)
}
