package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

// How many rows the text report shows.
const (
	topLocks  = 10
	topSites  = 10
	topIdle   = 3
	topPlaces = 4 // acquires or releases of a lock
	topWakers = 2 // of another site
	topGroups = 12

	// Behind the first few, a lock that was waited for this many times less
	// than the first one is only counted.
	fewLocks   = 3
	negligible = 1000
)

// Text writes the report for a terminal of 100 columns. Names are shortened and
// long lists cut; the number of what is left out stands in its place. Each
// caveat stands under the numbers that it is about.
func Text(w io.Writer, r *report.Report) error {
	t := newText(r.Caveats)
	t.r = r
	t.headline()
	t.waits()
	t.order()
	t.parallel()
	critpath(t, r)
	t.rest()
	return t.flush(w)
}

func (t *text) headline() {
	tr := t.r.Trace
	// The version of a format is only the oldest that writes it.
	title := tr.Path + " (trace format " + tr.GoVersion + ")"
	if rec := t.r.Recording; rec != nil && len(rec.Command) > 0 {
		title = strings.Join(rec.Command, " ") + " (" + tr.GoVersion + ")"
	}
	t.b.WriteString(wrap("", safe.Printable(title)))
	procs := "GOMAXPROCS not stated"
	if tr.GOMAXPROCS > 0 {
		procs = fmt.Sprintf("GOMAXPROCS %d", tr.GOMAXPROCS)
	}
	t.window(tr.Window)
	t.line("wall %s   %s   %s   %s and %d of the system", duration(tr.WallNS), procs,
		plural(tr.Events, "event", "events"), plural(tr.Goroutines, "goroutine", "goroutines"), tr.SystemGoroutines)
	t.outcome()
	t.caveats(aboutTrace...)
}

// window says which part of a trace is reported on, unless that is all of it.
func (t *text) window(w *report.Window) {
	if w != nil {
		t.line("from %s to %s of it", duration(w.FromNS), duration(w.ToNS))
	}
}

func (t *text) outcome() {
	rec := t.r.Recording
	if rec == nil {
		return
	}
	if rec.Outcome != nil {
		t.line("outcome: %s", outcome(*rec.Outcome))
	}
	if rec.Ended != "" && rec.Ended != "exit status 0" {
		t.line("the program ended with %s", rec.Ended)
	}
}

// site names a place by its index in the report.
func (t *text) site(i int, none string) string {
	if i < 0 {
		return none
	}
	return place(t.r.Sites[i])
}

func (t *text) order() {
	t.section("order")
	if len(t.r.Order.Locks) == 0 {
		t.line("  no lock was handed over")
		return
	}
	tab := new(table)
	tab.row("lock", "hand-overs", "retries", "overtakes", "overtaken/pairs", "fifo", "passed over", "")
	for _, o := range t.r.Order.Locks[:min(len(t.r.Order.Locks), topLocks)] {
		tab.row(orderRow(o, t.r.Waits.Locks[o.Lock].Name)...)
	}
	tab.more(len(t.r.Order.Locks) - topLocks)
	t.table(tab)
	t.caveats("order")
}

// orderRow has the numbers of a lock before its name.
func orderRow(o report.LockOrder, name string) []string {
	fifo := "-"
	if o.Fifo != nil {
		fifo = fmt.Sprintf("%.3f", *o.Fifo)
	}
	return []string{number(o.Lock), number(o.Handovers), number(o.Retries), number(o.Overtakes),
		number(o.OvertakenPairs) + "/" + number(o.Pairs), fifo, duration(o.LongestPassedOverNS), name}
}

func (t *text) parallel() {
	p := t.r.Parallel
	t.section("parallel")
	t.facts(achieved(p)...)
	t.line("  and %.2f of the runtime and the tracer ran besides", p.SystemRunningAvg)
	t.caveats("parallel")
	t.at(p.At)
	t.table(groupTable(p.Groups, t.name))
}

// achieved are the averages.
func achieved(p report.Parallel) []string {
	of, utilization := "unknown GOMAXPROCS", "-"
	if p.GOMAXPROCSAvg > 0 {
		of, utilization = fmt.Sprintf("%.4g", p.GOMAXPROCSAvg), share(p.Utilization)
	}
	return []string{fmt.Sprintf("achieved %.2f of %s", p.RunningAvg, of), "utilization " + utilization,
		fmt.Sprintf("demand %.2f", p.DemandAvg), "work " + duration(p.WorkNS)}
}

// at shows the time at k running, in rows of a few.
func (t *text) at(list []report.At) {
	const perRow = 8
	for chunk := range slices.Chunk(list, perRow) {
		ks, ns, shares := []string{"running"}, []string{"time"}, []string{"share"}
		for _, a := range chunk {
			ks = append(ks, number(a.Running))
			ns = append(ns, duration(a.NS))
			shares = append(shares, percent(a.NS, t.r.Trace.WallNS))
		}
		tab := &table{left: 1}
		for _, row := range [][]string{ks, ns, shares} {
			tab.row(append(row, "")...)
		}
		t.table(tab)
	}
}

// groupTable has the largest groups of the user's goroutines, and the sum of the others.
func groupTable(groups []report.Group, name func(string) string) *table {
	user, system := splitGroups(groups)
	tab := new(table)
	tab.row("goroutines", "running", "runnable", "blocked", "syscall", "group")
	for _, g := range user[:min(len(user), topGroups)] {
		tab.row(groupRow(g, name(function(g.Name)))...)
	}
	tab.more(len(user) - topGroups)
	if system.Goroutines > 0 {
		tab.row(groupRow(system, "(the runtime and the tracer)")...)
	}
	return tab
}

// splitGroups returns those of the user, and the sum of the others.
func splitGroups(groups []report.Group) (user []report.Group, system report.Group) {
	for _, g := range groups {
		if g.Class == report.ClassUser {
			user = append(user, g)
			continue
		}
		system.Goroutines += g.Goroutines
		system.RunningNS += g.RunningNS
		system.RunnableNS += g.RunnableNS
		system.BlockedNS += g.BlockedNS
		system.SyscallNS += g.SyscallNS
	}
	return user, system
}

// groupRow has the numbers of a group before its name.
func groupRow(g report.Group, name string) []string {
	if name == "" {
		name = "(no stack shows it)"
	}
	return []string{number(g.Goroutines), duration(g.RunningNS), duration(g.RunnableNS),
		duration(g.BlockedNS), duration(g.SyscallNS), name}
}
