package timeline

import (
	"slices"

	"tracekit/analyze/decode"
)

// pair is a wait for a lock and the wake that ended it.
type pair struct {
	stack, byStack StackID
	kind           Kind
}

// allNamed reports whether goroutines have their names, and those that the
// generation bears have them from the start.
func (tl *timeline) allNamed(sum *decode.Summary) bool {
	return tl.nameless == 0 && !slices.ContainsFunc(sum.Starts, func(start StackID) bool { return !tl.shapeOf(start).named })
}

// lockPairs returns the pairs of a generation.
func (tl *timeline) lockPairs(sum *decode.Summary) []pair {
	pairs := tl.pairs[:0]
	for _, w := range sum.Wakes {
		if a := tl.ask(w.Reason, w.Stack); a.lock != NoLock {
			pairs = append(pairs, pair{w.Stack, w.ByStack, a.kind})
		}
	}
	for _, w := range sum.Late {
		g := tl.gs[tl.gen.Goroutines[w.G]]
		if g != nil && g.waiting && g.wait.Lock != NoLock && w.ByStack != NoStack {
			pairs = append(pairs, pair{g.wait.Stack, w.ByStack, g.wait.Kind})
		}
	}
	tl.pairs = pairs
	return pairs
}

// joinPairs joins the sites of pairs that were not seen before.
func (tl *timeline) joinPairs(pairs []pair) {
	for _, p := range pairs {
		if !tl.seen[p] {
			tl.seen[p] = true
			tl.joinPair(p)
		}
	}
}

// joinPair joins the sites of a wait for a lock and of the wake that ended it,
// where that was a release.
func (tl *timeline) joinPair(p pair) {
	if tl.shapeOf(p.byStack).runtime || tl.gaveUp(p.kind, p.byStack) {
		return
	}
	acquire, release := tl.sites(p)
	tl.locks.join(acquire, release, false)
}

// sites returns where a lock was waited for and where it was released.
func (tl *timeline) sites(p pair) (acquire, release lockSite) {
	family := p.kind.family()
	return lockSite{tl.shapeOf(p.stack).site, false, family}, lockSite{tl.shapeOf(p.byStack).site, true, family}
}

// mayInfer reports whether a writer under an RWMutex may have kept a reader out,
// of which it is not known yet that it is one lock. Only the events tell whether
// one did.
func (tl *timeline) mayInfer(pairs []pair) bool {
	writers := make(map[StackID]bool)
	for _, w := range tl.writers {
		writers[w.stack] = true
	}
	for _, p := range pairs {
		if p.kind == RWMutexW && tl.shapeOf(p.stack).behind {
			writers[p.stack] = true
		}
	}
	for stack := range writers {
		for _, p := range pairs {
			if p.kind != RWMutexR || !tl.sameCall(stack, p.byStack) {
				continue
			}
			if acquire, release := tl.sites(pair{stack, p.byStack, Mutex}); tl.locks.find(acquire) != tl.locks.find(release) {
				return true
			}
		}
	}
	return false
}
