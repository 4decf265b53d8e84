package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"tracekit/analyze"
	"tracekit/analyze/rewrite"
)

// shownWait is the shortest wait that is shown in a trace, unless one asks for another.
const shownWait = 100 * time.Microsecond

func newExportGotrace() *cobra.Command {
	r := rewriting{what: "export gotrace"}
	min := shownWait
	cmd := &cobra.Command{
		Use:   "gotrace FILE -o OUT",
		Short: "the same trace with the waits and the critical path in it, for go tool trace",
		Long: `Gotrace writes the trace again with what tracekit found in it, so that it is seen in
go tool trace at the place where it happened.

Each wait of the program's own goroutines that lasted --min or longer, until the
goroutine ran again, is a region

  wait <kind> <where it waits> <- <where it was released>

with a log "woken by", which names the goroutine that ended it and where. The region
begins with the stack that waits, and ends with that of who ended it, as the log has it.
A wait that does not end has a region that does not. Each lock is a task, of which they
are regions; so is each place of other waits.

The critical path, which set the length of the run, is the task "critical path". Each
stay of it on one goroutine is a region of that name, from when the goroutine ran until
it woke or created the next one on the path, with a log of which one that is, and what
that waited for. A stay is several regions where regions of the program begin or end
across it. --min does not matter to it.

In go tool trace, "User-defined tasks" lists the locks, and the critical path, of which
the "(goroutine view)" is a staircase over the goroutines that it goes through. The page of one lists who woke
whom, and its "(goroutine view)" draws the waits, each with its stacks when one clicks on
it. "User-defined regions" lists the waits by what they were for and who ended them. In
the default view, the logs are thin lines below what ran. tracekit view opens it all.

Nothing that is in the trace is lost. What is at the same tick of the clock as an end
of a wait or a stay moves by 1 ns for each event inserted there, 3 at most for each of
these. Where the result would have twice the size, --min is raised, and only the longest
stays are shown, which is said.`,
		Example: `  tracekit export gotrace lock.trace -o waits.trace
  tracekit export gotrace --min 1ms lock.trace -o long.trace
  go tool trace waits.trace`,
		Args: exactly(1, "one trace"),
	}
	r.flags(cmd)
	cmd.Flags().DurationVar(&min, "min", min, "the shortest `time` of a wait that is shown")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if min < 0 {
			return usage(cmd, fmt.Errorf("--min is %v", min))
		}
		var done *rewrite.Annotated
		err := r.run(cmd, args[0], func(in rewrite.File, w io.Writer) (err error) {
			done, err = analyze.Annotate(in, w, int64(min))
			return err
		})
		if err == nil {
			tellAnnotated(cmd.ErrOrStderr(), done)
		}
		return err
	}
	return cmd
}

// tellAnnotated says what is in the trace now, and what is not.
func tellAnnotated(stderr io.Writer, a *rewrite.Annotated) {
	notice(stderr, fmt.Sprintf("%d waits, in %d tasks; %d bytes instead of %d", a.Waits, a.Tasks, a.Written, a.Read))
	if a.Dropped > 0 {
		notice(stderr, fmt.Sprintf("only waits of %v and more are shown: %d that are shorter would make the trace twice as large; cut it to see them",
			time.Duration(a.MinNS), a.Dropped))
	}
	if a.Unseen > 0 {
		notice(stderr, fmt.Sprintf("not shown: %d waits from before the trace until behind it, of which it has no event", a.Unseen))
	}
	tellStays(stderr, &a.Stays)
	if a.Lost > 0 {
		notice(stderr, fmt.Sprintf("left out: %d bytes at the end, which cannot be read", a.Lost))
	}
}

// tellStays says what of the critical path is in the trace now, and what is not.
func tellStays(stderr io.Writer, s *rewrite.Stays) {
	if s.Marked > 0 {
		notice(stderr, fmt.Sprintf("the critical path is a task of its own, of %d stays on goroutines", s.Marked))
	}
	if s.Dropped > 0 {
		notice(stderr, fmt.Sprintf("only its stays of %v and more are shown: %d that are shorter would make the trace twice as large; cut it to see them",
			time.Duration(s.MinNS), s.Dropped))
	}
	if s.Short > 0 {
		notice(stderr, fmt.Sprintf("%d of its stays are shown in part: regions of the program's own begin and end in them, and to go on behind would make the trace twice as large", s.Short))
	}
	if s.Unseen > 0 {
		notice(stderr, fmt.Sprintf("not shown: %d of its stays, of which the trace has no event", s.Unseen))
	}
}
