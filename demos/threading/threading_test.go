package threading

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

var background = context.Background()

// soon returns a context that is done after a second, of a bubble's time.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(background, time.Second)
	t.Cleanup(cancel)
	return ctx
}

// blocks starts f, checks that it blocks, and returns a function that checks
// that it goes on.
func blocks(t *testing.T, f func()) (released func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	synctest.Wait()
	if isClosed(done) {
		t.Fatal("it does not block")
	}
	return func() {
		t.Helper()
		synctest.Wait()
		if !isClosed(done) {
			t.Fatal("it does not go on")
		}
	}
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	}
}

// locker is what Lock and RLock do alike, in the hands of one thread.
type locker struct {
	acquire func()
	try     func() bool
	context func(context.Context) error
	release func() error
	with    func(func()) error
}

// inHands returns a new lock of each sort in the hands of two threads, with the
// error of releasing it when it is free. What is made in a bubble belongs there.
func inHands() map[string]struct {
	one, two locker
	free     error
} {
	l, r := NewLock(), NewRLock()
	plain := locker{l.Acquire, l.TryAcquire, l.AcquireContext, l.Release, l.With}
	of := func(t *Thread) locker {
		return locker{
			func() { r.Acquire(t) }, func() bool { return r.TryAcquire(t) },
			func(ctx context.Context) error { return r.AcquireContext(ctx, t) },
			func() error { return r.Release(t) }, func(f func()) error { return r.With(t, f) },
		}
	}
	return map[string]struct {
		one, two locker
		free     error
	}{
		"Lock":  {plain, plain, ErrNotLocked},
		"RLock": {of(nil), of(new(Thread)), ErrNotOwner},
	}
}

// TestExclusion: what one thread holds another waits for, or does not get.
func TestExclusion(t *testing.T) {
	for _, name := range []string{"Lock", "RLock"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := inHands()[name]
				want(t, l.one.release(), l.free)
				if !l.one.try() || l.two.try() {
					t.Error("try")
				}
				want(t, l.two.context(soon(t)), context.DeadlineExceeded)
				released := blocks(t, l.two.acquire)
				must(t, l.one.release())
				released()
				must(t, l.two.release())
				want(t, l.two.release(), l.free)
				must(t, l.one.context(background))
				must(t, l.one.release())
				done, cancel := context.WithCancel(background)
				cancel()
				want(t, l.one.context(done), context.Canceled)
				if !l.two.try() {
					t.Error("it is taken by who gave up")
				}
			})
		})
	}
}

// TestArrival: waiters are served in the order in which they came.
func TestArrival(t *testing.T) {
	for _, name := range []string{"Lock", "RLock"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := inHands()[name]
				l.one.acquire()
				var order []int
				for i := range 5 {
					blocks(t, func() {
						l.two.acquire()
						order = append(order, i)
						l.two.release()
					})
				}
				must(t, l.one.release())
				synctest.Wait()
				if !slices.IsSorted(order) || len(order) != 5 {
					t.Errorf("served in the order %v", order)
				}
			})
		})
	}
}

// TestWith: the lock is released whatever happens.
func TestWith(t *testing.T) {
	for name, l := range inHands() {
		t.Run(name, func(t *testing.T) {
			must(t, l.one.with(func() {
				if l.two.try() {
					t.Error("it is not held")
				}
			}))
			func() {
				defer func() {
					if recover() != "oops" {
						t.Error("the panic is lost")
					}
				}()
				l.one.with(func() { panic("oops") })
			}()
			if !l.two.try() {
				t.Fatal("not released behind a panic")
			}
			must(t, l.two.release())
			want(t, l.one.with(func() { l.one.release() }), l.free)
		})
	}
}

// TestLockOfAnybody: any thread may release a Lock, and its holder waits for
// itself.
func TestLockOfAnybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLock()
		l.Acquire()
		want(t, l.AcquireContext(soon(t)), context.DeadlineExceeded)
		released := blocks(t, l.Acquire)
		must(t, l.Release()) // by the holder, whom it waits for
		released()
		if !l.Locked() {
			t.Error("not locked")
		}
		go l.Release()
		synctest.Wait()
		if l.Locked() {
			t.Error("locked")
		}
	})
}

// TestRLockCounts: it is free after as many releases as acquisitions.
func TestRLockCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, one, two := NewRLock(), new(Thread), new(Thread)
		l.Acquire(one)
		must(t, l.AcquireContext(background, one))
		if !l.TryAcquire(one) || l.Level(one) != 3 || l.Level(two) != 0 || l.Level(nil) != 0 {
			t.Errorf("levels %d, %d", l.Level(one), l.Level(two))
		}
		want(t, l.Release(two), ErrNotOwner)
		want(t, l.Release(nil), ErrNotOwner)
		released := blocks(t, func() { l.Acquire(two) })
		must(t, l.Release(one))
		must(t, l.Release(one))
		if l.TryAcquire(nil) || l.Level(one) != 1 {
			t.Error("free too early")
		}
		must(t, l.Release(one))
		released()
		want(t, l.Release(one), ErrNotOwner)
		must(t, l.With(two, func() {
			if l.Level(two) != 2 {
				t.Errorf("level %d", l.Level(two))
			}
		}))
		must(t, l.Release(two))
		if l.Level(two) != 0 {
			t.Error("still held")
		}
	})
}
