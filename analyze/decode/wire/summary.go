package wire

import "tracekit/analyze/decode"

// summary gathers what a decode.Summary has. Stacks and reasons are numbers among
// those that are used.
type summary struct {
	decode.Summary
	recent [1 << recentBits]decode.WakePair // those seen last, by a hash
	wakes  map[decode.WakePair]bool
	starts map[decode.StackID]bool
}

const recentBits = 8

func newSummary() summary {
	return summary{wakes: make(map[decode.WakePair]bool), starts: make(map[decode.StackID]bool)}
}

// start notes the stack with which a goroutine is born.
func (s *summary) start(stack decode.StackID) {
	if !s.starts[stack] {
		s.starts[stack] = true
		s.Starts = append(s.Starts, stack)
	}
}

// wake notes the wake of a goroutine.
func (s *summary) wake(i int32, g *goroutine, byStack decode.StackID) {
	if g.late {
		g.late = false
		s.Late = append(s.Late, decode.LateWake{G: decode.GoIndex(i), ByStack: byStack})
		return
	}
	if g.stack == decode.NoStack || byStack == decode.NoStack {
		return
	}
	pair := decode.WakePair{Stack: g.stack, ByStack: byStack, Reason: g.reason}
	at := &s.recent[uint32(pair.Stack*31^pair.ByStack)%(1<<recentBits)]
	if *at == pair {
		return
	}
	*at = pair
	if !s.wakes[pair] {
		s.wakes[pair] = true
		s.Wakes = append(s.Wakes, pair)
	}
}

// resolve returns the summary with the ids of Symbols.
func (s *summary) resolve(stacks []decode.StackID, reasons []decode.StringID) *decode.Summary {
	for i, stack := range s.Starts {
		s.Starts[i] = stacks[stack]
	}
	for i, w := range s.Wakes {
		s.Wakes[i] = decode.WakePair{Stack: stacks[w.Stack], ByStack: stacks[w.ByStack], Reason: reasons[w.Reason]}
	}
	for i, w := range s.Late {
		s.Late[i].ByStack = stacks[w.ByStack]
	}
	return &s.Summary
}
