package rewrite

import (
	"cmp"
	"fmt"
	"slices"

	"tracekit/analyze/decode/wire"
	"tracekit/analyze/timeline"
)

// Stay is a time that the critical path stays on one goroutine.
type Stay struct {
	G        timeline.GoID
	Group    string           // the name of its group; "" where no stack shows it
	From, To int64            // ns on the trace's clock: from a hand-over or birth until the next one
	By       string           // how the path comes to it: what for it waited, or that it was created; "" for the first
	Site     timeline.FrameID // where it waited, or was created; NoSite where the trace does not say
}

// critical is the critical path as a trace is annotated with it: one task, of which each
// stay is a region, and which begins when anybody runs first. Regions must nest with
// those that the goroutine has itself: where they would not, a stay is several, one up to
// the beginning or end of such a region and one from there on.
type critical struct {
	symbols *timeline.Symbols
	stays   []Stay
	kept    []bool // those for which there is room
	room    int64  // bytes for stays that become several
	count   Stays
	marks   [][]mark // by generation
	last    *mark    // the end of a region that was put last
	staying
}

// Stays counts the stays of the critical path.
type Stays struct {
	Marked  int   // they have a region, or several
	MinNS   int64 // what is shorter is not marked, but for the first and last one; 0: all are
	Dropped int   // there was no room for them
	Short   int   // of those Marked, there was none for all of them
	Unseen  int   // their goroutine has no event in them
}

// staying is the stay that moments are of.
type staying struct {
	stay    int // its number; -1: none
	begun   bool
	over    bool
	begin   moment   // of the region that is open
	inner   []moment // where those of the program began that are open in it
	recent  moment   // the latest at which it ran
	regions int
}

// mark is what is to be inserted at a place.
type mark struct {
	wire.EventPlace
	kind  markKind
	front bool   // it goes in front of the event, and not behind it
	text  string // of a log
	stack uint64
	last  bool // the task ends with it
}

type markKind uint8

const (
	beginsTask markKind = iota
	beginsRegion
	endsRegion
)

// moment is an event of a goroutine that the path stays on.
type moment struct {
	wire.EventPlace
	stay       int
	generation int
	kind       momentKind
	runs       bool   // the goroutine does behind it
	stack      uint64 // id
}

type momentKind uint8

const (
	runs        momentKind = iota // it runs there
	regionBegin                   // one of the program's
	regionEnd
	stayEnd   // it hands the path over, or that ends
	pathBegin // it, or another one, is the first that runs
)

const (
	pathName = "critical path"
	// stayBytes is more than the events of a stay take, and splitBytes than those do
	// that are needed where it becomes two.
	stayBytes  = 64
	splitBytes = 40
	// pathShare is the part of the room for all annotations that the path has for itself:
	// one of so many.
	pathShare = 4
)

// newCritical returns the path, of which so many bytes are to be inserted at most.
func newCritical(symbols *timeline.Symbols, stays []Stay, generations int, room int64) *critical {
	c := &critical{
		symbols: symbols, stays: stays, kept: make([]bool, len(stays)), room: room / pathShare,
		marks: make([][]mark, generations), staying: staying{stay: -1},
	}
	c.choose(room - room/pathShare)
	return c
}

// choose keeps the longest stays, and the first and last one, which the task begins and
// ends with.
func (c *critical) choose(room int64) {
	byLength := make([]int, len(c.stays))
	for i := range byLength {
		byLength[i] = i
	}
	end := func(i int) bool { return i == 0 || i == len(c.stays)-1 }
	slices.SortFunc(byLength, func(i, j int) int {
		if end(i) != end(j) {
			if end(i) {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(c.stays[j].length(), c.stays[i].length()), cmp.Compare(i, j))
	})
	texts := make(map[textKey]bool)
	for n, i := range byLength {
		size := int64(stayBytes)
		if key := (textKey{c.goesOn(i), c.stays[i].To / 1e9}); !texts[key] {
			texts[key] = true
			size += textBytes + int64(len(key.text))
		}
		if room -= size; room < 0 && !end(i) {
			c.count.Dropped, c.count.MinNS = len(byLength)-n, c.stays[i].length()
			return
		}
		c.kept[i] = true
	}
}

func (s *Stay) length() int64 { return s.To - s.From }

// goesOn returns the message of the log at the end of a stay.
func (c *critical) goesOn(i int) string {
	if i == len(c.stays)-1 {
		return pathName + ": ends"
	}
	next := &c.stays[i+1]
	text := fmt.Sprintf("%s: goes on in goroutine %d", pathName, next.G)
	if next.Group != "" {
		text += " " + shortFunc(next.Group)
	}
	if text += ", " + next.By; next.Site != timeline.NoSite {
		f := c.symbols.Frame(next.Site)
		text += fmt.Sprintf(" %s:%d", shortFunc(f.Func), f.Line)
	}
	return cutText(text)
}

// find finds where regions are to begin and end.
func (c *critical) find(row []wire.Raw) error {
	if len(c.stays) == 0 {
		return nil
	}
	generation := 0
	err := inOrder(len(row), func(i int) func() ([]moment, error) {
		return func() ([]moment, error) { return c.moments(&row[i], i == 0) }
	}, func(list []moment) error {
		for i := range list {
			list[i].generation = generation
			c.take(&list[i])
		}
		generation++
		return nil
	})
	c.leave()
	if c.last == nil {
		clear(c.marks) // a task without a region
	} else {
		c.last.last = true
	}
	for _, kept := range c.kept {
		if kept {
			c.count.Unseen++
		}
	}
	c.count.Unseen -= c.count.Marked
	return err
}

// take takes the next moment.
func (c *critical) take(m *moment) {
	if m.kind == pathBegin {
		c.put(m, mark{kind: beginsTask, EventPlace: m.EventPlace})
		return
	}
	if m.stay != c.stay {
		c.leave()
		c.staying = staying{stay: m.stay, inner: c.inner[:0]}
	}
	switch {
	case c.over:
		return
	case m.kind == stayEnd:
		c.end(m, !m.runs)
		c.over = true
		return
	case !c.begun:
		c.begun, c.begin = true, *m
	case m.kind == regionBegin:
		c.inner = append(c.inner, *m)
	case m.kind == regionEnd && len(c.inner) > 0:
		c.inner = c.inner[:len(c.inner)-1]
	case m.kind == regionEnd:
		c.split(m)
	}
	c.recent = *m
}

// leave ends the stay where the goroutine ran last, if it has no end.
func (c *critical) leave() {
	if c.begun && !c.over {
		c.end(&c.recent, false)
	}
	if c.regions > 0 {
		c.count.Marked++
	}
}

// end ends the stay in front of an event, or behind it. Regions of the program that
// are open then began in it.
func (c *critical) end(m *moment, front bool) {
	if !c.begun {
		return
	}
	for i := range c.inner {
		if c.split(&c.inner[i]); c.over {
			return
		}
	}
	c.close(m, front, c.goesOn(c.stay))
}

// split makes two regions of one, in front of an event and behind it.
func (c *critical) split(m *moment) {
	if c.begin.Ticks < m.Ticks {
		c.close(m, true, "")
	}
	if c.room -= splitBytes; c.room < 0 {
		c.over = true
		c.count.Short++
		return
	}
	c.begin = *m
}

// close notes both ends of a region.
func (c *critical) close(m *moment, front bool, text string) {
	if m.EventPlace == c.begin.EventPlace && !front {
		return
	}
	c.put(&c.begin, mark{kind: beginsRegion, EventPlace: c.begin.EventPlace})
	c.last = c.put(m, mark{kind: endsRegion, EventPlace: m.EventPlace, front: front, text: text, stack: m.stack})
	c.regions++
}

// put adds a mark of the generation of a moment.
func (c *critical) put(m *moment, k mark) *mark {
	list := append(c.marks[m.generation], k)
	c.marks[m.generation] = list
	return &list[len(list)-1]
}

// mark inserts what a mark is for.
func (in *inserter) mark(m *mark) {
	i := insertion{at: int(m.At + m.Size), ticks: m.Ticks, path: true}
	if m.front {
		i.at, i.before = int(m.At), int(m.Size)
	}
	name := in.added.string(pathName)
	switch m.kind {
	case beginsTask:
		i.events = wire.AppendEvent(nil, wire.EvUserTaskBegin, 0, in.path, 0, name, 0)
	case beginsRegion:
		i.events = wire.AppendEvent(nil, wire.EvUserRegionBegin, 0, in.path, name, 0)
	default:
		i.events = in.endStay(m, name)
	}
	in.batches[m.Batch] = append(in.batches[m.Batch], i)
}

// endStay returns the events where a region of the critical path ends.
func (in *inserter) endStay(m *mark, name uint64) (b []byte) {
	if m.text != "" {
		b = wire.AppendEvent(b, wire.EvUserLog, 0, in.path, name, in.added.string(m.text), m.stack)
	}
	b = wire.AppendEvent(b, wire.EvUserRegionEnd, 0, in.path, name, m.stack)
	if m.last {
		b = wire.AppendEvent(b, wire.EvUserTaskEnd, 0, in.path, 0)
	}
	return b
}
