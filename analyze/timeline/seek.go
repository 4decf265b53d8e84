package timeline

import (
	"slices"

	"tracekit/analyze/decode"
)

// asking is a lock wait, as far as is needed to find the sites of its lock.
type asking struct {
	kind         Kind
	stack        StackID
	start, woken int64
}

// writer is the last wait of a goroutine that wanted to write under an RWMutex
// and had to wait for readers to leave, with the stack of the first release of
// an RWMutex in the same call after it that woke somebody.
type writer struct {
	asking
	released StackID
}

// waitingForLocks returns the lock waits in progress.
func (tl *timeline) waitingForLocks() map[GoID]asking {
	waiting := make(map[GoID]asking)
	for _, g := range tl.gs {
		if w := &g.wait; g.waiting && g.State == Waiting && w.Lock != NoLock {
			waiting[g.ID] = asking{kind: w.Kind, stack: w.Stack, start: w.Start}
		}
	}
	return waiting
}

// seek joins the sites of a lock wait and of the wake that ends it.
func (tl *timeline) seek(e *decode.Event, waiting map[GoID]asking) {
	switch {
	case e.From == e.To: // a statement of what is known
	case e.To == Waiting:
		k := tl.kindOf(e.Reason, e.Stack)
		if k.IsLock() && e.Stack != NoStack && tl.shapeOf(e.Stack).class == User {
			waiting[e.G] = asking{kind: k, stack: e.Stack, start: e.Time}
		}
	case e.To == NotExist:
		delete(tl.writers, e.G)
	case e.From == Waiting:
		if a, ok := waiting[e.G]; ok {
			delete(waiting, e.G)
			a.woken = e.Time
			tl.seekWake(e, a)
		}
	}
}

// seekWake joins what the wake of a lock wait shows to be of one lock.
func (tl *timeline) seekWake(e *decode.Event, a asking) {
	if e.ByStack == NoStack || isRuntimeWaker(tl.symbols, e.ByStack) {
		return
	}
	if tl.gaveUp(a.kind, e.ByStack) {
		return
	}
	acquire, release := tl.shapeOf(a.stack).site, tl.shapeOf(e.ByStack).site
	tl.locks.join(lockSite{acquire, false, a.kind.family()}, lockSite{release, true, a.kind.family()}, false)
	switch {
	case a.kind != RWMutexR && a.kind != RWMutexW:
	case Leaf(tl.symbols, a.stack) == "sync.(*RWMutex).Lock":
		tl.writers[e.G] = &writer{asking: a}
	case tl.writers[e.By] != nil:
		tl.seekWriter(tl.writers[e.By], a, e.ByStack)
	}
}

// seekWriter notes that the sites where a writer waited and where it released are
// likely to be of one RWMutex, when a reader that it woke there had come while
// the writer waited for earlier readers to leave.
//
// No wake says so: writers wait for readers, and readers for writers. Without
// this, an RWMutex with a single writer would be two locks, and all that readers
// wait would be charged to the writer, though it may be a slow reader that makes
// all of them wait. A reader that comes while a writer waits is kept out by that
// one, and woken by its release, which is the first one in the same call. Only a
// writer that holds one RWMutex while it waits for another may look the same.
func (tl *timeline) seekWriter(w *writer, woken asking, byStack StackID) {
	if !tl.sameCall(w.stack, byStack) {
		return
	}
	if w.released == NoStack {
		w.released = byStack
	}
	// A reader found waiting when the trace began, at a time not known, has a
	// function of the runtime as its leaf.
	reader := Leaf(tl.symbols, woken.stack) == "sync.(*RWMutex).RLock"
	if reader && w.released == byStack && w.start < woken.start && woken.start < w.woken {
		tl.likely = append(tl.likely, [2]lockSite{
			{tl.shapeOf(w.stack).site, false, Mutex}, {tl.shapeOf(byStack).site, true, Mutex}})
	}
}

// infer joins the sites that are likely to be of one lock, where no wake of this
// generation has.
func (tl *timeline) infer() {
	for _, sites := range tl.likely {
		tl.locks.join(sites[0], sites[1], true)
	}
	tl.likely = tl.likely[:0]
}

// sameCall reports whether the sites of two stacks of a goroutine are in one
// function, called from the same place.
func (tl *timeline) sameCall(a, b StackID) bool {
	x, y := tl.fromSite(a), tl.fromSite(b)
	return tl.symbols.Frame(x[0]).Func == tl.symbols.Frame(y[0]).Func && slices.Equal(x[1:], y[1:])
}

// fromSite returns the frames of a stack from its site on.
func (tl *timeline) fromSite(id StackID) []FrameID {
	frames := tl.symbols.Stack(id)
	return frames[slices.Index(frames, tl.shapeOf(id).site):]
}
