package critpath

import "tracekit/analyze/timeline"

const noSlot = -1

// mainID is the runtime's number of the goroutine that main runs on.
const mainID timeline.GoID = 1

// ends tells where the path of the run ends: where main does, as far as the trace shows
// it; else where the last user goroutine stops running.
type ends struct {
	main   bool
	last   int           // Slot of the one that ran last
	lastID timeline.GoID //
	at     int64         // ns: when that stopped
	group  timeline.GroupID
	work   int64   // ns that user goroutines have run
	mainAt int64   // ns: when main stopped running last
	until  int64   // work up to then, with what is accounted for later
	spun   int64   // ns of all work that ended with a call of runtime.Gosched
	needed int64   // ns of spun that are in until
	leaf   nodeID  // its path, when it has died
	step   *step   // the same, where steps are kept
	path   content // when main has ended
	clocks []int64 // when either has
}

// ran notes that a goroutine has stopped running.
func (e *ends) ran(c *Critpath, g *timeline.Goroutine, t int64) {
	if t <= e.at && e.last != noSlot {
		return // as another one, where the trace ends
	}
	e.release(c)
	e.last, e.lastID, e.at, e.group = g.Slot, g.ID, t, g.Group
}

// stops notes that main has stopped running at t: what others run from then on is not
// needed, if that was its end.
func (e *ends) stops(t int64) { e.mainAt, e.until, e.needed = t, e.work, e.spun }

// works counts ns that a user goroutine has run from a time on.
func (e *ends) works(from, ns int64) {
	e.work += ns
	if from < e.mainAt {
		e.until += min(ns, e.mainAt-from)
	}
}

// spins counts ns of them that end with a call of runtime.Gosched.
func (e *ends) spins(from, ns int64) {
	e.spun += ns
	if from < e.mainAt {
		e.needed += min(ns, e.mainAt-from)
	}
}

// release drops the path of one that ran last and has died: it did not.
func (e *ends) release(c *Critpath) {
	if e.leaf != none {
		c.tree.drop(e.leaf)
		e.leaf, e.step = none, nil
	}
}

// keep keeps the path of one that dies, if it is the one that ran last.
func (e *ends) keep(c *Critpath, g *timeline.Goroutine, l *life) bool {
	if e.last != g.Slot || e.lastID != g.ID || e.leaf != none {
		return false
	}
	e.leaf, e.step, e.clocks = l.leaf, l.step, c.replay.Clocks(e.clocks[:0], g.Slot)
	return true
}

// isMain reports whether a wait is that of main, when it has ended, for the recorder.
func isMain(w *timeline.Wait) bool { return w.G.ID == mainID && w.Kind == timeline.Recording }

// mainEnds ends the path.
func (e *ends) mainEnds(c *Critpath, w *timeline.Wait) {
	l := c.life(w.G)
	if l == nil || e.main {
		return
	}
	c.settle(w.G, l)
	e.release(c)
	for i := range c.lives {
		if o := &c.lives[i]; o.user && o.runs && o.at < e.mainAt {
			e.until += e.mainAt - o.at
		}
	}
	e.work, e.spun = e.until, e.needed
	e.main, e.at, e.group = true, l.at, l.group
	e.path, e.step, e.clocks = c.tree.path(l.leaf), l.step, c.replay.Clocks(nil, w.G.Slot)
}

// forget forgets all: what comes now begins anew.
func (e *ends) forget(c *Critpath) {
	e.release(c)
	*e = ends{leaf: none, last: noSlot}
}

// found returns the path, and whether there is one.
func (e *ends) found(c *Critpath) (content, bool) {
	switch {
	case e.main:
		return e.path, true
	case e.leaf != none:
		return c.tree.path(e.leaf), true
	}
	return content{}, false
}
