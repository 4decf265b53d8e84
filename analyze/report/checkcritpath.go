package report

import (
	"fmt"
	"math"
)

// critpath checks what set the length of the run. Reports of before it was kept have
// none.
func (c *checker) critpath() {
	p := c.r.Critpath
	if p == nil {
		return
	}
	const what = "critpath"
	c.that(p.Segments != nil && p.Locks != nil && p.Sites != nil, "%s: a list is null", what)
	c.that(p.End == EndMain || p.End == EndLast, "%s ends at %q", what, p.End)
	c.positive(what, p.FromNS, p.PathNS, p.WorkNS, p.SpanNS, p.LeastNS, p.MostNS, p.ReplayNS)
	c.that(p.PathNS <= c.r.Trace.WallNS, "%s: it is %d of a wall time of %d", what, p.PathNS, c.r.Trace.WallNS) // which has no gaps, as FromNS may
	c.span(p)
	if p.MostNS > 0 {
		c.that(p.LeastNS == max(p.MostNS-p.SpanNS, p.SpanNS), "%s: it takes at least %d and at most %d, with a span of %d", what, p.LeastNS, p.MostNS, p.SpanNS)
	}
	c.that(p.LeastNS <= p.MostNS, "%s: it takes at least %d and at most %d", what, p.LeastNS, p.MostNS)
	c.replayed(what, p.ReplayError, p.ReplayNS, p.PathNS)
	c.segments(what, p.Segments, p.PathNS)
	c.criticalLocks(p)
	c.criticalSites(p.Sites)
	c.visits(p)
	for i := range p.Instances {
		c.instances(fmt.Sprintf("%s.instances[%d]", what, i), &p.Instances[i])
	}
}

// replayed checks by how much of the path a replay is wrong.
func (c *checker) replayed(what string, wrong float64, ns, path int64) {
	want := 0.0
	if path > 0 {
		want = math.Abs(float64(ns-path)) / float64(path)
	}
	c.that(math.Abs(wrong-want) <= rounding*(1+want), "%s: the error of the replay is %v, of %d ns instead of %d", what, wrong, ns, path)
}

// rounding is what numbers that are divided may be wrong by.
const rounding = 1e-9

func (c *checker) positive(what string, list ...int64) {
	for _, v := range list {
		c.that(v >= 0, "%s: negative number", what)
	}
}

// span checks the longest chain. It may begin before the path does, but is over with
// it: all of it took place, and what it leaves out only made it take longer.
func (c *checker) span(p *Critpath) {
	c.that(p.SpanNS <= c.r.Trace.WallNS, "critpath: the span is %d of a wall time of %d", p.SpanNS, c.r.Trace.WallNS)
	c.that(p.SpanNS <= p.FromNS+p.PathNS, "critpath: the span is %d, and the path ends at %d", p.SpanNS, p.FromNS+p.PathNS)
	parallelism := 0.0
	if p.SpanNS > 0 {
		parallelism = float64(p.WorkNS) / float64(p.SpanNS)
	}
	c.that(math.Abs(p.Parallelism-parallelism) <= rounding*(1+parallelism), "critpath: the parallelism is %v, and work over span %v", p.Parallelism, parallelism)
}

// segments checks that they are all of a path.
func (c *checker) segments(what string, list []Segment, whole int64) {
	var ns int64
	seen := make(map[Segment]bool) // by all but NS and Count
	for i, s := range list {
		what := fmt.Sprintf("%s.segments[%d]", what, i)
		c.place(what, s.Site, -1)
		c.that(s.Lock >= -1 && s.Lock < len(c.r.Waits.Locks), "%s: lock %d of %d", what, s.Lock, len(c.r.Waits.Locks))
		c.positive(what, s.NS, s.Count)
		c.that(s.NS == 0 || s.Kind != SegHandOver && s.Kind != SegBirth, "%s: a %s takes %d ns", what, s.Kind, s.NS)
		c.that(i == 0 || list[i-1].NS >= s.NS, "%s is out of order", what)
		c.that(s.Kind != "", "%s is of no kind", what)
		c.that(s.Lock < 0 || s.Kind == SegHandOver || s.Kind == SegSched, "%s: a %s has lock %d", what, s.Kind, s.Lock)
		ns += s.NS
		s.NS, s.Count = 0, 0
		c.that(!seen[s], "%s is there twice", what)
		seen[s] = true
	}
	c.equal(what+".segments", ns, whole)
}

func (c *checker) criticalLocks(p *Critpath) {
	seen := make(map[int]bool)
	for i, l := range p.Locks {
		what := fmt.Sprintf("critpath.locks[%d]", i)
		known := l.Lock >= 0 && l.Lock < len(c.r.Waits.Locks)
		c.that(known && !seen[l.Lock], "%s: lock %d of %d, or twice", what, l.Lock, len(c.r.Waits.Locks))
		seen[l.Lock] = true
		if known {
			c.equal(what+".wait_ns", l.WaitNS, c.r.Waits.Locks[l.Lock].BlockedNS)
		}
		c.positive(what, l.PathNS, l.Visits, l.ContendedNS)
		c.that(l.PathNS <= p.PathNS, "%s: %d of a path of %d", what, l.PathNS, p.PathNS)
		c.dropped(what, l.Dropped)
	}
}

func (c *checker) criticalSites(list []CriticalSite) {
	type key struct {
		kind string
		site int
	}
	seen := make(map[key]bool)
	for i, s := range list {
		what := fmt.Sprintf("critpath.sites[%d]", i)
		c.place(what, s.Site, -1)
		c.that(!seen[key{s.Kind, s.Site}], "%s: %s at site %d is there twice", what, s.Kind, s.Site)
		seen[key{s.Kind, s.Site}] = true
		c.positive(what, s.Visits, s.WaitNS, s.ContendedNS)
		c.equal(what+".wait_ns", s.WaitNS, c.waitedAt(s.Kind, s.Site))
		c.dropped(what, s.Dropped)
	}
}

// waitedAt returns how long was waited at a site, idle or not.
func (c *checker) waitedAt(kind string, site int) (ns int64) {
	for _, list := range [][]Site{c.r.Waits.Sites, c.r.Waits.Idle} {
		for _, s := range list {
			if s.Kind == kind && s.Site == site {
				ns += s.BlockedNS
			}
		}
	}
	return ns
}

// visits checks that the path goes through each lock, and each other place, as often as
// its segments say that something is handed over there.
func (c *checker) visits(p *Critpath) {
	type place struct {
		lock int    // -1: it is none of a lock
		wait string // of the others
		site int
	}
	handed := make(map[place]int64)
	for _, s := range p.Segments {
		switch {
		case s.Kind != SegHandOver:
		case s.Lock >= 0:
			handed[place{lock: s.Lock}] += s.Count
		default:
			handed[place{-1, s.Wait, s.Site}] += s.Count
		}
	}
	all := 0
	for i, l := range p.Locks {
		n := handed[place{lock: l.Lock}]
		c.equal(fmt.Sprintf("critpath.locks[%d].visits", i), l.Visits, n)
		all += min(1, int(n))
	}
	for i, s := range p.Sites {
		n := handed[place{-1, s.Kind, s.Site}]
		c.equal(fmt.Sprintf("critpath.sites[%d].visits", i), s.Visits, n)
		all += min(1, int(n))
	}
	c.that(all == len(handed), "critpath: it goes through %d places, and %d of them are listed", len(handed), all)
}

// dropped checks a prediction; nil is none.
func (c *checker) dropped(what string, d *Dropped) {
	if d != nil {
		c.bounds(what, d.LowNS, d.WallNS, d.HighNS)
	}
}

// bounds checks that a prediction lies within what can be claimed.
func (c *checker) bounds(what string, low, ns, high int64) {
	c.that(0 <= low && low <= ns && ns <= high, "%s: %d ns are not between %d and %d", what, ns, low, high)
}

func (c *checker) instances(what string, in *Instances) {
	c.that(in.Type == "task" || in.Type == "region", "%s is of a %q", what, in.Type)
	c.positive(what, in.Count, in.Open)
	c.spread(what, in.Spread)
	c.composition(what+".median", in, in.Median)
	c.composition(what+".slow", in, in.Slow)
}

func (c *checker) composition(what string, of *Instances, m Composition) {
	c.that(m.Segments != nil, "%s: a list is null", what)
	c.positive(what, m.Count, m.PathNS)
	c.that(m.Count <= of.Count, "%s is of %d of %d", what, m.Count, of.Count)
	c.segments(what, m.Segments, m.PathNS)
}

// Check returns the first thing in w that cannot be, as that of a Report does.
func (w *WhatIf) Check() error {
	if w.Schema != WhatIfSchema {
		return fmt.Errorf("schema is %q, not %q", w.Schema, WhatIfSchema)
	}
	c := new(checker)
	c.that(w.Scenarios != nil && w.Caveats != nil, "a list is null")
	c.positive("wall_ns or replay_ns", w.WallNS, w.ReplayNS)
	c.replayed("whatif", w.ReplayError, w.ReplayNS, w.WallNS)
	for i, s := range w.Scenarios {
		what := fmt.Sprintf("scenarios[%d]", i)
		c.that(s.Name != "", "%s has no name", what)
		c.bounds(what, s.LowNS, s.PredictedNS, s.HighNS)
	}
	return c.err
}
