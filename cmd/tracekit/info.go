package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
		Use:   "info FILE|FOLDER|-…",
		Short: "say what a trace consists of",
		Long: `Info reads a trace and says what is in the file: the version of its format, its
clock, goroutines and threads, GOMAXPROCS over time, each generation with its
place in the file and its length, and how much of the file each type of event
takes. Of a trace that is damaged, it says where, and how much cannot be read. Of
several, and of those in a FOLDER, it says so one after the other, in JSON too.

FILE may be compressed with gzip or zstd; - is the standard input.`,
		Example: `  tracekit info lock.trace
  tracekit info -f json lock.trace`,
		Args: some("traces, or folders of them"),
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
			return writeInfo(cmd, w, args, format)
		})
	}
	return cmd
}

// writeInfo goes on where a trace cannot be read; the error is that of the first.
func writeInfo(cmd *cobra.Command, w io.Writer, args []string, format string) (first error) {
	paths, err := tracesIn(args)
	if err != nil {
		return err
	}
	for i, path := range paths {
		info, err := infoOf(cmd, path)
		switch {
		case cmd.Context().Err() != nil:
			return err
		case err != nil && first == nil:
			first = err
			continue
		case err != nil:
			notice(cmd.ErrOrStderr(), err.Error())
			continue
		}
		if i > 0 && format == "text" {
			fmt.Fprintln(w)
		}
		if err := render.Info(format)(w, info); err != nil {
			return err
		}
	}
	return first
}

func infoOf(cmd *cobra.Command, path string) (*report.Info, error) {
	return readTrace(cmd.Context(), cmd.ErrOrStderr(), "info", path, path, func(in io.Reader) (*report.Info, error) {
		json, in := isJSON(in)
		if json {
			return nil, errors.New("it is JSON, and no trace")
		}
		return analyze.Info(in, path, analyze.Options{})
	})
}

// tracesIn returns the files that are named, and the traces in the folders that are.
func tracesIn(args []string) (paths []string, err error) {
	for _, arg := range args {
		if info, err := os.Stat(arg); err != nil || !info.IsDir() {
			paths = append(paths, arg)
			continue
		}
		before := len(paths)
		err := filepath.WalkDir(arg, func(path string, e fs.DirEntry, err error) error {
			switch hidden := strings.HasPrefix(e.Name(), ".") && path != arg; {
			case hidden && e.IsDir():
				return fs.SkipDir
			case err == nil && !hidden && isTrace(path):
				paths = append(paths, path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("info %s: %w", arg, openError(err))
		}
		if len(paths) == before {
			return nil, fmt.Errorf("info %s: there is no trace in it", arg)
		}
	}
	return paths, nil
}

func noFormat(name string, formats []string) error {
	return fmt.Errorf("there is no format %q; there is %s", name, strings.Join(formats, " and "))
}
