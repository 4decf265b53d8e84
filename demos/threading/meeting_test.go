package threading

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// counters is what both semaphores do.
type counters interface {
	Acquire()
	TryAcquire() bool
	AcquireContext(context.Context) error
}

func TestSemaphores(t *testing.T) {
	for _, value := range []int{0, 1, 3} {
		synctest.Test(t, func(t *testing.T) {
			s, err := NewSemaphore(value)
			must(t, err)
			testCounter(t, value, s, func() error { s.Release(); return nil })
			b, err := NewBoundedSemaphore(max(value, 1))
			must(t, err)
			testCounter(t, max(value, 1), b, b.Release)
		})
	}
}

// testCounter takes all there is, and has one more wait for a release.
func testCounter(t *testing.T, value int, s counters, release func() error) {
	t.Helper()
	for i := range value {
		switch i {
		case 0:
			s.Acquire()
		case 1:
			must(t, s.AcquireContext(background))
		default:
			if !s.TryAcquire() {
				t.Error("try")
			}
		}
	}
	if s.TryAcquire() {
		t.Errorf("%d + 1 acquired", value)
	}
	want(t, s.AcquireContext(soon(t)), context.DeadlineExceeded)
	released := blocks(t, s.Acquire)
	must(t, release())
	released()
	for range value {
		must(t, release())
	}
}

func TestSemaphoreBadUse(t *testing.T) {
	_, err := NewSemaphore(-1)
	want(t, err, ErrNegative)
	_, err = NewBoundedSemaphore(-1)
	want(t, err, ErrNegative)

	s, err := NewSemaphore(0)
	must(t, err)
	for range 5 {
		s.Release() // without limit
	}
	for range 5 {
		if !s.TryAcquire() {
			t.Error("a release is lost")
		}
	}

	b, err := NewBoundedSemaphore(2)
	must(t, err)
	want(t, b.Release(), ErrTooMany)
	b.Acquire()
	must(t, b.Release())
	want(t, b.Release(), ErrTooMany)
	if b.Acquire(); !b.TryAcquire() || b.TryAcquire() {
		t.Error("the start value has changed")
	}
}

// TestBoundedZero: nobody gets in, and a release lets nobody in.
func TestBoundedZero(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := NewBoundedSemaphore(0)
		must(t, err)
		waiter := make(chan error)
		go func() { waiter <- b.AcquireContext(soon(t)) }()
		synctest.Wait()
		want(t, b.Release(), ErrTooMany)
		want(t, <-waiter, context.DeadlineExceeded)
	})
}

func TestBarrierRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := NewBarrier(4)
		must(t, err)
		for range 3 {
			var all []func()
			for i := range b.Parties() - 1 {
				all = append(all, blocks(t, func() {
					if index, err := b.Wait(background); index != i || err != nil {
						t.Errorf("party %d has index %d, error %v", i, index, err)
					}
				}))
			}
			if n := b.Waiting(); n != 3 {
				t.Errorf("%d wait", n)
			}
			if index, err := b.Wait(background); index != 3 || err != nil {
				t.Errorf("the last has index %d, error %v", index, err)
			}
			for _, released := range all {
				released()
			}
		}
		if b.Waiting() != 0 || b.Broken() {
			t.Errorf("%d wait, broken %v", b.Waiting(), b.Broken())
		}
	})
}

func TestBarrierBreaks(t *testing.T) {
	breaks := map[string]func(*testing.T, *Barrier){
		"abort": func(_ *testing.T, b *Barrier) { b.Abort() },
		"timeout": func(t *testing.T, b *Barrier) {
			_, err := b.Wait(soon(t))
			want(t, err, ErrBroken)
			want(t, err, context.DeadlineExceeded)
		},
	}
	for name, breakIt := range breaks {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, err := NewBarrier(4)
				must(t, err)
				waiter := func() {
					_, err := b.Wait(background)
					want(t, err, ErrBroken)
				}
				one, two := blocks(t, waiter), blocks(t, waiter)
				breakIt(t, b)
				one()
				two()
				if !b.Broken() || b.Waiting() != 0 {
					t.Errorf("broken %v, %d wait", b.Broken(), b.Waiting())
				}
				b.Abort()
				for range 5 {
					waiter()
				}
				b.Reset()
				if b.Broken() {
					t.Error("broken after Reset")
				}
				three := blocks(t, waiter)
				b.Reset()
				three()
				if b.Broken() || b.Waiting() != 0 {
					t.Error("Reset leaves it broken")
				}
			})
		})
	}
	_, err := NewBarrier(0)
	want(t, err, ErrParties)
}

// TestBarrierLate has a context end when the round is over.
func TestBarrierLate(t *testing.T) {
	b, err := NewBarrier(1)
	must(t, err)
	ctx, cancel := context.WithCancel(background)
	cancel()
	for range 100 {
		if index, err := b.Wait(ctx); index != 0 || err != nil {
			t.Fatalf("index %d, error %v", index, err)
		}
	}
}

// TestGIL: one interprets at a time, gives way after so many ticks, and lets
// others in during I/O.
func TestGIL(t *testing.T) {
	g := NewGIL(0)
	var inside, most, switches atomic.Int64
	last := -1 // guarded by the GIL
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			g.Interpret(func() {
				for n := range 1000 {
					most.Store(max(most.Load(), inside.Add(1)))
					if last != i {
						switches.Add(1)
						last = i
					}
					inside.Add(-1)
					if g.Tick(); n == 500 {
						g.IO(func() { time.Sleep(time.Millisecond) })
					}
				}
			})
		})
	}
	wg.Wait()
	if most.Load() != 1 || g.ticks != 4000 {
		t.Errorf("%d inside at once, %d ticks", most.Load(), g.ticks)
	}
	if n := switches.Load(); n < 4 || n > 4*(1000/DefaultTicks+2) {
		t.Errorf("%d switches", n)
	}
}

func TestGILTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGIL(3)
		g.Interpret(func() {
			ran := false
			released := blocks(t, func() { g.Interpret(func() { ran = true }) })
			g.Tick()
			g.Tick()
			if synctest.Wait(); ran {
				t.Error("given up too early")
			}
			g.Tick() // returns when the other is done
			released()
			other := blocks(t, func() { g.Interpret(func() {}) })
			g.IO(other)
		})
		if g.slot.taken() {
			t.Error("held after Interpret")
		}
	})
}
