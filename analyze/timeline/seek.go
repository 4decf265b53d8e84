package timeline

import (
	"slices"

	"tracekit/analyze/decode"
)

// asking is a lock wait, as far as is needed to find the sites of its lock.
type asking struct {
	stack        StackID
	start, woken int64
}

// waitingForLocks returns the lock waits in progress.
func (tl *timeline) waitingForLocks() map[GoID]asking {
	waiting := make(map[GoID]asking)
	for _, g := range tl.gs {
		if g.waiting && g.State == Waiting && g.wait.Lock != NoLock {
			waiting[g.ID] = asking{stack: g.wait.Stack, start: g.wait.Start}
		}
	}
	return waiting
}

// seek joins the sites of a lock wait and of the wake that ends it.
func (tl *timeline) seek(e *decode.Event, waiting map[GoID]asking) {
	switch {
	case e.From == e.To:
	case e.To == Waiting && tl.isUserLock(e):
		waiting[e.G] = asking{stack: e.Stack, start: e.Time}
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

func (tl *timeline) isUserLock(e *decode.Event) bool {
	return e.Stack != NoStack && tl.kindOf(e.Reason, e.Stack).IsLock() &&
		tl.shapeOf(e.Stack).class == User
}

// seekWake joins what the wake of a lock wait shows to be of one lock.
func (tl *timeline) seekWake(e *decode.Event, a asking) {
	if e.ByStack == NoStack || isRuntimeWaker(tl.symbols, e.ByStack) {
		return
	}
	release := lockSite{tl.shapeOf(e.ByStack).site, true}
	tl.locks.join(lockSite{tl.shapeOf(a.stack).site, false}, release)
	// The stack of a wait that began before the trace, at a time not known, has
	// the runtime's functions as its leaf, and is none of these.
	switch Leaf(tl.symbols, a.stack) {
	case "sync.(*RWMutex).Lock": // waits for readers, and keeps new ones out
		tl.writers[e.G] = a
	case "sync.(*RWMutex).RLock":
		if w, ok := tl.writers[e.By]; ok && tl.keptOut(a, w, e.ByStack) {
			tl.locks.join(lockSite{tl.shapeOf(w.stack).site, false}, release)
		}
	}
}

// keptOut reports whether a reader that was woken from byStack had queued behind
// the same goroutine when that, a writer, waited for earlier readers to leave.
// Then the writer's wait and its release are of one RWMutex.
//
// No wake says so: writers wait for readers, and readers for writers. Without
// this, an RWMutex with a single writer would be two locks, and all that readers
// wait would be charged to the writer, though it may be a slow reader that makes
// all of them wait. A reader that comes while a writer waits is woken by that
// one, unless the writer holds one RWMutex and waits for another; the wait and
// the release have to be in one call of a function, which makes that unlikely.
func (tl *timeline) keptOut(reader, writer asking, byStack StackID) bool {
	return writer.start < reader.start && reader.start < writer.woken &&
		tl.sameCall(writer.stack, byStack)
}

// sameCall reports whether the sites of two stacks of a goroutine are in one
// call of a function: called from the same place.
func (tl *timeline) sameCall(a, b StackID) bool {
	x, y := tl.fromSite(a), tl.fromSite(b)
	return tl.symbols.Frame(x[0]).Func == tl.symbols.Frame(y[0]).Func && slices.Equal(x[1:], y[1:])
}

// fromSite returns the frames of a stack from its site on.
func (tl *timeline) fromSite(id StackID) []FrameID {
	frames := tl.symbols.Stack(id)
	return frames[slices.Index(frames, tl.shapeOf(id).site):]
}
