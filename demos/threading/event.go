package threading

import (
	"context"
	"sync/atomic"
)

// Event is a flag that threads can wait for: set or clear, and clear at first.
// To set it wakes all who wait. The zero Event is ready for use, and must not be
// copied.
type Event struct {
	now atomic.Pointer[flag] // nil: clear, and nobody has asked for it
}

// flag is an Event from one Clear to the next.
type flag struct {
	set  atomic.Bool
	wake chan struct{} // closed when it is set
}

func (e *Event) flag() *flag {
	if f := e.now.Load(); f != nil {
		return f
	}
	e.now.CompareAndSwap(nil, &flag{wake: make(chan struct{})})
	return e.now.Load()
}

// Set sets the flag and wakes all who wait for it.
func (e *Event) Set() {
	if f := e.flag(); f.set.CompareAndSwap(false, true) {
		close(f.wake)
	}
}

// Clear clears the flag: who waits from now on waits for the next Set.
func (e *Event) Clear() {
	if f := e.flag(); f.set.Load() {
		e.now.CompareAndSwap(f, &flag{wake: make(chan struct{})})
	}
}

// IsSet reports whether the flag is set.
func (e *Event) IsSet() bool { return e.flag().set.Load() }

// Wait returns nil at once where the flag is set; else it waits until it is, or
// returns the error of ctx when that is done before.
func (e *Event) Wait(ctx context.Context) error {
	f := e.flag()
	if f.set.Load() {
		return nil
	}
	select {
	case <-f.wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
