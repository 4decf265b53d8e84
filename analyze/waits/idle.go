package waits

import (
	"strings"

	"tracekit/analyze/timeline"
)

// idleWaits tells the waits of workers that wait for work from those of a
// goroutine that waits for its turn. The rule: a wait is idle when a goroutine
// receives from a channel, or selects, in the very function that it was started
// with, and does so again and again, more than once at the same place, or all
// through the trace. As in
//
//	go func() {
//		for job := range jobs {
//			job.do()
//		}
//	}()
//
// A goroutine that blocks there once in the trace and is not woken may well be
// stuck, and is no worker. A receive further up the stack belongs to a piece of
// work in progress, which is late by that wait. What the main function waits for
// is the program's work. A sync.Cond is not told apart: those who wait on it have
// taken its lock for it, and the report shows them.
//
// The rule errs where a goroutine sends requests and receives the answers in
// the function that it was started with. Therefore idle waits are not dropped:
// they are listed by their sites, with those who ended them, like all others.
type idleWaits struct {
	loops []loops // by Goroutine.Slot
}

// loops are the places where a goroutine may wait for work.
type loops struct {
	last timeline.FrameID // a place where it is known to do so
	// firsts holds the first wait at each place: as long as there was only
	// this one, and it is open what it was; then nil.
	firsts map[timeline.FrameID]*timeline.Wait
}

// of returns the loops of a goroutine.
func (d *idleWaits) of(g *timeline.Goroutine) *loops {
	for len(d.loops) <= g.Slot {
		d.loops = append(d.loops, loops{last: timeline.NoSite})
	}
	return &d.loops[g.Slot]
}

// judge decides about a wait that is over and may be idle. Where that depends on
// whether another one follows, the wait is kept. Where this is that other one, the
// first is idle, too, and is returned.
func (d *idleWaits) judge(w *timeline.Wait) (idle bool, first *timeline.Wait) {
	l := d.of(w.G)
	if l.last == w.Site {
		return true, nil
	}
	first, again := l.firsts[w.Site]
	if l.firsts == nil {
		l.firsts = make(map[timeline.FrameID]*timeline.Wait)
	}
	if again || w.CutStart && w.CutEnd {
		l.firsts[w.Site], l.last = nil, w.Site
		return true, first
	}
	only := *w
	l.firsts[w.Site] = &only
	return false, nil
}

// forget drops a goroutine that has ended, and returns those of its waits that
// turned out to be busy.
func (d *idleWaits) forget(g *timeline.Goroutine) (waits []*timeline.Wait) {
	if g.Slot >= len(d.loops) {
		return nil
	}
	for _, first := range d.loops[g.Slot].firsts {
		if first != nil {
			waits = append(waits, first)
		}
	}
	d.loops[g.Slot] = loops{last: timeline.NoSite}
	return waits
}

// mayIdle reports whether a wait is at a place where a worker waits for work. It
// is not when its end tells otherwise: a receiver ends the wait of one who wants
// to send, and goroutines of one group that wait for each other use the channel
// as a lock.
func mayIdle(w *timeline.Wait, symbols *timeline.Symbols) bool {
	switch {
	case w.Kind != timeline.ChanRecv && w.Kind != timeline.Select:
		return false
	case w.Site == timeline.NoSite || w.G.Name == "main.main":
		return false
	case w.ByID != timeline.NoGoroutine && w.ByGroup == w.G.Group:
		return false
	case strings.HasPrefix(timeline.Leaf(symbols, w.ByStack), "runtime.chanrecv"):
		return false
	}
	return symbols.Frame(w.Site).Func == w.G.Name
}
