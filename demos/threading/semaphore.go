package threading

import (
	"context"
	"errors"
	"math"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// What bad use of a semaphore gets.
var (
	ErrNegative = errors.New("threading: the start value of a semaphore is negative")
	ErrTooMany  = errors.New("threading: the semaphore would rise above its start value")
)

// Semaphore is a counter that never falls below zero: to acquire takes one from
// it, to release adds one. There is no limit to that: who releases need not have
// acquired. NewSemaphore makes it.
type Semaphore struct{ weighted *semaphore.Weighted }

// NewSemaphore returns a Semaphore with a start value. The error is ErrNegative,
// or nil.
func NewSemaphore(value int) (*Semaphore, error) {
	if value < 0 {
		return nil, ErrNegative
	}
	// A Weighted has an upper limit, and begins there.
	w := semaphore.NewWeighted(math.MaxInt64)
	w.TryAcquire(math.MaxInt64 - int64(value))
	return &Semaphore{w}, nil
}

// Acquire takes one from the counter. While that is zero, it blocks.
func (s *Semaphore) Acquire() { s.weighted.Acquire(context.Background(), 1) }

// TryAcquire takes one if the counter is not zero, and reports whether it was
// not.
func (s *Semaphore) TryAcquire() bool { return s.weighted.TryAcquire(1) }

// AcquireContext takes one as Acquire does, or gives up with the error of ctx
// when that is done.
func (s *Semaphore) AcquireContext(ctx context.Context) error { return s.weighted.Acquire(ctx, 1) }

// Release adds one to the counter, or hands it to who has waited longest.
func (s *Semaphore) Release() { s.weighted.Release(1) }

// BoundedSemaphore is a Semaphore whose counter never rises above its start
// value. NewBoundedSemaphore makes it.
type BoundedSemaphore struct {
	semaphore *Semaphore
	taken     atomic.Int64
}

// NewBoundedSemaphore returns a BoundedSemaphore with a start value. The error
// is ErrNegative, or nil.
func NewBoundedSemaphore(value int) (*BoundedSemaphore, error) {
	s, err := NewSemaphore(value)
	if err != nil {
		return nil, err
	}
	return &BoundedSemaphore{semaphore: s}, nil
}

// Acquire takes one from the counter. While that is zero, it blocks.
func (s *BoundedSemaphore) Acquire() {
	s.semaphore.Acquire()
	s.taken.Add(1)
}

// TryAcquire takes one if the counter is not zero, and reports whether it was
// not.
func (s *BoundedSemaphore) TryAcquire() bool {
	if !s.semaphore.TryAcquire() {
		return false
	}
	s.taken.Add(1)
	return true
}

// AcquireContext takes one as Acquire does, or gives up with the error of ctx
// when that is done.
func (s *BoundedSemaphore) AcquireContext(ctx context.Context) error {
	if err := s.semaphore.AcquireContext(ctx); err != nil {
		return err
	}
	s.taken.Add(1)
	return nil
}

// Release adds one to the counter, or hands it to who has waited longest. The
// error is ErrTooMany where all that was acquired is released already, or nil.
func (s *BoundedSemaphore) Release() error {
	for {
		n := s.taken.Load()
		if n == 0 {
			return ErrTooMany
		}
		if s.taken.CompareAndSwap(n, n-1) {
			s.semaphore.Release()
			return nil
		}
	}
}
