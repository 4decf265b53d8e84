package threading

import (
	"context"
	"errors"
	"sync/atomic"
)

// ErrNotOwner is what the release of an RLock gets by a thread that does not
// hold it, and the use of a Condition whose RLock the thread does not hold.
var ErrNotOwner = errors.New("threading: the thread does not hold the lock")

// RLock is a lock that the thread which holds it may acquire again. It counts:
// the lock is free when its owner has released it as often as acquired. Only
// the owner may release it.
//
// Each method is told which thread calls it; nil is the goroutine of main. To
// name another thread than the one that calls is a data race. NewRLock makes it.
type RLock struct {
	slot slot
	hold atomic.Pointer[hold] // nil: it is free, or in the middle of a change
}

// hold is the time from a thread's first acquisition to its last release.
type hold struct {
	owner *Thread
	level int
}

// NewRLock returns an RLock that is free.
func NewRLock() *RLock { return &RLock{slot: newSlot(1)} }

// again acquires l once more for the thread that holds it, and reports false for
// any other.
func (l *RLock) again(t *Thread) bool {
	h := l.hold.Load()
	if h == nil || h.owner != t {
		return false
	}
	h.level++
	return true
}

// Acquire acquires l for a thread. While another one holds it, it blocks.
func (l *RLock) Acquire(t *Thread) {
	if !l.again(t) {
		l.slot.take()
		l.hold.Store(&hold{t, 1})
	}
}

// TryAcquire acquires l if no other thread holds it, and reports whether it did.
func (l *RLock) TryAcquire(t *Thread) bool {
	if l.again(t) {
		return true
	}
	if !l.slot.tryTake() {
		return false
	}
	l.hold.Store(&hold{t, 1})
	return true
}

// AcquireContext acquires l as Acquire does, or gives up with the error of ctx
// when that is done.
func (l *RLock) AcquireContext(ctx context.Context, t *Thread) error {
	if l.again(t) {
		return nil
	}
	if err := l.slot.takeContext(ctx); err != nil {
		return err
	}
	l.hold.Store(&hold{t, 1})
	return nil
}

// Release takes back one acquisition; the last one frees l. The error is
// ErrNotOwner where the thread does not hold l, or nil.
func (l *RLock) Release(t *Thread) error {
	if err := l.check(t); err != nil {
		return err
	}
	h := l.hold.Load()
	if h.level--; h.level == 0 {
		l.hold.Store(nil)
		l.slot.give()
	}
	return nil
}

// With calls f between Acquire and Release, which follows whatever happens in f.
// The error is that of Release: ErrNotOwner, where f has released l.
func (l *RLock) With(t *Thread, f func()) (err error) {
	l.Acquire(t)
	defer func() { err = l.Release(t) }()
	f()
	return nil
}

// Level returns how many acquisitions of the thread are not released yet.
func (l *RLock) Level(t *Thread) int {
	if l.check(t) != nil {
		return 0
	}
	return l.hold.Load().level
}

func (l *RLock) check(t *Thread) error {
	if h := l.hold.Load(); h == nil || h.owner != t {
		return ErrNotOwner
	}
	return nil
}

func (l *RLock) save(*Thread) (level int) {
	level = l.hold.Load().level
	l.hold.Store(nil)
	l.slot.give()
	return level
}

func (l *RLock) restore(t *Thread, level int) {
	l.slot.take()
	l.hold.Store(&hold{t, level})
}
