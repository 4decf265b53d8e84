package rewrite

import (
	"encoding/binary"
	"io"

	"tracekit/analyze/decode/wire"
)

// added gives out ids of strings and stacks of a generation, and holds those that it
// does not have.
type added struct {
	tables     *wire.Tables
	strings    map[string]uint64
	stacks     map[string]uint64 // by their frames, as bytes
	lastString uint64            // that was given out
	lastStack  uint64
	newStrings [][]byte // entries of tables
	newStacks  [][]byte
}

func newAdded(t *wire.Tables) *added {
	a := &added{tables: t, strings: make(map[string]uint64, len(t.Strings)), stacks: make(map[string]uint64)}
	for id, s := range t.Strings {
		if old, ok := a.strings[s]; !ok || id < old {
			a.strings[s] = id
		}
	}
	return a
}

// unused returns the id behind another one that is not in a table. Ids need not be
// dense, nor small.
func unused[T any](table map[uint64]T, id uint64) uint64 {
	for id++; ; id++ {
		if _, ok := table[id]; !ok {
			return id
		}
	}
}

// string returns the id of a string; 0 is that of the empty one.
func (a *added) string(s string) uint64 {
	if s == "" {
		return 0
	}
	id, ok := a.strings[s]
	if !ok {
		id = unused(a.tables.Strings, a.lastString)
		a.lastString = id
		a.strings[s] = id
		a.newStrings = append(a.newStrings, wire.AppendString(nil, id, s))
	}
	return id
}

// stack returns the id of a stack, leaf first; 0 is that of the empty one. Its program
// counters are those of the generations before: the program is the same.
func (a *added) stack(frames []wire.Frame) uint64 {
	if len(frames) == 0 {
		return 0
	}
	var list []wire.StackFrame
	var key []byte
	for _, f := range frames {
		list = append(list, wire.StackFrame{PC: f.PC, Func: a.string(f.Func), File: a.string(f.File), Line: f.Line})
		key = binary.AppendUvarint(key, f.PC)
	}
	id, ok := a.stacks[string(key)]
	if !ok {
		id = unused(a.tables.Stacks, a.lastStack)
		a.lastStack = id
		a.stacks[string(key)] = id
		a.newStacks = append(a.newStacks, wire.AppendStack(nil, id, list))
	}
	return id
}

// writeTo writes what the generation does not have.
func (a *added) writeTo(w io.Writer, generation, ticks uint64) error {
	for _, t := range []struct {
		kind    byte
		entries [][]byte
	}{{wire.EvStrings, a.newStrings}, {wire.EvStacks, a.newStacks}} {
		table := wire.Table{Generation: generation, Ticks: ticks, Kind: t.kind}
		for _, e := range t.entries {
			table.Add(e)
		}
		if _, err := table.WriteTo(w); err != nil {
			return err
		}
	}
	return nil
}
