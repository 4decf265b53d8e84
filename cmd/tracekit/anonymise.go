package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"tracekit/analyze/rewrite"
	"tracekit/record"
)

// anonymising is what the flags of anonymise ask for.
type anonymising struct {
	rewriting
	keep    []string
	mapping string
}

func newAnonymise() *cobra.Command {
	a := anonymising{rewriting: rewriting{what: "anonymise"}}
	cmd := &cobra.Command{
		Use:     "anonymise FILE -o OUT",
		Aliases: []string{"anonymize"},
		Short:   "replace the names in a trace, to show it to others",
		Long: `Anonymise writes a trace with pseudonyms for what it says of a program: paths of
files, packages and functions outside the standard library, tasks, regions and logs.
Everything else is copied, but for what experiments of the runtime have written. Before
it writes anything, it lists what remains.

Names keep their structure, so that reports can be read: example.com/x.(*Pool).Get.func1
is p1.(*T1).F1.func1, and /home/me/x/pool.go is d1/f1.go. Numbers are given in the order
in which names come; the same file gives the same ones. The main package is main still,
with main.main in it. The directory of the toolchain is $GOROOT.

--keep has the names of packages stay, as --only of record takes them. Their files are
named as with -trimpath: by the package, and their own name. Kinds and sites of waits
that tracekit tells by packages outside the standard library are others without them:
those of golang.org/x/sync and of tracekit/demos/threading. tracekit/record/hook always
stays. Two traces have numbers of their own: what diff says of them matches by chance.

A stranger still learns all numbers: times and how long what took, lines, how many
goroutines, files and functions there are, addresses in the program, the version of Go;
and from Go 1.25 on when the trace was made. Which functions of the standard library
were called tells what a program does.

Of a damaged trace, what is whole is written, as by repair.`,
		Example: `  tracekit anonymise lock.trace -o public.trace
  tracekit anonymise lock.trace -o public.trace --force --mapping names.json
  tracekit anonymise --keep tracekit/demos/... lock.trace -o public.trace --force`,
		Args: exactly(1, "one trace"),
	}
	a.flags(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&a.keep, "keep", nil, "keep the names of packages that match the `pattern`, as example.com/x/...")
	flags.StringVar(&a.mapping, "mapping", "", "write to a `file`, as JSON, what stands for which name: whoever has it can undo this")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if a.mapping != "" && sameName(a.mapping, a.output) {
			return usage(cmd, errors.New("--mapping and -o are to be different files"))
		}
		return a.write(cmd, args[0])
	}
	return cmd
}

// sameName reports whether two names are of one file, which may not be there yet.
func sameName(a, b string) bool {
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	return errX == nil && errY == nil && x == y || same(a, b)
}

// write writes the trace, and the names where that is asked for.
func (a *anonymising) write(cmd *cobra.Command, path string) error {
	if a.mapping == "" {
		_, err := a.trace(cmd, path)
		return err
	}
	return writeResult(cmd.OutOrStdout(), a.mapping, []string{path}, false, func(w io.Writer) error {
		plan, err := a.trace(cmd, path)
		if err != nil {
			return err
		}
		return writeNames(w, plan)
	})
}

// trace writes the trace, once it has said what remains.
func (a *anonymising) trace(cmd *cobra.Command, path string) (*rewrite.Plan, error) {
	var plan *rewrite.Plan
	err := a.run(cmd, path, func(in rewrite.File, w io.Writer) error {
		matched := make(map[string]bool)
		p, err := rewrite.PlanAnonymity(in, keeps(a.keep, matched))
		if err != nil {
			return err
		}
		tellRemains(cmd.ErrOrStderr(), path, p)
		for _, pattern := range a.keep {
			if !matched[pattern] {
				notice(cmd.ErrOrStderr(), fmt.Sprintf("no function in the trace is of a package that matches --keep %s", pattern))
			}
		}
		plan = p
		return p.Write(w)
	})
	if err != nil {
		return nil, err // it may still be at work, where it was interrupted
	}
	return plan, nil
}

// keeps reports whether the names of a package are to stay, and notes the patterns that
// say so.
func keeps(patterns []string, matched map[string]bool) func(pkg string) bool {
	return func(pkg string) (keep bool) {
		for _, p := range patterns {
			if record.Matches([]string{p}, pkg) {
				matched[p], keep = true, true
			}
		}
		return keep
	}
}

// tellRemains lists what of the strings of a trace is in the result.
func tellRemains(stderr io.Writer, path string, p *rewrite.Plan) {
	r := &p.Remains
	line := func(format string, args ...any) { fmt.Fprintln(stderr, "  "+oneLine(fmt.Sprintf(format, args...))) }
	notice(stderr, fmt.Sprintf("%d names in %s are replaced; these remain:", len(p.Names), path))
	line("%d functions and %d files of the standard library", r.StdFunctions, r.StdFiles)
	line("%d words of the runtime: why goroutines or the world stop, and labels of its workers", r.Words)
	if r.Window {
		line("the log of tracekit that says to which window the trace was cut")
	}
	for _, l := range []struct {
		names []string
		are   string
	}{
		{r.Kept, "kept"},
		{r.Common, "as in any program"},
		{r.Shared, "a word of the runtime, which the program has, too"},
	} {
		for _, name := range l.names {
			line("%s: %s", l.are, name)
		}
	}
	for _, name := range r.Masked {
		fmt.Fprintf(stderr, "replaced, though it could remain, as a task, region or log of the program is called so: %s\n", oneLine(name))
	}
	if r.Experimental > 0 {
		fmt.Fprintf(stderr, "left out: %d batches of experiments, which can hold the names of types\n", r.Experimental)
	}
	if !p.Whole.Undamaged() {
		tellLost(stderr, p.Whole)
	}
}

// writeNames writes what stands for which name. In JSON, bytes that are no UTF-8 cannot
// be told from one another.
func writeNames(w io.Writer, p *rewrite.Plan) error {
	names := struct {
		Schema string         `json:"schema"`
		Goroot string         `json:"goroot"` // that $GOROOT stands for; empty where the trace has none
		Names  []rewrite.Name `json:"names"`
	}{"tracekit.names/1", p.Root, append([]rewrite.Name{}, p.Names...)}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(names)
}
