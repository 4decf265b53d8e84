package rewrite

import (
	"testing"

	"tracekit/analyze/decode/wire"
)

// TestShortened has what is asked for rise: waits that are too short are kept no more.
// Those are, of which an end is in another generation.
func TestShortened(t *testing.T) {
	at := func(ns int64) wire.EventPlace { return wire.EventPlace{Time: ns, Size: 1} }
	g := &Generations{shortest: new(wire.Shortest), waits: [][]wire.WaitPlace{{
		{G: 1, Block: at(0), Start: at(10)}, {G: 2, Block: at(0), Start: at(1000)}, {G: 3, Block: at(5)}, {G: 4, Start: at(7)},
	}}}
	g.shortest.Raise(100)
	g.shortened()
	var left []uint64
	for _, w := range g.waits[0] {
		left = append(left, w.G)
	}
	if len(left) != 3 || left[0] != 2 || left[1] != 3 || left[2] != 4 {
		t.Errorf("goroutines %d are left", left)
	}
	if n := cap(g.waits[0]); n > 3 {
		t.Errorf("there is room for %d", n)
	}
}
