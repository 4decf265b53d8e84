package critpath

import "tracekit/analyze/timeline"

// pending is what a goroutine did by itself and is not put on its path yet, or not
// replayed. Most of it is never put on a path: another goroutine wakes it, and its path
// is that one's.
type pending struct {
	ran, late   int64  // ns of its path that it ran, and that it could have run
	runs, lates uint32 // and how often

	run, lag, spent int64 // ns to be replayed: that it ran, that it was late, that processors spent before
}

// longest is for how long a goroutine runs, in ns, before that is replayed: what others
// do at the same time must not come between much later.
const longest = 100_000

// restart begins a path that has nothing of what was before.
func (p *pending) restart() { p.ran, p.late, p.runs, p.lates = 0, 0, 0, 0 }

// settle puts on the path of a goroutine, and replays, what is pending.
func (c *Critpath) settle(g *timeline.Goroutine, l *life) {
	c.replayed(g, l)
	p := &l.pending
	leaf := &c.tree.nodes[l.leaf]
	if p.runs > 0 {
		leaf.add(c.keys.ofGroup(running, l.group), p.runs, p.ran, 0)
	}
	if p.lates > 0 {
		leaf.add(c.keys.ofGroup(sched, l.group), p.lates, p.late, 0)
	}
	p.restart()
}

// replayed replays what is pending.
func (c *Critpath) replayed(g *timeline.Goroutine, l *life) {
	p := &l.pending
	c.replay.Go(g.Slot, p.lag, p.spent, p.run, c.rules.noLatency)
	p.lag, p.spent, p.run = 0, 0, 0
}
