package rewrite

import (
	"slices"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
)

// Generations is a decode.Source that keeps where the generations are that pass through
// it, and where waits stand in them.
type Generations struct {
	*wire.Reader
	rows     [][]wire.Raw       // of those that follow one another
	waits    [][]wire.WaitPlace // by generation
	tasks    map[uint64]bool    // ids from wire.ManyTasks on
	shortest *wire.Shortest     // of the waits; nil: they are not kept
}

// ReadGenerations begins to read a file.
func ReadGenerations(f File) (*Generations, error) {
	r, _, err := open(f, options())
	return &Generations{Reader: r}, err
}

// ReadWaits begins to read a file, and keeps where those waits stand that are to be
// noted.
func ReadWaits(f File, min int64) (*Generations, error) {
	o := options()
	o.Waits = new(wire.Shortest)
	o.Waits.Raise(min)
	r, _, err := open(f, o)
	return &Generations{Reader: r, shortest: o.Waits, tasks: make(map[uint64]bool)}, err
}

// Next implements decode.Source.
func (g *Generations) Next() (*decode.Generation, error) {
	gen, err := g.Reader.Next()
	if err != nil {
		return nil, err
	}
	raw := g.Raw()
	if len(g.rows) == 0 || raw.Gap {
		g.rows = append(g.rows, nil)
	}
	last := len(g.rows) - 1
	g.rows[last] = append(g.rows[last], raw)
	if g.shortest != nil {
		g.waits = append(g.waits, g.longest(g.Waits()))
		for _, id := range g.Tasks() {
			g.tasks[id] = true
		}
	}
	return gen, nil
}

// shortened drops those waits that are too short by now to be noted.
func (g *Generations) shortened() {
	for i, list := range g.waits {
		g.waits[i] = g.longest(list)
	}
}

// longest returns those of the waits that are long enough to be noted, in as much room
// as they need.
func (g *Generations) longest(list []wire.WaitPlace) []wire.WaitPlace {
	n := 0
	for i := range list {
		if g.shortest.Holds(&list[i]) {
			list[n] = list[i]
			n++
		}
	}
	if n == cap(list) {
		return list
	}
	return slices.Clone(list[:n])
}
