package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tracekit/analyze"
)

// How tracekit speaks of what went wrong: one line, "tracekit: ", what was being
// done to which file, what was wrong, in lower case and with no full stop; then,
// where there is something to type, a line "hint: " with it.

// The exit codes, as the manual lists them.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitFound  = 3
)

// problem is an error with what the user can do about it.
type problem struct {
	err  error
	hint string
	code int
}

func (p *problem) Error() string { return p.err.Error() }
func (p *problem) Unwrap() error { return p.err }

// hint adds a hint to an error.
func hint(err error, format string, args ...any) error {
	return &problem{err, fmt.Sprintf(format, args...), exitFailed}
}

// usage marks an error as wrong usage of a command.
func usage(cmd *cobra.Command, err error) error {
	var p *problem
	if errors.As(err, &p) {
		return err
	}
	return &problem{err, cmd.CommandPath() + " --help", exitUsage}
}

// fail tells an error and returns the exit code for it.
func fail(stderr io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	var p *problem
	if !errors.As(err, &p) {
		p = &problem{err: err, code: exitFailed}
	}
	fmt.Fprintf(stderr, "tracekit: %s\n", oneLine(err.Error()))
	if p.hint != "" {
		fmt.Fprintf(stderr, "hint: %s\n", oneLine(p.hint))
	}
	return p.code
}

// oneLine joins the lines of an error, and replaces what would steer a terminal:
// names of files are anybody's.
func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' }), "; ")
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

// traceProblem adds a hint to what can be wrong with a trace.
func traceProblem(err error) error {
	switch {
	case errors.Is(err, analyze.ErrEmpty):
		return hint(err, "a program writes its trace when it calls trace.Stop, or is recorded with tracekit record")
	case errors.Is(err, analyze.ErrNotTrace):
		return hint(err, "tracekit record lock   (makes one)")
	case errors.Is(err, analyze.ErrVersion):
		return hint(err, "this tracekit reads traces of Go 1.11 to 1.26; a newer one may read more")
	case errors.Is(err, analyze.ErrWindow):
		return hint(err, "tracekit info FILE   (says what it covers)")
	case errors.Is(err, analyze.ErrLoss):
		return hint(err, "without --strict, what is whole is reported")
	case errors.Is(err, analyze.ErrDamaged):
		return hint(err, "record again; a program that is killed within a second leaves nothing to read, and traces of Go 1.21 and before are read whole or not at all")
	}
	return err
}

// noSubcommand refuses arguments of a command that is only a family of others,
// with the names that come near.
func noSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("unknown command %q for %s", args[0], cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return &problem{err, "did you mean " + cmd.CommandPath() + " " + strings.Join(near, ", ") + "?", exitUsage}
	}
	return usage(cmd, err)
}

// needSubcommand is run when a family of commands is called by itself.
func needSubcommand(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// exactly refuses any number of arguments but n.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		if len(args) == 0 {
			return usage(cmd, fmt.Errorf("%s takes %s, and was given none", cmd.Name(), what))
		}
		return usage(cmd, fmt.Errorf("%s takes %s, and was given %q", cmd.Name(), what, args))
	}
}

// some refuses no argument at all, and the standard input twice.
func some(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage(cmd, fmt.Errorf("%s takes %s, and was given none", cmd.Name(), what))
		}
		return onceStdin(cmd, args)
	}
}

// onceStdin refuses to read the standard input twice.
func onceStdin(cmd *cobra.Command, args []string) error {
	n := 0
	for _, arg := range args {
		if arg == "-" {
			n++
		}
	}
	if n > 1 {
		return usage(cmd, errors.New("- is the standard input, which can be read once"))
	}
	return nil
}
