package rewrite

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"tracekit/analyze/decode/wire"
)

// Plan says what is to become of the names in a trace. [PlanAnonymity] makes it, and
// Write carries it out.
type Plan struct {
	Whole   *Repaired // what there is to write
	Names   []Name    // strings that are replaced, in the order in which the file has them first
	Root    string    // the directory that $GOROOT stands for; empty where none is in the trace
	Remains Remains

	f     File
	row   []wire.Raw
	names map[string]string // what is written for each string of the trace
}

// Name is a string of a trace, and what stands for it. No two strings have one
// pseudonym, and none is a string of the trace itself.
type Name struct {
	Role      string `json:"role"` // function, file, task, region, category, message; or unused
	Original  string `json:"original"`
	Pseudonym string `json:"pseudonym"`
}

// Remains says what is left of the strings in a trace, and what is left out.
type Remains struct {
	StdFunctions int      // of the standard library
	StdFiles     int      // of it
	Words        int      // of the runtime: reasons, and labels of its workers
	Window       bool     // the log by which a trace that was cut says so
	Kept         []string // functions and files of packages that were to be kept, as they are written
	Common       []string // what every program can have, as main.main
	Shared       []string // words of the runtime that are the program's, too
	// Masked are names of the standard library, or of what was to be kept, which are
	// replaced nevertheless: the program has them for a task, a region or a log.
	Masked []string
	// Experimental is how many batches of experiments are left out. They can hold the
	// names of types.
	Experimental int
}

// PlanAnonymity reads a trace and finds what its strings are used for. keep says of
// the path of a package whether its names are to stay; nil: of none.
//
// What of a damaged trace is not whole is left out, as Repair does it. Memory grows
// with the number of different strings. The error wraps ErrVersion, or
// decode.ErrDamaged where nothing is whole.
func PlanAnonymity(f File, keep func(pkg string) bool) (*Plan, error) {
	row, whole, err := survey(f)
	if err != nil {
		return nil, err
	}
	p := &Plan{Whole: whole, f: f, row: row}
	c := &census{byText: make(map[string]*found)}
	for i := range row {
		g, err := load(f, &row[i])
		if err != nil {
			return nil, err
		}
		c.add(g)
		for _, b := range g.batches {
			if b.Kind == wire.EvExperimentalBatch {
				p.Remains.Experimental++
			}
		}
	}
	decide(p, c, keep)
	return p, nil
}

// Write writes the trace. All but its strings is copied.
func (p *Plan) Write(w io.Writer) error {
	if _, err := w.Write(wire.AppendHeader(nil, p.row[0].Version())); err != nil {
		return err
	}
	for i := range p.row {
		if i > 0 {
			if err := p.between(w, &p.row[i-1], &p.row[i]); err != nil {
				return err
			}
		}
		g, err := load(p.f, &p.row[i])
		if err != nil {
			return err
		}
		if err := p.generation(w, g); err != nil {
			return err
		}
	}
	return nil
}

// generation writes a generation.
func (p *Plan) generation(w io.Writer, g *generation) error {
	written := false
	for i := range g.batches {
		b := &g.batches[i]
		var err error
		switch {
		case b.Kind == wire.EvExperimentalBatch:
		case b.Kind != wire.EvStrings:
			_, err = w.Write(g.data[b.Offset:b.End])
		case !written:
			written = true
			err = p.strings(w, g, b.Time)
		}
		if err != nil {
			return err
		}
	}
	_, err := w.Write(g.mark())
	return err
}

// strings writes the strings of a generation.
func (p *Plan) strings(w io.Writer, g *generation, ticks uint64) error {
	table := wire.Table{Generation: g.raw.Number, Ticks: ticks, Kind: wire.EvStrings}
	for _, id := range slices.Sorted(maps.Keys(g.tables.Strings)) {
		s, ok := p.names[g.tables.Strings[id]]
		if !ok {
			return errChanged
		}
		table.Add(wire.AppendString(nil, id, s))
	}
	_, err := table.WriteTo(w)
	return err
}

// errChanged is the error for a file that is not what it was when it was read first.
var errChanged = errors.New("it has changed while it was read")

// between writes what is between two generations: others without events, of which only
// the clock is needed.
func (p *Plan) between(w io.Writer, a, b *wire.Raw) error {
	data := make([]byte, b.Begin-a.End)
	if n, err := p.f.ReadAt(data, a.End); n < len(data) {
		return fmt.Errorf("the generation at offset %d cannot be read again: %w", a.End, err)
	}
	batches, err := b.Batches(data)
	if err != nil {
		return err
	}
	var out []byte
	for i, batch := range batches {
		if batch.Kind == wire.EvSync || batch.Kind == wire.EvFrequency {
			out = append(out, data[batch.Offset:batch.End]...)
		}
		if last := i == len(batches)-1; b.Version() >= 26 && (last || batches[i+1].Generation != batch.Generation) {
			out = append(out, wire.EvEndOfGeneration)
		}
	}
	_, err = w.Write(out)
	return err
}
