package rewritetest

import (
	"bytes"
	"encoding/binary"

	"tracekit/analyze/decode/wire"
)

// Made is a trace made by hand, in the format of Go 1.23, with a clock that has a tick
// every 64 ns.
type Made struct {
	out             bytes.Buffer
	number          uint64 // of the generation
	strings, stacks wire.Table
	samples         wire.Table
	ids             uint64
	threads         []*wire.Events
}

// NewMade returns a trace without events, that begins with the 100th tick.
func NewMade() *Made {
	m := new(Made)
	m.out.Write(wire.AppendHeader(nil, 23))
	m.begin(100)
	return m
}

func (m *Made) begin(ticks uint64) {
	m.number++
	m.ids, m.threads = 0, nil
	m.strings = wire.Table{Generation: m.number, Ticks: ticks, Kind: wire.EvStrings}
	m.stacks = wire.Table{Generation: m.number, Ticks: ticks, Kind: wire.EvStacks}
	m.samples = wire.Table{Generation: m.number, Ticks: ticks, Kind: wire.EvCPUSamples}
	m.out.Write(wire.AppendBatch(nil, m.number, wire.NoThread, ticks, binary.AppendUvarint([]byte{wire.EvFrequency}, 1e9/64)))
}

// Next begins a generation, which has strings and stacks of its own.
func (m *Made) Next(ticks uint64) {
	m.end()
	m.begin(ticks)
}

func (m *Made) end() {
	for _, e := range m.threads {
		e.WriteTo(&m.out)
	}
	m.strings.WriteTo(&m.out)
	m.stacks.WriteTo(&m.out)
	m.samples.WriteTo(&m.out)
}

// Bytes returns the trace, to which nothing can be added any more.
func (m *Made) Bytes() []byte {
	m.end()
	return m.out.Bytes()
}

// String enters a string and returns its id.
func (m *Made) String(s string) uint64 {
	m.ids++
	m.StringAs(m.ids, s)
	return m.ids
}

// StringAs enters a string under an id.
func (m *Made) StringAs(id uint64, s string) { m.strings.Add(wire.AppendString(nil, id, s)) }

// Stack enters a stack of one frame, and returns its id. That of "" is what the runtime
// has for a coroutine that did not run yet.
func (m *Made) Stack(function string) uint64 {
	frame := wire.StackFrame{}
	if function != "" {
		frame = wire.StackFrame{PC: m.ids + 1, Func: m.String(function), File: m.String("x.go"), Line: 7}
	}
	m.ids++
	m.stacks.Add(wire.AppendStack(nil, m.ids, []wire.StackFrame{frame}))
	return m.ids
}

// Sample adds a CPU sample of a goroutine, 0 for none, on a thread and a processor with
// the number 0.
func (m *Made) Sample(ticks, g, stack uint64) {
	entry := []byte{wire.EvCPUSample}
	for _, v := range []uint64{ticks, 0, 0, g, stack} {
		entry = binary.AppendUvarint(entry, v)
	}
	m.samples.Add(entry)
}

// Add adds an event of a thread.
func (m *Made) Add(thread, ticks uint64, kind byte, args ...uint64) {
	for _, e := range m.threads {
		if e.Thread == thread {
			e.Add(ticks, kind, args...)
			return
		}
	}
	m.threads = append(m.threads, &wire.Events{Generation: m.number, Thread: thread})
	m.Add(thread, ticks, kind, args...)
}
