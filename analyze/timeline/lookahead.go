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
func (tl *timeline) lookAhead(gen *decode.Generation) {
	var found []*decode.Event
	waiting := tl.waitingForLocks()
	tl.ahead = make(map[GoID]StackID)
	for _, block := range gen.Blocks {
		for i := range block {
			e := &block[i]
			if e.Kind != decode.Transition {
				continue
			}
			if tl.find(e, gen.Start) {
				found = append(found, e)
			}
			tl.nameAhead(e.G, e.Stack)
			tl.nameAhead(e.By, e.ByStack)
			tl.seek(e, waiting)
		}
	}
	tl.infer()
	tl.tellJoined()
	for _, e := range found {
		g := tl.gs[e.G]
		tl.born(g)
		if g.State == Waiting {
			tl.block(g, e, true)
		}
	}
}

// find names the goroutine of an event. It reports true for one that existed
// before and is seen for the first time, and enters it.
func (tl *timeline) find(e *decode.Event, start int64) bool {
	g := tl.gs[e.G]
	fresh := g == nil && e.From == Unknown
	if fresh {
		g = &Goroutine{ID: e.G, State: e.To, Since: start}
		tl.gs[e.G] = g
	}
	if g != nil {
		tl.name(g, e.Stack)
	}
	return fresh
}

// nameAhead notes the first stack that shows what a goroutine runs which this
// generation creates in a function of sync or the runtime.
func (tl *timeline) nameAhead(g GoID, stack StackID) {
	if stack == NoStack || tl.gs[g] != nil {
		return
	}
	if _, ok := tl.ahead[g]; !ok && tl.shapeOf(stack).named {
		tl.ahead[g] = stack
	}
}

// tellJoined tells the observers which locks have turned out to be one, each set
// of them at once: a generation can join a great many.
func (tl *timeline) tellJoined() {
	joins := tl.locks.takeJoined()
	if len(joins) == 0 {
		return
	}
	waits := tl.waitsByLock()
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
