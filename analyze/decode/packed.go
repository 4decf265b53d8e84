package decode

import "math"

// Events is a sequence of events in time order, packed into 8 to 16 bytes each, as most
// are, as long as numbers are small: a generation of a busy program has millions. It is
// written with Append and read with a [Cursor].
type Events struct {
	pool   *Pool
	blocks [][]uint32 // full ones
	tail   []uint32
	start  int64  // what the ns of the first record are counted from
	last   int64  // time of the event appended last
	passed uint32 // events left out since
}

// blockWords is the size of a block, 128 kB. Blocks are used again, so that
// reading a long trace leaves no garbage.
const blockWords = 32 << 10

// A record is a word of flags and the goroutine, and one of the ns since the
// record before. What the flags say follows, a word of two halves each: the stack
// and the reason; one more than the waker, and its stack.
//
// A far record is one in which a number does not fit into its half. It has words
// in place of the halves, and the goroutine in a word of its own behind the ns.
const (
	flagTo     = 3      // 3 bits from here on
	flagStack  = 1 << 6 //
	flagBy     = 1 << 7
	flagFar    = 1 << 8
	flagPassed = 9  // 7 bits from here on: events left out since the record before
	flagG      = 16 // 16 bits from here on
	flagKind   = 16 // the same, of far records that are no transition
	stateMask  = 1<<3 - 1
	maxPassed  = 1<<7 - 1
	half       = 16
	halfMask   = 1<<half - 1

	// Far records that are no transition have one of these in place of From.
	opOther = 6 // what follows the ns depends on the kind
	opGap   = 7 // two words with the ns and one with the events left out

	recordWords = 4 + 7 // of the longest record, with a gap before it
)

// MaxReasons is the number of different reasons that fit into a Generation.
const MaxReasons = 1<<half - 1

// Begin makes the sequence an empty one, of events from start on, with room from
// a pool. With none, it keeps no events.
func (s *Events) Begin(start int64, pool *Pool) { *s = Events{start: start, last: start, pool: pool} }

// Pass counts an event of the trace that is left out.
func (s *Events) Pass() { s.passed++ }

// Append puts an event at the end, of which Stack, ByStack, Reason and Name are indexes
// into the tables of the Generation.
func (s *Events) Append(e *Event) {
	if s.pool == nil {
		return
	}
	if len(s.tail)+recordWords > cap(s.tail) {
		s.blocks = append(s.blocks, s.tail)
		s.tail = s.pool.take()
	}
	b := s.tail
	ns, passed := uint64(e.Time-s.last), s.passed
	s.last, s.passed = e.Time, 0
	if passed > maxPassed || ns > math.MaxUint32 {
		b = append(b, flagFar|opGap, uint32(ns), uint32(ns>>32), passed)
		ns, passed = 0, 0
	}
	if e.Kind != Transition {
		b = append(b, flagFar|opOther|passed<<flagPassed|uint32(e.Kind)<<flagKind, uint32(ns))
		s.tail = appendOther(b, e)
		return
	}
	flags := uint32(e.From) | uint32(e.To)<<flagTo | passed<<flagPassed
	if e.Stack != NoStack || e.Reason != 0 {
		flags |= flagStack
	}
	if e.By != Nobody || e.ByStack != NoStack {
		flags |= flagBy
	}
	if near(uint32(e.G), uint32(e.Stack), uint32(e.By+1), uint32(e.ByStack)) {
		b = append(b, flags|uint32(e.G)<<flagG, uint32(ns))
		if flags&flagStack != 0 {
			b = append(b, uint32(e.Stack)|uint32(e.Reason)<<half)
		}
		if flags&flagBy != 0 {
			b = append(b, uint32(e.By+1)|uint32(e.ByStack)<<half)
		}
	} else {
		b = append(b, flags|flagFar, uint32(ns), uint32(e.G))
		if flags&flagStack != 0 {
			b = append(b, uint32(e.Stack), uint32(e.Reason))
		}
		if flags&flagBy != 0 {
			b = append(b, uint32(e.By+1), uint32(e.ByStack))
		}
	}
	s.tail = b
}

// appendOther writes what follows the ns where an event is no transition.
func appendOther(b []uint32, e *Event) []uint32 {
	switch e.Kind {
	case Procs:
		return append(b, uint32(e.N))
	case Sample:
		return append(b, uint32(e.G), uint32(e.N), uint32(e.N>>32), uint32(e.Stack))
	case TaskBegin, TaskEnd, RegionBegin, RegionEnd:
		return append(b, uint32(e.G), uint32(e.N), uint32(e.N>>32), uint32(e.Name))
	}
	return append(b, uint32(e.G))
}

// near reports whether numbers fit into halves of a word.
func near(a, b, c, d uint32) bool { return a|b|c|d <= halfMask }

// Move appends an event without a stack, of nobody's doing. Like Stop and Wake, it
// is Append for the events that there are most of.
func (s *Events) Move(t int64, g GoIndex, from, to State) {
	b := s.room(2, t)
	if b == nil || !near(uint32(g), 0, 0, 0) {
		s.Append(&Event{Time: t, G: g, By: Nobody, From: from, To: to})
		return
	}
	b[1] = uint32(t - s.last)
	b[0] = uint32(from) | uint32(to)<<flagTo | s.passed<<flagPassed | uint32(g)<<flagG
	s.tail, s.last, s.passed = s.tail[:len(s.tail)+2], t, 0
}

// Stop appends an event with the stack of the goroutine that it is about, and the
// reason.
func (s *Events) Stop(t int64, g GoIndex, from, to State, stack StackID, reason StringID) {
	b := s.room(3, t)
	if b == nil || !near(uint32(g), uint32(stack), 0, 0) {
		s.Append(&Event{Time: t, G: g, By: Nobody, From: from, To: to, Stack: stack, Reason: reason})
		return
	}
	b[2] = uint32(stack) | uint32(reason)<<half
	b[1] = uint32(t - s.last)
	b[0] = uint32(from) | uint32(to)<<flagTo | flagStack | s.passed<<flagPassed | uint32(g)<<flagG
	s.tail, s.last, s.passed = s.tail[:len(s.tail)+3], t, 0
}

// Wake appends an event of what one goroutine, or Nobody, does to another one.
func (s *Events) Wake(t int64, g GoIndex, from, to State, by GoIndex, stack StackID) {
	b := s.room(3, t)
	if b == nil || !near(uint32(g), uint32(by+1), uint32(stack), 0) {
		s.Append(&Event{Time: t, G: g, By: by, From: from, To: to, ByStack: stack})
		return
	}
	b[2] = uint32(by+1) | uint32(stack)<<half
	b[1] = uint32(t - s.last)
	b[0] = uint32(from) | uint32(to)<<flagTo | flagBy | s.passed<<flagPassed | uint32(g)<<flagG
	s.tail, s.last, s.passed = s.tail[:len(s.tail)+3], t, 0
}

// room returns what follows the tail, nil where it has no room for so many words,
// or a gap is needed.
func (s *Events) room(words int, t int64) []uint32 {
	n := len(s.tail)
	if n+words > cap(s.tail) || s.passed > maxPassed || uint64(t-s.last) > math.MaxUint32 {
		return nil
	}
	return s.tail[n : n+words]
}

// Cursor reads the events of a Generation in order.
type Cursor struct {
	block    []uint32
	at       int // in block
	stacks   []StackID
	reasons  []StringID
	names    []StringID
	time     int64
	floor    int64 // of the event read last
	floored  bool  // there may be events below the floor
	restated bool
	drains   bool
	events   *Events
	next     int // index in events.blocks of the next one
}

// Cursor returns a Cursor that stands before the first event.
func (g *Generation) Cursor() Cursor {
	return Cursor{
		stacks: g.Stacks, reasons: g.Reasons, names: g.Names, events: &g.Events,
		time: g.Events.start, floor: g.Floor - 1, floored: g.Floor > g.Start, restated: g.Restated,
	}
}

// Drain returns a Cursor that gives the room of the events free as it goes: they
// can be read with it once, and then no more.
func (g *Generation) Drain() Cursor {
	c := g.Cursor()
	c.drains = true
	return c
}

// Next reads the next event into e, or reports false after the last one.
func (c *Cursor) Next(e *Event) bool {
	for c.at >= len(c.block) {
		if !c.nextBlock() {
			return false
		}
	}
	b := c.block[c.at:]
	flags := b[0]
	if flags&flagFar != 0 {
		return c.far(e, b)
	}
	c.time += int64(b[1])
	n := 2
	e.Time, e.Kind, e.N, e.Name = c.time, Transition, 0, 0
	e.G = GoIndex(flags >> flagG)
	e.From, e.To = State(flags&stateMask), State(flags>>flagTo&stateMask)
	e.Stack, e.Reason = NoStack, 0
	if flags&flagStack != 0 {
		e.Stack, e.Reason = c.stacks[b[2]&halfMask], c.reasons[b[2]>>half]
		n = 3
	}
	e.By, e.ByStack = Nobody, NoStack
	if flags&flagBy != 0 {
		e.By, e.ByStack = GoIndex(b[n]&halfMask)-1, c.stacks[b[n]>>half]
		n++
	}
	c.at += n
	if e.From == Unknown || c.floored {
		c.rare(e, flags)
	}
	return true
}

// far reads a far record, or what follows a gap.
func (c *Cursor) far(e *Event, b []uint32) bool {
	flags := b[0]
	c.time += int64(b[1])
	if flags&stateMask == opGap {
		c.time += int64(b[2]) << 32
		c.floor += int64(b[3])
		c.at += 4
		return c.Next(e)
	}
	*e = Event{Time: c.time, By: Nobody}
	n := 3
	if flags&stateMask == opOther {
		n = c.other(e, b)
	} else {
		e.G, e.From, e.To = GoIndex(b[2]), State(flags&stateMask), State(flags>>flagTo&stateMask)
		if flags&flagStack != 0 {
			e.Stack, e.Reason = c.stacks[b[n]], c.reasons[b[n+1]]
			n += 2
		}
		if flags&flagBy != 0 {
			e.By, e.ByStack = GoIndex(b[n])-1, c.stacks[b[n+1]]
			n += 2
		}
	}
	c.at += n
	c.rare(e, flags)
	return true
}

// other reads what follows the ns where an event is no transition, and returns how
// many words the record has.
func (c *Cursor) other(e *Event, b []uint32) int {
	e.Kind, e.G = Kind(b[0]>>flagKind), Nobody
	if e.Kind == Procs {
		e.N = int64(b[2])
		return 3
	}
	e.G = GoIndex(int32(b[2]))
	switch e.Kind {
	case Sample:
		e.N, e.Stack = int64(b[3])|int64(b[4])<<32, c.stacks[b[5]]
		return 6
	case TaskBegin, TaskEnd, RegionBegin, RegionEnd:
		e.N, e.Name = int64(b[3])|int64(b[4])<<32, c.names[b[5]]
		return 6
	}
	return 3
}

// NextNews is Next for events that show a stack, that a goroutine is there, is born or
// dies, or are no transition. It skips all others at little cost.
func (c *Cursor) NextNews(e *Event) bool {
	if !c.floored {
		c.skipMoves()
	}
	return c.Next(e)
}

// skipMoves passes over records of two words, which tell no more than that a
// goroutine goes from one state to another one.
func (c *Cursor) skipMoves() {
	for {
		b, at := c.block, c.at
		for at+1 < len(b) && isMove(b[at]) {
			c.time += int64(b[at+1])
			at += 2
		}
		c.at = at
		if at < len(b) || !c.nextBlock() {
			return
		}
	}
}

func isMove(flags uint32) bool {
	return flags&(flagFar|flagStack|flagBy) == 0 && State(flags&stateMask) > NotExist && State(flags>>flagTo&stateMask) > NotExist
}

// rare completes what few events need.
func (c *Cursor) rare(e *Event, flags uint32) {
	if c.restated && e.From == Unknown && e.Kind == Transition {
		e.From = e.To
	}
	if !c.floored {
		return
	}
	c.floor += 1 + int64(flags>>flagPassed&maxPassed)
	if e.Time < c.floor {
		e.Time = c.floor
	} else {
		c.floored = false // times rise by at least 1 ns an event
	}
}

// nextBlock goes on to the next block, and reports false where there is none: then
// it stays behind the last one.
func (c *Cursor) nextBlock() bool {
	s := c.events
	n := len(s.blocks)
	if c.next > n {
		return false
	}
	if c.drains && c.next > 0 {
		s.pool.give(s.blocks[c.next-1])
		s.blocks[c.next-1] = nil
	}
	c.block, c.at = s.tail, 0
	if c.next < n {
		c.block = s.blocks[c.next]
	}
	c.next++
	return true
}
