package render

import (
	"fmt"
	"io"
	"strings"

	"tracekit/analyze/report"
)

// openProcesses is how many processes a comment shows.
const openProcesses = 20

// setMarkdown writes a recording as setText does.
func setMarkdown(w io.Writer, s *report.Set) error {
	if len(s.Processes) == 1 && s.Processes[0].Report != nil && len(s.Caveats) == 0 {
		return reportMarkdown(w, s.Processes[0].Report)
	}
	m := &setPage{newMarkdown(setCaveats(s)), s}
	m.lead(fmt.Sprintf("%s, blocked %s, of it %s on %s", plural(len(s.Processes), "process", "processes"),
		duration(blocked(s.Total.Kinds)), duration(lockTime(s.Total.Locks)), plural(len(s.Total.Locks), "lock", "locks")))
	m.say("%s (%s)", m.name(strings.Join(s.Command, " ")), m.name(s.Path))
	m.facts("wall "+duration(s.WallNS)+", building included", m.plain(setEnded(s)))
	m.caveats(aboutTrace...)
	m.processes()
	m.totalWaits()
	m.totalLocks()
	m.rest()
	return m.flush(w)
}

// setPage is a Set in Markdown.
type setPage struct {
	*markdown
	s *report.Set
}

func (m *setPage) processes() {
	m.section("processes")
	tab := new(table)
	tab.row("", "wall", "goroutines", "achieved", "locks", "waits", "process")
	for i, p := range m.s.Processes {
		if i == openProcesses {
			tab.more(len(m.s.Processes) - i)
			break
		}
		name, end := processWords(p)
		tab.row(processRow(i, p, m.name(name)+m.plain(end))...)
	}
	tab.row(totalRow(m.s.Total)...)
	m.table(tab)
	m.say(processLegend)
	m.caveats("parallel")
}

func (m *setPage) totalWaits() {
	total := m.s.Total
	m.section("waits of all")
	m.kinds(total.Kinds)
	m.apart(total.IdleNS, total.IdleWaits, total.SystemNS, total.TracerNS)
	m.caveats("waits.kinds", "waits.sites", "waits.idle")
}

func (m *setPage) totalLocks() {
	m.section("locks of all")
	list := m.s.Total.Locks
	if len(list) == 0 {
		m.say("no goroutine waited for a lock")
		return
	}
	tab := new(table)
	tab.row("blocked", "sched", "waits", "max", "in", "lock")
	for i, l := range list {
		if i == topLocks {
			tab.more(len(list) - i)
			break
		}
		tab.row(duration(l.BlockedNS), duration(l.SchedNS), number(l.Waits), duration(l.MaxNS), inProcesses(l.Processes),
			m.name(l.Name)+" "+m.plain(strings.Join(l.Kinds, ", ")))
	}
	m.table(tab)
	m.caveats("waits.locks")
}
