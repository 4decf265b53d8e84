package critpath

import (
	"slices"

	"tracekit/analyze/timeline"
)

// step is a piece of a path, with what comes before it. Who is woken goes on from the
// steps of the one that woke it; steps that lead to nobody any more are garbage.
type step struct {
	prev *step
	g    timeline.GoID
	to   int64 // ns: its end
	ns   int64 // its length
	key  keyID
	late bool // it is the sched latency behind what the key says
	// round is in which it was pruned last: paths have steps in common.
	round uint16
}

// trail keeps the steps of the paths that lead to all goroutines alive. It is there
// where the path is to be shown itself, or that of instances: its memory grows with the
// length of the paths.
type trail struct {
	steps int    // so far
	next  int    // at how many to prune
	every int    // after how many to prune, at least
	round uint16 // how often it was pruned
}

// pruneEvery is after how many steps those that are not asked for are looked for, at
// least.
const pruneEvery = 1 << 16

func newTrail() *trail { return &trail{next: pruneEvery, every: pruneEvery} }

// step adds a piece that ends at t to the path of a goroutine.
func (c *Critpath) step(g *timeline.Goroutine, l *life, key keyID, ns, t int64, late bool) {
	if c.trail == nil {
		return
	}
	l.step = &step{prev: l.step, g: g.ID, to: t, ns: ns, key: key, late: late}
	c.trail.steps++
	if c.instances != nil && c.trail.steps >= c.trail.next {
		c.prune()
	}
}

// prune cuts off what was before all instances that are open. It does so again when
// there are as many new steps as it has kept: one that is open for long must not have
// all be gone through over and over.
func (c *Critpath) prune() {
	horizon, kept := c.oldest(c.machine.at), 0
	c.trail.round++
	for i := range c.lives {
		l := &c.lives[i]
		if l.user {
			kept += c.trail.cut(l.step, horizon) + c.trail.cut(l.nextStep, horizon)
		}
	}
	c.trail.next = c.trail.steps + max(c.trail.every, kept)
}

// cut cuts off what was before the horizon of what leads to a step, and returns how many
// steps are left of those that this round did not go through before.
func (t *trail) cut(s *step, horizon int64) (kept int) {
	for ; s != nil && s.round != t.round; s = s.prev {
		s.round = t.round
		if kept++; s.to <= horizon {
			s.prev = nil
		}
	}
	return kept
}

// Step is a piece of the critical path.
type Step struct {
	G        timeline.GoID
	Group    string // the name of its group; "" where no stack shows it
	From, To int64  // ns on the trace's clock
	// Kind is as that of a report.Segment; of a hand-over or a birth the time is the
	// sched latency behind it.
	Kind string
	Wait string           // as that of a report.Segment
	Lock timeline.LockID  // NoLock for none
	Site timeline.FrameID // NoSite where the trace does not say
	// Late is set for the sched latency behind a wait that no goroutine ended.
	Late bool
}

// KeepSteps has the path itself be kept, for Steps. It is called before the timeline is
// run.
func (c *Critpath) KeepSteps() { c.trail = newTrail() }

// Steps returns the critical path of the run, in the order of time and without holes,
// when KeepSteps was called; empty where there is none.
func (c *Critpath) Steps() []Step {
	var list []Step
	for s := c.ends.step; s != nil; s = s.prev {
		if c.keys.list[s.key].manner != sampled {
			list = append(list, c.stepOf(s))
		}
	}
	slices.Reverse(list)
	return list
}

func (c *Critpath) stepOf(s *step) Step {
	k := c.keys.list[s.key]
	out := Step{
		G: s.g, Group: c.groups[k.group], From: s.to - s.ns, To: s.to, Kind: words[k.manner], Lock: timeline.NoLock, Site: k.site, Late: s.late,
	}
	switch k.manner {
	case outside:
		out.Kind = k.wait.String()
	case handOver:
		out.Wait = k.wait.String()
		if k.lock != timeline.NoLock {
			out.Lock = c.locks.root(k.lock)
		}
	}
	return out
}
