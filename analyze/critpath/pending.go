package critpath

import (
	"tracekit/analyze/critpath/replay"
	"tracekit/analyze/timeline"
)

// pending is what a goroutine did by itself and is not put on its path yet, or not
// replayed. Most of it is never put on a path: another goroutine wakes it, and its path
// is that one's.
type pending struct {
	// ns of its path that it ran, that it could have run, and that it was in system
	// calls; and how often.
	ran, late, called  int64
	runs, lates, calls uint32

	// ns to be replayed: that it ran, that it was late, that processors spent before it
	// ran, and that it was in system calls.
	run, lag, spent, out int64
}

// longest is for how long a goroutine runs, in ns, before that is replayed: what others
// do at the same time must not come between much later.
const longest = 100_000

// restart begins a path that has nothing of what was before.
func (p *pending) restart() {
	p.ran, p.late, p.called = 0, 0, 0
	p.runs, p.lates, p.calls = 0, 0, 0
}

// call notes a system call.
func (p *pending) call(ns int64) {
	p.called += ns
	p.calls++
	p.out += ns
}

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
	if p.calls > 0 {
		leaf.add(c.keys.ofGroup(syscall, l.group), p.calls, p.called, 0)
	}
	p.restart()
}

// replayed replays what is pending.
func (c *Critpath) replayed(g *timeline.Goroutine, l *life) {
	p := &l.pending
	c.replay.Go(g.Slot, replay.Stretch{Out: p.out, Lag: p.lag, Spent: p.spent, Ran: p.run}, c.rules.noLatency)
	p.out, p.lag, p.spent, p.run = 0, 0, 0, 0
}
