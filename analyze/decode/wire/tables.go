package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The largest entries of the tables.
const (
	maxString = 1 << 10
	maxStack  = 128
)

// ids translates the ids of a table's entries into their indexes. The runtime
// gives them out from 1 on; id 0 is the empty entry, with index 0.
type ids struct {
	dense  []int32 // by id; 0: there is none
	limit  int     // how far dense may grow
	sparse map[uint64]int32
}

func newIDs(limit int) ids { return ids{dense: make([]int32, 1), limit: limit} }

// put enters an id, and reports false if it was there already.
func (t *ids) put(id uint64, index int) bool {
	if _, ok := t.get(id); ok {
		return false
	}
	if id >= uint64(t.limit) {
		if t.sparse == nil {
			t.sparse = make(map[uint64]int32)
		}
		t.sparse[id] = int32(index)
		return true
	}
	if n := int(id) + 1 - len(t.dense); n > 0 {
		t.dense = append(t.dense, make([]int32, n)...)
	}
	t.dense[id] = int32(index)
	return true
}

func (t *ids) get(id uint64) (int32, bool) {
	if id < uint64(len(t.dense)) {
		i := t.dense[id]
		return i, i != 0 || id == 0
	}
	i, ok := t.sparse[id]
	return i, ok || id == 0
}

// frame is a frame of a stack, with the ids of its strings.
type frame struct{ pc, function, file, line uint64 }

// tables are the strings, stacks and the clock of a generation.
type tables struct {
	stringIDs ids
	strings   []string
	stackIDs  ids
	stacks    [][]int32 // indexes in frames, leaf first
	frames    []frame
	framePCs  map[uint64]int32
	samples   []sample
	clock     clock
	snapshot  bool // the clock of the machine was read, too
}

// readTables reads the tables of a generation.
func (g *generation) readTables(version int, room *room) (*tables, error) {
	sizes := make(map[byte]int)
	for _, b := range g.tables {
		sizes[b.kind] += int(b.size)
	}
	t := &tables{
		stringIDs: newIDs(sizes[EvStrings]/2 + 16),
		stackIDs:  newIDs(sizes[EvStacks]/2 + 16),
		strings:   make([]string, 1),
		stacks:    make([][]int32, 1),
		framePCs:  make(map[uint64]int32),
	}
	for i := range g.tables {
		b := &g.tables[i]
		data, err := g.data(b, room, 0)
		if err != nil {
			return nil, err
		}
		if err := t.batch(b.kind, data, version); err != nil {
			return nil, err
		}
	}
	return t, t.check(version)
}

func (t *tables) batch(kind byte, data []byte, version int) error {
	p := &parser{data: data}
	if kind != EvFrequency {
		p.pos = 1
	}
	entry := map[byte]func(*parser) error{
		EvStrings: t.string, EvStacks: t.stack, EvCPUSamples: t.sample, EvFrequency: t.sync, EvSync: t.sync,
	}[kind]
	for p.pos < len(p.data) {
		if err := entry(p); err != nil {
			return err
		}
		if p.failed {
			return fmt.Errorf("a table is torn: %w", errNumber)
		}
	}
	return nil
}

// check looks at what can only be seen when all of the tables were read.
func (t *tables) check(version int) error {
	if t.clock == (clock{}) {
		return errors.New("the generation has no clock")
	}
	if version >= 25 && !t.snapshot {
		return errors.New("the generation has no reading of the machine's clock")
	}
	for _, f := range t.frames {
		if _, ok := t.stringIDs.get(f.function); !ok {
			return fmt.Errorf("a stack refers to string %d, which is not there", f.function)
		}
		if _, ok := t.stringIDs.get(f.file); !ok {
			return fmt.Errorf("a stack refers to string %d, which is not there", f.file)
		}
	}
	t.sortSamples()
	return nil
}

// find returns the id of a string, 0 where there is none.
func (t *tables) find(s string) uint64 {
	i := slices.Index(t.strings[1:], s)
	if i < 0 {
		return 0
	}
	return t.stringIDs.reverse(len(t.strings))[i+1]
}

// parser reads a table.
type parser struct {
	data   []byte
	pos    int
	failed bool
}

func (p *parser) uvarint() uint64 {
	v, n := binary.Uvarint(p.data[p.pos:])
	if n <= 0 {
		p.failed = true
		p.pos = len(p.data)
		return 0
	}
	p.pos += n
	return v
}

// expect reads the type of an entry.
func (p *parser) expect(kind byte) error {
	if got := p.data[p.pos]; got != kind {
		return fmt.Errorf("a table has an entry of type %d; %d was to be expected", got, kind)
	}
	p.pos++
	return nil
}

func (t *tables) string(p *parser) error {
	if err := p.expect(EvString); err != nil {
		return err
	}
	id, n := p.uvarint(), p.uvarint()
	if n > maxString || n > uint64(len(p.data)-p.pos) {
		return fmt.Errorf("string %d claims %d bytes", id, n)
	}
	if !t.stringIDs.put(id, len(t.strings)) {
		return fmt.Errorf("there are two strings %d", id)
	}
	t.strings = append(t.strings, strings.Clone(string(p.data[p.pos:p.pos+int(n)])))
	p.pos += int(n)
	return nil
}

func (t *tables) stack(p *parser) error {
	if err := p.expect(EvStack); err != nil {
		return err
	}
	id, n := p.uvarint(), p.uvarint()
	if n > maxStack {
		return fmt.Errorf("stack %d claims %d frames; %d are the most", id, n, maxStack)
	}
	if !t.stackIDs.put(id, len(t.stacks)) {
		return fmt.Errorf("there are two stacks %d", id)
	}
	stack := make([]int32, 0, min(int(n), len(p.data)-p.pos))
	for range n {
		pc := p.uvarint()
		f := frame{pc, p.uvarint(), p.uvarint(), p.uvarint()}
		if p.failed {
			return nil
		}
		stack = append(stack, t.frame(f))
	}
	t.stacks = append(t.stacks, stack)
	return nil
}

// frame returns the index of the frame of a program counter. The first one that
// the generation gives is meant wherever it occurs.
func (t *tables) frame(f frame) int32 {
	i, ok := t.framePCs[f.pc]
	if !ok {
		i = int32(len(t.frames))
		t.framePCs[f.pc] = i
		t.frames = append(t.frames, f)
	}
	return i
}

func (t *tables) sync(p *parser) error {
	kind := p.data[p.pos]
	p.pos++
	switch kind {
	case EvFrequency:
		if t.clock != (clock{}) {
			return errors.New("the generation has two clocks")
		}
		c, err := newClock(p.uvarint())
		t.clock = c
		return err
	case EvClockSnapshot:
		if t.snapshot {
			return errors.New("the generation has two readings of the machine's clock")
		}
		t.snapshot = true
		for range 4 { // time, monotonic clock, wall clock in s and ns
			p.uvarint()
		}
		return nil
	}
	return fmt.Errorf("the clock's table has an entry of type %d", kind)
}

// clock turns ticks into ns.
type clock struct {
	ns  int64  // a tick has
	max uint64 // ticks, of which sums do not overflow
}

// newClock returns a clock with so many ticks in a second. On all systems, Go has
// ticks of whole ns: 64, 256 or 32 of them. Any other clock is damage, which
// would distort all times without a sign.
func newClock(frequency uint64) (clock, error) {
	const second = 1_000_000_000
	if frequency == 0 || second%frequency != 0 {
		return clock{}, fmt.Errorf("the clock has %d ticks a second, as none has", frequency)
	}
	ns := int64(second / frequency)
	return clock{ns: ns, max: uint64(math.MaxInt64/4) / uint64(ns)}, nil
}

// time returns ticks in ns. They must not be above c.max.
func (c *clock) time(ticks uint64) int64 { return int64(ticks) * c.ns }
