package threading

import (
	"context"
	"errors"
	"math"

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

// TryAcquire takes one from the counter, or reports false where that is zero.
func (s *Semaphore) TryAcquire() bool { return s.weighted.TryAcquire(1) }

// AcquireContext takes one as Acquire does, or gives up with the error of ctx
// when that is done.
func (s *Semaphore) AcquireContext(ctx context.Context) error { return s.weighted.Acquire(ctx, 1) }

// Release adds one to the counter, or hands it to who has waited longest.
func (s *Semaphore) Release() { s.weighted.Release(1) }

// BoundedSemaphore is a Semaphore whose counter never rises above its start
// value. NewBoundedSemaphore makes it.
type BoundedSemaphore struct{ slot slot }

// NewBoundedSemaphore returns a BoundedSemaphore with a start value. The error
// is ErrNegative, or nil.
func NewBoundedSemaphore(value int) (*BoundedSemaphore, error) {
	if value < 0 {
		return nil, ErrNegative
	}
	return &BoundedSemaphore{newSlot(value)}, nil
}

// Acquire takes one from the counter. While that is zero, it blocks.
func (s *BoundedSemaphore) Acquire() { s.slot.take() }

// TryAcquire takes one from the counter, or reports false where that is zero.
func (s *BoundedSemaphore) TryAcquire() bool { return s.slot.tryTake() }

// AcquireContext takes one as Acquire does, or gives up with the error of ctx
// when that is done.
func (s *BoundedSemaphore) AcquireContext(ctx context.Context) error { return s.slot.takeContext(ctx) }

// Release adds one to the counter, or hands it to who has waited longest. The
// error is ErrTooMany where the counter is at its start value, or nil.
func (s *BoundedSemaphore) Release() error {
	if !s.slot.give() {
		return ErrTooMany
	}
	return nil
}
