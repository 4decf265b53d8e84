package rewrite

import (
	"maps"
	"slices"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
)

// role is what a string of a trace is used as; a string can have several.
type role uint16

const (
	asFunction role = 1 << iota
	asFile
	asTask
	asRegion
	asCategory // of a log
	asMessage  // of a log
	asWord     // of the runtime: why a goroutine or the world stops, or what a worker of the garbage collector is
	asWindow   // in the log by which a trace that was cut says so
)

// said are the strings that programs choose themselves.
const said = asTask | asRegion | asCategory | asMessage

// mention is a string that an event has.
type mention struct {
	arg int // behind the time, from 0 on
	as  role
}

// mentions lists the strings that events have. What were missing here would have no
// role, and be replaced.
var mentions = map[byte][]mention{
	wire.EvGoStop:          {{0, asWord}},
	wire.EvGoBlock:         {{0, asWord}},
	wire.EvSTWBegin:        {{0, asWord}},
	wire.EvGoLabel:         {{0, asWord}},
	wire.EvUserTaskBegin:   {{2, asTask}},
	wire.EvUserRegionBegin: {{1, asRegion}},
	wire.EvUserRegionEnd:   {{1, asRegion}},
	wire.EvUserLog:         {{1, asCategory}, {2, asMessage}},
}

// found is a string of a trace.
type found struct {
	text  string
	roles role
	with  map[*found]bool // of a function: the files that frames have with it; of a file: the functions
}

// census holds the strings of a trace, each content once, in the order in which the
// file has them first: by generation, and by their ids there, as the runtime gives
// them out.
type census struct {
	list   []*found
	byText map[string]*found
}

func (c *census) of(text string) *found {
	f := c.byText[text]
	if f == nil {
		f = &found{text: text}
		c.byText[text] = f
		c.list = append(c.list, f)
	}
	return f
}

// add adds the strings of a generation.
func (c *census) add(g *generation) {
	for _, id := range slices.Sorted(maps.Keys(g.tables.Strings)) {
		c.of(g.tables.Strings[id])
	}
	for _, stack := range g.tables.Stacks {
		for _, f := range stack {
			c.frame(c.of(g.tables.Strings[f.Func]), c.of(g.tables.Strings[f.File]))
		}
	}
	for i := range g.batches {
		if b := &g.batches[i]; b.Kind == wire.EvBatch {
			c.events(g, b)
		}
	}
}

func (c *census) frame(function, file *found) {
	function.roles |= asFunction
	file.roles |= asFile
	function.join(file)
	file.join(function)
}

func (f *found) join(other *found) {
	if f.with == nil {
		f.with = make(map[*found]bool)
	}
	f.with[other] = true
}

// events gives roles to the strings that the events of a batch have.
func (c *census) events(g *generation, b *wire.Batch) {
	for kind, args := range g.raw.Listing(g.part(b)) {
		for _, m := range mentions[kind] {
			c.of(g.tables.Strings[args[m.arg]]).roles |= m.as
		}
		if kind == wire.EvUserLog {
			c.log(g.tables.Strings[args[1]], g.tables.Strings[args[2]])
		}
	}
}

// log looks whether a log is the one with a window.
func (c *census) log(category, message string) {
	if _, ok := decode.ParseWindow(message); ok && category == decode.WindowLog {
		c.of(category).roles |= asWindow
		c.of(message).roles |= asWindow
	}
}

// root finds where the standard library lay.
func (c *census) root() goroot {
	var files []string
	for _, f := range c.list {
		if pkg, _ := cutPackage(f.text); f.roles&asFunction != 0 && pkg == "runtime" {
			for file := range f.with {
				files = append(files, file.text)
			}
		}
	}
	return findRoot(files)
}
