package threading

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// These tests have real goroutines race for the objects. What they lose or let
// in twice, the race detector or a counter tells; what hangs, a deadline.

// deadline returns a context that is done when something hangs.
func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(background, time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// together runs f in n goroutines, which it gives their numbers.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

// ended returns a context that is done, or about to be, or not for long.
func ended(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	switch rand.IntN(3) {
	case 0:
		cancel()
	case 1:
		go cancel()
	}
	return ctx, cancel
}

// exclusive is what lets one in at a time, in the hands of thread i.
type exclusive struct {
	acquire func(i int)
	context func(ctx context.Context, i int) error
	try     func(i int) bool
	release func(i int) error
}

func exclusives(t *testing.T, n int) map[string]exclusive {
	l, r, g := NewLock(), NewRLock(), NewGIL(1)
	s, err := NewSemaphore(1)
	must(t, err)
	b, err := NewBoundedSemaphore(1)
	must(t, err)
	threads := make([]Thread, n)
	return map[string]exclusive{
		"Lock": {func(int) { l.Acquire() }, func(ctx context.Context, _ int) error { return l.AcquireContext(ctx) },
			func(int) bool { return l.TryAcquire() }, func(int) error { return l.Release() }},
		"RLock": {func(i int) { r.Acquire(&threads[i]) }, func(ctx context.Context, i int) error { return r.AcquireContext(ctx, &threads[i]) },
			func(i int) bool { return r.TryAcquire(&threads[i]) }, func(i int) error { return r.Release(&threads[i]) }},
		"Semaphore": {func(int) { s.Acquire() }, func(ctx context.Context, _ int) error { return s.AcquireContext(ctx) },
			func(int) bool { return s.TryAcquire() }, func(int) error { s.Release(); return nil }},
		"BoundedSemaphore": {func(int) { b.Acquire() }, func(ctx context.Context, _ int) error { return b.AcquireContext(ctx) },
			func(int) bool { return b.TryAcquire() }, func(int) error { return b.Release() }},
		"GIL": {func(int) { g.slot.take(); g.Tick() }, func(ctx context.Context, _ int) error { return g.slot.takeContext(ctx) },
			func(int) bool { return g.slot.tryTake() }, func(int) error { g.slot.give(); return nil }},
	}
}

func TestExclusionUnderStress(t *testing.T) {
	const n, rounds = 6, 60
	for name, e := range exclusives(t, n) {
		t.Run(name, func(t *testing.T) {
			inside, ctx := 0, deadline(t)
			var got atomic.Int64
			together(n, func(i int) {
				for round := range rounds {
					if !enter(ctx, e, i, round) {
						continue
					}
					inside++
					got.Add(1)
					if err := e.release(i); err != nil {
						t.Error(err)
					}
				}
			})
			if int64(inside) != got.Load() || got.Load() < n*rounds/3 {
				t.Errorf("%d were let in, and %d counted", got.Load(), inside)
			}
			if !e.try(0) || e.try(1) {
				t.Error("it is not free for one in the end")
			}
		})
	}
}

// enter acquires in one of three ways, and reports false where it gave up.
func enter(ctx context.Context, e exclusive, i, round int) bool {
	switch round % 3 {
	case 0:
		return e.try(i)
	case 1:
		ctx, cancel := ended(ctx)
		defer cancel()
		return e.context(ctx, i) == nil
	}
	e.acquire(i)
	return true
}

// TestOwnerUnderStress: who has an RLock is its owner until it releases it, also
// right after another one has.
func TestOwnerUnderStress(t *testing.T) {
	l := NewRLock()
	c := NewCondition(l)
	ctx, cancel := context.WithCancel(background)
	cancel()
	threads := make([]Thread, 4)
	together(len(threads), func(i int) {
		me := &threads[i]
		for range 1000 {
			l.Acquire(me)
			if i%2 == 1 {
				want(t, c.By(me).Wait(ctx), context.Canceled) // releases and acquires
			}
			if level := l.Level(me); level != 1 {
				t.Errorf("level %d", level)
			}
			want(t, l.Release(me), nil)
		}
	})
}

// TestReleaseOnce: of many who release what one acquired, one succeeds.
func TestReleaseOnce(t *testing.T) {
	b, err := NewBoundedSemaphore(3)
	must(t, err)
	l := NewLock()
	for range 100 {
		b.Acquire()
		l.Acquire()
		var ok atomic.Int64
		together(4, func(int) {
			if b.Release() == nil {
				ok.Add(1)
			}
			if l.Release() == nil {
				ok.Add(1)
			}
		})
		if ok.Load() != 2 {
			t.Fatalf("%d releases of two things", ok.Load())
		}
	}
}

// TestConditionUnderStress passes items one by one, so that a notification that is
// lost leaves somebody waiting. Some give up now and then, and try again.
func TestConditionUnderStress(t *testing.T) {
	const pairs, items = 3, 60
	l, ctx := NewLock(), deadline(t)
	filled, emptied := NewCondition(l), NewCondition(l)
	full, passed := false, 0
	// turn waits until the place is as it should be, and turns it over.
	turn := func(wait, notify *Condition, when bool) error {
		l.Acquire()
		defer l.Release()
		for full != when {
			soon, cancel := ended(ctx)
			err := wait.Wait(soon)
			cancel()
			if err != nil && ctx.Err() != nil {
				return err
			}
		}
		full = !when
		passed++
		return notify.Notify(1)
	}
	together(2*pairs, func(i int) {
		for range items {
			var err error
			if i%2 == 0 {
				err = turn(emptied, filled, false)
			} else {
				err = turn(filled, emptied, true)
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	if passed != 2*pairs*items || full {
		t.Errorf("passed %d times, want %d", passed, 2*pairs*items)
	}
}

// TestNoWakeupLost has the notification come as soon as the lock is free.
func TestNoWakeupLost(t *testing.T) {
	ctx := deadline(t)
	for range 300 {
		l := NewLock()
		c := NewCondition(l)
		waits := false
		together(2, func(i int) {
			if i == 0 {
				must(t, l.With(func() {
					waits = true
					if err := c.Wait(ctx); err != nil {
						t.Error(err)
					}
				}))
				return
			}
			for ready := false; !ready; {
				must(t, l.With(func() {
					if ready = waits; ready {
						c.Notify(1)
					}
				}))
				runtime.Gosched()
			}
		})
	}
}

func TestStartOnce(t *testing.T) {
	for range 100 {
		var ran, started atomic.Int64
		th := &Thread{Target: func() { ran.Add(1) }}
		together(4, func(int) {
			if Start(th) == nil {
				started.Add(1)
			}
		})
		must(t, th.Join(background))
		if ran.Load() != 1 || started.Load() != 1 {
			t.Fatalf("started %d times, ran %d times", started.Load(), ran.Load())
		}
	}
}

// TestWaitUnderStress: behind Wait, whatever threads did is there to be seen, and
// none is alive. Daemons may start threads meanwhile.
func TestWaitUnderStress(t *testing.T) {
	for range 100 {
		done := make([]bool, 4)
		var all [4]*Thread
		daemon := &Thread{Daemon: true, Target: func() { Go(func() {}) }}
		must(t, Start(daemon))
		for i := range all {
			all[i] = Go(func() { done[i] = true })
		}
		Wait()
		for i, th := range all {
			if !done[i] || th.Alive() {
				t.Fatalf("thread %d: done %v, alive %v", i, done[i], th.Alive())
			}
		}
		must(t, daemon.Join(background))
	}
	Wait()
}

// TestEventUnderStress has waiters, Set and the first use of an Event race.
func TestEventUnderStress(t *testing.T) {
	ctx := deadline(t)
	for range 100 {
		var e Event
		together(4, func(i int) {
			switch i {
			case 0:
				e.Set()
			case 1:
				e.Set()
			default:
				if err := e.Wait(ctx); err != nil {
					t.Error(err)
				}
			}
		})
		if !e.IsSet() {
			t.Fatal("not set")
		}
	}
}

// TestBarrierUnderStress breaks rounds at random: all of a round meet, or none.
func TestBarrierUnderStress(t *testing.T) {
	const parties, rounds = 4, 60
	b, err := NewBarrier(parties)
	must(t, err)
	ctx := deadline(t)
	var met, lasts atomic.Int64
	var left atomic.Int64 // of the parties
	left.Store(parties)
	together(parties+1, func(i int) {
		if i == parties {
			for left.Load() > 0 { // whoever is left alone must not wait for ever
				switch rand.IntN(3) {
				case 0:
					b.Abort()
				default:
					b.Reset()
				}
				time.Sleep(10 * time.Microsecond)
			}
			return
		}
		defer left.Add(-1)
		for range rounds {
			c, cancel := ended(ctx)
			index, err := b.Wait(c)
			cancel()
			switch {
			case err == nil:
				met.Add(1)
				if index == parties-1 {
					lasts.Add(1)
				}
			case !errors.Is(err, ErrBroken):
				t.Error(err)
			}
		}
	})
	if met.Load() != parties*lasts.Load() {
		t.Errorf("%d met, in %d rounds of %d", met.Load(), lasts.Load(), parties)
	}
	if ctx.Err() != nil {
		t.Error("somebody waited for ever")
	}
}

// TestDoneContext has waits begin with a context that is done. What need not wait
// does not care.
func TestDoneContext(t *testing.T) {
	done, cancel := context.WithCancel(background)
	cancel()
	var set, clear Event
	set.Set()
	th := Go(func() { panic("oops") })
	Wait()
	s, err := NewSemaphore(0)
	must(t, err)
	b, err := NewBoundedSemaphore(1)
	must(t, err)
	for range 50 { // a select with two ways out takes either
		must(t, set.Wait(done))
		want(t, clear.Wait(done), context.Canceled)
		var p *PanicError
		if err := th.Join(done); !errors.As(err, &p) {
			t.Fatalf("joined with %v", err)
		}
		want(t, s.AcquireContext(done), context.Canceled)
		want(t, b.AcquireContext(done), context.Canceled)
	}
	if s.Release(); !s.TryAcquire() || !b.TryAcquire() {
		t.Error("who gave up has taken one")
	}
}

// TestGILPanics: the lock is as it should be behind a panic.
func TestGILPanics(t *testing.T) {
	g := NewGIL(0)
	caught := func(f func()) {
		defer func() {
			if recover() == nil {
				t.Error("the panic is lost")
			}
		}()
		f()
	}
	caught(func() { g.Interpret(func() { panic("oops") }) })
	if g.slot.taken() {
		t.Error("held behind a panic")
	}
	g.Interpret(func() {
		caught(func() { g.IO(func() { panic("oops") }) })
		if !g.slot.taken() {
			t.Error("not held behind a panic in I/O")
		}
	})
}
