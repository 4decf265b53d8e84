package render

import (
	"fmt"

	"tracekit/analyze/report"
)

func (m *reportPage) sites() {
	m.siteTable("waits for other than locks", m.r.Waits.Sites, topSites)
	m.caveats("waits.sites")
	m.siteTable("idle, in no number above", m.r.Waits.Idle, topIdle)
	m.caveats("waits.idle")
}

func (m *reportPage) siteTable(title string, list []report.Site, top int) {
	if len(list) == 0 {
		return
	}
	m.section(title)
	tab := &table{left: 1}
	tab.row("kind", "waits", "open", "blocked", "sched", "p50", "p99", "max", "at")
	for i, s := range list {
		if i == top {
			tab.more(len(list) - i)
			break
		}
		sp := spread(s.Tally, s.Spread)
		tab.row(m.plain(s.Kind), number(s.Waits), number(s.OpenWaits), duration(s.BlockedNS), duration(s.SchedNS),
			sp[0], sp[2], sp[3], m.site(s.Site, noStack))
	}
	m.table(tab)
	m.fold("what ended these waits", func() { m.wakers(list[:min(len(list), top)]) })
}

// wakers shows for each site the first places that ended its waits.
func (m *reportPage) wakers(list []report.Site) {
	tab := new(table)
	tab.row("blocked", "wakes", "at &lt;- ended by")
	for _, s := range list {
		parts := bySite(wakerParts(m.r, s.Wakers))
		for _, p := range parts[:min(len(parts), topWakers)] {
			by := m.site(s.Site, noStack) + " &lt;- " + m.site(p.site, "")
			if p.by != "" {
				by += " in " + m.name(p.by)
			}
			tab.row(duration(p.ns), number(p.n), by)
		}
		if left := len(parts) - topWakers; left > 0 {
			tab.row("", "", fmt.Sprintf("%s &lt;- … %s more", m.site(s.Site, noStack), number(left)))
		}
	}
	if len(tab.rows) > 1 {
		m.table(tab)
	}
}

func (m *reportPage) order() {
	m.section("order")
	list := m.r.Order.Locks
	if len(list) == 0 {
		m.say("no lock was handed over")
	} else {
		m.orderTable(list)
	}
	m.caveats("order")
}

func (m *reportPage) orderTable(list []report.LockOrder) {
	tab := new(table)
	tab.row("lock", "hand-overs", "retries", "overtakes", "overtaken/pairs", "fifo", "passed over", "name")
	for i, o := range list {
		if i == topLocks {
			tab.more(len(list) - i)
			break
		}
		tab.row(orderRow(o, m.name(at(m.r.Waits.Locks, o.Lock).Name))...)
	}
	m.table(tab)
}

func (m *reportPage) parallel() {
	p := m.r.Parallel
	m.section("parallel")
	m.facts(achieved(p)...)
	m.say("and %.2f of the runtime and the tracer ran besides", p.SystemRunningAvg)
	m.caveats("parallel")
	m.fold("goroutines running over time, and groups of goroutines", func() {
		m.at(p.At)
		if len(p.Groups) > 0 {
			m.table(groupTable(p.Groups, m.name))
		}
	})
}

// at shows the time at k running, the first numbers.
func (m *reportPage) at(list []report.At) {
	const most = 40
	tab := new(table)
	tab.row("running", "time", "share", "")
	for i, a := range list {
		if i == most {
			tab.more(len(list) - i)
			break
		}
		tab.row(number(a.Running), duration(a.NS), percent(a.NS, m.r.Trace.WallNS), "")
	}
	if len(list) > 0 {
		m.table(tab)
	}
}
