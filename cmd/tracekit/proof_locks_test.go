package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze/report"
)

// Locks.

// handedOver checks a lock whose first holder keeps it until all others are
// there: each waits once and is handed it once, in the order of arrival.
func (p *proof) handedOver(kind string, threads int64) (report.Lock, error) {
	l, o, err := p.lock(kind)
	if err != nil {
		return l, err
	}
	n := threads - 1
	if l.Waits != n || int64(l.Waiters) != n || l.OpenWaits != 0 {
		return l, fmt.Errorf("lock is %+v, want %d waits", l, n)
	}
	// All of them pair up where the last one blocks before the first is woken.
	if o.Handovers != n || o.Retries != 0 || o.Pairs < n*(n-1)/3 || o.Pairs > n*(n-1)/2 || o.Fifo == nil || *o.Fifo < 0.9 {
		return l, fmt.Errorf("order is %+v, want %d hand-overs in the order of arrival", o, n)
	}
	return l, p.blame(l)
}

// place is a line of a function.
type place struct {
	function string
	line     int
}

// blame works out anew, wait by wait, what a lock's releases are charged: of
// each wait, the time between two wakes of the lock goes to the later one.
func (p *proof) blame(l report.Lock) error {
	var waits []wait
	for _, w := range p.waits {
		if w.kind == l.Kinds[0] {
			waits = append(waits, w)
		}
	}
	slices.SortFunc(waits, func(a, b wait) int { return cmp.Compare(a.end, b.end) })
	want, got := make(map[place]int64), make(map[place]int64)
	for i, w := range waits {
		from := w.start
		for _, u := range waits[:i+1] {
			if u.end > from {
				want[place{u.bySite, u.byLine}] += u.end - from
				from = u.end
			}
		}
	}
	for _, r := range l.Releases {
		got[place{p.site(r.Site), p.report.Sites[r.Site].Line}] += r.BlameNS
	}
	if !maps.Equal(got, want) {
		return fmt.Errorf("blame is %v, want %v", got, want)
	}
	return nil
}

// at checks where a lock is acquired and released: at the demo's lines, and not
// inside threading.
func (p *proof) at(l report.Lock, acquired, released string) error {
	for _, a := range l.Acquires {
		if f := p.site(a.Site); f != acquired {
			return fmt.Errorf("acquired at %s, want %s", f, acquired)
		}
	}
	for _, r := range l.Releases {
		if f := p.site(r.Site); f != released {
			return fmt.Errorf("released at %s, want %s", f, released)
		}
	}
	return nil
}

// proveAdders: a wait and a hand-over for each thread but the first.
func proveAdders(p *proof, acquired, released string) error {
	l, err := p.handedOver("lock", 50)
	if err != nil {
		return err
	}
	if err := p.at(l, acquired, released); err != nil {
		return err
	}
	if err := p.goroutines(51); err != nil {
		return err
	}
	return p.outcome(50, 50)
}

// proveLockDefer: one release is that of a thread which panics.
func proveLockDefer(_ *testing.T, p *proof) error {
	if err := proveAdders(p, "lockdefer.(*counter).add", "lockdefer.(*counter).add"); err != nil {
		return err
	}
	l, _, _ := p.lock("lock")
	panics := int64(0)
	for _, r := range l.Releases {
		if slices.ContainsFunc(p.report.Stacks[r.Stack], func(f int) bool { return p.report.Frames[f].Func == "runtime.gopanic" }) {
			panics += r.Wakes
		}
	}
	if panics != 1 {
		return fmt.Errorf("%d releases by a thread that panics", panics)
	}
	return nil
}

// proveLockWith: one line acquires and releases.
func proveLockWith(_ *testing.T, p *proof) error {
	if err := proveAdders(p, "lockwith.(*counter).add", "lockwith.(*counter).add"); err != nil {
		return err
	}
	l, _, _ := p.lock("lock")
	for _, r := range l.Releases {
		if r.Site != l.Acquires[0].Site {
			return fmt.Errorf("acquired at %+v, released at %+v", p.report.Sites[l.Acquires[0].Site], p.report.Sites[r.Site])
		}
	}
	return nil
}

// proveRLock: only the outermost level waits.
func proveRLock(_ *testing.T, p *proof) error {
	const descend = "rlock.(*nest).descend"
	l, err := p.handedOver("rlock", 5)
	if err != nil {
		return err
	}
	if err := p.at(l, descend, descend); err != nil {
		return err
	}
	for _, w := range p.in("rlock", descend) {
		if n := strings.Count(strings.Join(w.stack, " "), descend); n != 1 {
			return fmt.Errorf("a wait at level %d", n)
		}
	}
	return p.outcome(3, 3)
}

// proveDeadlock: an open wait of the goroutine that the lock was handed to.
func proveDeadlock(_ *testing.T, p *proof) error {
	const descend = "rlockdeadlock.(*nest).descend"
	l, o, err := p.lock("lock")
	if err != nil {
		return err
	}
	waits := p.in("lock", descend)
	if l.Waits != 2 || l.Waiters != 1 || l.OpenWaits != 1 || o.Handovers != 1 || len(waits) != 2 {
		return fmt.Errorf("lock is %+v, order %+v", l, o)
	}
	if last := waits[1]; waits[0].open || !last.open || last.g != waits[0].g || last.start < waits[0].end {
		return fmt.Errorf("waits are %+v", waits)
	}
	return p.outcome(1, 3)
}

// proveSpin: the producer waits for as long as the consumer spins, and that is
// the consumer's to blame.
func proveSpin(_ *testing.T, p *proof) error {
	waits := p.in("lock", "prodconsspin.(*list).put")
	blocked, _ := total(waits)
	if len(waits) < 3 || len(waits) > 5 {
		return fmt.Errorf("%d waits of the producer", len(waits))
	}
	l := p.report.Waits.Locks[0]
	if worst := l.Releases[0]; p.site(worst.Site) != "prodconsspin.(*list).spin" || worst.BlameNS < blocked*9/10 {
		return fmt.Errorf("blame is %+v, want that of the spinning consumer for %d ns", worst, blocked)
	}
	for _, g := range p.report.Parallel.Groups {
		if g.Name == "tracekit/demos/prodconsspin.run.func1" && float64(blocked) > 0.3*float64(g.RunningNS) && float64(blocked) < 1.1*float64(g.RunningNS) {
			return p.outcome(5, 5)
		}
	}
	return fmt.Errorf("the producer waits %d ns; groups are %+v", blocked, p.report.Parallel.Groups)
}

// Semaphores.

// grabs checks that never more than two grab, and that who waits is let in by
// one that is done.
func (p *proof) grabs(grab, acquired, released string) error {
	grabs := p.in("sleep", grab)
	if len(grabs) != 5 || most(grabs) != 2 {
		return fmt.Errorf("%d grabs, %d at the same time", len(grabs), most(grabs))
	}
	l, o, err := p.lock("semaphore")
	if err != nil {
		return err
	}
	if l.Waits != 3 || l.OpenWaits != 0 || o.Handovers != 3 {
		return fmt.Errorf("lock is %+v, order %+v", l, o)
	}
	return p.at(l, acquired, released)
}

// proveSemaphore: and the main thread has ended before.
func proveSemaphore(_ *testing.T, p *proof) error {
	const run = "semaphore.(*grabber).Run"
	if err := p.grabs("semaphore.(*grabber).grab", run, run); err != nil {
		return err
	}
	main, grabbers := p.of("semaphore.(*pool).run.func1"), p.of(run)
	if len(main) != 1 || len(grabbers) != 5 || main[0].end > grabbers[0].end {
		return fmt.Errorf("main thread %+v, daemons %+v", main, grabbers)
	}
	if !strings.Contains(p.printed, "5 pages grabbed, 2 at the same time at most") {
		return fmt.Errorf("the demo says\n%s", p.printed)
	}
	return p.outcome(5, 5)
}

// proveBounded: as proveSemaphore, and the release too many is refused.
func proveBounded(_ *testing.T, p *proof) error {
	const run = "semaphorebounded.run.func1"
	if err := p.grabs("semaphorebounded.grab", run, run); err != nil {
		return err
	}
	return p.outcome(1, 1)
}

// Files.

// proveFetch: blocks are torn, and there is no lock of the program's.
func proveFetch(_ *testing.T, p *proof) error {
	if o := p.report.Recording.Outcome; o == nil || o.Got < 2 || o.Want != 0 {
		return fmt.Errorf("outcome is %+v", o)
	}
	for _, w := range p.waits {
		own := strings.HasPrefix(w.site, "fetch.") || strings.HasPrefix(w.site, "pages.")
		if w.kind == "lock" || own && w.kind == "mutex" {
			return fmt.Errorf("a wait for a lock: %+v", w)
		}
	}
	return p.networks("")
}

// proveFetchLock: no block is torn, what is written is so under the lock, and
// nobody waits for the network with it.
func proveFetchLock(_ *testing.T, p *proof) error {
	const write = "fetchlock.(*output).write"
	l, o, err := p.lock("lock")
	if err != nil {
		return err
	}
	if l.Waits < 1 || o.Handovers != l.Waits {
		return fmt.Errorf("lock is %+v, order %+v", l, o)
	}
	lines := p.in("sleep", "pages.(*File).Write")
	for _, w := range lines {
		if !slices.Contains(w.stack, write) {
			return fmt.Errorf("written outside of the lock: %q", w.stack)
		}
	}
	if len(lines) == 0 || most(lines) != 1 {
		return fmt.Errorf("%d lines, %d at the same time", len(lines), most(lines))
	}
	if err := p.at(l, write, write); err != nil {
		return err
	}
	if err := p.networks(write); err != nil {
		return err
	}
	return p.outcome(0, 0)
}

// networks checks that there are waits for the network, and none below a
// function.
func (p *proof) networks(never string) error {
	n := 0
	for _, w := range p.waits {
		if w.kind == "network" || strings.HasPrefix(w.site, "net/http.") {
			n++
			if slices.Contains(w.stack, never) {
				return fmt.Errorf("a wait for the network in %s: %q", never, w.stack)
			}
		}
	}
	if n == 0 {
		return fmt.Errorf("no wait for the network")
	}
	return nil
}
