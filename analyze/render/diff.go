package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"tracekit/analyze/report"
)

// topChanges is how many locks and sites of a Diff are shown: those of which a number
// changed significantly, those of one side only, and then others.
const topChanges = 12

func diffText(w io.Writer, d *report.Diff) error {
	t := newText(d.Caveats)
	diffPage{t, d}.write()
	return t.flush(w)
}

func diffMarkdown(w io.Writer, d *report.Diff) error {
	m := newMarkdown(d.Caveats)
	m.lead(diffSummary(d))
	diffPage{m, d}.write()
	return m.flush(w)
}

// diffSummary says in a line what the comparison came to.
func diffSummary(d *report.Diff) string {
	var parts []string
	if len(d.Checks) > 0 {
		parts = append(parts, ofAll(d.Checks, checkFailed, "check", "checks")+" failed")
	}
	parts = append(parts, fmt.Sprintf("significant changes: %s, %s, %s", ofAll(d.Measures, measureChanged, "measure", "measures"),
		ofAll(d.Locks, lockChanged, "lock", "locks"), ofAll(d.Sites, siteChanged, "site", "sites")))
	return strings.Join(parts, "; ")
}

// ofAll counts those that something is true of.
func ofAll[T any](list []T, is func(T) bool, one, many string) string {
	n := 0
	for _, v := range list {
		if is(v) {
			n++
		}
	}
	return fmt.Sprintf("%s of %s", number(n), plural(len(list), one, many))
}

func checkFailed(c report.Check) bool { return c.Failed }

func measureChanged(m report.MeasureDiff) bool { return m.Significant }

func lockChanged(l report.LockDiff) bool {
	return l.Blocked.Significant || l.Sched.Significant || l.Waits.Significant ||
		l.Fifo != nil && l.Fifo.Significant || l.Distance != nil && l.Distance.Significant
}

func siteChanged(s report.SiteDiff) bool {
	return s.Blocked.Significant || s.Sched.Significant || s.Waits.Significant
}

// diffPage is a Diff on a page.
type diffPage struct {
	page
	d *report.Diff
}

func (p diffPage) write() {
	p.headline()
	p.outcomes()
	p.checks()
	p.measures()
	p.critpath()
	p.locks()
	p.sites()
	p.rest()
}

func (p diffPage) headline() {
	p.say("%s → %s", p.side(p.d.Old), p.side(p.d.New))
	p.facts(fromTo("GOMAXPROCS ", procsName(p.d.Old.GOMAXPROCS), procsName(p.d.New.GOMAXPROCS)),
		p.plain(fromTo("", p.d.Old.GoVersion, p.d.New.GoVersion)), p.plain(perWhat(p.d.Per)))
	p.say("%s, corrected by %s for a level of %g", plural(p.d.Tests, "comparison", "comparisons"), p.plain(correction(p.d.Correction)), p.d.Level)
	p.say("change: %s where it is not significant; p: corrected, - where the runs are too few for one, or too many are equal; least: a change that such runs show in about four cases of five", p.name("~"))
	p.caveats(aboutRuns...)
}

// side names the runs of a side.
func (p diffPage) side(s report.Side) string {
	var names []string
	for i, source := range s.Recordings {
		if i == topSources {
			names = append(names, fmt.Sprintf("… %s more", number(len(s.Recordings)-i)))
			break
		}
		names = append(names, p.name(source.Path))
	}
	line := strings.Join(names, ", ") + ", " + plural(s.Runs, "run", "runs")
	if s.LeftOut > 0 {
		line += fmt.Sprintf(" and %s left out", number(s.LeftOut))
	}
	return line
}

// fromTo writes what both sides have once.
func fromTo(head, a, b string) string {
	if a == b {
		return head + a
	}
	return head + a + " → " + b
}

func perWhat(per string) string {
	switch per {
	case report.PerRun:
		return "numbers per run"
	case report.PerWall:
		return "numbers per second of wall time"
	case report.PerOutcome:
		return "numbers per unit of the outcome"
	}
	return "numbers per " + per
}

func correction(name string) string {
	switch name {
	case report.BenjaminiHochberg:
		return "Benjamini and Hochberg"
	case report.Holm:
		return "Holm"
	}
	return name
}

// outcomes sets those of both sides beside one another.
func (p diffPage) outcomes() {
	type counts struct{ old, new int }
	var order []report.Outcome
	of := make(map[report.Outcome]counts)
	count := func(o report.Outcome, n counts) {
		sum, seen := of[o]
		if !seen {
			order = append(order, o)
		}
		of[o] = counts{sum.old + n.old, sum.new + n.new}
	}
	for _, o := range p.d.Old.Outcomes {
		count(o.Outcome, counts{old: o.Runs})
	}
	for _, o := range p.d.New.Outcomes {
		count(o.Outcome, counts{new: o.Runs})
	}
	if len(order) > 0 {
		p.section("outcomes")
		tab := new(table)
		tab.row("old runs", "new runs", "outcome")
		for _, o := range order[:min(len(order), topOutcomes)] {
			tab.row(number(of[o].old), number(of[o].new), p.plain(outcome(o)))
		}
		tab.more(len(order) - topOutcomes)
		p.table(tab)
	}
	p.caveats("outcomes")
}

func (p diffPage) measures() {
	p.section("measures")
	if len(p.d.Measures) == 0 {
		p.say("no measure is of both sides")
	} else {
		tab := changeTable()
		tab.row("measure", "old", "new", "change", "by", "95 %", "p", "least", "")
		for _, m := range byRank(p.d.Measures, func(m report.MeasureDiff) int { return changeRank(measureChanged(m), report.Same) }) {
			changeRow(tab, p.plain(m.Name), m.Unit, m.Change, "")
		}
		p.table(tab)
	}
	p.caveats("measures")
}

func changeTable() *table { return &table{left: 1} }

// changeRow adds a row: how much a number changed, or, where that may be by chance,
// the least change that would not.
func changeRow(tab *table, name, unit string, c report.Change, of string) {
	write := func(v float64) string { return value(unit, v) }
	sign := func(v float64) string { return signed(unit, v) }
	least := "-"
	if c.Least != nil && !c.Significant {
		least = write(*c.Least)
	}
	tab.row(name, middle(c.Old, write), middle(c.New, write), changeOf(c), sign(c.Shift), between(c.Low, c.High, sign), adjusted(c.Adjusted), least, of)
}

func middle(s report.Series, write func(float64) string) string {
	if s.N == 0 {
		return "-"
	}
	return write(s.Median)
}

// changeOf writes a change in percent. One that was not tested is written too.
func changeOf(c report.Change) string {
	switch {
	case c.P != nil && !c.Significant:
		return "~"
	case c.Ratio == nil:
		return "-"
	}
	return signedShare(*c.Ratio)
}

func signedShare(x float64) string { return fmt.Sprintf("%+.1f %%", 100*x) }

func adjusted(p *float64) string {
	switch {
	case p == nil:
		return "-"
	case *p < 0.001:
		return "<0.001"
	}
	return fmt.Sprintf("%.3f", *p)
}

// byRank sorts by a rank, and leaves the order else.
func byRank[T any](list []T, rank func(T) int) []T {
	ranked := slices.Clone(list)
	slices.SortStableFunc(ranked, func(a, b T) int { return cmp.Compare(rank(a), rank(b)) })
	return ranked
}

// changeRank puts first what changed significantly, and then what one side alone has.
func changeRank(significant bool, match string) int {
	switch {
	case significant:
		return 0
	case match == report.New || match == report.Vanished:
		return 1
	}
	return 2
}
