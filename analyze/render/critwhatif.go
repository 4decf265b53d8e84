package render

import (
	"fmt"
	"slices"

	"tracekit/analyze/report"
)

// rankOf returns the place of a number among others, the largest first; equal ones
// share theirs.
func rankOf[T any](ns int64, list []T, of func(T) int64) int {
	rank := 1
	for _, v := range list {
		if of(v) > ns {
			rank++
		}
	}
	return rank
}

// whatIfs shows the locks, and the other places, that the path goes through, beside how
// they rank by the time that is waited: what is waited for most is not always what the
// run waits for.
func (p critPage) whatIfs() {
	locks := min(len(p.c.Locks), topWhatIfs-min(len(p.c.Sites), fewWhatIfs))
	sites := min(len(p.c.Sites), topWhatIfs-locks)
	if len(p.c.Locks) > 0 {
		p.part("locks, and how long the path would be without each", func() { p.locks(locks) })
	}
	p.caveats("critpath.locks")
	if len(p.c.Sites) > 0 {
		p.part("other waits, and how long the path would be without those of each place", func() { p.sites(sites) })
	}
	p.caveats("critpath.sites")
}

func (p critPage) locks(top int) {
	tab := &table{tall: true}
	tab.row("on path", "share", "visits", "contended", "waited", "rank by path/wait", "without it", "lock")
	for _, l := range p.c.Locks[:top] {
		path := rankOf(l.PathNS, p.c.Locks, func(l report.CriticalLock) int64 { return l.PathNS })
		wait := rankOf(l.WaitNS, p.r.Waits.Locks, func(l report.Lock) int64 { return l.BlockedNS })
		tab.row(duration(l.PathNS), percent(l.PathNS, p.c.PathNS), number(l.Visits), duration(l.ContendedNS), duration(l.WaitNS),
			fmt.Sprintf("%d/%d", path, wait), p.without(l.Dropped), p.lockName(l.Lock))
	}
	tab.more(len(p.c.Locks) - top)
	p.table(tab)
}

func (p critPage) lockName(i int) string {
	return fmt.Sprintf("lock %d %s", i, p.name(at(p.r.Waits.Locks, i).Name))
}

func (p critPage) sites(top int) {
	tab := &table{tall: true}
	tab.row("visits", "contended", "waited", "rank by path/wait", "without it", "at")
	waits := slices.DeleteFunc(slices.Clone(p.r.Waits.Sites), func(s report.Site) bool { return s.Kind == "sleep" }) // which nobody else ends
	for _, s := range p.c.Sites[:top] {
		path := rankOf(s.ContendedNS, p.c.Sites, func(s report.CriticalSite) int64 { return s.ContendedNS })
		wait := rankOf(s.WaitNS, waits, func(s report.Site) int64 { return s.BlockedNS })
		tab.row(number(s.Visits), duration(s.ContendedNS), duration(s.WaitNS), fmt.Sprintf("%d/%d", path, wait), p.without(s.Dropped),
			p.plain(s.Kind)+" "+frameName(p, at(p.r.Sites, s.Site)))
	}
	tab.more(len(p.c.Sites) - top)
	p.table(tab)
}

// without says how long the path would be; nothing where the gain is no larger than what
// the replay is wrong by.
func (p critPage) without(d *report.Dropped) string {
	switch {
	case d == nil:
		return "-"
	case float64(p.c.PathNS-d.WallNS) <= p.c.ReplayError*float64(p.c.PathNS):
		return "no claim"
	}
	return predicted(d.WallNS, d.LowNS, d.HighNS)
}

// predicted writes a prediction with its bounds.
func predicted(ns, low, high int64) string {
	return fmt.Sprintf("%s (%s … %s)", duration(ns), duration(low), duration(high))
}
