package wire

import (
	"encoding/binary"
	"fmt"
	"io"
	"iter"
)

// Batch is a batch as it stands in a generation's bytes.
type Batch struct {
	Kind       byte   // EvBatch for events; else the type that its data begins with, or EvExperimentalBatch
	Thread     uint64 //
	Time       uint64 // ticks, from which the first event's time is counted
	Offset     int    // in the generation's bytes, where its header begins
	Data       int    // and its data
	End        int    // and what is behind it
	Generation uint64 // the number that its header has
	Experiment uint64 // which one it is of, for EvExperimentalBatch
}

// Append appends a batch like b with another time and other data.
func (b *Batch) Append(to []byte, ticks uint64, data []byte) []byte {
	if b.Kind != EvExperimentalBatch {
		return AppendBatch(to, b.Generation, b.Thread, ticks, data)
	}
	to = append(to, EvExperimentalBatch, byte(b.Experiment))
	return appendRest(to, b.Generation, b.Thread, ticks, data)
}

// Batches returns the batches of a generation, of which data are the bytes from
// Begin to End, in their order. The mark at the end is none.
func (r *Raw) Batches(data []byte) ([]Batch, error) {
	var list []Batch
	s := scanner{version: r.version}
	for at := 0; at < len(data); {
		if data[at] == EvEndOfGeneration && r.version >= 26 {
			at++
			continue
		}
		if data[at] != EvBatch && data[at] != EvExperimentalBatch {
			return nil, errBetween
		}
		h, err := parseHeader(data[at:min(len(data), at+maxHeader)])
		if err != nil {
			return nil, err
		}
		b := Batch{Kind: h.kind, Thread: h.thread, Time: h.time, Generation: h.number, Offset: at, Data: at + h.length}
		b.End = b.Data + int(h.size)
		switch {
		case h.size > maxBatch || b.End > len(data):
			return nil, errTorn
		case h.experiment:
			b.Kind, b.Experiment = EvExperimentalBatch, uint64(data[at+1])
		case !s.isTable(h.kind):
			b.Kind = EvBatch
		}
		list = append(list, b)
		at = b.End
	}
	return list, nil
}

// EventBatches returns the batches of events of the generation, by the offsets of their
// data in the file. The offsets in them are those in the file, too.
func (r *Raw) EventBatches() map[int64]Batch {
	list := make(map[int64]Batch, len(r.gen.events))
	for _, b := range r.gen.events {
		list[b.offset] = Batch{
			Kind: EvBatch, Thread: r.gen.threads[b.thread], Time: b.time, Generation: r.gen.number,
			Offset: int(b.offset) - int(b.header), Data: int(b.offset), End: int(b.offset) + int(b.size),
		}
	}
	return list
}

// Version returns the number of the format in the header of the file.
func (r *Raw) Version() int { return r.version }

// AppendHeader appends the header of a file of a format.
func AppendHeader(b []byte, version int) []byte {
	return append(b, fmt.Sprintf("go 1.%d trace\x00\x00\x00", version)...)
}

// AppendBatch appends a batch with its data.
func AppendBatch(b []byte, generation, thread, ticks uint64, data []byte) []byte {
	return appendRest(append(b, EvBatch), generation, thread, ticks, data)
}

func appendRest(b []byte, generation, thread, ticks uint64, data []byte) []byte {
	b = binary.AppendUvarint(b, generation)
	b = binary.AppendUvarint(b, thread)
	b = binary.AppendUvarint(b, ticks)
	b = binary.AppendUvarint(b, uint64(len(data)))
	return append(b, data...)
}

// sizeBytes is the room for the size of a batch that is not known yet.
const sizeBytes = 3

// Begin appends the header of a batch of events like b with another time, of which
// EndBatch enters the size.
func (b *Batch) Begin(to []byte, ticks uint64) []byte {
	to = append(to, EvBatch)
	to = binary.AppendUvarint(to, b.Generation)
	to = binary.AppendUvarint(to, b.Thread)
	to = binary.AppendUvarint(to, ticks)
	return append(to, make([]byte, sizeBytes)...)
}

// EndBatch enters the size of the data of a batch into the header that ends with b, at
// most 64 KiB.
func EndBatch(b []byte, size int) {
	at := b[len(b)-sizeBytes:]
	at[0], at[1], at[2] = byte(size)|0x80, byte(size>>7)|0x80, byte(size>>14)
}

// AppendEvent appends an event that comes so many ticks after the one before in
// its batch.
func AppendEvent(b []byte, kind byte, ticks uint64, args ...uint64) []byte {
	b = append(b, kind)
	b = binary.AppendUvarint(b, ticks)
	for _, a := range args {
		b = binary.AppendUvarint(b, a)
	}
	return b
}

// maxEvent is the longest event.
const maxEvent = 1 + 10*(1+maxArgs)

// Events writes the events of a thread, in batches.
type Events struct {
	Generation, Thread uint64
	data               []byte
	first, last        uint64 // ticks
	out                []byte
}

// Add adds an event. One that is earlier than the one before by the clock, as no
// thread has them, is written with the time of that.
func (e *Events) Add(ticks uint64, kind byte, args ...uint64) {
	if len(e.data) > maxBatch-maxEvent {
		e.flush()
	}
	if len(e.data) == 0 {
		e.first, e.last = ticks, ticks
	}
	ticks = max(ticks, e.last)
	e.data = AppendEvent(e.data, kind, ticks-e.last, args...)
	e.last = ticks
}

func (e *Events) flush() {
	if len(e.data) > 0 {
		e.out = AppendBatch(e.out, e.Generation, e.Thread, e.first, e.data)
		e.data = e.data[:0]
	}
}

// WriteTo writes the batches.
func (e *Events) WriteTo(w io.Writer) (int64, error) {
	e.flush()
	n, err := w.Write(e.out)
	e.out = nil
	return int64(n), err
}

// Table writes the entries of a table of strings or stacks, in batches.
type Table struct {
	Generation, Ticks uint64
	Kind              byte // EvStrings, EvStacks or EvCPUSamples
	data              []byte
	out               []byte
}

// Add adds an entry, of at most maxEntry bytes.
func (t *Table) Add(entry []byte) {
	if len(t.data)+len(entry) > maxBatch {
		t.flush()
	}
	if len(t.data) == 0 {
		t.data = append(t.data, t.Kind)
	}
	t.data = append(t.data, entry...)
}

func (t *Table) flush() {
	if len(t.data) > 0 {
		t.out = AppendBatch(t.out, t.Generation, NoThread, t.Ticks, t.data)
		t.data = t.data[:0]
	}
}

// WriteTo writes the batches.
func (t *Table) WriteTo(w io.Writer) (int64, error) {
	t.flush()
	n, err := w.Write(t.out)
	t.out = nil
	return int64(n), err
}

// AppendString appends the entry of a string. It is cut where the format would not
// hold it.
func AppendString(b []byte, id uint64, s string) []byte {
	s = s[:min(len(s), maxString)]
	b = append(b, EvString)
	b = binary.AppendUvarint(b, id)
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// StackFrame is a frame of a stack with the ids of its strings.
type StackFrame struct{ PC, Func, File, Line uint64 }

// AppendStack appends the entry of a stack, leaf first. It is cut where the format
// would not hold it.
func AppendStack(b []byte, id uint64, frames []StackFrame) []byte {
	frames = frames[:min(len(frames), maxStack)]
	b = append(b, EvStack)
	b = binary.AppendUvarint(b, id)
	b = binary.AppendUvarint(b, uint64(len(frames)))
	for _, f := range frames {
		for _, v := range []uint64{f.PC, f.Func, f.File, f.Line} {
			b = binary.AppendUvarint(b, v)
		}
	}
	return b
}

// Tables are the strings and stacks of a generation, for those that write it anew.
type Tables struct {
	Strings map[uint64]string
	Stacks  map[uint64][]StackFrame
	// TickNS is how many ns a tick of the clock has.
	TickNS int64
}

// Tables returns the tables of the generation. The program counter of a frame in
// them stands for one frame: the first that the generation has for it.
func (r *Raw) Tables() (*Tables, error) {
	t, err := r.gen.readTables(r.version, newRoom())
	if err != nil {
		return nil, err
	}
	tables := &Tables{Strings: make(map[uint64]string), Stacks: make(map[uint64][]StackFrame), TickNS: t.clock.ns}
	strings, stacks := t.stringIDs.reverse(len(t.strings)), t.stackIDs.reverse(len(t.stacks))
	for i, s := range t.strings[1:] {
		tables.Strings[strings[i+1]] = s
	}
	for i, stack := range t.stacks[1:] {
		var frames []StackFrame
		for _, f := range stack {
			f := t.frames[f]
			frames = append(frames, StackFrame{f.pc, f.function, f.file, f.line})
		}
		tables.Stacks[stacks[i+1]] = frames
	}
	return tables, nil
}

// Sample is an entry of a table of CPU samples.
type Sample struct {
	Ticks uint64
	Entry []byte
}

// Samples goes through the data of a batch of CPU samples.
func Samples(data []byte) iter.Seq[Sample] {
	return func(yield func(Sample) bool) {
		p := &parser{data: data, pos: 1}
		for p.pos < len(data) {
			begin := p.pos
			p.pos++
			s := Sample{Ticks: p.uvarint()}
			for range 4 { // thread, processor, goroutine, stack
				p.uvarint()
			}
			if s.Entry = data[begin:p.pos]; p.failed || !yield(s) {
				return
			}
		}
	}
}
