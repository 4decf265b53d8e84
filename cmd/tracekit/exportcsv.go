package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tracekit/analyze"
	"tracekit/analyze/report"
	"tracekit/analyze/rewrite/table"
)

func newExportCSV() *cobra.Command {
	var of, output string
	cmd := &cobra.Command{
		Use:   "csv FILE|-",
		Short: "a table of all waits, or of all spans",
		Long: `CSV writes a row for each wait of a trace as it ends: when it began, for how long the
goroutine was blocked and then waited for a processor, which goroutine that was, on
what it waited and where, and who ended it, from where. With --table spans, there is a
row for each stretch of time that a goroutine was in one state.

Times are in nanoseconds, start_ns and end_ns since the start of the trace. All
goroutines are in it, the runtime's and the tracer's too; class tells them apart. Waits
of workers for work, which a report lists as idle, are among the others. Open says at
which end the trace cuts a wait: start, end or both.

A lock is numbered as in the report. For that, a file is read twice; - is the
standard input, of which the column stays empty. What must be known of the numbers
goes to stderr.`,
		Example: `  tracekit export csv lock.trace -o waits.csv
  tracekit export csv --table spans lock.trace -o spans.csv`,
		Args: exactly(1, "one trace"),
	}
	flags := cmd.Flags()
	flags.StringVar(&of, "table", string(table.Waits), "the `table` to write: "+strings.Join(table.Tables(), " or "))
	flags.StringVarP(&output, "output", "o", "-", "the `file` to write the table to, - for stdout")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("table", cobra.FixedCompletions(table.Tables(), cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(table.Tables(), of) {
			return usage(cmd, fmt.Errorf("--table is %q; it can be %s", of, strings.Join(table.Tables(), " or ")))
		}
		return writeResult(cmd.OutOrStdout(), output, args, false, func(w io.Writer) error {
			return writeTable(cmd, w, args[0], table.Of(of))
		})
	}
	return cmd
}

func writeTable(cmd *cobra.Command, w io.Writer, path string, of table.Of) error {
	r, err := readTrace(cmd.Context(), cmd.ErrOrStderr(), "export csv", path, path, func(in io.Reader) (*report.Report, error) {
		json, in := isJSON(in)
		if json {
			return nil, hint(errors.New("it is JSON, and no trace: a report does not have each wait"), "name the trace that it is of")
		}
		return analyze.Table(in, path, w, of, analyze.Options{})
	})
	if err != nil {
		return err
	}
	if path != "-" {
		attach(r, path)
	}
	tellCaveats(cmd.ErrOrStderr(), tableCaveats(r.Caveats, of))
	return nil
}

// tableCaveats returns those that qualify the rows of a table: on what was recorded and
// read, and on what a lock is.
func tableCaveats(all []report.Caveat, of table.Of) (list []report.Caveat) {
	for _, c := range all {
		key, _, _ := strings.Cut(c.About, ".")
		if key == "recording" || key == "trace" || of == table.Waits && c.About == "waits.locks" {
			list = append(list, c)
		}
	}
	return list
}
