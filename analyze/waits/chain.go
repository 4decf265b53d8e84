package waits

import (
	"cmp"
	"slices"

	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// chain counts the waits with one stack that one stack ended.
type chain struct {
	report.Tally
	name   string // of the waiters' group
	byName string // of the wakers' group
}

// chainKey tells chains at one place apart.
type chainKey struct {
	waiter stackKey
	waker  wakerKey
	by     ending
}

// stackKey tells the stacks of waiters apart. The kind and the group follow
// from the stack, but for stacks that were cut off.
type stackKey struct {
	stack timeline.StackID
	group timeline.GroupID
	kind  timeline.Kind
}

// chains are those at one place.
type chains map[chainKey]*chain

// of returns the chain of a wait.
func (m chains) of(w *timeline.Wait) *chain {
	return m.at(chainKey{
		waiter: stackKey{w.Stack, w.G.Group, w.Kind},
		waker:  wakerKey{w.ByStack, w.ByGroup},
		by:     endOf(w),
	}, w.G.Name, w.ByName)
}

func (m chains) at(key chainKey, name, byName string) *chain {
	c := m[key]
	if c == nil {
		c = &chain{name: name, byName: byName}
		m[key] = c
	}
	return c
}

// join adds the counts of other chains.
func (m chains) join(n chains) {
	for key, c := range n {
		m.at(key, c.name, c.byName).Add(c.Tally)
	}
}

// ending is what ended a wait.
type ending uint8

const (
	byNobody ending = iota
	byGoroutine
	byEnd
)

// endings are the words for it in the report.
var endings = [...]string{byNobody: report.ByNobody, byGoroutine: report.ByGoroutine, byEnd: report.ByEnd}

// endOf says what ended a wait. Of a goroutine that the trace does not name, it has
// the stack alone.
func endOf(w *timeline.Wait) ending {
	switch {
	case w.CutEnd:
		return byEnd
	case w.ByID == timeline.NoGoroutine && w.ByStack == timeline.NoStack:
		return byNobody
	}
	return byGoroutine
}

// chainEntry is a chain with where it belongs.
type chainEntry struct {
	chainKey
	*chain
	lock int // as report.Chain has it
}

// chains returns what was gathered at locks, the i-th of which is that of rank[i],
// and at sites.
func (r result) chains(a *Waits, rank []timeline.LockID) []report.Chain {
	var list []chainEntry
	add := func(m chains, lock int) {
		for key, c := range m {
			if c.Waits > 0 {
				list = append(list, chainEntry{key, c, lock})
			}
		}
	}
	for i, id := range rank {
		add(a.locks[id].chains, i)
	}
	for _, s := range a.sites {
		add(s.chains, -1)
	}
	slices.SortFunc(list, r.compareChains)
	chains := make([]report.Chain, 0, len(list))
	for _, e := range list {
		chains = append(chains, r.chain(e))
	}
	return chains
}

func (r result) compareChains(a, b chainEntry) int {
	return cmp.Or(cmp.Compare(b.BlockedNS, a.BlockedNS), cmp.Compare(b.Waits, a.Waits), cmp.Compare(a.lock, b.lock),
		r.compareStacks(a.waiter.stack, b.waiter.stack), r.compareStacks(a.waker.stack, b.waker.stack),
		cmp.Compare(a.waiter.kind, b.waiter.kind), cmp.Compare(endings[a.by], endings[b.by]),
		cmp.Compare(a.name, b.name), cmp.Compare(a.byName, b.byName))
}

func (r result) chain(e chainEntry) report.Chain {
	return report.Chain{
		Lock:        e.lock,
		Kind:        e.waiter.kind.String(),
		Stack:       r.stackID(e.waiter.stack),
		Goroutine:   e.name,
		By:          endings[e.by],
		ByStack:     r.stackID(e.waker.stack),
		ByGoroutine: e.byName,
		Tally:       e.Tally,
	}
}
