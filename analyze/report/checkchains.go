package report

import "fmt"

// chainSum is what the chains have in common that an Acquire adds up.
type chainSum struct {
	lock, stack     int
	kind, goroutine string
}

// chains checks that they have all waits of each stack, at locks and elsewhere. Reports
// of before they were kept have none.
func (c *checker) chains() {
	if c.r.Waits.Chains == nil {
		return
	}
	parts := make(map[chainSum]Tally)
	for i, ch := range c.r.Waits.Chains {
		c.chain(fmt.Sprintf("waits.chains[%d]", i), ch)
		if i > 0 {
			c.that(c.r.Waits.Chains[i-1].BlockedNS >= ch.BlockedNS, "waits.chains[%d] is out of order", i)
		}
		add(parts, chainSum{ch.Lock, ch.Stack, ch.Kind, ch.Goroutine}, ch.Tally)
	}
	wholes := c.acquired()
	for key, whole := range wholes {
		c.that(parts[key] == whole, "waits.chains of lock %d, stack %d, %s: they add up to %+v, the whole is %+v",
			key.lock, key.stack, key.kind, parts[key], whole)
	}
	c.that(len(parts) == len(wholes), "waits.chains are of %d stacks of %d", len(parts), len(wholes))
}

func (c *checker) chain(what string, ch Chain) {
	c.that(ch.Lock >= -1 && ch.Lock < len(c.r.Waits.Locks), "%s: lock %d of %d", what, ch.Lock, len(c.r.Waits.Locks))
	c.place(what, -1, ch.Stack)
	c.place(what, -1, ch.ByStack)
	c.tally(what, ch.Tally)
	switch ch.By {
	case ByGoroutine:
	case ByNobody, ByEnd:
		c.that(ch.ByStack == -1 && ch.ByGoroutine == "", "%s: %s ended it, and there is a waker", what, ch.By)
	default:
		c.that(false, "%s: what ended it is %q", what, ch.By)
	}
}

// acquired adds up the waits of each stack, for each lock and for other than locks.
func (c *checker) acquired() map[chainSum]Tally {
	sums := make(map[chainSum]Tally)
	for _, l := range c.r.Waits.Locks {
		for _, a := range l.Acquires {
			add(sums, chainSum{l.ID, a.Stack, a.Kind, a.Goroutine}, a.Tally)
		}
	}
	for _, s := range c.r.Waits.Sites {
		for _, a := range s.Stacks {
			add(sums, chainSum{-1, a.Stack, a.Kind, a.Goroutine}, a.Tally)
		}
	}
	return sums
}

func add(sums map[chainSum]Tally, key chainSum, t Tally) {
	sum := sums[key]
	sum.Add(t)
	sums[key] = sum
}
