package threading

import "context"

// slot is a place for one: a channel with room for one value, which lies there
// as long as the slot is taken. The runtime serves those who wait to send in the
// order in which they came, and who gives back the slot puts in the value of the
// first of them: it is never free while somebody waits.
type slot chan struct{}

func newSlot() slot { return make(slot, 1) }

func (s slot) take() { s <- struct{}{} }

func (s slot) tryTake() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

// takeContext takes the slot, or returns the error of ctx when that is done.
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

// give gives the slot back, and reports false where it was not taken.
func (s slot) give() bool {
	select {
	case <-s:
		return true
	default:
		return false
	}
}

func (s slot) taken() bool { return len(s) > 0 }
