package critpath

import (
	"tracekit/analyze/critpath/replay"
	"tracekit/analyze/timeline"
)

// Critpath is an Observer of a timeline that follows the critical path and replays the
// run. Its memory grows with the goroutines alive and the places of the trace.
type Critpath struct {
	timeline.Ignore
	symbols   *timeline.Symbols
	lives     []life // by Slot
	tree      tree
	keys      keys
	locks     locks
	machine   machine
	ends      ends
	replay    *replay.Replay
	places    places
	rules     rules
	groups    groups
	stacks    stacks
	start     int64      // ns: where paths begin
	gap       bool       // something is missing before
	trail     *trail     // nil: steps are not kept
	instances *instances // nil: none are asked for
}

// The scenarios that are always there.
const (
	unchanged = iota
	unbounded // processors for all, and no sched latency
)

// New returns a Critpath for a timeline with these symbols, with what-ifs of the
// caller's beside those of its own.
func New(symbols *timeline.Symbols, scenarios ...Scenario) *Critpath {
	c := &Critpath{
		symbols: symbols,
		keys:    keys{ids: make(map[key]keyID)},
		replay:  replay.New(),
		ends:    ends{leaf: none, last: noSlot},
	}
	c.replay.Add(0)
	c.replay.Add(-1)
	c.rules = newRules(c, scenarios)
	c.places = newPlaces(c.replay)
	c.stacks.symbols = symbols
	return c
}

// life is a goroutine that is alive. Of one that is not the program's own, no more is kept
// than that it is not.
type life struct {
	id    timeline.GoID
	group timeline.GroupID
	user  bool // it is the program's own
	runs  bool
	leaf  nodeID           // its path
	next  nodeID           // the one that it goes on from when it runs; none: its own
	at    int64            // ns: up to where all is accounted for
	stack timeline.StackID // where it was seen last
	// A system call has ended in which it lost its processor. That is put on the path when
	// the goroutine runs again: a path ends where one stops running.
	called bool
	// Of a birth or a wait that has ended, until the goroutine runs.
	waits          bool // there is one
	key            keyID
	blocked        int64           // ns
	ready          int64           // ns: since when it could run
	but            replay.Set      // the scenarios without the wait
	full           int64           // machine.full at ready
	handed         timeline.LockID // that it was woken for; NoLock for none
	pending        pending
	halted         int64 // machine.haltTime at `at`, or at ready
	assists        bool
	holds          holds
	family         family
	released       int64  // ns: when it released a lock last, for rules; before that: when it was born
	round          *round // of a barrier that it leaves
	step, nextStep *step  // as leaf and next
	regions        []opened
}

// life returns what is known of a user goroutine, nil for others.
func (c *Critpath) life(g *timeline.Goroutine) *life {
	if l := &c.lives[g.Slot]; l.user {
		return l
	}
	return nil
}

// Started implements timeline.StartObserver.
func (c *Critpath) Started(t int64, _ *timeline.Symbols) {
	c.start = t
	c.machine.at = t
}

// Born implements timeline.Observer.
func (c *Critpath) Born(g *timeline.Goroutine) {
	for g.Slot >= len(c.lives) {
		c.lives = append(c.lives, life{})
	}
	c.machine.change(g.Since, timeline.NotExist, g.State)
	l := &c.lives[g.Slot]
	*l = life{
		id: g.ID, user: g.Class == timeline.User, runs: g.State == timeline.Running, leaf: none, next: none,
		at: g.Since, ready: g.Since, stack: g.Stack, full: c.machine.full, halted: c.machine.haltTime(g.Since), holds: l.holds[:0], family: l.family.anew(), released: g.Since,
	}
	if !l.user || c.ends.main {
		return
	}
	c.groups.note(g, l)
	if by := g.Creator; by != nil && c.life(by) != nil {
		c.bear(g, l, by)
		return
	}
	l.leaf = c.tree.grow(none)
	if ns := g.Since - c.start; ns > 0 {
		c.put(l, c.keys.ofGroup(before, l.group), ns)
		c.step(g, l, c.keys.ofGroup(before, l.group), ns, g.Since, false)
	}
	c.replay.Begin(g.Slot, g.Since-c.start)
}

// bear lets the path of a goroutine begin at its creator's.
func (c *Critpath) bear(g *timeline.Goroutine, l *life, by *timeline.Goroutine) {
	parent := c.life(by)
	c.ran(by, parent, g.Since, timeline.NoStack)
	c.settle(by, parent)
	l.leaf = c.tree.fork(parent.leaf)
	l.key = c.keys.born(l.group, g.Identity.Site)
	l.waits, l.next, l.step, l.nextStep, l.handed = true, l.leaf, parent.step, parent.step, timeline.NoLock
	l.family.parent, l.family.parentID = by.Slot, by.ID
	c.replay.Birth(g.Slot, by.Slot)
}

// Span implements timeline.SpanObserver.
func (c *Critpath) Span(g *timeline.Goroutine, was timeline.State, since int64) {
	t := g.Since
	c.machine.change(t, was, g.State)
	l := c.life(g)
	switch {
	case c.ends.main:
		return
	case l == nil:
		if was == timeline.Running {
			c.replay.Begin(g.Slot, since-c.start)
			c.replay.Fill(g.Slot, t-since, c.rules.noGC)
		}
		return
	case g.State != timeline.NotExist || was == timeline.Running:
		if g.Group != l.group {
			c.groups.note(g, l)
		}
		c.account(g, l, was, since, t)
	}
	l.runs = g.State == timeline.Running
	if g.State == timeline.Runnable || was == timeline.Waiting {
		l.ready, l.full, l.halted = t, c.machine.full, c.machine.haltTime(t)
	}
}

// account puts a span on the path of its goroutine.
func (c *Critpath) account(g *timeline.Goroutine, l *life, was timeline.State, since, t int64) {
	if l.waits && was != timeline.Runnable && was != timeline.Waiting {
		c.resumed(g, l, l.ready) // it ran at once
	}
	switch was {
	case timeline.Running:
		if g.State == timeline.Runnable && c.stacks.of(g.Next).yields {
			c.ends.spins(since, t-since)
		}
		c.ran(g, l, t, g.Next)
		c.ends.ran(c, g, t)
		if g.ID == mainID {
			c.ends.stops(t)
		}
		if g.State == timeline.Waiting {
			c.replayed(g, l)
			l.round = nil
		}
	case timeline.Runnable:
		c.resumed(g, l, t)
	case timeline.Syscall:
		if l.called = g.State == timeline.Runnable; !l.called {
			c.passed(g, l, syscall, t)
		}
	case timeline.Unknown:
		c.passed(g, l, before, t)
	}
}

// put puts ns on the path of a goroutine.
func (c *Critpath) put(l *life, k keyID, ns int64) {
	c.tree.nodes[l.leaf].add(k, 1, ns, 0)
}

// passed accounts for time up to t in which a goroutine had no processor and needed none.
func (c *Critpath) passed(g *timeline.Goroutine, l *life, m manner, t int64) {
	ns := t - l.at
	if c.trail != nil {
		c.step(g, l, c.keys.ofGroup(m, l.group), ns, t, false)
	}
	if m == syscall && ns < longest && !c.rules.speeds {
		l.pending.call(ns)
	} else {
		c.put(l, c.keys.ofGroup(m, l.group), ns)
		c.replayed(g, l)
		c.replay.Pass(g.Slot, ns, c.rules.factors(l.stack, l.stack, l.group), 0)
	}
	if len(l.holds) > 0 {
		l.holds.pass(ns)
	}
	l.at, l.halted = t, c.machine.haltTime(t)
}

// ran accounts for what a goroutine ran, up to t, when it is at a stack.
func (c *Critpath) ran(g *timeline.Goroutine, l *life, t int64, stack timeline.StackID) {
	if stack == timeline.NoStack {
		stack = l.stack
	}
	if ns := t - l.at; ns > 0 {
		c.ends.works(l.at, ns)
		if halted := c.machine.haltTime(t); halted > l.halted {
			halt := min(halted-l.halted, ns)
			l.halted += halt
			c.put(l, c.keys.ofGroup(halting, l.group), halt)
			c.step(g, l, c.keys.ofGroup(halting, l.group), halt, l.at+halt, false)
			c.replay.Run(g.Slot, halt, nil, c.rules.noGC)
			c.run(g, l, ns-halt, t, stack)
		} else {
			c.run(g, l, ns, t, stack)
		}
		if len(l.holds) > 0 {
			l.holds.ran(ns)
		}
		l.at = t
	}
	l.stack = stack
}

// run accounts for ns that a goroutine ran, up to t, and that the world ran, too.
func (c *Critpath) run(g *timeline.Goroutine, l *life, ns, t int64, stack timeline.StackID) {
	if l.round != nil {
		c.replay.Join(g.Slot, l.round.clocks, l.round.but)
	}
	if l.assists {
		c.put(l, c.keys.ofGroup(assist, l.group), ns)
		c.step(g, l, c.keys.ofGroup(assist, l.group), ns, t, false)
		c.replay.Run(g.Slot, ns, nil, c.rules.noGC)
		return
	}
	if c.trail != nil {
		c.step(g, l, c.keys.ofGroup(running, l.group), ns, t, false)
	}
	p := &l.pending
	p.ran += ns
	p.runs++
	p.run += ns
	if c.rules.speeds {
		if f := c.rules.factors(l.stack, stack, l.group); f != nil {
			p.run -= ns
			c.replay.Run(g.Slot, ns, f, 0)
		}
	}
	if p.run > longest {
		c.replayed(g, l)
	}
}

// resumed accounts for the time up to t, when a goroutine runs again: that it waited
// and nobody ended it, and that it could have run. Where a goroutine woke it, its path
// is that one's from there on.
func (c *Critpath) resumed(g *timeline.Goroutine, l *life, t int64) {
	latency := t - l.ready
	// It can be later than t already, and the world be stopped since.
	halt := min(max(c.machine.haltTime(t)-l.halted, 0), latency)
	halted := l.halted + halt
	late := latency - halt
	switch {
	case !l.waits:
		if l.called {
			c.passed(g, l, syscall, l.ready)
			l.called = false
		}
		l.pending.late += late
		l.pending.lates++
		if c.trail != nil {
			c.step(g, l, c.keys.ofGroup(sched, l.group), late, t-halt, false)
		}
	case l.next != none:
		c.goOn(g, l)
		c.tree.nodes[l.leaf].add(l.key, 1, late, l.blocked)
		if c.trail != nil {
			c.step(g, l, l.key, late, t-halt, false)
		}
	default:
		c.tree.nodes[l.leaf].add(l.key, 1, l.blocked, late)
		if c.trail != nil {
			c.step(g, l, l.key, l.blocked, l.ready, false)
			c.step(g, l, l.key, late, t-halt, true)
		}
		c.replay.Pass(g.Slot, l.blocked, c.rules.sleepFactors(c, l), l.but)
		l.holds.pass(l.blocked)
	}
	if halt > 0 {
		c.put(l, c.keys.ofGroup(halting, l.group), halt)
		c.step(g, l, c.keys.ofGroup(halting, l.group), halt, t, false)
	}
	if len(l.holds) > 0 {
		l.holds.wait(latency)
	}
	c.delay(g, l, late, halt)
	l.at, l.halted, l.waits, l.next, l.but = t, halted, false, none, 0
}

// goOn has the path of a goroutine go on from the one that woke or created it.
func (c *Critpath) goOn(g *timeline.Goroutine, l *life) {
	if l.next != l.leaf {
		c.tree.drop(l.leaf)
		l.leaf, l.step, l.nextStep = l.next, l.nextStep, nil
		l.holds.restart()
		l.pending.restart()
	}
	if l.handed != timeline.NoLock {
		l.holds.begin(c.locks.root(l.handed))
	}
	if l.round != nil {
		c.replay.Join(g.Slot, l.round.clocks, l.but|l.round.but)
		l.round = nil
	}
}

// delay replays the time in which a goroutine could have run, and the world was halted
// in halt of it. As long as all processors are taken, a replay finds by itself how long
// it waits for one; what processors then take to go from one goroutine to the next is
// put on the next one.
func (c *Critpath) delay(g *timeline.Goroutine, l *life, late, halt int64) {
	lag := late - min(c.machine.full-l.full, late)
	l.pending.spent += c.machine.takeSpent()
	if halt > 0 {
		c.replay.Pass(g.Slot, halt, nil, l.but|c.rules.noLatency|c.rules.noGC)
	}
	if l.but != 0 {
		c.replay.Pass(g.Slot, lag, nil, l.but|c.rules.noLatency)
		return
	}
	l.pending.lag += lag
}

// Died implements timeline.Observer.
func (c *Critpath) Died(g *timeline.Goroutine) {
	l := c.life(g)
	if l == nil || c.ends.main {
		return
	}
	c.settle(g, l)
	c.endFamily(g, l)
	c.lostRegions(l)
	if l.next != none && l.next != l.leaf {
		c.tree.drop(l.next)
	}
	if !c.ends.keep(c, g, l) {
		c.tree.drop(l.leaf)
	}
	l.leaf, l.next, l.user, l.step, l.nextStep = none, none, false, nil, nil
}

// Procs implements timeline.Observer.
func (c *Critpath) Procs(t, n int64) {
	c.machine.set(t, n)
	c.replay.Procs(n)
}

// Joined implements timeline.Observer.
func (c *Critpath) Joined(j timeline.Join) {
	c.locks.join(j)
	c.places.join(j)
	for i := range c.lives {
		c.lives[i].holds.join(&c.locks)
	}
}

// Gap implements timeline.Observer: what comes behind it begins anew, unless main has
// ended before.
func (c *Critpath) Gap(_, to int64) {
	if c.ends.main {
		return
	}
	c.ends.forget(c)
	c.machine.restart(to)
	c.instances.lose()
	c.replay.Restart()
	c.start, c.gap = to, true
}
