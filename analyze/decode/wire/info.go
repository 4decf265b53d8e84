package wire

import (
	"cmp"
	"slices"

	"tracekit/analyze/decode"
)

// Info says what a trace consists of, as far as it is whole.
type Info struct {
	Generations []Generation
	Settings    []Setting // changes of GOMAXPROCS, the first value included
	// Parts has the events by their type, and the tables, each with a name in
	// parentheses. Their bytes add up to those of the generations.
	Parts      []Part // by size, then name
	Goroutines int    // those at the start and those created since; one that is there behind a gap counts again
	Threads    int    // different ones

	threads map[uint64]bool
	parts   map[string]*Part
	empty   []emptyGeneration // since the last one that has events
}

// emptyGeneration is one without events. It counts if another one follows.
type emptyGeneration struct {
	gen *generation
	out *decoded
}

// Generation is where a generation is in the file, and what is in it.
type Generation struct {
	Number     uint64
	Offset     int64 // where it begins
	Bytes      int64
	Batches    int
	Threads    int
	Goroutines int
	Events     int
	Start, End int64 // ns on the trace's clock
	TickNS     int64 // ns that a tick of that has
	Strings    int
	Stacks     int
}

// Setting is a value of GOMAXPROCS.
type Setting struct {
	NS         int64 // since when, on the trace's clock
	GOMAXPROCS int64
}

// Part is one kind of what a trace consists of.
type Part struct {
	Name  string
	Count int64
	Bytes int64
}

// tally counts events by type.
type tally [256]Part

// Info returns what the trace consists of, where Options.Tally asked for it. It is
// known when Next has returned io.EOF.
func (r *Reader) Info() *Info {
	i := &r.info
	i.Threads = len(i.threads)
	for _, p := range i.parts {
		i.Parts = append(i.Parts, *p)
	}
	slices.SortFunc(i.Parts, func(a, b Part) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name))
	})
	return i
}

// add adds a generation.
func (i *Info) add(g *generation, out *decoded, gen *decode.Generation) {
	empty := i.empty
	i.empty = nil
	for _, e := range empty {
		i.add(e.gen, e.out, &decode.Generation{Start: gen.Start, End: gen.Start, Restated: true})
	}
	i.Generations = append(i.Generations, Generation{
		Number: g.number, Offset: g.begin, Bytes: g.end - g.begin, Batches: g.frames,
		Threads: known(g.threads), Goroutines: len(gen.Goroutines), Events: gen.Read,
		Start: gen.Start, End: gen.End, TickNS: out.tables.clock.ns,
		Strings: len(out.tables.strings) - 1, Stacks: len(out.tables.stacks) - 1,
	})
	if i.threads == nil {
		i.threads = make(map[uint64]bool)
		i.parts = make(map[string]*Part)
	}
	for _, id := range g.threads {
		if id != noThread {
			i.threads[id] = true
		}
	}
	for _, s := range out.states {
		if s.found == 0 || !gen.Restated {
			i.Goroutines++
		}
	}
	for _, s := range out.settings {
		if n := len(i.Settings); n == 0 || i.Settings[n-1].GOMAXPROCS != s.GOMAXPROCS {
			i.Settings = append(i.Settings, s)
		}
	}
	i.addParts(g, out)
}

// known counts the threads that have an id.
func known(threads []uint64) int {
	n := len(threads)
	if slices.Contains(threads, noThread) {
		n--
	}
	return n
}

func (i *Info) addParts(g *generation, out *decoded) {
	for kind, p := range out.tally {
		if p.Count > 0 {
			i.part(specs[kind].name, p.Count, p.Bytes)
		}
	}
	for _, b := range g.tables {
		i.part(tableNames[b.kind], 1, int64(b.size))
	}
	i.part("(batch headers)", int64(g.frames), g.headers)
	if g.experiment > 0 {
		i.part("(experiments)", 1, g.experiment)
	}
}

var tableNames = map[byte]string{
	EvStrings: "(strings)", EvStacks: "(stacks)", EvCPUSamples: "(CPU samples)", EvFrequency: "(clock)", EvSync: "(clock)",
}

func (i *Info) part(name string, count, bytes int64) {
	p := i.parts[name]
	if p == nil {
		p = &Part{Name: name}
		i.parts[name] = p
	}
	p.Count += count
	p.Bytes += bytes
}
