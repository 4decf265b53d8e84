package threading

import "context"

// slot is a number of places, one for a lock: a channel with room for so many
// values, each of which lies there as long as its place is taken. The runtime
// serves those who wait to send in the order in which they came, and who gives a
// place back puts in the value of the first of them: none is free while somebody
// waits.
type slot chan struct{}

func newSlot(places int) slot { return make(slot, places) }

func (s slot) take() { s <- struct{}{} }

func (s slot) tryTake() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

// takeContext takes a place, or returns the error of ctx when that is done.
func (s slot) takeContext(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// give gives a place back, and reports false where none was taken.
func (s slot) give() bool {
	if cap(s) == 0 { // to receive from it would let in who waits
		return false
	}
	select {
	case <-s:
		return true
	default:
		return false
	}
}

func (s slot) taken() bool { return len(s) > 0 }
