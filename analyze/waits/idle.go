package waits

import (
	"slices"
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
// stuck, and is no worker. A receive further up the stack belongs to a piece of work in progress, which
// is late by that wait. What the main function waits for is the program's work.
// A sync.Cond is not told apart: those who wait on it have taken its lock for
// it, and the report shows them.
//
// The rule errs where a goroutine sends requests and receives the answers in
// the function that it was started with. Therefore idle waits are not dropped:
// they are listed by their sites, with those who ended them, like all others.
type idleWaits struct {
	sites map[siteKey]*site
	loops map[*timeline.Goroutine][]loop
}

func newIdleWaits() idleWaits {
	return idleWaits{sites: make(map[siteKey]*site), loops: make(map[*timeline.Goroutine][]loop)}
}

// loop is a place where a goroutine may wait for work.
type loop struct {
	site timeline.FrameID
	// first is the first wait there, as long as there has been only this one
	// and it is open what it was.
	first *timeline.Wait
}

// take decides about a wait that is over. It reports true when the wait was
// idle, or when that has to wait for a second one at the same place.
func (d *idleWaits) take(w *timeline.Wait, symbols *timeline.Symbols) bool {
	if !mayIdle(w, symbols) {
		return false
	}
	loops := d.loops[w.G]
	i := slices.IndexFunc(loops, func(l loop) bool { return l.site == w.Site })
	switch {
	case i < 0 && !(w.CutStart && w.CutEnd):
		first := *w
		d.loops[w.G] = append(loops, loop{w.Site, &first})
		return true
	case i < 0:
		d.loops[w.G] = append(loops, loop{w.Site, nil})
	case loops[i].first != nil:
		d.add(loops[i].first)
		loops[i].first = nil
	}
	d.add(w)
	return true
}

func (d *idleWaits) add(w *timeline.Wait) { siteOf(d.sites, w).add(w) }

// forget drops a goroutine that has ended, and returns those of its waits that
// turned out not to be idle.
func (d *idleWaits) forget(g *timeline.Goroutine) (busy []*timeline.Wait) {
	for _, l := range d.loops[g] {
		if l.first != nil {
			busy = append(busy, l.first)
		}
	}
	delete(d.loops, g)
	return busy
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
