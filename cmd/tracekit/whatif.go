package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tracekit/analyze"
	"tracekit/analyze/render"
	"tracekit/analyze/report"
)

// whatIf is what the flags of whatif ask for.
type whatIf struct {
	analysis
	scenario scenarioFlags
}

func newWhatIf() *cobra.Command {
	x := whatIf{analysis: analysis{what: "whatif"}}
	cmd := &cobra.Command{
		Use:   "whatif FILE|FOLDER|-",
		Short: "predict how long a run would take with a change, before you make it",
		Long: `Whatif says how long the run would take without each of its locks, and without the
waits to send to channels at each place, as far as that is worth a prediction.

With flags, it predicts the run of one scenario, in which all that they say holds
together. The run takes place again, on virtual clocks: each goroutine does what it
did, once what it waited for has happened and there is a processor.

  --drop PLACE        nobody waits there: as with a lock for each, or room in a channel
  --hold PLACE=0.5x   the lock is held for half the time; 2x is for twice
  --speed FUNC=0.8x   the function, with all that it calls, takes 0.8 of its time
  --procs N           GOMAXPROCS is N
  --gc 0              the garbage collector takes no time
  --latency 0         who can run does so at once, where a processor is free

--drop, --hold and --speed can be given several times. A PLACE is a function, as
'main.(*Cache).Get', or one with its line, as 'main.(*Cache).Get:41', where somebody
waits; a lock has the places where it is waited for and released. The number that a
lock has in a report is no name.

Replayed unchanged, the run should take as long as it did. What it is off by is the
error, and no smaller claim is made; 15 % of the change is added to the bounds, which is
what predictions were off by, at most, when programs were edited. A prediction supposes
that goroutines do the same work and wait for nothing that they did not wait for. The
wait for others to end, as of a sync.WaitGroup, cannot be dropped. When a function
computes is read off the places at which its goroutine waits, and wakes others.

FILE is one trace, or a FOLDER with the recording of one; it may be compressed with
gzip or zstd, and - is the standard input. Without a scenario, it may be a report that
was saved with -f json. Of a trace that is damaged, what is whole is replayed; --strict
makes that an error.`,
		Example: `  tracekit whatif lock.trace
  tracekit whatif --drop 'lock.(*counter).add' lock.trace
  tracekit whatif --hold 'lock.(*counter).add=0.5x' --procs 4 lock.trace
  tracekit whatif --gc 0 --latency 0 -f json -o whatif.json lock.trace`,
		Args: exactly(1, "one trace, or its report"),
	}
	flags := cmd.Flags()
	x.scenario.add(flags)
	flags.StringVarP(&x.format, "format", "f", "text", "the `format`: "+strings.Join(render.WhatIfFormats(), " or "))
	flags.StringVarP(&x.output, "output", "o", "-", "the `file` to write to, - for stdout")
	x.options.add(flags)
	x.window.add(flags, "replay what is")
	flags.BoolVar(&x.options.Strict, "strict", false, "fail if any part of the trace cannot be read")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(render.WhatIfFormats(), cobra.ShellCompDirectiveNoFileComp)))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(render.WhatIfFormats(), x.format) {
			return usage(cmd, noFormat(x.format, render.WhatIfFormats()))
		}
		if err := errors.Join(x.options.check(), x.checkWindow(), x.scenario.check(flags)); err != nil {
			return usage(cmd, err)
		}
		return x.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0])
	}
	return cmd
}

// run predicts what the user asked for.
func (x *whatIf) run(ctx context.Context, stdout, stderr io.Writer, path string) error {
	return writeResult(stdout, x.output, []string{path}, false, func(w io.Writer) error {
		trace, err := x.oneTrace(path)
		if err != nil {
			return err
		}
		v, err := x.predict(ctx, stderr, trace)
		if err == nil && v.Check() != nil {
			err = fmt.Errorf("%w: %w", analyze.ErrInconsistent, v.Check())
		}
		if err != nil {
			return err
		}
		return render.WhatIf(x.format)(w, v)
	})
}

// predict returns the run of the scenario; where none was asked for, that without each
// lock and place.
func (x *whatIf) predict(ctx context.Context, stderr io.Writer, path string) (*report.WhatIf, error) {
	if x.scenario.asked {
		return x.replay(ctx, stderr, path)
	}
	m, err := x.read(ctx, stderr, path)
	switch {
	case err != nil:
		return nil, err
	case m.report == nil:
		return nil, hint(fmt.Errorf("whatif %s: it is a report of several traces", path), "name one of the traces")
	}
	v, err := analyze.WithoutEach(m.report)
	if err != nil {
		err = hint(fmt.Errorf("whatif %s: %w", path, err), "name the trace that it is of, or make the report anew: tracekit analyze -f json TRACE")
	}
	return v, err
}

// replay has the run take place again in the scenario.
func (x *whatIf) replay(ctx context.Context, stderr io.Writer, path string) (*report.WhatIf, error) {
	v, err := readTrace(ctx, stderr, x.doing(), path, path, func(in io.Reader) (*report.WhatIf, error) {
		json, in := isJSON(in)
		if json {
			return nil, errSavedScenario
		}
		return analyze.WhatIf(in, path, x.options.Options, x.scenario.scenario())
	})
	var place *analyze.PlaceError
	switch {
	case errors.As(err, &place):
		return nil, hint(err, "%s", placesHint(place))
	case err != nil:
		return nil, err
	case path != "-":
		r := &report.Report{Trace: v.Trace, Caveats: v.Caveats}
		attach(r, path)
		v.Trace, v.Caveats = r.Trace, r.Caveats
	}
	return v, nil
}

// errSavedScenario is the error for a saved report, in which what is needed for a replay
// is not.
var errSavedScenario = hint(errors.New("it is JSON, and no trace: a scenario needs the trace itself"),
	"name the trace; a saved report says, without flags, what the run takes without each of its locks")

// placesHint lists places that can be named instead.
func placesHint(e *analyze.PlaceError) string {
	what := map[string]string{"drop": "waited at longest", "hold": "waited for longest", "speed": "began the goroutines that ran longest"}
	switch {
	case len(e.Known) == 0 && e.Use == "hold":
		return "no goroutine waited for a lock; --drop is for other waits, too"
	case len(e.Known) == 0:
		return "the trace has no place that could be named"
	}
	return what[e.Use] + ": " + joinWords(e.Known)
}
