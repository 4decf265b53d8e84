package critpath

import (
	"tracekit/analyze/critpath/replay"
	"tracekit/analyze/timeline"
)

// Woken implements timeline.WakeObserver.
func (c *Critpath) Woken(w *timeline.Wait) {
	l := c.life(w.G)
	if l == nil || c.ends.main {
		return
	}
	if isMain(w) {
		c.ends.mainEnds(c, w)
		return
	}
	born := l.waits // waiting, and has not run
	l.waits, l.blocked, l.stack = true, w.Blocked(), w.Stack
	if w.By == nil || c.life(w.By) == nil {
		if born {
			c.tree.nodes[l.leaf].add(l.key, 1, 0, 0)
			l.next = none
		}
		l.key, l.but = c.keys.waited(w, outside), c.rules.unlocked(w)
		return
	}
	by := c.life(w.By)
	c.ran(w.By, by, w.Woken, w.ByStack)
	c.settle(w.By, by)
	l.but = c.places.without(c, w)
	if w.Lock != timeline.NoLock && !w.GaveUp {
		c.release(w, by) // before the fork: the hold is on the path of both
	}
	l.next, l.nextStep = c.tree.fork(by.leaf), by.step
	l.key, l.handed = c.keys.waited(w, handOver), w.Lock
	if w.GaveUp {
		l.handed = timeline.NoLock // a context ended it
	}
	c.depend(w, l, by)
}

// Waited implements timeline.WaitObserver.
func (c *Critpath) Waited(w *timeline.Wait) {
	if w.CutEnd && isMain(w) {
		c.ends.mainEnds(c, w)
	}
}

// release ends the hold of a lock by who wakes another one.
func (c *Critpath) release(w *timeline.Wait, by *life) {
	lock := c.locks.root(w.Lock)
	h, ok := by.holds.end(lock)
	if ok {
		c.tree.nodes[by.leaf].add(c.keys.holding(lock), 1, h.path, 0)
	}
	c.rules.released(c, w, by, h, ok)
}

// depend has the replay do what a wake says of who goes on when.
func (c *Critpath) depend(w *timeline.Wait, l, by *life) {
	switch c.stacks.meeting(w) {
	case oneWay:
		c.replay.Wake(w.G.Slot, w.By.Slot, l.but)
	case bothWays:
		c.replay.Meet(w.G.Slot, w.By.Slot, l.but)
	case children:
		c.replay.Wake(w.G.Slot, w.By.Slot, l.but)
		c.replay.Join(w.G.Slot, c.ended(l), l.but)
	case everybody:
		c.meetAll(w, l, by)
	}
}

// family is what is needed to know what children of a goroutine have come to.
type family struct {
	parent   int // Slot
	parentID timeline.GoID
	ended    []int64 // clocks of the latest of its children that have ended; empty: none has
}

func (f *family) anew() family { return family{parent: noSlot, ended: f.ended[:0]} }

// endFamily tells the creator of a goroutine how far that has come.
func (c *Critpath) endFamily(g *timeline.Goroutine, l *life) {
	if l.family.parent == noSlot {
		return
	}
	p := &c.lives[l.family.parent]
	if p.user && p.id == l.family.parentID {
		p.family.ended = c.replay.Latest(p.family.ended, g.Slot)
	}
}

// ended returns how far those have come for whom a goroutine waits with a WaitGroup: its
// children, or, where it has none, those of its creator.
func (c *Critpath) ended(l *life) []int64 {
	if len(l.family.ended) > 0 || l.family.parent == noSlot {
		return l.family.ended
	}
	if p := &c.lives[l.family.parent]; p.user && p.id == l.family.parentID {
		return p.family.ended
	}
	return nil
}

// round is one time that goroutines meet at a barrier.
type round struct {
	stack  timeline.StackID // of who wakes the others
	clocks []int64          // of the latest
	but    replay.Set
}

// meetAll has all who are woken at once at a barrier wait for the last of them.
func (c *Critpath) meetAll(w *timeline.Wait, l, by *life) {
	if by.round == nil || by.round.stack != w.ByStack {
		by.round = &round{stack: w.ByStack, but: l.but}
	}
	r := by.round
	r.clocks = c.replay.Latest(r.clocks, w.G.Slot)
	r.clocks = c.replay.Latest(r.clocks, w.By.Slot)
	l.round = r
	c.replay.Wake(w.G.Slot, w.By.Slot, l.but)
}
