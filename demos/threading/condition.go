package threading

import (
	"context"
	"math"
	"slices"
	"sync"
)

// Locker is the lock of a Condition: a *Lock or a *RLock, and not any sync.Locker,
// of which it could not be told whether it is held.
type Locker interface {
	check(*Thread) error      // nil: the thread has it
	save(*Thread) (level int) // releases it altogether
	restore(*Thread, int)     // acquires it again, to that level
}

// Condition lets threads that hold a lock wait for what others do under it.
// Whoever waits releases the lock meanwhile, and has it again afterwards.
//
// All of it is for who holds the lock. Who does not gets the lock's error:
// ErrNotLocked, or ErrNotOwner. (A Lock has no owner: that it is locked, by
// anybody, is all that can be known.) NewCondition makes it.
type Condition struct {
	*waiting
	by *Thread
}

// waiting is what a Condition is whoever uses it.
type waiting struct {
	lock Locker
	// mu is never contended while those who wait and notify hold the lock. It
	// keeps the list whole when they do not.
	mu   sync.Mutex
	list []chan struct{} // one for each waiter; closed when it is notified
}

// NewCondition returns a Condition on a lock.
func NewCondition(l Locker) *Condition { return &Condition{&waiting{lock: l}, nil} }

// By returns the same Condition in the hands of a thread, for one on an RLock,
// which has to know who waits and notifies. NewCondition returns it in the hands
// of nil, the goroutine of main.
func (c *Condition) By(t *Thread) *Condition { return &Condition{c.waiting, t} }

// Wait releases the lock, waits until it is notified or ctx is done, and acquires
// the lock again, to the level that it had. The error is nil, the lock's where
// it was not held, or that of ctx: then no notification was meant for it.
func (c *Condition) Wait(ctx context.Context) error {
	if err := c.lock.check(c.by); err != nil {
		return err
	}
	notified := c.enter()
	level := c.lock.save(c.by)
	select {
	case <-notified:
	case <-ctx.Done():
	}
	c.lock.restore(c.by, level)
	if c.leave(notified) {
		return ctx.Err()
	}
	return nil
}

// WaitFor waits until pred returns true, which is called with the lock held,
// before and after each wait. The errors are those of Wait, where pred still
// returns false.
func (c *Condition) WaitFor(ctx context.Context, pred func() bool) error {
	if err := c.lock.check(c.by); err != nil {
		return err
	}
	for !pred() {
		if err := c.Wait(ctx); err != nil && !pred() {
			return err
		}
	}
	return nil
}

// Notify wakes the n threads that have waited longest, or all where there are
// fewer. They go on when they have the lock. The error is the lock's where it is
// not held.
func (c *Condition) Notify(n int) error {
	if err := c.lock.check(c.by); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n = min(max(n, 0), len(c.list))
	for _, notified := range c.list[:n] {
		close(notified)
	}
	c.list = slices.Delete(c.list, 0, n)
	return nil
}

// NotifyAll wakes all threads that wait. The error is that of Notify.
func (c *Condition) NotifyAll() error {
	return c.Notify(math.MaxInt)
}

// enter puts a new waiter at the end of the list.
func (w *waiting) enter() chan struct{} {
	notified := make(chan struct{})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, notified)
	return notified
}

// leave takes a waiter out of the list, and reports false where a notification
// had done so.
func (w *waiting) leave(notified chan struct{}) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.list, notified)
	if i < 0 {
		return false
	}
	w.list = slices.Delete(w.list, i, i+1)
	return true
}
