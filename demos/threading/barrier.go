package threading

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// What bad use of a Barrier gets.
var (
	ErrParties = errors.New("threading: a barrier needs one party at least")
	ErrBroken  = errors.New("threading: the barrier is broken")
)

// Barrier is where a number of threads, its parties, meet: all wait until the
// last one has come, and then it is ready for the next round. NewBarrier makes
// it.
//
// Who gives up waiting breaks it, as Abort does: all who wait get ErrBroken, and
// who comes later, until Reset.
type Barrier struct {
	parties int
	mu      sync.Mutex
	round   *round
}

// round is one meeting.
type round struct {
	arrived int
	over    chan struct{} // closed when the last one has come, or it is broken
	broken  bool          // to be read when over is closed, or under mu
}

// NewBarrier returns a Barrier for a number of parties. The error is ErrParties
// for less than one, or nil.
func NewBarrier(parties int) (*Barrier, error) {
	if parties < 1 {
		return nil, ErrParties
	}
	return &Barrier{parties: parties, round: newRound()}, nil
}

func newRound() *round { return &round{over: make(chan struct{})} }

func (r *round) end(broken bool) {
	r.broken = broken
	close(r.over)
}

// Wait waits until all parties have called it, and returns how many of the round
// had come before: 0 for the first, Parties()-1 for the last, which does not
// wait. The error is ErrBroken where the barrier is or gets broken. When ctx is
// done before that, Wait breaks the barrier; the error is then both ErrBroken
// and that of ctx.
func (b *Barrier) Wait(ctx context.Context) (index int, err error) {
	r, index := b.arrive()
	select {
	case <-r.over:
	case <-ctx.Done():
		if b.breakUp(r) {
			return index, fmt.Errorf("%w: %w", ErrBroken, ctx.Err())
		}
	}
	if r.broken {
		return index, ErrBroken
	}
	return index, nil
}

// arrive counts a party in, and ends the round with the last one.
func (b *Barrier) arrive() (r *round, index int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r = b.round
	index = r.arrived
	if r.broken {
		return r, index
	}
	if r.arrived++; r.arrived == b.parties {
		b.round = newRound()
		r.end(false)
	}
	return r, index
}

// breakUp breaks a round, and reports false where it was over.
func (b *Barrier) breakUp(r *round) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r != b.round || r.broken {
		return false
	}
	r.end(true)
	return true
}

// Abort breaks the barrier.
func (b *Barrier) Abort() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.round.broken {
		b.round.end(true)
	}
}

// Reset begins a new round, of a broken barrier too. Who waits in the old one
// gets ErrBroken.
func (b *Barrier) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.round.broken {
		b.round.end(true)
	}
	b.round = newRound()
}

// Parties returns how many threads meet.
func (b *Barrier) Parties() int { return b.parties }

// Waiting returns how many have come to the round.
func (b *Barrier) Waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.round.broken {
		return 0
	}
	return b.round.arrived
}

// Broken reports whether the barrier is broken.
func (b *Barrier) Broken() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.round.broken
}
