package timeline

import (
	"slices"

	"tracekit/analyze/decode"
)

// writer is the last wait of a goroutine that wanted to write under an RWMutex
// and had to wait for readers to leave, with the stack of the first release of
// an RWMutex in the same call after it that woke somebody.
type writer struct {
	stack        StackID
	start, woken int64
	released     StackID
}

// seek joins the sites of a lock wait and of the wake that ends it, and names the
// waker.
func (tl *timeline) seek(e *decode.Event, ent *entry) {
	switch {
	case e.From == e.To: // a statement of what is known
	case e.To == Waiting:
		ent.ask.on, ent.ask.known = e.Stack != NoStack, false
		ent.ask.reason, ent.ask.stack, ent.ask.start = e.Reason, e.Stack, e.Time
	case e.ByStack != NoStack:
		tl.seekWaker(e)
		if ent.ask.on && e.From == Waiting && e.Time >= tl.window.From {
			tl.seekWake(e, &ent.ask)
		}
		ent.ask.on = false
	}
}

// seekWaker names the goroutine that created or woke another one.
func (tl *timeline) seekWaker(e *decode.Event) {
	if e.By == decode.Nobody {
		return
	}
	ent := &tl.entries[e.By]
	if !ent.seen {
		tl.first(e.By, ent, false)
	}
	if ent.g == nil {
		tl.nameAhead(ent, e.ByStack)
	}
}

// seekWake joins what the wake of a lock wait shows to be of one lock.
func (tl *timeline) seekWake(e *decode.Event, a *asking) {
	acquire := tl.shapeOf(a.stack)
	joined := acquire.handing && acquire.handed == e.ByStack
	if joined && !acquire.ofRWMutex {
		return
	}
	if !a.known {
		what := tl.ask(a.reason, a.stack)
		if what.lock == NoLock {
			return
		}
		a.kind = what.kind
	}
	if !joined {
		tl.joinPair(pair{a.stack, e.ByStack, a.kind})
		acquire = tl.shapeOf(a.stack) // which may have moved
		acquire.handing, acquire.handed = true, e.ByStack
		acquire.ofRWMutex = a.kind == RWMutexR || a.kind == RWMutexW
	}
	if tl.shapeOf(e.ByStack).runtime {
		return
	}
	switch {
	case !acquire.ofRWMutex:
	case acquire.behind:
		tl.keepWriter(e, a)
	case e.By != decode.Nobody:
		if w := tl.writers[tl.gen.Goroutines[e.By]]; w != nil {
			tl.seekWriter(w, e, a)
		}
	}
}

// keepWriter notes the last wait of a writer.
func (tl *timeline) keepWriter(e *decode.Event, a *asking) {
	id := tl.gen.Goroutines[e.G]
	w := tl.writers[id]
	if w == nil {
		w = new(writer)
		tl.writers[id] = w
	}
	*w = writer{stack: a.stack, start: a.start, woken: e.Time}
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
func (tl *timeline) seekWriter(w *writer, e *decode.Event, woken *asking) {
	if !tl.sameCall(w.stack, e.ByStack) {
		return
	}
	if w.released == NoStack {
		w.released = e.ByStack
	}
	// A reader found waiting when the trace began, at a time not known, has a
	// function of the runtime as its leaf.
	reads := tl.shapeOf(woken.stack).reads
	if reads && w.released == e.ByStack && w.start < woken.start && woken.start < w.woken {
		tl.likely = append(tl.likely, [2]lockSite{
			{tl.shapeOf(w.stack).site, false, Mutex}, {tl.shapeOf(e.ByStack).site, true, Mutex}})
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
