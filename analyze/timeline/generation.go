package timeline

import "tracekit/analyze/decode"

// entry is a goroutine in a generation, by its index there.
type entry struct {
	g     *Goroutine // nil: not born yet, or dead
	seen  bool       // an event of the generation is about it
	known bool       // it is one that was alive before the generation
	ahead StackID    // names it, where it is born in this generation
	ask   asking     // the wait for a lock in which it is, when looking ahead
}

// asking is a wait, as far as is needed to find the sites of its lock.
type asking struct {
	on     bool
	known  bool // kind is
	kind   Kind
	reason decode.StringID
	stack  StackID
	start  int64
}

// generation goes through a generation.
func (tl *timeline) generation(gen *decode.Generation) {
	switch {
	case tl.window.over:
		return
	case !tl.started:
		tl.started = true
		tl.extent.Start = gen.Start
		tl.window.open(gen)
		if !tl.window.ahead {
			tl.listen(gen.Start)
		}
	case gen.Gap:
		if tl.gap(gen); tl.window.over {
			return
		}
	}
	if gen.End >= tl.window.From {
		tl.extent.Events += gen.Read
	}
	tl.gen = gen
	tl.open()
	tl.lookAhead()
	whole := tl.pass()
	tl.settle()
	tl.extent.End = gen.End
	if !whole {
		tl.finish(tl.window.To)
	}
}

// pass goes through the events of a generation, and reports false where it comes to
// the end of the window.
func (tl *timeline) pass() bool {
	var e decode.Event
	c := tl.gen.Drain() // outside of the loop, which would copy it each time
	turn := tl.window.turn()
	for c.Next(&e) {
		if e.Time >= turn {
			if !tl.reach(e.Time) {
				return false
			}
			turn = tl.window.turn()
		}
		if e.Kind != decode.Transition {
			tl.other(&e)
			continue
		}
		tl.transition(&e)
	}
	return tl.gen.End < turn || tl.reach(tl.gen.End) // what comes last may concern no goroutine
}

// other takes an event that is no transition.
func (tl *timeline) other(e *decode.Event) {
	switch {
	case e.Kind == decode.Procs:
		tl.procs(e.Time, e.N)
	case tl.hasMarks:
		tl.mark(e)
	}
}

// reach begins the window where it has begun at time t, and reports false where it has
// ended then.
func (tl *timeline) reach(t int64) bool {
	if tl.window.ahead && t >= tl.window.From {
		tl.begin()
	}
	return tl.window.ahead || t < tl.window.To
}

// gap cuts off what was going on where something is missing.
func (tl *timeline) gap(gen *decode.Generation) {
	if !tl.window.ahead && tl.window.To <= gen.Start {
		tl.finish(tl.extent.End)
		return
	}
	tl.cutAll()
	from := tl.extent.End
	if tl.window.ahead && tl.window.From <= gen.Start {
		from = max(from, tl.window.From)
		tl.entries = tl.entries[:0]
		tl.begin()
	}
	tl.extent.Lost += gen.Start - from
	for _, o := range tl.observers {
		o.Gap(from, gen.Start)
	}
}

// open makes an entry for each goroutine of the generation.
func (tl *timeline) open() {
	n := len(tl.gen.Goroutines)
	if cap(tl.entries) < n {
		tl.entries = make([]entry, n)
		return
	}
	tl.entries = tl.entries[:n]
	clear(tl.entries)
}

// first looks up a goroutine when the first event about it comes. That of its
// creation tells that it was not alive before.
func (tl *timeline) first(i decode.GoIndex, ent *entry, created bool) {
	ent.seen = true
	if created {
		return
	}
	g := tl.gs[tl.gen.Goroutines[i]]
	if g == nil {
		return
	}
	ent.g, ent.known = g, true
	if w := &g.wait; g.waiting && g.State == Waiting && w.Lock != NoLock {
		ent.ask = asking{on: true, known: true, kind: w.Kind, stack: w.Stack, start: w.Start}
	}
}

// settle enters those who are alive at the end of the generation among those who
// are known. Most goroutines of some programs are born and die in one generation.
func (tl *timeline) settle() {
	for i := range tl.entries {
		if ent := &tl.entries[i]; ent.g != nil && !ent.known {
			tl.gs[ent.g.ID] = ent.g
		}
	}
}
