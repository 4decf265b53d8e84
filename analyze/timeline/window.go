package timeline

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"tracekit/analyze/decode"
)

// window is the stretch of a trace that observers are told of, on its clock.
type window struct {
	Window
	asked  Window // since the beginning of the trace
	zero   int64  // that, on its clock
	closes bool   // the trace says that it lasts up to To
	ahead  bool   // it has not begun
	over   bool   // the observers were told that it has ended
}

// open works out the window when the first generation is known.
func (w *window) open(gen *decode.Generation) {
	w.Window = All
	w.zero = gen.Start
	if whole := gen.Whole(); whole != nil {
		w.Window = *whole
		w.closes = w.To < math.MaxInt64
		w.zero = w.From
	}
	if w.asked.From > 0 {
		w.From = max(w.From, plus(w.zero, w.asked.From))
	}
	if to := plus(w.zero, w.asked.To); to < w.To {
		w.To, w.closes = to, false
	}
	w.ahead = w.From > gen.Start
}

// plus adds without overflow what is not negative. (a can be: so are the times at which
// traces of Go 1.21 and before begin.)
func plus(a, b int64) int64 {
	if a > 0 && b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// turn returns when the window begins, or, where it has, when it ends.
func (w *window) turn() int64 {
	if w.ahead {
		return w.From
	}
	return w.To
}

// holds reports whether a generation lies within the window.
func (w *window) holds(gen *decode.Generation) bool { return gen.Start >= w.From && gen.End < w.To }

// begin has the observers told from the beginning of the window on, first what is
// going on: goroutines by their ids, stops of the world and help for the garbage
// collector, waits in the order in which they began.
func (tl *timeline) begin() {
	t := tl.window.From
	tl.window.ahead = false
	tl.listen(t)
	tl.extent = Extent{Start: t, End: t, Events: tl.extent.Events}
	if tl.procsNow > 0 {
		tl.procs(t, tl.procsNow)
	}
	clear(tl.foundAs)
	tl.nobody = Goroutine{}
	alive := tl.alive()
	for _, g := range alive {
		g.waiting = g.waiting && g.State == Waiting
		g.Since, g.Spent, g.Acts, g.births, g.Identity = t, [States]int64{}, 0, g.births[:0], nil
		g.Class, g.Found = g.shown, true
		tl.announce(g)
	}
	tl.tellJoined(nil)
	tl.tellInProgress(t, alive)
	alive = slices.DeleteFunc(alive, func(g *Goroutine) bool { return !g.waiting })
	slices.SortStableFunc(alive, func(a, b *Goroutine) int { return cmp.Compare(a.wait.Start, b.wait.Start) })
	for _, g := range alive {
		w := &g.wait
		w.Start, w.CutStart = t, true
		if w.Lock != NoLock {
			for _, o := range tl.locking {
				o.LockBlocked(w)
			}
		} else {
			g.Acts++
		}
	}
}

// alive returns the goroutines that are there, by their ids.
func (tl *timeline) alive() []*Goroutine {
	list := slices.Collect(maps.Values(tl.gs))
	for i := range tl.entries {
		if ent := &tl.entries[i]; ent.g != nil && !ent.known {
			list = append(list, ent.g)
		}
	}
	slices.SortFunc(list, func(a, b *Goroutine) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// atEOF ends the window where the trace does. One that says that it is of a window
// may hold nothing but what was going on in it.
func (tl *timeline) atEOF() error {
	w, end := &tl.window, tl.extent.End
	if w.closes {
		end = max(end, w.To)
	}
	if w.ahead && w.From >= end {
		return fmt.Errorf("%w: it covers %.9f s", decode.ErrWindow, float64(end-w.zero)/1e9)
	}
	if w.ahead {
		tl.entries = tl.entries[:0]
		tl.begin()
	}
	tl.finish(end)
	return nil
}

// finish tells the observers that the window has ended, once.
func (tl *timeline) finish(t int64) {
	if tl.window.over {
		return
	}
	tl.window.over = true
	tl.extent.End = t
	tl.cutAll()
}
