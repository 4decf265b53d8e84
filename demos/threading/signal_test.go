package threading

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
)

// hand is a condition in the hands of one thread.
type hand struct {
	*Condition
	acquire func()
	release func() error
	free    error // of use without the lock
}

// inBubbles runs a test with a condition on each sort of lock; next returns it
// in the hands of another thread each time.
func inBubbles(t *testing.T, test func(t *testing.T, next func() hand)) {
	t.Run("Lock", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := NewLock()
			c := NewCondition(l)
			test(t, func() hand { return hand{c, l.Acquire, l.Release, ErrNotLocked} })
		})
	})
	t.Run("RLock", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := NewRLock()
			c := NewCondition(l)
			test(t, func() hand { return twice(l, c, new(Thread)) })
		})
	})
}

// twice acquires an RLock to level 2, which is to be restored after a wait.
func twice(l *RLock, c *Condition, t *Thread) hand {
	acquire := func() {
		l.Acquire(t)
		l.Acquire(t)
	}
	release := func() error {
		if err := l.Release(t); err != nil {
			return err
		}
		return l.Release(t)
	}
	return hand{c.By(t), acquire, release, ErrNotOwner}
}

func TestConditionWithoutLock(t *testing.T) {
	inBubbles(t, func(t *testing.T, next func() hand) {
		c := next()
		want(t, c.Wait(background), c.free)
		want(t, c.WaitFor(background, func() bool { return true }), c.free)
		want(t, c.Notify(1), c.free)
		want(t, c.NotifyAll(), c.free)
		c.acquire()
		must(t, c.WaitFor(background, func() bool { return true }))
		must(t, c.Notify(1)) // nobody
		want(t, c.Wait(soon(t)), context.DeadlineExceeded)
		must(t, c.release()) // it was acquired again
	})
}

// TestConditionOfAnother has a thread use a condition whose RLock another holds.
func TestConditionOfAnother(t *testing.T) {
	r, owner := NewRLock(), new(Thread)
	c := NewCondition(r)
	r.Acquire(owner)
	want(t, c.Notify(1), ErrNotOwner)
	want(t, c.By(new(Thread)).Wait(background), ErrNotOwner)
	must(t, c.By(owner).Notify(1))
}

// waiters has n goroutines wait on a condition, and returns the list of those
// that went on. It is to be read with the lock held.
func waiters(t *testing.T, n int, next func() hand) *[]int {
	t.Helper()
	notified := new([]int)
	for i := range n {
		c := next()
		blocks(t, func() {
			c.acquire()
			if err := c.Wait(background); err != nil {
				t.Error(err)
			}
			*notified = append(*notified, i)
			if err := c.release(); err != nil {
				t.Error(err)
			}
		})
	}
	return notified
}

func TestNotify(t *testing.T) {
	inBubbles(t, func(t *testing.T, next func() hand) {
		c := next()
		notified := waiters(t, 7, next)
		for _, step := range []struct{ n, want int }{{0, 0}, {-1, 0}, {1, 1}, {2, 3}} {
			c.acquire()
			must(t, c.Notify(step.n))
			synctest.Wait()
			if len(*notified) > step.want {
				t.Errorf("%v went on without the lock", *notified)
			}
			must(t, c.release())
			synctest.Wait()
			slices.Sort(*notified) // those notified at once race for the lock
			if !slices.Equal(*notified, []int{0, 1, 2, 3, 4, 5, 6}[:step.want]) {
				t.Errorf("notified are %v, want the first %d", *notified, step.want)
			}
		}
		c.acquire()
		must(t, c.NotifyAll())
		must(t, c.release())
		synctest.Wait()
		slices.Sort(*notified)
		if !slices.Equal(*notified, []int{0, 1, 2, 3, 4, 5, 6}) {
			t.Errorf("notified are %v, want all", *notified)
		}
	})
}

// TestConditionGivesUp: a notification goes to those that still wait.
func TestConditionGivesUp(t *testing.T) {
	inBubbles(t, func(t *testing.T, next func() hand) {
		c := next()
		ctx, cancel := context.WithCancel(background)
		other := next()
		gone := blocks(t, func() {
			other.acquire()
			want(t, other.Wait(ctx), context.Canceled)
			must(t, other.release())
		})
		notified := waiters(t, 1, next)
		cancel()
		gone()
		c.acquire()
		must(t, c.Notify(1))
		must(t, c.release())
		synctest.Wait()
		if len(*notified) != 1 {
			t.Error("the notification is lost")
		}
	})
}

// TestConditionBoth has a waiter be notified and its context end before it has
// the lock again: the notification is not lost, so it counts.
func TestConditionBoth(t *testing.T) {
	inBubbles(t, func(t *testing.T, next func() hand) {
		c := next()
		ctx, cancel := context.WithCancel(background)
		defer cancel()
		other := next()
		released := blocks(t, func() {
			other.acquire()
			must(t, other.Wait(ctx))
			must(t, other.release())
		})
		c.acquire()
		must(t, c.Notify(1))
		cancel()
		synctest.Wait()
		must(t, c.release())
		released()
	})
}

func TestWaitFor(t *testing.T) {
	inBubbles(t, func(t *testing.T, next func() hand) {
		c := next()
		items := 0
		other := next()
		released := blocks(t, func() {
			other.acquire()
			must(t, other.WaitFor(background, func() bool { return items == 2 }))
			must(t, other.release())
		})
		for range 2 {
			c.acquire()
			items++
			must(t, c.Notify(1))
			must(t, c.release())
			synctest.Wait()
		}
		released()
		c.acquire()
		want(t, c.WaitFor(soon(t), func() bool { return false }), context.DeadlineExceeded)
		late := soon(t)
		must(t, c.WaitFor(late, func() bool { return late.Err() != nil })) // true when it gives up
		must(t, c.release())
	})
}

func TestEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e Event
		e.Clear()
		if e.IsSet() {
			t.Error("set from the start")
		}
		want(t, e.Wait(soon(t)), context.DeadlineExceeded)
		var all []func()
		for range 5 {
			all = append(all, blocks(t, func() { must(t, e.Wait(background)) }))
		}
		e.Set()
		e.Set()
		for _, released := range all {
			released()
		}
		if !e.IsSet() {
			t.Error("not set")
		}
		must(t, e.Wait(background))
		e.Clear()
		e.Clear()
		if e.IsSet() {
			t.Error("not cleared")
		}
		released := blocks(t, func() { must(t, e.Wait(background)) })
		e.Set()
		released()
	})
}
