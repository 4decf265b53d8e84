package critpath

import (
	"strings"

	"tracekit/analyze/timeline"
)

// meeting is who depends on whom when one goroutine wakes another one.
type meeting uint8

const (
	oneWay    meeting = iota // the woken on the waker
	bothWays                 // each on the other: what one sends, the other takes
	children                 // the woken on all whom it has created
	everybody                // all who are woken, and the waker, on all others
)

// stacks knows what the stacks of waits and wakes say of a meeting.
type stacks struct {
	symbols *timeline.Symbols
	known   []shape // by StackID
}

// shape is what a stack shows.
type shape struct {
	known    bool
	receives bool // its leaf takes from a channel
	closes   bool // its leaf closes a channel
	yields   bool // its leaf lets others run
	function string
}

func (s *stacks) of(id timeline.StackID) *shape {
	for int(id) >= len(s.known) {
		s.known = append(s.known, shape{})
	}
	if !s.known[id].known {
		leaf := timeline.Leaf(s.symbols, id)
		s.known[id] = shape{
			known:    true,
			receives: strings.HasPrefix(leaf, "runtime.chanrecv"),
			closes:   leaf == "runtime.closechan",
			yields:   leaf == "runtime.Gosched",
			function: s.function(timeline.SiteOf(s.symbols, id)),
		}
	}
	return &s.known[id]
}

func (s *stacks) function(f timeline.FrameID) string {
	if f == timeline.NoSite {
		return ""
	}
	return s.symbols.Frame(f).Func
}

// meeting returns who depends on whom at a wake.
//
// A receiver that wakes a sender takes what that has sent, or what it has sent before:
// it needs the sender to have come, although in the trace it came first. A function
// that both waits for others and wakes all who wait in it is a barrier.
func (s *stacks) meeting(w *timeline.Wait) meeting {
	switch w.Kind {
	case timeline.WaitGroup:
		return children
	case timeline.Barrier:
		return everybody
	case timeline.ChanSend:
		return bothWays
	case timeline.Select:
		if s.of(w.ByStack).receives {
			return bothWays
		}
	case timeline.ChanRecv:
		if s.of(w.ByStack).closes && s.same(w) {
			return everybody
		}
	case timeline.Cond, timeline.Condition:
		if s.same(w) {
			return everybody
		}
	}
	return oneWay
}

// same reports whether the waiter waits in the function that the waker wakes it from.
func (s *stacks) same(w *timeline.Wait) bool {
	f := s.of(w.Stack).function
	return f != "" && f == s.of(w.ByStack).function
}

// groups knows the names of groups of goroutines.
type groups []string // by GroupID

// note notes the group of a goroutine, which can turn out later than that it is there.
func (s *groups) note(g *timeline.Goroutine, l *life) {
	l.group = g.Group
	for int(g.Group) >= len(*s) {
		*s = append(*s, "")
	}
	(*s)[g.Group] = g.Name
}
