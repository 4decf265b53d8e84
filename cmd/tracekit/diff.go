package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tracekit/analyze/compare"
	"tracekit/analyze/render"
	"tracekit/analyze/report"
)

// comparison is what the flags of diff ask for.
type comparison struct {
	analysis // of the traces on both sides
	failOn   []string
	budget   string
	per      string
	procs    int
	holm     bool
}

// pers are the values of --per.
var pers = []string{report.PerRun, report.PerWall, report.PerOutcome}

func newDiff() *cobra.Command {
	c := comparison{analysis: analysis{what: "diff"}}
	cmd := &cobra.Command{
		Use:   "diff OLD NEW | OLD… -- NEW…",
		Short: "say what changed between two recordings, and what of it is no chance",
		Long: `Diff compares the runs of two recordings: of before a change, and of after it. Each
side is a folder, a trace or a saved report; several of a side stand before and
behind --.

Sites and locks are the same on both sides when they have the same function and
kind, wherever their lines went; one that was renamed is found by the rest of its
stack, and marked. Of each, and of the whole program, the medians are shown, by how
much the new runs lie above the old ones (Hodges and Lehmann) with its interval of
95 %, and the p of the exact Mann-Whitney test, corrected for all comparisons
together: by Benjamini and Hochberg, or with --holm by Holm. Least is a change that
such runs show in about four cases of five. One run a side shows no more than that
two runs differ: record at least 10.

With --fail-on, diff exits with 3 when an expression comes true: when the new runs
lie beyond the bound, and that is no chance, by a one-sided test against the bound,
corrected for all that the expressions are about. In [ ] stands a function, with its
line or without, or * for each.

  lock-wait > +10%                       the time that is lost at locks
  blocked[main.(*Cache).Get] > +5ms      the time that is blocked at a site
  blocked[*] > +20%                      … at any
  parallelism < -5%
  fifo[*] < 0.9                          the new runs themselves: no sign

It can be of wall, parallelism, utilization, demand, lock-wait, blocked, sched,
waits, fifo, order-distance and, of the critical path, path, span and
path-parallelism. A budget file has such expressions, and findings that are known
for some time:

  fail-on:
    - lock-wait > +10%
  known:
    - finding: blocked[main.(*Cache).Get]
      reason: the cache is rebuilt, see issue 12
      until: 2027-01-31`,
		Example: `  tracekit record --runs 10 -q -o before.runs lock
  tracekit record --runs 10 -q -o after.runs lock --unit 20ms
  tracekit diff before.runs after.runs
  tracekit diff --fail-on 'parallelism < -50%' before.runs after.runs
  tracekit diff -f markdown -o diff.md before.runs after.runs`,
		Args: sides,
	}
	flags := cmd.Flags()
	flags.StringVarP(&c.format, "format", "f", "text", "the `format`: "+strings.Join(render.Formats(), ", "))
	flags.StringVarP(&c.output, "output", "o", "-", "the `file` to write to, - for stdout")
	flags.StringArrayVar(&c.failOn, "fail-on", nil, "exit with 3 if this `EXPRESSION` comes true; may be given several times")
	flags.StringVar(&c.budget, "budget", "", "the `file` with expressions and known findings, in YAML")
	flags.StringVar(&c.per, "per", report.PerRun, "have times and counts per `WHAT`: run, wall (a second of it), or outcome (one of what the runs state)")
	flags.IntVar(&c.procs, "procs", 0, "compare the runs with GOMAXPROCS `N`; by default those with the largest that both sides have")
	flags.BoolVar(&c.holm, "holm", false, "correct by Holm's method: no false alarm at all, in 95 % of diffs")
	flags.BoolVar(&c.options.Strict, "strict", false, "fail if any part of a trace cannot be read")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(render.Formats(), cobra.ShellCompDirectiveNoFileComp)))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("per", cobra.FixedCompletions(pers, cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		options, err := c.check(cmd.Context())
		if err != nil {
			return usage(cmd, err)
		}
		at := 1
		if n := cmd.ArgsLenAtDash(); n > 0 {
			at = n
		}
		return c.run(cmd, args[:at], args[at:], options)
	}
	return cmd
}

// sides refuses what are not two sides.
func sides(cmd *cobra.Command, args []string) error {
	switch at := cmd.ArgsLenAtDash(); {
	case at > 0 && at < len(args), at < 0 && len(args) == 2:
		return onceStdin(cmd, args)
	case at < 0 && len(args) > 2:
		return usage(cmd, fmt.Errorf("diff takes the old and the new one, and was given %q; of several, -- stands between the old and the new ones", args))
	}
	return usage(cmd, fmt.Errorf("diff takes the old and the new one, and was given %q", args))
}

// check reads the expressions, and refuses values that make no sense.
func (c *comparison) check(ctx context.Context) (o compare.Options, err error) {
	switch {
	case !slices.Contains(render.Formats(), c.format):
		return o, noFormat(c.format, render.Formats())
	case !slices.Contains(pers, c.per):
		return o, fmt.Errorf("--per is %q; it can be %s", c.per, strings.Join(pers, ", "))
	case c.procs < 0:
		return o, fmt.Errorf("--procs is %d; it is at least 1", c.procs)
	}
	o = compare.Options{Per: c.per, Holm: c.holm, GOMAXPROCS: c.procs, Today: time.Now()}
	for _, text := range c.failOn {
		e, err := compare.ParseExpression(text)
		if err != nil {
			return o, fmt.Errorf("--fail-on %w", err)
		}
		o.Checks = append(o.Checks, e)
	}
	if c.budget == "" {
		return o, nil
	}
	b, err := readBudget(ctx, c.budget)
	if err != nil {
		return o, fmt.Errorf("--budget %s: %w", c.budget, err)
	}
	o.Checks, o.Known = append(o.Checks, b.Checks...), b.Known
	return o, nil
}

// maxBudget is more than the size of any budget, in bytes.
const maxBudget = 1 << 20

func readBudget(ctx context.Context, path string) (*compare.Budget, error) {
	data, err := await(ctx, func() ([]byte, error) { return readLimited(path, maxBudget) })
	if err != nil {
		return nil, openError(err)
	}
	return compare.ParseBudget(data, path)
}

// readLimited reads a file that has no more than so many bytes.
func readLimited(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	return data, err
}

// run compares the two sides, and says so when an expression came true.
func (c *comparison) run(cmd *cobra.Command, old, new []string, o compare.Options) error {
	inputs := slices.Concat(old, new)
	if c.budget != "" {
		inputs = append(inputs, c.budget)
	}
	var d *report.Diff
	err := writeResult(cmd.OutOrStdout(), c.output, inputs, false, func(w io.Writer) error {
		before, err := c.gather(cmd.Context(), cmd.ErrOrStderr(), old, nil)
		if err != nil {
			return err
		}
		after, err := c.gather(cmd.Context(), cmd.ErrOrStderr(), new, nil)
		if err != nil {
			return err
		}
		a, b := before.Facts(), after.Facts()
		d, err = await(cmd.Context(), func() (*report.Diff, error) { return compare.Diff(a, b, o) })
		if err != nil {
			return fmt.Errorf("diff %s %s: %w", joinWords(old), joinWords(new), err)
		}
		return renderDiff(w, c.format, d, a, b)
	})
	if err != nil {
		return err
	}
	return verdict(cmd.ErrOrStderr(), d)
}

// renderDiff writes a diff in a format; the benchmark format has the runs, too.
func renderDiff(w io.Writer, format string, d *report.Diff, old, new *report.Runs) error {
	if format == "bench" {
		return render.Sides(w, d, old, new)
	}
	return render.Diff(format)(w, d)
}

// verdict is an error when an expression came true, and tells of those that could not
// have.
func verdict(stderr io.Writer, d *report.Diff) error {
	var failed []string
	for _, c := range d.Checks {
		switch {
		case c.Failed:
			failed = append(failed, c.Expression)
		case c.Undecided != "":
			notice(stderr, fmt.Sprintf("%s: not decided: %s", c.Expression, c.Undecided))
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return &problem{err: fmt.Errorf("it came true: %s", strings.Join(failed, "; ")), code: exitFound}
}
