package report

import "fmt"

// Check returns the first thing in the facts of r that cannot be, as that of a Report
// does. What follows from the facts is not looked at: it is worked out anew.
func (r *Runs) Check() error {
	if r.Schema != RunsSchema {
		return fmt.Errorf("schema is %q, not %q", r.Schema, RunsSchema)
	}
	c := &runsChecker{r: r}
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
	c.that(r.WallNS >= 0 && r.GOMAXPROCS >= 0, "%s: a number is negative", what)
	c.that(finite(r.Parallelism) && finite(r.Utilization) && finite(r.Demand), "%s: a share is out of bounds", what)
	waits := make(map[int]bool)
	for _, w := range r.Waits {
		c.index(what+".waits", w.Place, len(c.r.Places))
		c.that(!waits[w.Place], "%s.waits has place %d twice", what, w.Place)
		waits[w.Place] = true
		c.tally(what+".waits", w.Tally)
	}
	for _, rel := range r.Releases {
		c.index(what+".releases", rel.Place, len(c.r.Places))
		c.that(rel.BlameNS >= 0 && rel.Wakes >= 0, "%s.releases: a number is negative", what)
	}
	for i := range r.Locks {
		c.runLock(fmt.Sprintf("%s.locks[%d]", what, i), &r.Locks[i])
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
