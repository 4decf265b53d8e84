package threading

// DefaultTicks is after how many ticks the tutorial's interpreter gives up its
// lock.
const DefaultTicks = 100

// GIL is a global lock around interpreting: of all threads that interpret, one
// runs at a time. It gives the lock up, for others to take, every so many ticks,
// a tick being an instruction of the interpreter, and while it waits for I/O.
// NewGIL makes it.
type GIL struct {
	slot     slot
	interval int
	ticks    int // of who holds the lock, and all before
}

// NewGIL returns a GIL that is given up every so many ticks; 0 or less stands
// for DefaultTicks.
func NewGIL(ticks int) *GIL {
	if ticks <= 0 {
		ticks = DefaultTicks
	}
	return &GIL{slot: newSlot(1), interval: ticks}
}

// Interpret calls f with the lock held. All else is for f, and for what it calls
// in the same thread.
func (g *GIL) Interpret(f func()) {
	g.slot.take()
	defer g.slot.give()
	f()
}

// Tick says that one more instruction is done. When it is the last one of an
// interval, it gives the lock up, and takes it again: if others wait, when they
// have had it.
func (g *GIL) Tick() {
	if g.ticks++; g.ticks%g.interval == 0 {
		g.slot.give()
		g.slot.take()
	}
}

// IO calls f, which waits for I/O, without the lock.
func (g *GIL) IO(f func()) {
	g.slot.give()
	defer g.slot.take()
	f()
}
