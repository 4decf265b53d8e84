package timeline

import (
	"cmp"
	"slices"

	"tracekit/analyze/decode"
)

// lookAhead prepares a generation before it is gone through: it enters the
// goroutines that existed before, names goroutines, and joins the sites of
// locks. A trace mentions a goroutine that does nothing only at the very end of
// a generation, and one that just ran has no stack until it stops.
//
// The events need not be looked at where a Summary tells that they hold nothing
// new but which sites are of one lock.
func (tl *timeline) lookAhead() {
	within := tl.window.holds(tl.gen)
	if sum := tl.gen.Summary; sum != nil && tl.gen.Restated && within && tl.allNamed(sum) {
		pairs := tl.lockPairs(sum)
		if !tl.mayInfer(pairs) {
			tl.joinPairs(pairs)
			tl.tellJoined(tl.waitsByLock)
			return
		}
	}
	var found []decode.Event
	var e decode.Event
	c := tl.gen.Cursor() // outside of the loop, which would copy it each time
	for c.NextNews(&e) {
		if e.Kind != decode.Transition || e.Time >= tl.window.To && e.From != Unknown {
			continue // behind the window, who was there in it may be mentioned first
		}
		ent := &tl.entries[e.G]
		if !ent.seen {
			tl.first(e.G, ent, e.From == NotExist)
		}
		if e.From == Unknown && ent.g == nil {
			ent.g = tl.newGoroutine(tl.gen.Goroutines[e.G], e.To, tl.gen.Start)
			ent.g.Stack, ent.g.Found = e.Stack, true
			tl.gs[ent.g.ID], ent.known = ent.g, true
			found = append(found, e)
		}
		if e.Stack != NoStack {
			tl.nameAhead(ent, e.Stack)
		}
		tl.seek(&e, ent)
	}
	tl.infer()
	if !tl.window.ahead {
		tl.tellJoined(tl.waitsByLock)
	}
	slices.SortFunc(found, func(a, b decode.Event) int {
		return cmp.Compare(tl.gen.Goroutines[a.G], tl.gen.Goroutines[b.G])
	})
	for i := range found {
		g := tl.entries[found[i].G].g
		tl.born(g)
		if g.State == Waiting {
			tl.block(g, &found[i], true)
		}
	}
}

// nameAhead names a goroutine by a stack that shows it. For one that is born in
// this generation, in a function of sync or the runtime, it notes the first stack
// that shows what that runs.
func (tl *timeline) nameAhead(ent *entry, stack StackID) {
	switch {
	case ent.g != nil:
		tl.name(ent.g, stack)
	case ent.ahead == NoStack && tl.shapeOf(stack).named:
		ent.ahead = stack
	}
}

// tellJoined tells the observers which locks have turned out to be one, each set
// of them at once: a generation can join a great many. inProgress returns the waits
// for each that they know of; nil: none.
func (tl *timeline) tellJoined(inProgress func() map[LockID][]*Wait) {
	joins := tl.locks.takeJoined()
	if len(joins) == 0 {
		return
	}
	var waits map[LockID][]*Wait
	if inProgress != nil {
		waits = inProgress()
	}
	for _, j := range joins {
		j.Waits = waits[j.Into]
		for _, o := range tl.observers {
			o.Joined(j)
		}
	}
	for _, g := range tl.gs { // those that are woken and do not run yet, too
		if g.waiting && g.wait.Lock != NoLock {
			g.wait.Lock = tl.locks.root(g.wait.Lock)
		}
	}
}

// waitsByLock returns the waits in progress by the lock that they are for now,
// each list by the start of the wait.
func (tl *timeline) waitsByLock() map[LockID][]*Wait {
	waits := make(map[LockID][]*Wait)
	for _, g := range tl.gs {
		if g.waiting && g.State == Waiting && g.wait.Lock != NoLock {
			id := tl.locks.root(g.wait.Lock)
			waits[id] = append(waits[id], &g.wait)
		}
	}
	for _, list := range waits {
		slices.SortFunc(list, func(a, b *Wait) int {
			return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.G.ID, b.G.ID))
		})
	}
	return waits
}
