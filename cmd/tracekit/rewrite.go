package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/spf13/cobra"

	"tracekit/analyze"
	"tracekit/analyze/rewrite"
)

// rewriting is what commands have in common that write a trace anew.
type rewriting struct {
	what   string // is being done, in errors
	output string
	force  bool
}

func (r *rewriting) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&r.output, "output", "o", "-", "the `file` to write to, - for stdout")
	flags.BoolVar(&r.force, "force", false, "replace a trace that is there already")
}

// run has a trace rewritten. An output that is not a trace is replaced like that of a
// compiler; one that is may be all that is left of a recording.
func (r *rewriting) run(cmd *cobra.Command, path string, write func(in rewrite.File, w io.Writer) error) error {
	if r.force && r.output != "-" && isTrace(r.output) && !same(r.output, path) {
		return writeFile(r.output, true, func(w io.Writer) error { return r.rewrite(cmd, path, w, write) })
	}
	err := writeResult(cmd.OutOrStdout(), r.output, []string{path}, true, func(w io.Writer) error {
		return r.rewrite(cmd, path, w, write)
	})
	if errors.Is(err, errRecorded) {
		return hint(err, "--force replaces it")
	}
	return err
}

func (r *rewriting) rewrite(cmd *cobra.Command, path string, w io.Writer, write func(in rewrite.File, w io.Writer) error) error {
	spool := new(spool)
	defer spool.remove()
	_, err := readTrace(cmd.Context(), cmd.ErrOrStderr(), r.what, path, path, func(in io.Reader) (struct{}, error) {
		f, err := analyze.Seekable(in, spool.create)
		if err == nil {
			err = write(f, w)
		}
		return struct{}{}, err
	})
	return rewriteProblem(err)
}

// rewriteProblem adds a hint to what can be wrong with a trace that is written anew.
func rewriteProblem(err error) error {
	switch {
	case errors.Is(err, rewrite.ErrGap):
		return hint(err, "name a window on one side of it, or repair the trace first: tracekit repair FILE -o OUT")
	case errors.Is(err, rewrite.ErrVersion):
		return hint(err, "record it again with Go 1.22 or later")
	case errors.Is(err, analyze.ErrNoLock):
		return hint(err, "tracekit analyze FILE   (lists the locks)")
	}
	return err
}

// spool is a file for a trace that is compressed, or comes through a pipe. What fills it
// can go on when the command was interrupted.
type spool struct {
	mu   sync.Mutex
	over bool
	file *os.File
}

func (s *spool) create() (*os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return nil, errors.New("interrupted")
	}
	f, err := os.CreateTemp("", "tracekit-*.trace")
	s.file = f
	return f, err
}

func (s *spool) remove() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
	}
}

func newRepair() *cobra.Command {
	r := rewriting{what: "repair"}
	cmd := &cobra.Command{
		Use:   "repair FILE -o OUT",
		Short: "keep what is whole of a damaged trace, for other tools",
		Long: `Repair writes a trace of the complete generations of one that is torn or damaged,
each about a second, and restores a mark that is missing at the end of one. What it
writes, golang.org/x/exp/trace reads to its end, and so does go tool trace. It says
what was lost.

Generations build on one another: where damage lies between, the longest row of whole
ones is kept. (tracekit analyze reports on all of them.)`,
		Example: `  tracekit repair lock.trace -o whole.trace`,
		Args:    exactly(1, "one trace"),
	}
	r.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var done *rewrite.Repaired
		err := r.run(cmd, args[0], func(in rewrite.File, w io.Writer) (err error) {
			done, err = rewrite.Repair(in, w)
			return err
		})
		if err == nil {
			tellRepaired(cmd.ErrOrStderr(), args[0], done)
		}
		return err
	}
	return cmd
}

// tellRepaired says what was kept, and what not.
func tellRepaired(stderr io.Writer, path string, r *rewrite.Repaired) {
	if r.Undamaged() {
		notice(stderr, path+" is whole: this is a copy of it")
		return
	}
	tellLost(stderr, r)
}

// tellLost says what was kept of a damaged trace, and what not.
func tellLost(stderr io.Writer, r *rewrite.Repaired) {
	notice(stderr, fmt.Sprintf("kept: %d generations, %.3f s; left out: %d bytes", r.Generations, float64(r.KeptNS)/1e9, r.LostBytes))
	if r.Marks > 0 {
		notice(stderr, fmt.Sprintf("restored: the mark at the end of a generation, %d times", r.Marks))
	}
	if r.Cause != nil {
		notice(stderr, "damage: "+r.Cause.Error())
	}
	if rest := r.WallNS - r.KeptNS; rest > 0 {
		notice(stderr, fmt.Sprintf("left out, too: %.3f s of whole generations behind or before damage, in %d more rows", float64(rest)/1e9, r.Rows-1))
	}
}
