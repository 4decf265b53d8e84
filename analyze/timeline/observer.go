package timeline

// Observer is told what happens, in time order. The pointers that it gets stay
// valid: those to a Goroutine to the end, those to a Wait until Done returns.
type Observer interface {
	// Born tells of a goroutine that was created, or found at the start, in
	// the state that it has from then on.
	Born(g *Goroutine)
	// Blocked tells of a wait that begins.
	Blocked(w *Wait)
	// Woken tells that a wait was ended by a wake.
	Woken(w *Wait)
	// Done tells that the goroutine runs again, or that the trace has ended.
	// It follows each Blocked, also where there was no Woken.
	Done(w *Wait)
	// Died tells that a goroutine has ended, or the trace has: nothing more is
	// told of it, and its Slot will be another one's.
	Died(g *Goroutine)
	// Joined tells that locks have turned out to be one.
	Joined(j Join)
	// Procs tells the value of GOMAXPROCS from time t on.
	Procs(t, n int64)
}

// SpanObserver is an Observer that is told of spans, too.
type SpanObserver interface {
	Observer
	// Span tells of a span that has closed. One with Next NotExist is the
	// last of its goroutine.
	Span(s Span)
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

// Blocked implements Observer.
func (Ignore) Blocked(*Wait) {}

// Woken implements Observer.
func (Ignore) Woken(*Wait) {}

// Done implements Observer.
func (Ignore) Done(*Wait) {}

// Died implements Observer.
func (Ignore) Died(*Goroutine) {}

// Joined implements Observer.
func (Ignore) Joined(Join) {}

// Procs implements Observer.
func (Ignore) Procs(int64, int64) {}
