package timeline

import "fmt"

// Laws is an Observer that checks what must hold in every trace: the spans of a
// goroutine touch, and add up to its life; a wait has its block, its wake and
// its end in this order; and a waker was running when it woke.
type Laws struct {
	Ignore
	Spans, Wakes int // how many were checked
	broken       error
	alive        map[*Goroutine]*life
}

// life is what Laws knows of a goroutine.
type life struct {
	born  int64
	last  int64 // end of the last span
	state State
	spent int64
}

// NewLaws returns a Laws that has seen nothing.
func NewLaws() *Laws { return &Laws{alive: make(map[*Goroutine]*life)} }

// Err returns the first breach, or nil. It is complete when the run is over.
func (l *Laws) Err() error {
	if l.broken == nil && len(l.alive) > 0 {
		return fmt.Errorf("%d goroutines have no end", len(l.alive))
	}
	return l.broken
}

func (l *Laws) breach(format string, args ...any) {
	if l.broken == nil {
		l.broken = fmt.Errorf(format, args...)
	}
}

// Born implements Observer.
func (l *Laws) Born(g *Goroutine) {
	l.alive[g] = &life{born: g.Since, last: g.Since, state: g.State}
}

// Span implements SpanObserver.
func (l *Laws) Span(goroutine *Goroutine, was State, since int64) {
	l.Spans++
	g, end := l.alive[goroutine], goroutine.Since
	switch {
	case g == nil:
		l.breach("goroutine %d has a span but no birth", goroutine.ID)
		return
	case since != g.last:
		l.breach("goroutine %d: a span ends at %d ns and the next begins at %d ns", goroutine.ID, g.last, since)
	case was != g.state:
		l.breach("goroutine %d: %v was to follow, and %v did", goroutine.ID, g.state, was)
	case end < since:
		l.breach("goroutine %d: a span from %d ns to %d ns", goroutine.ID, since, end)
	}
	g.spent += end - since
	g.last, g.state = end, goroutine.State
	if goroutine.State != NotExist {
		return
	}
	if g.spent != end-g.born {
		l.breach("goroutine %d lived %d ns and its spans add up to %d ns", goroutine.ID, end-g.born, g.spent)
	}
	delete(l.alive, goroutine)
}

// Woken implements WakeObserver.
func (l *Laws) Woken(w *Wait) {
	if w.By == nil {
		return
	}
	l.Wakes++
	if w.By.State != Running {
		l.breach("goroutine %d was woken at %d ns by goroutine %d, which was %v", w.G.ID, w.Woken, w.By.ID, w.By.State)
	}
}

// LockBlocked implements LockObserver.
func (l *Laws) LockBlocked(*Wait) {}

// LockWoken implements LockObserver.
func (l *Laws) LockWoken(*Wait) {}

// LockDone implements LockObserver.
func (l *Laws) LockDone(w *Wait) { l.Waited(w) }

// Waited implements WaitObserver.
func (l *Laws) Waited(w *Wait) {
	if w.Start > w.Woken || w.Woken > w.Resumed {
		l.breach("goroutine %d: a wait from %d ns, woken at %d ns, over at %d ns", w.G.ID, w.Start, w.Woken, w.Resumed)
	}
}
