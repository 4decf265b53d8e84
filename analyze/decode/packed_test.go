package decode

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// draw returns a number of up to most, small or large or at the edge of what fits
// into half a word.
func draw(rnd *rand.Rand, most int64) int64 {
	edges := []int64{0, 1, 2, halfMask - 1, halfMask, halfMask + 1, math.MaxUint32, math.MaxUint32 + 1, most}
	return min(most, edges[rnd.IntN(len(edges))])
}

// drawEvent returns an event as readers make them, and how many are left out
// before it.
func drawEvent(rnd *rand.Rand, time int64, stacks, reasons, names int) (e Event, passed int) {
	passed = int(draw(rnd, 3*maxPassed))
	e.Time = time + draw(rnd, 1<<40)
	e.By = Nobody
	if rnd.IntN(10) == 0 {
		e.Kind, e.N, e.G = Procs, draw(rnd, math.MaxInt32), Nobody
		return e, passed
	}
	e.G = GoIndex(draw(rnd, math.MaxInt32))
	if rnd.IntN(5) == 0 {
		drawMark(rnd, &e, stacks, names)
		return e, passed
	}
	e.From, e.To = State(rnd.IntN(int(States))), State(rnd.IntN(int(States)))
	if rnd.IntN(2) == 0 {
		e.Stack, e.Reason = StackID(draw(rnd, int64(stacks-1))), StringID(draw(rnd, int64(reasons-1)))
	}
	if rnd.IntN(2) == 0 {
		e.By, e.ByStack = GoIndex(draw(rnd, math.MaxInt32-1)), StackID(draw(rnd, int64(stacks-1)))
	}
	return e, passed
}

// drawMark makes an event a mark of any kind.
func drawMark(rnd *rand.Rand, e *Event, stacks, names int) {
	if rnd.IntN(5) == 0 {
		e.G = Nobody
	}
	switch e.Kind = Sample + Kind(rnd.IntN(int(kinds-Sample))); e.Kind {
	case Sample:
		e.Stack = StackID(draw(rnd, int64(stacks-1)))
	case TaskBegin, TaskEnd, RegionBegin, RegionEnd:
		e.N, e.Name = draw(rnd, math.MaxInt64)-draw(rnd, 1<<40), StringID(draw(rnd, int64(names-1)))
	}
}

// appendTo appends an event in the way that is made for it.
func appendTo(s *Events, e *Event) {
	plain := e.Kind == Transition && e.By == Nobody && e.ByStack == NoStack
	switch {
	case plain && e.Stack == NoStack && e.Reason == 0:
		s.Move(e.Time, e.G, e.From, e.To)
	case plain:
		s.Stop(e.Time, e.G, e.From, e.To, e.Stack, e.Reason)
	case e.Kind == Transition && e.Stack == NoStack && e.Reason == 0:
		s.Wake(e.Time, e.G, e.From, e.To, e.By, e.ByStack)
	default:
		s.Append(e)
	}
}

// TestPacked has what is read be what was appended, whatever the numbers.
func TestPacked(t *testing.T) {
	g := Generation{Stacks: make([]StackID, halfMask+3), Reasons: make([]StringID, MaxReasons+1), Names: make([]StringID, halfMask+5)}
	for i := range g.Stacks {
		g.Stacks[i] = StackID(i)
	}
	for i := range g.Reasons {
		g.Reasons[i] = StringID(i)
	}
	for i := range g.Names {
		g.Names[i] = StringID(i)
	}
	pool := new(Pool)
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		g.Events.Begin(7, pool)
		var want []Event
		time := int64(7)
		for range 20_000 {
			e, passed := drawEvent(rnd, time, len(g.Stacks), len(g.Reasons), len(g.Names))
			for range passed {
				g.Events.Pass()
			}
			appendTo(&g.Events, &e)
			want, time = append(want, e), e.Time
		}
		var got []Event
		for c, e := g.Cursor(), (Event{}); c.Next(&e); {
			got = append(got, e)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: the events are not those that were appended", seed)
		}
		var drained []Event
		for c, e := g.Drain(), (Event{}); c.Next(&e); {
			drained = append(drained, e)
		}
		if g.Events.Free(); !slices.Equal(drained, want) {
			t.Fatalf("seed %d: the events are not the same when they are drained", seed)
		}
	}
	seen := make(map[*uint32]bool)
	for _, b := range pool.free {
		if p := &b[:1][0]; seen[p] {
			t.Fatal("a block is free twice")
		} else {
			seen[p] = true
		}
	}
}

// TestFloor moves events that lie below the floor, marks among them, up to the first
// that does not. Those left out count, too.
func TestFloor(t *testing.T) {
	g := Generation{Start: 100, Floor: 101, Stacks: make([]StackID, 1), Reasons: make([]StringID, 1)}
	g.Events.Begin(50, new(Pool))
	for _, e := range []struct {
		time   int64
		passed int
	}{{50, 0}, {60, 200}, {70, 1}, {400, 0}, {401, 0}, {402, 5}} {
		for range e.passed {
			g.Events.Pass()
		}
		if e.time%20 == 0 {
			g.Events.Append(&Event{Time: e.time, Kind: StopBegin})
			continue
		}
		g.Events.Move(e.time, 0, Runnable, Running)
	}
	var got []int64
	for c, e := g.Cursor(), (Event{}); c.Next(&e); {
		got = append(got, e.Time)
	}
	if want := []int64{101, 302, 304, 400, 401, 402}; !slices.Equal(got, want) {
		t.Errorf("times are %d, want %d", got, want)
	}
}

// TestNews skips what shows no stack, birth or death and is no mark, and nothing else.
func TestNews(t *testing.T) {
	g := Generation{Stacks: []StackID{0, 1}, Reasons: make([]StringID, 1)}
	g.Events.Begin(0, new(Pool))
	for i := range int64(3 * blockWords) {
		g.Events.Move(4*i+1, 1, Runnable, Running)
		if i%1000 == 0 {
			g.Events.Stop(4*i+2, 1, Running, Waiting, 1, 0)
			g.Events.Move(4*i+3, 1, Running, NotExist)
			g.Events.Append(&Event{Time: 4*i + 4, Kind: AssistEnd, G: 1})
		}
	}
	n := int64(0)
	for c, e := g.Cursor(), (Event{}); c.NextNews(&e); n++ {
		if want := 4*1000*(n/3) + 2 + n%3; e.Time != want {
			t.Fatalf("event %d is at %d ns, want %d", n, e.Time, want)
		}
	}
	if want := int64(3 * ((3*blockWords + 999) / 1000)); n != want {
		t.Errorf("%d events, want %d", n, want)
	}
}
