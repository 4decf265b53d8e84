package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tracekit/analyze"
	"tracekit/analyze/rewrite"
)

// windowFlags are the flags that say which part of a trace is meant.
type windowFlags struct {
	from, to time.Duration
}

func (w *windowFlags) add(flags *pflag.FlagSet, verb string) {
	flags.DurationVar(&w.from, "from", 0, verb+" from this `time` on, as 1.2s, since the trace's beginning")
	flags.DurationVar(&w.to, "to", 0, verb+" up to this `time`; 0 is the trace's end")
}

// asked reports whether any part is meant but all of it.
func (w *windowFlags) asked() bool { return w.from != 0 || w.to != 0 }

func (w *windowFlags) check() error {
	switch {
	case w.from < 0 || w.to < 0:
		return errors.New("--from and --to are times since the trace's beginning, which are not negative")
	case w.to != 0 && w.to <= w.from:
		return fmt.Errorf("--to %v is not behind --from %v", w.to, w.from)
	}
	return nil
}

func (w *windowFlags) window() rewrite.Window {
	win := rewrite.Window{From: int64(w.from), To: int64(w.to)}
	if win.To == 0 {
		win.To = math.MaxInt64
	}
	return win
}

func newCut() *cobra.Command {
	r := rewriting{what: "cut"}
	var w windowFlags
	var whole bool
	var around string
	cmd := &cobra.Command{
		Use:   "cut FILE --from TIME --to TIME -o OUT",
		Short: "a valid trace of just a window of another one",
		Long: `Cut writes a trace of a window of another one, for go tool trace and all that reads
traces. It is exact to the event, and keeps what was going on: what every goroutine
and processor was doing when the window begins, the waits in progress with their
stacks and reasons, the names of tasks and regions that had begun. They are said anew
in the moments before the window; a log "tracekit.window" says where it begins and
ends, so that tracekit's report of the cut is that of the window.

--around 'lock=NAME max' keeps the longest wait for a lock, with a margin. NAME is that
of the report, the function in it, or the lock's number there.

With --generations it copies the whole generations that the window touches, each
about a second, which takes no time at all; of what began before them, less is known.`,
		Example: `  tracekit cut lock.trace --from 20ms --to 60ms -o cut.trace
  tracekit analyze cut.trace
  tracekit cut lock.trace --around 'lock=lock.(*counter).add max' -o longest.trace
  tracekit cut lock.trace --to 1s --generations -o first.trace`,
		Args: exactly(1, "one trace"),
	}
	r.flags(cmd)
	w.add(cmd.Flags(), "keep what is")
	cmd.Flags().BoolVar(&whole, "generations", false, "copy whole generations")
	cmd.Flags().StringVar(&around, "around", "", "keep the longest wait of a lock, `as` 'lock=NAME max'")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		lock, err := lockAround(around)
		switch {
		case err != nil:
		case w.asked() == (around != ""):
			err = errors.New("cut takes --from, --to, or both; or --around")
		default:
			err = w.check()
		}
		if err != nil {
			return usage(cmd, err)
		}
		var lost int64
		err = r.run(cmd, args[0], func(in rewrite.File, out io.Writer) (err error) {
			win := w.window()
			if around != "" {
				if win, err = analyze.AroundLongest(in, lock); err != nil {
					return err
				}
			}
			lost, err = cutWindow(in, out, win, whole)
			return err
		})
		if err == nil && lost > 0 {
			notice(cmd.ErrOrStderr(), fmt.Sprintf("%s is damaged: %d bytes at its end cannot be read, and are not in the cut", args[0], lost))
		}
		return err
	}
	return cmd
}

// cutWindow writes a window, and returns the bytes behind it that cannot be read.
func cutWindow(in rewrite.File, out io.Writer, win rewrite.Window, whole bool) (lost int64, err error) {
	cut := rewrite.Cut
	if whole {
		cut = rewrite.CutGenerations
	}
	x, err := cut(in, out, win)
	if err != nil {
		return 0, err
	}
	return x.Lost, nil
}

// lockAround returns the name of the lock in the value of --around.
func lockAround(s string) (string, error) {
	name, ok := strings.CutPrefix(strings.TrimSuffix(s, " max"), "lock=")
	if s != "" && (!ok || name == "") {
		return "", fmt.Errorf("--around is %q; it can be 'lock=NAME max'", s)
	}
	return name, nil
}
