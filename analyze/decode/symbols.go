package decode

import (
	"encoding/binary"
	"strings"
)

// StackID is the index of a stack in Symbols. NoStack is the empty stack.
type StackID int32

// NoStack is the StackID of an event for which the trace has no stack.
const NoStack StackID = 0

// FrameID is the index of a frame in Symbols.
type FrameID int32

// StringID is the index of a string in Symbols; 0 is the empty string.
type StringID int32

// Frame is one line of a stack.
type Frame struct {
	Func string // name with the package's path, as in a stack dump
	File string // path on the machine that built the program
	Line int
}

// Symbols holds the stacks, frames and strings of a trace, each content once.
// It grows with the number of different stacks, not with the trace.
type Symbols struct {
	frames  []Frame
	stacks  [][]FrameID
	strings []string

	frameIDs  map[Frame]FrameID
	stackIDs  map[string]StackID // key: the frame ids, as bytes
	stringIDs map[string]StringID
	key       []byte
}

// NewSymbols returns a table that holds NoStack and the empty string.
func NewSymbols() *Symbols {
	return &Symbols{
		stacks:    [][]FrameID{nil},
		strings:   []string{""},
		frameIDs:  make(map[Frame]FrameID),
		stackIDs:  map[string]StackID{"": NoStack},
		stringIDs: map[string]StringID{"": 0},
	}
}

// Stack returns the frames of a stack, leaf first. They belong to the table.
func (s *Symbols) Stack(id StackID) []FrameID { return s.stacks[id] }

// Frame returns the frame with the given id.
func (s *Symbols) Frame(id FrameID) Frame { return s.frames[id] }

// String returns the string with the given id.
func (s *Symbols) String(id StringID) string { return s.strings[id] }

// InternString returns the id of str. The table keeps a copy of its own, so
// that it does not hold on to the buffer that str was cut from.
func (s *Symbols) InternString(str string) StringID {
	if str == "" {
		return 0
	}
	if id, ok := s.stringIDs[str]; ok {
		return id
	}
	id := StringID(len(s.strings))
	str = strings.Clone(str)
	s.strings = append(s.strings, str)
	s.stringIDs[str] = id
	return id
}

// InternFrame returns the id of f.
func (s *Symbols) InternFrame(f Frame) FrameID {
	if id, ok := s.frameIDs[f]; ok {
		return id
	}
	f.Func = s.strings[s.InternString(f.Func)]
	f.File = s.strings[s.InternString(f.File)]
	id := FrameID(len(s.frames))
	s.frames = append(s.frames, f)
	s.frameIDs[f] = id
	return id
}

// InternStack returns the id of the stack with these frames, leaf first. It
// keeps no reference to the slice.
func (s *Symbols) InternStack(frames []FrameID) StackID {
	s.key = s.key[:0]
	for _, f := range frames {
		s.key = binary.LittleEndian.AppendUint32(s.key, uint32(f))
	}
	if id, ok := s.stackIDs[string(s.key)]; ok {
		return id
	}
	id := StackID(len(s.stacks))
	s.stacks = append(s.stacks, append([]FrameID(nil), frames...))
	s.stackIDs[string(s.key)] = id
	return id
}
