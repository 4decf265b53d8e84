package rewrite

import (
	"maps"
	"slices"

	"tracekit/analyze/decode/wire"
)

// span is a range of the runtime's: of a goroutine or a processor.
type span struct {
	kind  byte // that ends it
	owner uint64
}

// takeRanges takes over the ranges of goroutines that the generations before have begun
// and not ended. A stop of the world is not told again with each generation.
func (p *part) takeRanges() {
	for _, id := range slices.Sorted(maps.Keys(p.stand.Goroutines)) {
		st := p.stand.Goroutines[id]
		if st.Assists {
			p.ranges[span{wire.EvGCMarkAssistEnd, id}] = true
		}
		if st.Stops {
			p.ranges[span{wire.EvSTWEnd, id}] = true
			p.stopped[id] = wire.Event{Args: []uint64{p.added.string(st.StopFor), 0}}
		}
	}
}

// pass notes the ranges that an event begins or ends. It reports false for one that
// must not be written: the end of what nothing in the window has begun.
func (p *part) pass(e *wire.Event) bool {
	begins, r := rangeOf(e)
	switch {
	case r.kind == 0:
		return true
	case begins && p.ranges[r]:
		return false // it is said to go on once more
	case begins:
		p.ranges[r] = true
		return true
	}
	was := p.ranges[r]
	delete(p.ranges, r)
	return was || p.stand == nil
}

// rangeOf returns the range that an event begins or ends, and which of both.
func rangeOf(e *wire.Event) (begins bool, r span) {
	switch e.Kind {
	case wire.EvSTWBegin, wire.EvSTWEnd:
		return e.Kind == wire.EvSTWBegin, span{wire.EvSTWEnd, e.G}
	case wire.EvGCMarkAssistActive:
		return true, span{wire.EvGCMarkAssistEnd, e.Args[0]}
	case wire.EvGCMarkAssistBegin, wire.EvGCMarkAssistEnd:
		return e.Kind == wire.EvGCMarkAssistBegin, span{wire.EvGCMarkAssistEnd, e.G}
	case wire.EvGCSweepActive:
		return true, span{wire.EvGCSweepEnd, e.Args[0]}
	case wire.EvGCSweepBegin, wire.EvGCSweepEnd:
		return e.Kind == wire.EvGCSweepBegin, span{wire.EvGCSweepEnd, e.P}
	}
	return false, span{}
}
