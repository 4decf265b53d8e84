package render

import (
	"fmt"

	"tracekit/analyze/report"
)

func (p diffPage) locks() {
	p.section("locks")
	if len(p.d.Locks) == 0 {
		p.say("no goroutine waited for a lock")
	}
	list := byRank(p.d.Locks, func(l report.LockDiff) int { return changeRank(lockChanged(l), l.Match) })
	first := 0
	for first < len(list) && lockChanged(list[first]) {
		first++
	}
	p.lockParts(list[:first])
	p.fold(plural(len(list)-first, "lock", "locks")+" without a significant change", func() { p.lockParts(list[first:]) })
	p.caveats("locks")
}

func (p diffPage) lockParts(list []report.LockDiff) {
	for i, l := range list {
		if i == topChanges {
			p.say("… %s more, with -f json", plural(len(list)-i, "lock", "locks"))
			break
		}
		p.part(p.lockTitle(l), func() { p.lock(l) })
	}
}

func (p diffPage) lockTitle(l report.LockDiff) string {
	title := lockTitle(p, l.ID, l.Name, l.Kinds)
	if l.Match == report.Same {
		return title
	}
	return title + ", " + p.plain(l.Match)
}

func (p diffPage) lock(l report.LockDiff) {
	tab := changeTable()
	tab.row("", "old", "new", "change", "by", "95 %", "p", "least", "")
	changeRow(tab, "blocked", "ns", l.Blocked, "")
	changeRow(tab, "sched", "ns", l.Sched, "")
	changeRow(tab, "waits", "", l.Waits, "")
	if l.Fifo != nil {
		changeRow(tab, "fifo", "", *l.Fifo, "")
	}
	if l.Distance != nil {
		changeRow(tab, "order distance", "", *l.Distance, "")
	}
	p.table(tab)
}

// sites shows all, those of locks too.
func (p diffPage) sites() {
	p.section("sites")
	if len(p.d.Sites) == 0 {
		p.say("no goroutine waited")
	} else {
		p.siteTable()
	}
	p.caveats("sites")
}

func (p diffPage) siteTable() {
	tab := changeTable()
	tab.tall = true
	tab.row("", "old", "new", "change", "by", "95 %", "p", "least", "site")
	list := byRank(p.d.Sites, func(s report.SiteDiff) int { return changeRank(siteChanged(s), s.Match) })
	for i, s := range list {
		if i == topChanges {
			tab.more(len(list) - i)
			break
		}
		changeRow(tab, "blocked", "ns", s.Blocked, p.site(s))
		if s.Sched.Significant {
			changeRow(tab, "sched", "ns", s.Sched, "")
		}
		if s.Waits.Significant {
			changeRow(tab, "waits", "", s.Waits, "")
		}
	}
	p.table(tab)
}

// site names a site, and how it is found in both sides.
func (p diffPage) site(s report.SiteDiff) string {
	frame := s.New
	if frame == nil {
		frame = s.Old
	}
	if frame == nil {
		frame = new(report.Frame)
	}
	name := p.plain(s.Kind) + " " + frameName(p, *frame)
	if s.Lock >= 0 {
		name += fmt.Sprintf(", lock %d", s.Lock)
	}
	if s.Idle {
		name += ", idle"
	}
	return name + p.match(s)
}

func (p diffPage) match(s report.SiteDiff) string {
	switch {
	case s.Match == report.Same:
		return ""
	case s.Match == report.Moved && s.Old != nil:
		return fmt.Sprintf(", moved from :%d", s.Old.Line)
	case s.Match == report.Renamed && s.Old != nil:
		return ", renamed from " + frameName(p, *s.Old)
	}
	return ", " + p.plain(s.Match)
}
