package render

import (
	"fmt"

	"tracekit/analyze/report"
)

// critpath shows what the critical paths are made of, before and after.
func (p diffPage) critpath() {
	if p.d.Critpath == nil {
		p.caveats("critpath")
		return
	}
	p.section("critpath")
	kinds, locks := p.d.Critpath.Kinds, p.d.Critpath.Locks
	if len(kinds) == 0 {
		p.say("no path takes any time")
	} else {
		p.pathParts(kinds, func(part report.PathPart) string { return p.plain(part.Kind) })
	}
	if len(locks) > 0 {
		p.part("of it with a lock", func() { p.pathParts(locks, p.pathLock) })
	}
	p.caveats("critpath")
}

func (p diffPage) pathLock(part report.PathPart) string {
	l := at(p.d.Locks, part.Lock)
	return lockTitle(p, part.Lock, l.Name, l.Kinds)
}

// pathParts shows how long parts of the path are, and which shares they have.
func (p diffPage) pathParts(list []report.PathPart, name func(report.PathPart) string) {
	tab := changeTable()
	tab.tall = true
	tab.row("", "old", "new", "change", "by", "95 %", "p", "least", "part")
	for i, part := range byRank(list, func(part report.PathPart) int { return changeRank(part.Path.Significant, report.Same) }) {
		if i == topChanges {
			tab.more(len(list) - i)
			break
		}
		changeRow(tab, "on path", "ns", part.Path, fmt.Sprintf("%s, %s of the path", name(part), fromTo("", share(part.OldShare), share(part.NewShare))))
	}
	p.table(tab)
}
