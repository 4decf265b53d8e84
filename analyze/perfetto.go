package analyze

import (
	"fmt"
	"io"

	"tracekit/analyze/critpath"
	"tracekit/analyze/decode"
	"tracekit/analyze/report"
	"tracekit/analyze/rewrite/perfetto"
	"tracekit/analyze/timeline"
)

// Perfetto reads a trace to its end, and writes it to w in the format of Perfetto, as
// package perfetto says. Of a trace that is damaged behind its first generation, what
// is whole is written; the caveats, which are in the file, too, tell what was lost,
// and what is left out. Memory grows with the length of the critical path, beside what
// that package says. The error is for inputs of which nothing can be said, and for
// what goes wrong in writing; what was written up to there is of no use then.
func Perfetto(r io.Reader, w io.Writer, o Options) ([]report.Caveat, error) {
	in, err := openAny(r, o)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	x := perfetto.New(in.Symbols(), w)
	c := critpath.New(in.Symbols())
	c.KeepSteps()
	extent, err := timeline.Run(whileWritten{in, x}, x, c)
	if err != nil {
		if x.Err() != nil {
			return nil, x.Err()
		}
		return nil, in.packed.explain(err)
	}
	damage, err := in.damage("export", extent.Wall())
	if err != nil {
		return nil, err
	}
	list := concat(damage, silent(in.Silence()), unnamedCaveats(extent.Unnamed), holdCaveats(x.Holds()))
	var notes []perfetto.Note
	for _, c := range list {
		notes = append(notes, perfetto.Note{Name: c.Code, Text: c.Text})
	}
	x.Path(pathSlices(c.Steps()))
	return list, x.Finish(extent, notes)
}

// whileWritten is a source that ends when what is made of it cannot be written.
type whileWritten struct {
	decode.Source
	x *perfetto.Exporter
}

// Next implements decode.Source.
func (s whileWritten) Next() (*decode.Generation, error) {
	if err := s.x.Err(); err != nil {
		return nil, err
	}
	return s.Source.Next()
}

// holdCaveats tells how many holds of locks were inferred, and how many could not be.
func holdCaveats(h perfetto.Holds) []report.Caveat {
	if h == (perfetto.Holds{}) {
		return nil
	}
	text := fmt.Sprintf("who held a lock is inferred: %s shown, and of %d that began with a hand-over the end is not in the trace, so that they are left out; what was held without a wait does not show at all",
		plural(int64(h.Shown), "hold is", "holds are"), h.Unseen)
	if h.Crowded > 0 {
		text += fmt.Sprintf("; %d more are left out where too many held one lock at once", h.Crowded)
	}
	return []report.Caveat{{Code: "inferred-holds", About: "locks", Text: text, Remedy: ""}}
}
