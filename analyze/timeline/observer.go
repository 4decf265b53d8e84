package timeline

// Observer is told what happens, in time order; what of it depends on which of the
// interfaces below it implements, too. The pointers that it gets are valid for a
// while: those to a Goroutine until Died returns, those to a Wait until it is done.
type Observer interface {
	// Born tells of a goroutine that was created, or found at the start, in
	// the state that it has from then on.
	Born(g *Goroutine)
	// Died tells that a goroutine has ended, or the trace has: nothing more is
	// told of it, and its Slot will be another one's.
	Died(g *Goroutine)
	// Joined tells that locks have turned out to be one.
	Joined(j Join)
	// Procs tells the value of GOMAXPROCS from time t on.
	Procs(t, n int64)
	// Gap tells that nothing is known of the time between two times. All that
	// was going on has been told to be cut off, and what goes on afterwards is
	// told like what is found at the start.
	Gap(from, to int64)
}

// StartObserver is an Observer that is told when the trace begins.
type StartObserver interface {
	Observer
	// Started comes before all else. It tells the time, in ns on the trace's clock,
	// and the table of all stacks and frames that it will be told of.
	Started(t int64, symbols *Symbols)
}

// LockObserver is an Observer that is told of waits for locks.
type LockObserver interface {
	Observer
	// LockBlocked tells of a wait that begins.
	LockBlocked(w *Wait)
	// LockWoken tells that a wait was ended by a wake.
	LockWoken(w *Wait)
	// LockDone tells that the goroutine runs again, or that the trace has
	// ended. It follows each LockBlocked, also where there was no LockWoken.
	LockDone(w *Wait)
}

// WaitObserver is an Observer that is told of waits for other than locks.
type WaitObserver interface {
	Observer
	// Waited tells that the goroutine runs again, or that the trace has ended.
	Waited(w *Wait)
}

// WakeObserver is an Observer that is told of wakes.
type WakeObserver interface {
	Observer
	// Woken tells that a wait, for a lock or not, was ended by a wake.
	Woken(w *Wait)
}

// SpanObserver is an Observer that is told of spans, too.
type SpanObserver interface {
	Observer
	// Span tells that g was in a state since a time, in ns on the trace's
	// clock, up to g.Since, from when on it is in g.State. That is NotExist
	// behind the last span of a goroutine, and where the trace ends.
	Span(g *Goroutine, was State, since int64)
}

// Join says which locks have turned out to be one.
type Join struct {
	Into LockID   // the one that they are from now on
	From []LockID // those that are no more; some may be new to the observer
	// Waits are those in progress on any of them, by their start. They bear
	// the ids of before until Joined returns, and then that of Into.
	Waits []*Wait
	// Inferred is set where not a wake says so, but that a reader came while a
	// writer waited.
	Inferred bool
}

// Ignore is an Observer that does nothing. Others embed it and say only what
// they listen to.
type Ignore struct{}

// Born implements Observer.
func (Ignore) Born(*Goroutine) {}

// Died implements Observer.
func (Ignore) Died(*Goroutine) {}

// Joined implements Observer.
func (Ignore) Joined(Join) {}

// Procs implements Observer.
func (Ignore) Procs(int64, int64) {}

// Gap implements Observer.
func (Ignore) Gap(int64, int64) {}
