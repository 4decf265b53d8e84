package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tracekit/analyze"
	"tracekit/analyze/render"
	"tracekit/analyze/report"
)

func newInfo() *cobra.Command {
	var format, output string
	cmd := &cobra.Command{
		Use:   "info FILE|-",
		Short: "say what a trace consists of",
		Long: `Info reads a trace and says what is in the file: the version of its format, its
clock, goroutines and threads, GOMAXPROCS over time, each generation with its
place in the file and its length, and how much of the file each type of event
takes. Of a trace that is damaged, it says where, and how much cannot be read.

FILE may be compressed with gzip or zstd; - is the standard input.`,
		Example: `  tracekit info lock.trace
  tracekit info -f json lock.trace`,
		Args: exactly(1, "the file of a trace"),
	}
	flags := cmd.Flags()
	flags.StringVarP(&format, "format", "f", "text", "the `format`: "+strings.Join(render.InfoFormats(), " or "))
	flags.StringVarP(&output, "output", "o", "-", "the `file` to write to, - for stdout")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(render.InfoFormats(), cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(render.InfoFormats(), format) {
			return usage(cmd, noFormat(format, render.InfoFormats()))
		}
		return writeResult(cmd.OutOrStdout(), output, args, false, func(w io.Writer) error {
			info, err := readTrace(cmd.Context(), cmd.ErrOrStderr(), "info", args[0], args[0], func(in io.Reader) (*report.Info, error) {
				return analyze.Info(in, args[0], analyze.Options{})
			})
			if err != nil {
				return err
			}
			return render.Info(format)(w, info)
		})
	}
	return cmd
}

func noFormat(name string, formats []string) error {
	return fmt.Errorf("there is no format %q; there is %s", name, strings.Join(formats, " and "))
}
