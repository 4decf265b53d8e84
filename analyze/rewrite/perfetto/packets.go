package perfetto

import (
	"bufio"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"

	"tracekit/analyze/rewrite/perfetto/schema"
	"tracekit/analyze/timeline"
)

// What each packet has: the sequence that it is of, whose tables it refers to, and
// whether it does.
var (
	sequence = proto.Uint32(1)
	refers   = proto.Uint32(uint32(schema.TracePacket_SEQ_NEEDS_INCREMENTAL_STATE))
)

// packets writes packets, with what they refer to.
type packets struct {
	symbols *timeline.Symbols
	w       *bufio.Writer
	buf     []byte
	err     error // the first of writing; nothing is written behind it
	uuids   uint64
	shift   int64                // ns: the format has no times before 0, which a trace may begin with
	fresh   *schema.InternedData // goes with the next packet; nil: nothing

	names, keys, texts, functions, files table

	stacks, frames []bool  // by their ids: in the tables
	places         []place // by FrameID
}

// place is where a frame is, as the number of a text; 0: not in the table.
type place uint64

// table numbers strings, from 1 on.
type table map[string]uint64

// id returns the number of a string, and whether it is new.
func (t table) id(s string) (id uint64, anew bool) {
	id, ok := t[s]
	if !ok {
		id = uint64(len(t) + 1)
		t[s] = id
	}
	return id, !ok
}

func newPackets(symbols *timeline.Symbols, w io.Writer) packets {
	return packets{
		symbols: symbols, w: bufio.NewWriterSize(w, 64<<10),
		names: make(table), keys: make(table), texts: make(table), functions: make(table), files: make(table),
	}
}

// begin writes what all packets depend on: the clock of their times, the first of
// which is t.
func (p *packets) begin(t int64) {
	const clock = schema.BuiltinClock_BUILTIN_CLOCK_MONOTONIC
	p.shift = max(0, -t)
	p.write(&schema.TracePacket{
		FirstPacketOnSequence: proto.Bool(true),
		SequenceFlags:         proto.Uint32(uint32(schema.TracePacket_SEQ_INCREMENTAL_STATE_CLEARED)),
		TracePacketDefaults:   &schema.TracePacketDefaults{TimestampClockId: proto.Uint32(uint32(clock))},
		ClockSnapshot: &schema.ClockSnapshot{
			PrimaryTraceClock: clock.Enum(),
			Clocks:            []*schema.ClockSnapshot_Clock{{ClockId: proto.Uint32(uint32(clock)), Timestamp: p.time(t)}},
		},
	})
}

// time returns a time as the file has it.
func (p *packets) time(t int64) *uint64 { return proto.Uint64(uint64(t + p.shift)) }

// track tells of a track, and returns its number.
func (p *packets) track(d *schema.TrackDescriptor) uint64 {
	p.uuids++
	d.Uuid = proto.Uint64(p.uuids)
	p.write(&schema.TracePacket{TrackDescriptor: d})
	return p.uuids
}

// event writes an event of time t on a track.
func (p *packets) event(t int64, track uint64, kind schema.TrackEvent_Type, e *schema.TrackEvent) {
	e.Type, e.TrackUuid = kind.Enum(), proto.Uint64(track)
	p.write(&schema.TracePacket{
		Timestamp:     p.time(t),
		TrackEvent:    e,
		SequenceFlags: refers,
	})
}

// slice writes both ends of a slice, which may be of no length.
func (p *packets) slice(from, to int64, track uint64, e *schema.TrackEvent) {
	p.event(from, track, schema.TrackEvent_TYPE_SLICE_BEGIN, e)
	p.event(to, track, schema.TrackEvent_TYPE_SLICE_END, &schema.TrackEvent{})
}

// write writes a packet, with what was interned for it. A file is a Trace of many
// packets, which is the same as many of one.
func (p *packets) write(packet *schema.TracePacket) {
	if p.err != nil {
		return
	}
	packet.TrustedPacketSequenceId = sequence
	packet.InternedData, p.fresh = p.fresh, nil
	p.buf, p.err = proto.MarshalOptions{}.MarshalAppend(p.buf[:0], &schema.Trace{Packet: []*schema.TracePacket{packet}})
	if p.err == nil {
		_, p.err = p.w.Write(p.buf)
	}
}

// flush writes what is not written yet.
func (p *packets) flush() error {
	if p.err == nil {
		p.err = p.w.Flush()
	}
	return p.err
}

// interned returns the entries that go with the next packet.
func (p *packets) interned() *schema.InternedData {
	if p.fresh == nil {
		p.fresh = new(schema.InternedData)
	}
	return p.fresh
}

// name returns the number of a name of events.
func (p *packets) name(s string) *uint64 {
	id, anew := p.names.id(s)
	if anew {
		in := p.interned()
		in.EventNames = append(in.EventNames, &schema.EventName{Iid: &id, Name: &s})
	}
	return &id
}

// key returns the number of a name of annotations.
func (p *packets) key(s string) *uint64 {
	id, anew := p.keys.id(s)
	if anew {
		in := p.interned()
		in.DebugAnnotationNames = append(in.DebugAnnotationNames, &schema.DebugAnnotationName{Iid: &id, Name: &s})
	}
	return &id
}

// textID returns the number of a text.
func (p *packets) textID(s string) uint64 {
	id, anew := p.texts.id(s)
	if anew {
		in := p.interned()
		in.DebugAnnotationStringValues = append(in.DebugAnnotationStringValues, interned(id, s))
	}
	return id
}

// text annotates with a text that comes again and again.
func (p *packets) text(key, value string) *schema.DebugAnnotation {
	id := p.textID(value)
	return &schema.DebugAnnotation{NameIid: p.key(key), StringValueIid: &id}
}

// once annotates with a text that there can be any number of.
func (p *packets) once(key, value string) *schema.DebugAnnotation {
	return &schema.DebugAnnotation{NameIid: p.key(key), StringValue: &value}
}

// yes annotates with what is true.
func (p *packets) yes(key string) *schema.DebugAnnotation {
	return &schema.DebugAnnotation{NameIid: p.key(key), BoolValue: proto.Bool(true)}
}

// at adds to annotations where something is: a function, its file and line.
func (p *packets) at(notes []*schema.DebugAnnotation, key string, site timeline.FrameID) []*schema.DebugAnnotation {
	if site == timeline.NoSite {
		return notes
	}
	for len(p.places) <= int(site) {
		p.places = append(p.places, 0)
	}
	if p.places[site] == 0 {
		f := p.symbols.Frame(site)
		p.places[site] = place(p.textID(fmt.Sprintf("%s %s:%d", f.Func, f.File, f.Line)))
	}
	id := uint64(p.places[site])
	return append(notes, &schema.DebugAnnotation{NameIid: p.key(key), StringValueIid: &id})
}

// stack returns the number of a stack, which is its id: nil for NoStack.
func (p *packets) stack(id timeline.StackID) *uint64 {
	if id == timeline.NoStack {
		return nil
	}
	iid := uint64(id)
	if first(&p.stacks, int(id)) {
		frames := p.symbols.Stack(id)
		stack := &schema.Callstack{Iid: &iid}
		for i := len(frames) - 1; i >= 0; i-- {
			stack.FrameIds = append(stack.FrameIds, p.frame(frames[i]))
		}
		in := p.interned()
		in.Callstacks = append(in.Callstacks, stack)
	}
	return &iid
}

// frame returns the number of a frame.
func (p *packets) frame(id timeline.FrameID) uint64 {
	iid := uint64(id) + 1
	if !first(&p.frames, int(id)) {
		return iid
	}
	f, in := p.symbols.Frame(id), p.interned()
	function, anew := p.functions.id(f.Func)
	if anew {
		in.FunctionNames = append(in.FunctionNames, interned(function, f.Func))
	}
	file, anew := p.files.id(f.File)
	if anew {
		in.SourcePaths = append(in.SourcePaths, interned(file, f.File))
	}
	in.Frames = append(in.Frames, &schema.Frame{
		Iid: &iid, FunctionNameId: &function, SourcePathIid: &file, LineNumber: proto.Uint32(uint32(f.Line)),
	})
	return iid
}

func interned(id uint64, s string) *schema.InternedString {
	return &schema.InternedString{Iid: &id, Str: []byte(s)}
}

// first notes that a number has been seen, and reports whether it was not before.
func first(seen *[]bool, i int) bool {
	for len(*seen) <= i {
		*seen = append(*seen, false)
	}
	was := (*seen)[i]
	(*seen)[i] = true
	return !was
}
