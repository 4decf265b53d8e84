package report

import "fmt"

// Check returns the first thing in the facts of r that cannot be, as that of a Report
// does. What follows from the facts is not looked at: it is worked out anew.
func (r *Runs) Check() error {
	if r.Schema != RunsSchema {
		return fmt.Errorf("schema is %q, not %q", r.Schema, RunsSchema)
	}
	c := &runsChecker{r: r}
	c.that(len(r.Runs) > 0, "it has no runs")
	for i := range r.Runs {
		c.run(fmt.Sprintf("runs[%d]", i), &r.Runs[i])
	}
	return c.err
}

// runsChecker checks the facts of runs.
type runsChecker struct {
	checker
	r *Runs
}

func (c *runsChecker) index(what string, i, n int) {
	c.that(i >= 0 && i < n, "%s: %d of %d", what, i, n)
}

func (c *runsChecker) run(what string, r *Run) {
	c.index(what+".source", r.Source, len(c.r.Recordings))
	c.that(r.Number >= 1, "%s has the number %d", what, r.Number)
	c.small(what, r.WallNS, int64(r.GOMAXPROCS))
	c.that(finite(r.Parallelism) && finite(r.Utilization) && finite(r.Demand), "%s: a share is out of bounds", what)
	c.runPath(what+".critpath", r.Critpath)
	waits := make(map[int]bool)
	for _, w := range r.Waits {
		c.index(what+".waits", w.Place, len(c.r.Places))
		c.that(!waits[w.Place], "%s.waits has place %d twice", what, w.Place)
		waits[w.Place] = true
		c.tally(what+".waits", w.Tally)
		c.small(what+".waits", w.BlockedNS, w.SchedNS, w.Waits)
	}
	releases := make(map[int]bool)
	for _, rel := range r.Releases {
		c.index(what+".releases", rel.Place, len(c.r.Places))
		releases[rel.Place] = true
		c.small(what+".releases", rel.BlameNS, rel.Wakes)
	}
	for i := range r.Locks {
		l, what := &r.Locks[i], fmt.Sprintf("%s.locks[%d]", what, i)
		c.runLock(what, l)
		for _, p := range l.Acquires {
			c.that(waits[p], "%s: nothing waits at place %d", what, p)
		}
		for _, p := range l.Releases {
			c.that(releases[p], "%s: nothing is released at place %d", what, p)
		}
	}
}

func (c *runsChecker) runPath(what string, p *RunPath) {
	if p == nil {
		return
	}
	c.small(what, p.PathNS, p.WorkNS, p.SpanNS)
	var ns int64
	for i, k := range p.Kinds {
		c.small(what+".kinds", k.NS)
		c.that(i == 0 || p.Kinds[i-1].Kind < k.Kind, "%s.kinds: %q is out of order, or there twice", what, k.Kind)
		ns += k.NS
	}
	c.equal(what+".kinds", ns, p.PathNS)
}

// small checks that numbers can be added up: as ns, they are up to two years.
func (c *runsChecker) small(what string, list ...int64) {
	for _, v := range list {
		c.that(0 <= v && v <= 1<<56, "%s: %d is out of bounds", what, v)
	}
}

func (c *runsChecker) runLock(what string, l *RunLock) {
	for _, p := range l.Acquires {
		c.index(what+".acquires", p, len(c.r.Places))
	}
	for _, p := range l.Releases {
		c.index(what+".releases", p, len(c.r.Places))
	}
	c.that(len(l.Acquires) > 0, "%s is acquired nowhere", what)
	c.small(what+".pairs", l.Pairs, l.LeftOut, l.FirstOut)
	c.small(what+".path_ns", l.PathNS)
	c.that(0 <= l.Overtaken && l.Overtaken <= l.Pairs, "%s: %d of %d pairs overtaken", what, l.Overtaken, l.Pairs)
	for _, g := range l.Woken {
		c.index(what+".woken", int(g), len(c.r.Goroutines))
	}
	seen := make(map[int]bool)
	for _, t := range l.First {
		c.index(what+".first", t.Goroutine, len(c.r.Goroutines))
		c.index(what+".first", t.Place, len(c.r.Places))
		c.that(!seen[t.Goroutine] && t.ArrivedNS <= t.WokenNS, "%s.first has goroutine %d twice, or woken before it came", what, t.Goroutine)
		seen[t.Goroutine] = true
	}
}

// finite reports whether a number is one that can be counted with.
func finite(x float64) bool { return x >= 0 && x <= 1e12 }
