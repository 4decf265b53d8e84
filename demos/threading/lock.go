package threading

import (
	"context"
	"errors"
)

// ErrNotLocked is what the release of a Lock gets that nobody has acquired, and
// the use of a Condition whose Lock nobody has.
var ErrNotLocked = errors.New("threading: the lock is not locked")

// Lock is unlocked or locked. It belongs to no thread: any may release it, and
// one that acquires it twice waits for itself. Unlike a sync.Mutex, it can be
// waited for until a context is done, hands itself to who has waited longest,
// and survives the release of an unlocked one. NewLock makes it.
type Lock struct{ slot slot }

// NewLock returns a Lock, unlocked.
func NewLock() *Lock { return &Lock{newSlot(1)} }

// Acquire locks l. While l is locked, it blocks.
func (l *Lock) Acquire() { l.slot.take() }

// TryAcquire locks l if it is unlocked, and reports whether it was.
func (l *Lock) TryAcquire() bool { return l.slot.tryTake() }

// AcquireContext locks l as Acquire does, or gives up with the error of ctx when
// that is done.
func (l *Lock) AcquireContext(ctx context.Context) error { return l.slot.takeContext(ctx) }

// Release unlocks l, whoever locked it. The error is ErrNotLocked, or nil.
func (l *Lock) Release() error {
	if !l.slot.give() {
		return ErrNotLocked
	}
	return nil
}

// With calls f between Acquire and Release, which follows whatever happens in f:
// a return, a panic, runtime.Goexit. The error is that of Release. (An f that
// releases l itself may have With release it for whoever has it by then.)
func (l *Lock) With(f func()) (err error) {
	l.Acquire()
	defer func() { err = l.Release() }()
	f()
	return nil
}

// Locked reports whether l is locked.
func (l *Lock) Locked() bool { return l.slot.taken() }

func (l *Lock) check(*Thread) error {
	if !l.Locked() {
		return ErrNotLocked
	}
	return nil
}

func (l *Lock) save(*Thread) (level int) {
	l.slot.give()
	return 1
}

func (l *Lock) restore(*Thread, int) { l.slot.take() }
