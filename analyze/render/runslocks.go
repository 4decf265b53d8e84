package render

import (
	"fmt"
	"slices"
	"strings"

	"tracekit/analyze/report"
)

func (p runsPage) locks() {
	p.section("locks")
	if len(p.r.Locks) == 0 {
		p.say("no goroutine waited for a lock")
	}
	first := min(len(p.r.Locks), fewLocks)
	p.lockParts(p.r.Locks[:first])
	p.fold(plural(len(p.r.Locks)-first, "lock", "locks")+" more", func() { p.lockParts(p.r.Locks[first:]) })
	p.caveats("locks")
}

func (p runsPage) lockParts(list []report.RunsLock) {
	for i, l := range list {
		if i == topLocks-fewLocks {
			p.say("… %s more, with -f json", plural(len(list)-i, "lock", "locks"))
			break
		}
		p.part(lockTitle(p, l.ID, l.Name, l.Kinds), func() { p.lock(l) })
	}
}

// lockTitle names a lock; of a long name, the end tells most.
func lockTitle(p page, id int, name string, kinds []string) string {
	const most = 60
	title := fmt.Sprintf("lock %d  %s  %s", id, p.name(cutFront(name, most)), p.plain(strings.Join(kinds, " ")))
	return strings.TrimSpace(title)
}

func (p runsPage) lock(l report.RunsLock) {
	p.say("waited for in %s of %s", number(l.Runs), plural(len(p.r.Runs), "run", "runs"))
	tab := &table{left: 1}
	tab.row("", "runs", "median", "95 %", "min..max", "")
	seriesRow(tab, "blocked", "ns", l.Blocked)
	seriesRow(tab, "sched", "ns", l.Sched)
	seriesRow(tab, "waits", "", l.Waits)
	if l.Fifo != nil {
		seriesRow(tab, "fifo", "", *l.Fifo)
	}
	p.table(tab)
	p.fold("acquire and release sites", func() {
		p.acquires(l)
		p.releases(l)
	})
}

func (p runsPage) acquires(l report.RunsLock) {
	tab := new(table)
	tab.row("runs", "blocked", "95 %", "waits", "acquired at")
	for i, a := range l.Acquires {
		if i == topPlaces {
			tab.more(len(l.Acquires) - i)
			break
		}
		s := p.site(a)
		tab.row(number(s.Runs), value("ns", s.Blocked.Median), between(s.Blocked.Low, s.Blocked.High, nanoseconds),
			value("", s.Waits.Median), p.place(a))
	}
	p.table(tab)
}

func (p runsPage) releases(l report.RunsLock) {
	if len(l.Releases) == 0 {
		return
	}
	tab := new(table)
	tab.row("by blame", "released at")
	for i, place := range l.Releases {
		if i == topPlaces {
			tab.more(len(l.Releases) - i)
			break
		}
		tab.row(number(i+1), p.place(place))
	}
	p.table(tab)
}

// site returns what is known of the waits at a place.
func (p runsPage) site(place int) report.RunsSite {
	i := slices.IndexFunc(p.r.Sites, func(s report.RunsSite) bool { return s.Place == place })
	return at(p.r.Sites, i)
}

// place names a place by its index.
func (p runsPage) place(i int) string {
	return frameName(p, at(p.r.Places, i).Frame)
}

// frameName names a site, or says that it is not known.
func frameName(p page, f report.Frame) string {
	if f == (report.Frame{}) {
		return "(not known)"
	}
	return p.name(place(f))
}

func nanoseconds(v float64) string { return value("ns", v) }

// sites shows those that are of no lock.
func (p runsPage) sites() {
	var waits, idle []report.RunsSite
	for _, s := range p.r.Sites {
		switch {
		case s.Lock >= 0:
		case at(p.r.Places, s.Place).Idle:
			idle = append(idle, s)
		default:
			waits = append(waits, s)
		}
	}
	p.siteTable("waits for other than locks", waits, topSites)
	p.siteTable("idle, in no number above", idle, topIdle)
	p.caveats("sites")
}

func (p runsPage) siteTable(title string, list []report.RunsSite, top int) {
	if len(list) == 0 {
		return
	}
	p.section(title)
	tab := &table{left: 1, tall: true}
	tab.row("kind", "runs", "blocked", "95 %", "sched", "waits", "site")
	for i, s := range list {
		if i == top {
			tab.more(len(list) - i)
			break
		}
		tab.row(p.plain(at(p.r.Places, s.Place).Kind), number(s.Runs), value("ns", s.Blocked.Median),
			between(s.Blocked.Low, s.Blocked.High, nanoseconds), value("ns", s.Sched.Median), value("", s.Waits.Median), p.place(s.Place))
	}
	p.table(tab)
}
