// Package perfettotest reads what an export writes, for tests, as Perfetto's
// trace_processor does, and more strictly: what is not in the schema, refers to
// nothing, or overlaps on a track is an error.
package perfettotest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Trace is what a file holds.
type Trace struct {
	Clock    uint64 // the number of the one that all times are on
	Tracks   []*Track
	Slices   []Slice   // by start
	Instants []Instant // by time
	Values   []Value   // by time
}

// Track is what events are on.
type Track struct {
	Name, Description string
	Parent            *Track // nil: none
	Counter           bool
}

// Event is what slices and instants have in common.
type Event struct {
	Track *Track
	Name  string
	Notes map[string]string // annotations; "true" for those that are set
	Stack []string          // function file:line, outermost first
	Flows []uint64          // that begin here or pass
	Ends  []uint64          // flows that end here
}

// Slice is an event with a length. Times are in ns.
type Slice struct {
	Event
	Start, End int64
}

// Instant is an event without a length. The time is in ns.
type Instant struct {
	Event
	At int64
}

// Value is the number on a counter's track from a time in ns on.
type Value struct {
	Track *Track
	At    int64
	Value int64
}

// reader is the state of a read.
type reader struct {
	trace   *Trace
	tracks  map[uint64]*Track
	names   map[uint64]string
	keys    map[uint64]string
	texts   map[uint64]string
	funcs   map[uint64]string
	files   map[uint64]string
	frames  map[uint64]string
	stacks  map[uint64][]string
	events  []event
	started bool
}

// event is a track_event with its time.
type event struct {
	at    int64
	kind  uint64
	value int64
	Event
}

// The types of events.
const (
	sliceBegin = 1
	sliceEnd   = 2
	instant    = 3
	counter    = 4
)

// Read reads a file. The error names the packet.
func Read(data []byte) (*Trace, error) {
	r := &reader{
		trace: new(Trace), tracks: make(map[uint64]*Track), names: make(map[uint64]string), keys: make(map[uint64]string),
		texts: make(map[uint64]string), funcs: make(map[uint64]string), files: make(map[uint64]string),
		frames: make(map[uint64]string), stacks: make(map[uint64][]string),
	}
	m, err := parse(data, ofTrace)
	if err != nil {
		return nil, err
	}
	for i, p := range m {
		if err := r.packet(p.bytes); err != nil {
			return nil, fmt.Errorf("packet %d: %w", i, err)
		}
	}
	return r.trace, r.place()
}

func (r *reader) packet(b []byte) error {
	p, err := parse(b, ofPacket)
	if err != nil {
		return err
	}
	if p.value(10) == 0 {
		return errors.New("it is of no sequence")
	}
	if p.value(13)&1 != 0 != !r.started {
		return errors.New("the first packet of a sequence clears its state, and no other")
	}
	r.started = true
	for _, part := range []struct {
		number protowire.Number
		read   func(message, []byte) error
	}{{12, r.interned}, {6, r.clocks}, {59, r.defaults}, {60, r.descriptor}, {11, r.event}} {
		if p.has(part.number) {
			if err := part.read(p, p.field(part.number).bytes); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reader) clocks(_ message, b []byte) error {
	m, err := parse(b, ofClocks)
	if err != nil {
		return err
	}
	clock, err := parse(m.field(1).bytes, ofClock)
	r.trace.Clock = clock.value(1)
	if err == nil && m.value(2) != r.trace.Clock {
		err = errors.New("the primary clock is not in the snapshot")
	}
	return err
}

func (r *reader) defaults(_ message, b []byte) error {
	m, err := parse(b, ofDefaults)
	if err == nil && m.value(58) != r.trace.Clock {
		err = errors.New("the clock of events is not the primary one")
	}
	return err
}

func (r *reader) descriptor(_ message, b []byte) error {
	m, err := parse(b, ofDescriptor)
	if err != nil {
		return err
	}
	id := m.value(1)
	if id == 0 || r.tracks[id] != nil {
		return fmt.Errorf("track %d is told of twice", id)
	}
	t := &Track{Name: m.text(2), Description: m.text(14), Counter: m.has(8)}
	if m.has(5) {
		if t.Parent = r.tracks[m.value(5)]; t.Parent == nil {
			return fmt.Errorf("track %d is below %d, which is none", id, m.value(5))
		}
	}
	if t.Counter {
		_, err = parse(m.field(8).bytes, ofCounter)
	}
	r.tracks[id] = t
	r.trace.Tracks = append(r.trace.Tracks, t)
	return err
}

// enter adds entries to a table of strings.
func enter(table map[uint64]string, list []field) error {
	for _, f := range list {
		m, err := parse(f.bytes, ofString)
		if err != nil {
			return err
		}
		if _, twice := table[m.value(1)]; twice || m.value(1) == 0 {
			return fmt.Errorf("%q is interned as %d, which is taken", m.text(2), m.value(1))
		}
		table[m.value(1)] = m.text(2)
	}
	return nil
}

func (r *reader) interned(_ message, b []byte) error {
	m, err := parse(b, ofInterned)
	if err != nil {
		return err
	}
	for _, t := range []struct {
		number protowire.Number
		table  map[uint64]string
	}{{2, r.names}, {3, r.keys}, {5, r.funcs}, {18, r.files}, {29, r.texts}} {
		if err := enter(t.table, m.all(t.number)); err != nil {
			return err
		}
	}
	for _, f := range m.all(6) {
		frame, err := parse(f.bytes, ofFrame)
		if err != nil {
			return err
		}
		function, ok := r.funcs[frame.value(2)]
		file, ok2 := r.files[frame.value(5)]
		if !ok || !ok2 {
			return fmt.Errorf("frame %d has no function or file", frame.value(1))
		}
		r.frames[frame.value(1)] = fmt.Sprintf("%s %s:%d", function, file, frame.value(6))
	}
	return r.callstacks(m.all(7))
}

func (r *reader) callstacks(list []field) error {
	for _, f := range list {
		m, err := parse(f.bytes, ofCallstack)
		if err != nil {
			return err
		}
		stack := []string{}
		for _, id := range m.all(2) {
			frame, ok := r.frames[id.value]
			if !ok {
				return fmt.Errorf("there is no frame %d", id.value)
			}
			stack = append(stack, frame)
		}
		r.stacks[m.value(1)] = stack
	}
	return nil
}

func (r *reader) event(p message, b []byte) error {
	m, err := parse(b, ofEvent)
	if err != nil {
		return err
	}
	if !p.has(8) || p.value(13)&2 == 0 {
		return errors.New("an event has no time, or does not say that it refers to what comes before")
	}
	if int64(p.value(8)) < 0 {
		return errors.New("an event has a time that is too large")
	}
	e := event{at: int64(p.value(8)), kind: m.value(9), value: int64(m.value(30))}
	if e.Track = r.tracks[m.value(11)]; e.Track == nil {
		return fmt.Errorf("an event is on track %d, which is none", m.value(11))
	}
	if e.Track.Counter != (e.kind == counter) || e.Track.Counter != m.has(30) {
		return fmt.Errorf("an event of type %d on %q", e.kind, e.Track.Name)
	}
	if e.Name = m.text(23); m.has(10) {
		e.Name = r.names[m.value(10)]
	}
	if (e.Name == "") != (e.kind == sliceEnd || e.kind == counter) {
		return fmt.Errorf("an event of type %d has the name %q", e.kind, e.Name)
	}
	var ok bool
	if e.Stack, ok = r.stacks[m.value(56)]; m.has(56) && !ok {
		return fmt.Errorf("there is no stack %d", m.value(56))
	}
	for _, f := range m.all(47) {
		e.Flows = append(e.Flows, f.value)
	}
	for _, f := range m.all(48) {
		e.Ends = append(e.Ends, f.value)
	}
	e.Notes, err = r.annotations(m.all(4))
	r.events = append(r.events, e)
	return err
}

func (r *reader) annotations(list []field) (map[string]string, error) {
	notes := make(map[string]string)
	for _, f := range list {
		m, err := parse(f.bytes, ofAnnotation)
		if err != nil {
			return nil, err
		}
		key, ok := r.keys[m.value(1)]
		value := m.text(6)
		switch {
		case m.has(17):
			var interned bool
			value, interned = r.texts[m.value(17)]
			ok = ok && interned
		case m.has(2):
			value = fmt.Sprint(m.value(2) == 1)
		}
		if _, twice := notes[key]; !ok || twice {
			return nil, fmt.Errorf("annotation %q is there twice, or refers to nothing", key)
		}
		notes[key] = value
	}
	return notes, nil
}

// place puts events in the order of their times, in which those of one time stay as
// they are in the file, and makes slices of their ends.
func (r *reader) place() error {
	slices.SortStableFunc(r.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	open := make(map[*Track]*Slice)
	for _, e := range r.events {
		switch e.kind {
		case sliceBegin:
			if open[e.Track] != nil {
				return fmt.Errorf("%q begins at %d on %q, where %q is not over", e.Name, e.at, e.Track.Name, open[e.Track].Name)
			}
			open[e.Track] = &Slice{Event: e.Event, Start: e.at}
		case sliceEnd:
			s := open[e.Track]
			if s == nil {
				return fmt.Errorf("a slice ends at %d on %q, where none is", e.at, e.Track.Name)
			}
			s.End = e.at
			r.trace.Slices = append(r.trace.Slices, *s)
			delete(open, e.Track)
		case instant:
			r.trace.Instants = append(r.trace.Instants, Instant{e.Event, e.at})
		case counter:
			r.trace.Values = append(r.trace.Values, Value{e.Track, e.at, e.value})
		default:
			return fmt.Errorf("an event of type %d", e.kind)
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("%d slices do not end", len(open))
	}
	slices.SortStableFunc(r.trace.Slices, func(a, b Slice) int { return cmp.Compare(a.Start, b.Start) })
	return nil
}

// Path returns the names of a track and those that it is below, outermost first.
func (t *Track) Path() string {
	if t.Parent == nil {
		return t.Name
	}
	return t.Parent.Path() + " / " + t.Name
}

// String says all of an event but where it is and when.
func (e Event) String() string {
	var b strings.Builder
	b.WriteString(e.Name)
	for _, id := range e.Ends {
		fmt.Fprintf(&b, " <-%d", id)
	}
	for _, id := range e.Flows {
		fmt.Fprintf(&b, " ->%d", id)
	}
	keys := make([]string, 0, len(e.Notes))
	for key := range e.Notes {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		fmt.Fprintf(&b, " [%s: %s]", key, e.Notes[key])
	}
	if len(e.Stack) > 0 {
		fmt.Fprintf(&b, " {%s}", strings.Join(e.Stack, " > "))
	}
	return b.String()
}

// Lines says all that is in a trace, a line each: its tracks in the order of the file,
// then what is on them by track and time.
func (t *Trace) Lines() []string {
	var lines []string
	for _, track := range t.Tracks {
		var on []string
		for _, s := range t.Slices {
			if s.Track == track {
				on = append(on, fmt.Sprintf("  %d-%d %v", s.Start, s.End, s.Event))
			}
		}
		for _, i := range t.Instants {
			if i.Track == track {
				on = append(on, fmt.Sprintf("  %d %v", i.At, i.Event))
			}
		}
		for _, v := range t.Values {
			if v.Track == track {
				on = append(on, fmt.Sprintf("  %d = %d", v.At, v.Value))
			}
		}
		lines = append(append(lines, track.Path()), on...)
	}
	return lines
}
