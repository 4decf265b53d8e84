package waits

import "tracekit/analyze/timeline"

// paths keeps where the waits were counted that came last. Most waits are like
// one before, and to find it anew takes three maps.
type paths [1 << pathBits]path

const pathBits = 9

// path is where those waits are counted that have a stack, and an end, in common.
type path struct {
	pathKey
	may   bool   // they may be idle
	place *place // nil: nothing has been counted yet
	chain *chain
	waker *waker
}

type pathKey struct {
	known          bool
	idle           bool
	by             ending
	kind           timeline.Kind
	stack, byStack timeline.StackID
	group, byGroup timeline.GroupID
	lock           timeline.LockID
	joins          int32 // of locks so far
}

// path returns where a wait belongs, among those that are idle or not.
func (a *Waits) path(w *timeline.Wait, idle bool) *path {
	hash := uint32(w.Stack*31^w.ByStack) << 1
	if idle {
		hash++
	}
	p := &a.paths[hash%(1<<pathBits)]
	// Field by field: to put a key together and compare it takes longer than the
	// maps would.
	if p.stack == w.Stack && p.byStack == w.ByStack && p.kind == w.Kind && p.idle == idle && p.lock == w.Lock &&
		p.group == w.G.Group && p.byGroup == w.ByGroup && p.joins == a.joins && p.by == endOf(w) && p.known {
		return p
	}
	*p = path{may: mayIdle(w, a.symbols), pathKey: pathKey{
		known: true, idle: idle, by: endOf(w), kind: w.Kind,
		stack: w.Stack, byStack: w.ByStack, group: w.G.Group, byGroup: w.ByGroup,
		lock: w.Lock, joins: a.joins,
	}}
	return p
}

// counted is path for a wait of which something is to be counted.
func (a *Waits) counted(w *timeline.Wait, idle bool) *path {
	p := a.path(w, idle)
	if p.place == nil {
		p.place = a.place(w, idle)
		p.chain = p.place.chains.of(w)
		p.waker = p.place.wakers.of(w)
	}
	return p
}

// place returns the lock or site of a wait.
func (a *Waits) place(w *timeline.Wait, idle bool) *place {
	switch {
	case w.Lock != timeline.NoLock:
		return &a.locks[w.Lock].place
	case idle:
		return &a.idleSites.of(w).place
	}
	return &a.sites.of(w).place
}

// add counts a wait that is over.
func (p *path) add(w *timeline.Wait) {
	if !w.Open() {
		p.place.whole(w)
	}
	count(&p.chain.Tally, w)
}
