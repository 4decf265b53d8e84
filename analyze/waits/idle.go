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
	// loops holds, for each goroutine alive, the places where it may wait for
	// work, with the first wait there: as long as there has been only this
	// one and it is open what it was; then nil.
	loops map[*timeline.Goroutine]map[timeline.FrameID]*timeline.Wait
}

func newIdleWaits() idleWaits {
	return idleWaits{loops: make(map[*timeline.Goroutine]map[timeline.FrameID]*timeline.Wait)}
}

// verdict is what is known of a wait.
type verdict int

const (
	busy    verdict = iota // it is not idle
	pending                // that depends on whether a second one follows
	idle                   // it is idle
)

// judge decides about a wait that is over. Where it is the second at its place,
// the first one was idle too, and is returned.
func (d *idleWaits) judge(w *timeline.Wait, symbols *timeline.Symbols) (v verdict, first *timeline.Wait) {
	if !mayIdle(w, symbols) {
		return busy, nil
	}
	if d.loops[w.G] == nil {
		d.loops[w.G] = make(map[timeline.FrameID]*timeline.Wait)
	}
	first, again := d.loops[w.G][w.Site]
	if again || w.CutStart && w.CutEnd {
		d.loops[w.G][w.Site] = nil
		return idle, first
	}
	only := *w
	d.loops[w.G][w.Site] = &only
	return pending, nil
}

// forget drops a goroutine that has ended, and returns those of its waits that
// turned out to be busy.
func (d *idleWaits) forget(g *timeline.Goroutine) (waits []*timeline.Wait) {
	for _, first := range d.loops[g] {
		if first != nil {
			waits = append(waits, first)
		}
	}
	delete(d.loops, g)
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
	case w.By != nil && w.By.Name == w.G.Name:
		return false
	case strings.HasPrefix(timeline.Leaf(symbols, w.ByStack), "runtime.chanrecv"):
		return false
	}
	return symbols.Frame(w.Site).Func == w.G.Name
}
