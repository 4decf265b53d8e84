package render

import (
	"fmt"
	"io"
	"strings"

	"tracekit/analyze/report"
)

func reportMarkdown(w io.Writer, r *report.Report) error {
	m := &reportPage{newMarkdown(r.Caveats), r}
	m.lead(reportSummary(r))
	m.headline()
	m.waits()
	m.locks()
	m.sites()
	m.order()
	m.parallel()
	critpath(m.markdown, r)
	m.rest()
	return m.flush(w)
}

// reportPage is the report of a trace in Markdown.
type reportPage struct {
	*markdown
	r *report.Report
}

func reportSummary(r *report.Report) string {
	lockTime := int64(0)
	for _, l := range r.Waits.Locks {
		lockTime += l.BlockedNS
	}
	return fmt.Sprintf("wall %s, blocked %s, of it %s on %s, achieved %.2f", duration(r.Trace.WallNS), duration(blocked(r.Waits.Kinds)),
		duration(lockTime), plural(len(r.Waits.Locks), "lock", "locks"), r.Parallel.RunningAvg)
}

func (m *reportPage) headline() {
	tr := m.r.Trace
	title := m.name(tr.Path) + " (trace format " + m.plain(tr.GoVersion) + ")"
	if rec := m.r.Recording; rec != nil && len(rec.Command) > 0 {
		title = m.name(strings.Join(rec.Command, " ")) + " (" + m.plain(tr.GoVersion) + ")"
	}
	m.say("%s", title)
	procs := "GOMAXPROCS not stated"
	if tr.GOMAXPROCS > 0 {
		procs = fmt.Sprintf("GOMAXPROCS %d", tr.GOMAXPROCS)
	}
	m.facts("wall "+duration(tr.WallNS), procs, plural(tr.Events, "event", "events"),
		fmt.Sprintf("%s and %d of the system", plural(tr.Goroutines, "goroutine", "goroutines"), tr.SystemGoroutines))
	if rec := m.r.Recording; rec != nil {
		m.ended(rec)
	}
	m.caveats(aboutTrace...)
}

func (m *reportPage) ended(rec *report.Recording) {
	if rec.Outcome != nil {
		m.say("outcome: %s", m.plain(outcome(*rec.Outcome)))
	}
	if rec.Ended != "" && rec.Ended != "exit status 0" {
		m.say("the program ended with %s", m.plain(rec.Ended))
	}
}

func (m *reportPage) waits() {
	w := m.r.Waits
	m.section("waits")
	m.kinds(w.Kinds)
	m.apart(w.IdleNS, w.IdleWaits, w.SystemNS, w.TracerNS)
	m.caveats("waits.kinds")
}

// kinds totals the waits by kind.
func (m *markdown) kinds(kinds []report.Kind) {
	if len(kinds) == 0 {
		m.say("no goroutine waited")
		return
	}
	tab := &table{left: 1}
	tab.row("kind", "waits", "open", "blocked", "sched", "")
	for _, k := range kinds {
		tab.row(m.plain(k.Kind), number(k.Waits), number(k.OpenWaits), duration(k.BlockedNS), duration(k.SchedNS), "")
	}
	m.table(tab)
}

func (m *markdown) apart(idle, idleWaits, system, tracer int64) {
	m.say("apart: %s", apart(idle, idleWaits, system, tracer))
}

func (m *reportPage) locks() {
	m.section("locks")
	list := m.r.Waits.Locks
	if len(list) == 0 {
		m.say("no goroutine waited for a lock")
	} else {
		m.lockTable(list)
		for _, l := range list[:min(len(list), topLocks)] {
			m.fold(fmt.Sprintf("sites of lock %d", l.ID), func() { m.lockSites(l) })
		}
	}
	m.caveats("waits.locks")
}

func (m *reportPage) lockTable(list []report.Lock) {
	tab := new(table)
	tab.row("lock", "blocked", "sched", "waits", "open", "gave up", "goroutines", "p50", "p99", "max", "name")
	for i, l := range list {
		if i == topLocks {
			tab.more(len(list) - i)
			break
		}
		sp := spread(l.Tally, l.Spread)
		tab.row(number(l.ID), duration(l.BlockedNS), duration(l.SchedNS), number(l.Waits), number(l.OpenWaits), number(l.GaveUp),
			number(l.Waiters), sp[0], sp[2], sp[3], m.name(l.Name)+" "+m.plain(strings.Join(l.Kinds, ", ")))
	}
	m.table(tab)
}

func (m *reportPage) lockSites(l report.Lock) {
	tab := new(table)
	tab.row("blocked", "share", "waits", "acquired at")
	tab.places(acquireParts(l.Acquires), l.BlockedNS, func(i int) string { return m.site(i, noStack) })
	m.table(tab)
	tab = new(table)
	tab.row("blame", "share", "wakes", "released at")
	tab.places(releaseParts(l.Releases), l.BlockedNS, func(i int) string { return m.site(i, notReleased) })
	m.table(tab)
}

// site names a place by its index in the report.
func (m *reportPage) site(i int, none string) string {
	if i < 0 {
		return none
	}
	return m.name(place(at(m.r.Sites, i)))
}
