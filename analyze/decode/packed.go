package decode

import "math"

// Events is a sequence of events in time order, packed into 12 to 24 bytes each:
// a generation of a busy program has millions. It is written with Append and
// read with a [Cursor].
type Events struct {
	blocks [][]uint32 // full ones
	tail   []uint32
	start  int64 // what the ns of the first record are counted from
	last   int64 // time of the event appended last
}

// blockWords is the size of a block, 128 kB. Blocks are used again, so that
// reading a long trace leaves no garbage.
const blockWords = 32 << 10

// A record is a word of flags, followed by the goroutine (or, for Procs, the
// number), the ns since the record before, and what the flags say.
const (
	flagTo      = 3              // 3 bits from here on
	flagProcs   = 1 << 6         //
	flagStack   = 1 << 7         // a word follows
	flagBy      = 1 << 8         // two words follow: who, and the stack
	flagWide    = 1 << 9         // a word with the upper half of the ns follows
	flagPassed  = 10             // 8 bits from here on: events left out since the record before
	flagReason  = 18             // 14 bits from here on
	flagSkip    = math.MaxUint32 // no event: the next word is added to those left out
	stateMask   = 1<<3 - 1
	maxPassed   = 1<<8 - 1
	recordWords = 9 // of the longest record, with a skip before it
)

// MaxReasons is the number of different reasons that fit into a Generation.
const MaxReasons = 1<<14 - 1

// Begin makes the sequence an empty one, of events from start on.
func (s *Events) Begin(start int64) { *s = Events{start: start, last: start} }

// Append puts an event at the end, of which Stack, ByStack and Reason are indexes
// into the tables of the Generation; passed is the number of events in the trace
// that were left out since the one before.
func (s *Events) Append(e *Event, passed uint32, pool *Pool) {
	if len(s.tail)+recordWords > cap(s.tail) {
		s.blocks = append(s.blocks, s.tail)
		s.tail = pool.take()
	}
	b := s.tail
	if passed > maxPassed {
		b = append(b, flagSkip, passed)
		passed = 0
	}
	ns := uint64(e.Time - s.last)
	s.last = e.Time
	flags := uint32(e.From) | uint32(e.To)<<flagTo | passed<<flagPassed | uint32(e.Reason)<<flagReason
	subject := uint32(e.G)
	if e.Kind == Procs {
		flags |= flagProcs
		subject = uint32(e.N)
	}
	at := len(b)
	b = append(b, flags, subject, uint32(ns))
	if ns > math.MaxUint32 {
		flags |= flagWide
		b = append(b, uint32(ns>>32))
	}
	if e.Stack != NoStack {
		flags |= flagStack
		b = append(b, uint32(e.Stack))
	}
	if e.By != Nobody || e.ByStack != NoStack {
		flags |= flagBy
		b = append(b, uint32(e.By), uint32(e.ByStack))
	}
	b[at] = flags
	s.tail = b
}

// Move appends an event without a stack, of nobody's doing. Like Stop and Wake, it
// is Append for the events that there are most of.
func (s *Events) Move(t int64, g GoIndex, from, to State, passed uint32, pool *Pool) {
	b, n, ok := s.room(3, t, passed)
	if !ok {
		s.Append(&Event{Time: t, G: g, By: Nobody, From: from, To: to}, passed, pool)
		return
	}
	b[n] = uint32(from) | uint32(to)<<flagTo | passed<<flagPassed
	b[n+1], b[n+2] = uint32(g), uint32(t-s.last)
	s.tail, s.last = b, t
}

// Stop appends an event with the stack of the goroutine that it is about, which
// must not be NoStack, and the reason.
func (s *Events) Stop(t int64, g GoIndex, from, to State, stack StackID, reason StringID, passed uint32, pool *Pool) {
	b, n, ok := s.room(4, t, passed)
	if !ok {
		s.Append(&Event{Time: t, G: g, By: Nobody, From: from, To: to, Stack: stack, Reason: reason}, passed, pool)
		return
	}
	b[n] = uint32(from) | uint32(to)<<flagTo | flagStack | passed<<flagPassed | uint32(reason)<<flagReason
	b[n+1], b[n+2], b[n+3] = uint32(g), uint32(t-s.last), uint32(stack)
	s.tail, s.last = b, t
}

// Wake appends an event of what one goroutine, or Nobody, does to another one.
func (s *Events) Wake(t int64, g GoIndex, from, to State, by GoIndex, stack StackID, passed uint32, pool *Pool) {
	b, n, ok := s.room(5, t, passed)
	if !ok {
		s.Append(&Event{Time: t, G: g, By: by, From: from, To: to, ByStack: stack}, passed, pool)
		return
	}
	b[n] = uint32(from) | uint32(to)<<flagTo | flagBy | passed<<flagPassed
	b[n+1], b[n+2], b[n+3], b[n+4] = uint32(g), uint32(t-s.last), uint32(by), uint32(stack)
	s.tail, s.last = b, t
}

// room returns the tail with so many words more, and where these are. It reports
// false where there is no room, or a record of that size is too small.
func (s *Events) room(words int, t int64, passed uint32) (b []uint32, n int, ok bool) {
	n = len(s.tail)
	if n+words > cap(s.tail) || passed > maxPassed || uint64(t-s.last) > math.MaxUint32 {
		return nil, 0, false
	}
	return s.tail[:n+words], n, true
}

// Cursor reads the events of a Generation in order.
type Cursor struct {
	block    []uint32
	stacks   []StackID
	reasons  []StringID
	time     int64
	ordinal  int64 // of the event read last, over all that the trace has
	floor    int64
	floored  bool // there may be events below the floor
	restated bool
	events   *Events
	next     int // index in events.blocks of the next one
}

// Cursor returns a Cursor that stands before the first event.
func (g *Generation) Cursor() Cursor {
	return Cursor{
		stacks: g.Stacks, reasons: g.Reasons, events: &g.Events,
		time: g.Events.start, ordinal: -1, floor: g.Floor, floored: g.Floor > g.Start, restated: g.Restated,
	}
}

// Next reads the next event into e, or reports false after the last one.
func (c *Cursor) Next(e *Event) bool {
	for len(c.block) == 0 {
		if !c.nextBlock() {
			return false
		}
	}
	b := c.block
	if b[0] == flagSkip {
		c.ordinal += int64(b[1])
		b = b[2:]
	}
	flags := b[0]
	e.G = GoIndex(b[1])
	c.time += int64(b[2])
	n := 3
	if flags&flagWide != 0 {
		c.time += int64(b[n]) << 32
		n++
	}
	e.Time, e.Kind = c.time, Transition
	e.From, e.To = State(flags&stateMask), State(flags>>flagTo&stateMask)
	e.Reason = c.reasons[flags>>flagReason]
	e.Stack = NoStack
	if flags&flagStack != 0 {
		e.Stack = c.stacks[b[n]]
		n++
	}
	e.By, e.ByStack = Nobody, NoStack
	if flags&flagBy != 0 {
		e.By, e.ByStack = GoIndex(b[n]), c.stacks[b[n+1]]
		n += 2
	}
	c.block = b[n:]
	c.ordinal += 1 + int64(flags>>flagPassed&maxPassed)
	if e.From == Unknown || c.floored {
		c.rare(e, flags)
	}
	return true
}

// NextNews is Next for events that show a stack, or that a goroutine is there, is
// born or dies. It skips all others at little cost.
func (c *Cursor) NextNews(e *Event) bool {
	if !c.floored {
		c.skipMoves()
	}
	return c.Next(e)
}

// skipMoves passes over records of three words that tell no more than that a
// goroutine goes from one state to another one.
func (c *Cursor) skipMoves() {
	for {
		b := c.block
		for len(b) >= 3 && isMove(b[0]) {
			c.time += int64(b[2])
			c.ordinal += 1 + int64(b[0]>>flagPassed&maxPassed)
			b = b[3:]
		}
		c.block = b
		if len(b) > 0 || !c.nextBlock() {
			return
		}
	}
}

func isMove(flags uint32) bool {
	const more = flagProcs | flagStack | flagBy | flagWide
	return flags&more == 0 && State(flags&stateMask) > NotExist && State(flags>>flagTo&stateMask) > NotExist
}

// rare completes what few events need.
func (c *Cursor) rare(e *Event, flags uint32) {
	switch {
	case flags&flagProcs != 0:
		e.Kind, e.N, e.G = Procs, int64(e.G), Nobody
	case c.restated && e.From == Unknown:
		e.From = e.To
	}
	if t := c.floor + c.ordinal; c.floored && e.Time < t {
		e.Time = t
	} else {
		c.floored = false // times rise by at least 1 ns an event
	}
}

func (c *Cursor) nextBlock() bool {
	s := c.events
	switch {
	case c.next < len(s.blocks):
		c.block = s.blocks[c.next]
	case c.next == len(s.blocks):
		c.block = s.tail
	default:
		return false
	}
	c.next++
	return true
}
