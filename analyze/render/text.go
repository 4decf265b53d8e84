package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

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
	t := &text{r: r, told: make([]bool, len(r.Caveats))}
	t.headline()
	t.waits()
	t.order()
	t.parallel()
	t.rest()
	_, err := io.WriteString(w, t.b.String())
	return err
}

// text is a text report in the making.
type text struct {
	r    *report.Report
	b    strings.Builder
	told []bool // by caveat
}

func (t *text) line(format string, args ...any) {
	s := printable(fmt.Sprintf(format, args...))
	t.b.WriteString(cutBack(strings.TrimRight(s, " "), width) + "\n")
}

func (t *text) table(tab *table) {
	for line := range strings.Lines(tab.String()) {
		t.b.WriteString(printable(strings.TrimSuffix(line, "\n")) + "\n")
	}
}

// caveats tells those about one of the keys.
func (t *text) caveats(indent string, about ...string) {
	for i, c := range t.r.Caveats {
		if slices.Contains(about, c.About) && !t.told[i] {
			t.caveat(indent, i)
		}
	}
}

func (t *text) caveat(indent string, i int) {
	c := t.r.Caveats[i]
	t.told[i] = true
	s := c.Text
	if c.Remedy != "" {
		s += "; remedy: " + c.Remedy
	}
	t.b.WriteString(wrap(indent+"! ", printable(s)))
}

// rest tells the caveats that no section has told.
func (t *text) rest() {
	for i := range t.told {
		if !t.told[i] {
			t.caveat("", i)
		}
	}
}

func (t *text) headline() {
	tr := t.r.Trace
	// The version of a format is only the oldest that writes it.
	title := tr.Path + " (trace format " + tr.GoVersion + ")"
	if rec := t.r.Recording; rec != nil && len(rec.Command) > 0 {
		title = strings.Join(rec.Command, " ") + " (" + tr.GoVersion + ")"
	}
	t.b.WriteString(wrap("", printable(title)))
	procs := "GOMAXPROCS not stated"
	if tr.GOMAXPROCS > 0 {
		procs = fmt.Sprintf("GOMAXPROCS %d", tr.GOMAXPROCS)
	}
	t.line("wall %s   %s   %s   %s and %d of the system", duration(tr.WallNS), procs,
		plural(tr.Events, "event", "events"), plural(tr.Goroutines, "goroutine", "goroutines"), tr.SystemGoroutines)
	t.outcome()
	t.caveats("", "trace", "trace.lost_bytes", "recording")
}

func (t *text) outcome() {
	rec := t.r.Recording
	if rec == nil {
		return
	}
	if o := rec.Outcome; o != nil {
		verdict := "as it should be"
		switch {
		case o.Got < o.Want:
			verdict = fmt.Sprintf("should be %d: %d too few", o.Want, o.Want-o.Got)
		case o.Got > o.Want:
			verdict = fmt.Sprintf("should be %d: %d too many", o.Want, o.Got-o.Want)
		}
		t.line("outcome: %s = %d, %s", o.Name, o.Got, verdict)
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
	t.line("")
	t.line("order")
	if len(t.r.Order.Locks) == 0 {
		t.line("  no lock was handed over")
		return
	}
	tab := &table{indent: 2}
	tab.row("lock", "hand-overs", "retries", "overtakes", "overtaken/pairs", "fifo", "passed over", "")
	for i, o := range t.r.Order.Locks {
		if i == topLocks {
			break
		}
		fifo := "-"
		if o.Fifo != nil {
			fifo = fmt.Sprintf("%.3f", *o.Fifo)
		}
		tab.row(number(o.Lock), number(o.Handovers), number(o.Retries), number(o.Overtakes),
			number(o.OvertakenPairs)+"/"+number(o.Pairs), fifo,
			duration(o.LongestPassedOverNS), t.r.Waits.Locks[o.Lock].Name)
	}
	tab.more(len(t.r.Order.Locks) - topLocks)
	t.table(tab)
	t.caveats("  ", "order", "order.locks")
}

func (t *text) parallel() {
	p := t.r.Parallel
	t.line("")
	t.line("parallel")
	of := "unknown GOMAXPROCS   utilization -"
	if p.GOMAXPROCSAvg > 0 {
		of = fmt.Sprintf("%.4g   utilization %.1f %%", p.GOMAXPROCSAvg, 100*p.Utilization)
	}
	t.line("  achieved %.2f of %s   demand %.2f   work %s", p.RunningAvg, of, p.DemandAvg, duration(p.WorkNS))
	t.line("  and %.2f of the runtime and the tracer ran besides", p.SystemRunningAvg)
	t.caveats("  ", "parallel.utilization", "parallel")
	t.at(p.At)
	t.groups(p.Groups)
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
		tab := &table{indent: 2, left: 1}
		for _, row := range [][]string{ks, ns, shares} {
			tab.row(append(row, "")...)
		}
		t.table(tab)
	}
}

func (t *text) groups(groups []report.Group) {
	tab := &table{indent: 2}
	tab.row("goroutines", "running", "runnable", "blocked", "syscall", "group")
	var system report.Group
	shown, left := 0, 0
	for _, g := range groups {
		switch {
		case g.Class != report.ClassUser:
			addGroup(&system, g)
		case shown < topGroups:
			shown++
			groupRow(tab, g)
		default:
			left++
		}
	}
	tab.more(left)
	if system.Goroutines > 0 {
		system.Name = "(the runtime and the tracer)"
		groupRow(tab, system)
	}
	t.table(tab)
}

func addGroup(sum *report.Group, g report.Group) {
	sum.Goroutines += g.Goroutines
	sum.RunningNS += g.RunningNS
	sum.RunnableNS += g.RunnableNS
	sum.BlockedNS += g.BlockedNS
	sum.SyscallNS += g.SyscallNS
}

func groupRow(tab *table, g report.Group) {
	name := function(g.Name)
	if name == "" {
		name = "(no stack shows it)"
	}
	tab.row(number(g.Goroutines), duration(g.RunningNS), duration(g.RunnableNS),
		duration(g.BlockedNS), duration(g.SyscallNS), name)
}
