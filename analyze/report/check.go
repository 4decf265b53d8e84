package report

import "fmt"

// Check returns the first thing in r that cannot be: an index that points
// nowhere, parts that do not add up to their whole. It is what --verify and
// the tests rest on; a report that fails it is a bug in tracekit.
func (r *Report) Check() error {
	if r.Schema != Schema {
		return fmt.Errorf("schema is %q, not %q", r.Schema, Schema)
	}
	c := &checker{r: r}
	c.tables()
	c.locks()
	c.sites("waits.sites", c.r.Waits.Sites)
	c.sites("waits.idle", c.r.Waits.Idle)
	c.idle()
	c.kinds()
	c.chains()
	c.order()
	c.parallel()
	c.critpath()
	c.whole()
	return c.err
}

// checker keeps the first error.
type checker struct {
	r   *Report
	err error
}

func (c *checker) that(ok bool, format string, args ...any) {
	if !ok && c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// equal checks that a sum of parts is the whole.
func (c *checker) equal(what string, parts, whole int64) {
	c.that(parts == whole, "%s: the parts add up to %d, the whole is %d", what, parts, whole)
}

func (c *checker) tables() {
	for i, stack := range c.r.Stacks {
		for _, f := range stack {
			c.that(f >= 0 && f < len(c.r.Frames), "stacks[%d] has frame %d of %d", i, f, len(c.r.Frames))
		}
	}
}

func (c *checker) place(what string, site, stack int) {
	c.that(site >= -1 && site < len(c.r.Sites), "%s: site %d of %d", what, site, len(c.r.Sites))
	c.that(stack >= -1 && stack < len(c.r.Stacks), "%s: stack %d of %d", what, stack, len(c.r.Stacks))
}

func (c *checker) tally(what string, t Tally) {
	c.that(t.BlockedNS >= 0 && t.SchedNS >= 0, "%s: negative time", what)
	c.that(t.Waits >= t.OpenWaits && t.OpenWaits >= 0, "%s: %d waits, %d open", what, t.Waits, t.OpenWaits)
}

func (c *checker) spread(what string, s Spread) {
	c.that(0 <= s.P50NS && s.P50NS <= s.P90NS && s.P90NS <= s.P99NS && s.P99NS <= s.MaxNS,
		"%s: percentiles are not in order: %v", what, s)
}

func (c *checker) longest(what string, l *Longest, s Spread) {
	if l != nil {
		c.equal(what+": the longest wait", l.BlockedNS, s.MaxNS)
		c.that(l.StartNS >= 0 && l.SchedNS >= 0, "%s: the longest wait is %+v", what, *l)
	}
}

// stacks checks the parts of a lock or site by stack.
func (c *checker) stacks(what string, list []Acquire, whole Tally) {
	var t Tally
	for _, a := range list {
		c.place(what, a.Site, a.Stack)
		c.tally(what, a.Tally)
		t.Add(a.Tally)
	}
	c.that(t == whole, "%s: the stacks add up to %+v, the whole is %+v", what, t, whole)
}

func (c *checker) locks() {
	for i, l := range c.r.Waits.Locks {
		what := fmt.Sprintf("waits.locks[%d]", i)
		c.that(l.ID == i, "%s has the id %d", what, l.ID)
		c.spread(what, l.Spread)
		c.longest(what, l.Longest, l.Spread)
		c.stacks(what, l.Acquires, l.Tally)
		c.that(0 <= l.JoinedLateNS && l.JoinedLateNS <= l.BlockedNS, "%s joined after %d of %d ns", what, l.JoinedLateNS, l.BlockedNS)
		c.that(1 <= l.Waiters && int64(l.Waiters) <= l.Waits, "%s: %d waits by %d goroutines", what, l.Waits, l.Waiters)
		c.equal(what+".delay_ns", l.BlockedNS+l.SchedNS, l.DelayNS)
		var blame int64
		for _, rel := range l.Releases {
			c.place(what, rel.Site, rel.Stack)
			c.that(rel.BlameNS >= 0, "%s: negative blame", what)
			blame += rel.BlameNS
		}
		c.equal(what+" blame", blame, l.BlockedNS)
		if i > 0 {
			c.that(c.r.Waits.Locks[i-1].BlockedNS >= l.BlockedNS, "%s is out of order", what)
		}
	}
}

// idle checks the totals of the idle waits.
func (c *checker) idle() {
	var t Tally
	for _, s := range c.r.Waits.Idle {
		t.Add(s.Tally)
	}
	c.equal("waits.idle_ns", t.BlockedNS, c.r.Waits.IdleNS)
	c.equal("waits.idle_waits", t.Waits, c.r.Waits.IdleWaits)
}

func (c *checker) sites(list string, sites []Site) {
	for i, s := range sites {
		what := fmt.Sprintf("%s[%d]", list, i)
		c.place(what, s.Site, s.Stack)
		c.spread(what, s.Spread)
		c.longest(what, s.Longest, s.Spread)
		c.stacks(what, s.Stacks, s.Tally)
		c.that(1 <= s.Waiters && int64(s.Waiters) <= s.Waits, "%s: %d waits by %d goroutines", what, s.Waits, s.Waiters)
		var blocked int64
		for _, w := range s.Wakers {
			c.place(what, w.Site, w.Stack)
			blocked += w.BlockedNS
		}
		c.equal(what+" wakers", blocked, s.BlockedNS)
		if i > 0 {
			c.that(sites[i-1].BlockedNS >= s.BlockedNS, "%s is out of order", what)
		}
	}
}

// kinds checks that locks and sites have all the waits of each kind.
func (c *checker) kinds() {
	parts := make(map[string]*Tally)
	count := func(list []Acquire) {
		for _, a := range list {
			if parts[a.Kind] == nil {
				parts[a.Kind] = new(Tally)
			}
			parts[a.Kind].Add(a.Tally)
		}
	}
	for _, l := range c.r.Waits.Locks {
		count(l.Acquires)
	}
	for _, s := range c.r.Waits.Sites {
		count(s.Stacks)
	}
	for _, k := range c.r.Waits.Kinds {
		p := parts[k.Kind]
		c.that(p != nil && *p == k.Tally, "waits.kinds: %s does not add up", k.Kind)
	}
	c.that(len(parts) == len(c.r.Waits.Kinds), "waits.kinds has %d kinds of %d", len(c.r.Waits.Kinds), len(parts))
}

func (c *checker) order() {
	c.that(len(c.r.Order.Locks) == len(c.r.Waits.Locks), "order.locks has %d of %d locks",
		len(c.r.Order.Locks), len(c.r.Waits.Locks))
	for i, o := range c.r.Order.Locks {
		what := fmt.Sprintf("order.locks[%d]", i)
		c.that(o.Lock == i, "%s is about lock %d", what, o.Lock)
		c.that(0 <= o.OvertakenPairs && o.OvertakenPairs <= o.Pairs, "%s: %d of %d pairs overtaken", what, o.OvertakenPairs, o.Pairs)
		c.that(0 <= o.Retries && o.Overtakes <= o.Handovers-o.Retries && o.Overtakes <= o.OvertakenPairs, "%s: %d overtakes in %d hand-overs", what, o.Overtakes, o.Handovers)
		c.that(0 <= o.OutOfTurn && o.OutOfTurn <= o.Handovers-o.Retries, "%s: %d out of turn in %d hand-overs", what, o.OutOfTurn, o.Handovers)
		c.that((o.Fifo != nil) == (o.Pairs > 0), "%s: fifo of %d pairs", what, o.Pairs)
		if i < len(c.r.Waits.Locks) {
			var wakes int64
			for _, rel := range c.r.Waits.Locks[i].Releases {
				wakes += rel.Wakes
			}
			c.equal(what+" hand-overs", wakes, o.Handovers)
			l := c.r.Waits.Locks[i]
			ended := wakes + l.GaveUp
			c.that(l.Waits-l.OpenWaits <= ended && ended <= l.Waits, "%s: %d hand-overs and %d that gave up end %d waits, of which %d are cut",
				what, wakes, l.GaveUp, l.Waits, l.OpenWaits)
		}
	}
	c.sequences(c.r.Order)
}

// sequences checks to whom locks were handed. Reports of before these were kept
// have none.
func (c *checker) sequences(o Order) {
	c.that(len(o.Sequences) == 0 || len(o.Sequences) == len(o.Locks), "order.sequences has %d of %d locks", len(o.Sequences), len(o.Locks))
	for i, s := range o.Sequences {
		what := fmt.Sprintf("order.sequences[%d]", i)
		c.that(s.Lock == i, "%s is about lock %d", what, s.Lock)
		for _, g := range s.Woken {
			c.that(g >= 0 && g < len(o.Goroutines), "%s: goroutine %d of %d", what, g, len(o.Goroutines))
		}
		if i < len(o.Locks) {
			c.equal(what+" and left_out", int64(len(s.Woken))+s.LeftOut, o.Locks[i].Handovers)
		}
		seen := make(map[int]bool)
		for j, t := range s.First {
			c.that(t.Goroutine >= 0 && t.Goroutine < len(o.Goroutines) && !seen[t.Goroutine], "%s.first[%d]: goroutine %d of %d, or twice", what, j, t.Goroutine, len(o.Goroutines))
			c.that(t.ArrivedNS <= t.WokenNS && (j == 0 || s.First[j-1].WokenNS <= t.WokenNS), "%s.first[%d] is out of order", what, j)
			c.place(fmt.Sprintf("%s.first[%d]", what, j), t.Site, -1)
			seen[t.Goroutine] = true
		}
	}
}

func (c *checker) parallel() {
	p := c.r.Parallel
	c.that(finite(p.GOMAXPROCSAvg) && finite(p.RunningAvg) && finite(p.Utilization) && finite(p.DemandAvg) && finite(p.SystemRunningAvg),
		"parallel: an average is out of bounds")
	var ns, work, running int64
	for k, at := range c.r.Parallel.At {
		c.that(at.Running == k && at.NS >= 0, "parallel.at[%d] is %+v", k, at)
		ns += at.NS
		work += int64(at.Running) * at.NS
	}
	for _, g := range c.r.Parallel.Groups {
		if g.Class == ClassUser {
			running += g.RunningNS
		}
	}
	c.equal("parallel.at", ns, c.r.Trace.WallNS)
	c.equal("parallel.work_ns by number", work, c.r.Parallel.WorkNS)
	c.equal("parallel.work_ns by group", running, c.r.Parallel.WorkNS)
}

// whole checks that waits and parallel, which were counted apart, agree on all
// the blocked time there is, and on the goroutines.
func (c *checker) whole() {
	user, system := c.r.Waits.IdleNS, c.r.Waits.SystemNS
	for _, k := range c.r.Waits.Kinds {
		user += k.BlockedNS
	}
	var userGs, systemGs int
	for _, g := range c.r.Parallel.Groups {
		if g.Class == ClassUser {
			user -= g.BlockedNS
			userGs += g.Goroutines
		} else {
			system -= g.BlockedNS
			systemGs += g.Goroutines
		}
	}
	c.that(user == 0, "the waits of user goroutines have %d ns more than their groups", user)
	c.that(system == 0, "the waits of the system's goroutines have %d ns more than their groups", system)
	c.that(userGs == c.r.Trace.Goroutines, "trace.goroutines is %d, the groups have %d", c.r.Trace.Goroutines, userGs)
	c.that(systemGs == c.r.Trace.SystemGoroutines, "trace.system_goroutines is %d, the groups have %d",
		c.r.Trace.SystemGoroutines, systemGs)
}
