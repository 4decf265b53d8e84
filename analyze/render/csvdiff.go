package render

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

// diffColumns are those of the table of a Diff: a row for each quantity of a measure, a
// part of the critical path (a kind of segments, or a lock, which has a function), a lock, a site (idle: of one that waits for work), for each check and each of its
// findings. A place is the new one, but for those that vanished. Of a check, quantity
// is the expression and match the result; of a finding, kind is what was held against
// the bound.
var diffColumns = []string{
	"what", "quantity", "unit", "kind", "match", "function", "file", "line", "old", "new", "change", "ratio",
	"low", "high", "p", "p_adjusted", "significant", "least", "n_old", "n_new", "caveats",
}

func csvDiff(w io.Writer, d *report.Diff) error {
	t := &diffTable{newCSVTable(w, diffColumns), newCaveats(d.Caveats), perOf(d)}
	for _, m := range d.Measures {
		t.row(diffRow{what: "measure", quantity: m.Name, unit: m.Unit, about: []string{"measures"}}, changeCells(&m.Change))
	}
	t.path(d)
	for _, l := range d.Locks {
		t.lock(l)
	}
	for _, s := range d.Sites {
		t.site(s)
	}
	for _, c := range d.Checks {
		t.check(c)
	}
	for _, text := range t.notes.rest() {
		t.row(diffRow{what: "caveat", notes: []string{text}}, changeCells(nil))
	}
	return t.end()
}

// perOf returns what the units of the numbers of sites end in.
func perOf(d *report.Diff) string {
	switch d.Per {
	case report.PerWall:
		return "/s"
	case report.PerOutcome:
		return "/outcome"
	}
	return ""
}

// diffTable writes a table of diffColumns.
type diffTable struct {
	csvTable
	notes caveats
	per   string
}

// diffRow is what a row of a Diff is about.
type diffRow struct {
	what, quantity, unit, kind, match string
	report.Frame
	about []string // the keys of what qualifies it
	notes []string // what else does
}

// row writes a row, whose numbers are in the order of the columns.
func (t *diffTable) row(r diffRow, numbers []string) {
	notes := r.notes
	if len(r.about) > 0 {
		notes = append(t.notes.all(slices.Concat(aboutRuns, r.about)...), notes...)
	}
	cells := []string{r.what, safe.Cell(r.quantity), safe.Cell(r.unit), safe.Cell(r.kind), safe.Cell(r.match), safe.Cell(r.Func), safe.Cell(r.File), known(r.Line)}
	t.write(slices.Concat(cells, numbers, []string{safe.Cell(strings.Join(notes, "; "))})...)
}

func (t *diffTable) lock(l report.LockDiff) {
	row := diffRow{what: "lock", kind: strings.Join(l.Kinds, " "), match: l.Match, Frame: report.Frame{Func: l.Name}, about: []string{"locks"}}
	t.changes(row, &l.Blocked, &l.Sched, &l.Waits)
	row.quantity = "fifo"
	t.row(row, changeCells(l.Fifo))
	row.quantity, row.about = "order-distance", []string{"locks", "orders"}
	t.row(row, changeCells(l.Distance))
}

func (t *diffTable) site(s report.SiteDiff) {
	row := diffRow{what: "site", kind: s.Kind, match: s.Match, Frame: placeOf(s), about: []string{"sites"}}
	if s.Idle {
		row.what = "idle"
	}
	t.changes(row, &s.Blocked, &s.Sched, &s.Waits)
}

// placeOf returns where a site is now, or was.
func placeOf(s report.SiteDiff) (none report.Frame) {
	switch {
	case s.New != nil:
		return *s.New
	case s.Old != nil:
		return *s.Old
	}
	return none
}

// changes writes the rows of what waited.
func (t *diffTable) changes(row diffRow, blocked, sched, waits *report.Change) {
	row.quantity, row.unit = "blocked", "ns"+t.per
	t.row(row, changeCells(blocked))
	row.quantity = "sched"
	t.row(row, changeCells(sched))
	row.quantity, row.unit = "waits", t.per
	t.row(row, changeCells(waits))
}

// changeCells returns the numbers of a change. Those that a side without any number
// would take part in are not known.
func changeCells(c *report.Change) []string {
	cells := make([]string, 12)
	if c == nil {
		return cells
	}
	cells[0], cells[1] = medianOf(c.Old), medianOf(c.New)
	if c.Old.N > 0 && c.New.N > 0 {
		cells[2] = decimal(c.Shift)
	}
	for i, x := range []*float64{c.Ratio, c.Low, c.High, c.P, c.Adjusted} {
		cells[3+i] = orEmpty(x)
	}
	if c.Adjusted != nil {
		cells[8] = strconv.FormatBool(c.Significant)
	}
	cells[9], cells[10], cells[11] = orEmpty(c.Least), strconv.Itoa(c.Old.N), strconv.Itoa(c.New.N)
	return cells
}

func medianOf(s report.Series) string {
	if s.N == 0 {
		return ""
	}
	return decimal(s.Median)
}

// check writes a row of an expression, and one of each number that it is about.
func (t *diffTable) check(c report.Check) {
	row := diffRow{
		what: "check", quantity: c.Expression, match: strings.ToLower(checkResult(c)),
		Frame: report.Frame{File: c.Budget}, about: []string{"checks"},
	}
	if c.Undecided != "" {
		row.notes = []string{c.Undecided}
	}
	t.row(row, changeCells(nil))
	for _, f := range c.Findings {
		t.finding(c.Expression, f)
	}
}

func (t *diffTable) finding(expression string, f report.Finding) {
	row := diffRow{
		what: "finding", quantity: expression, unit: f.Unit, kind: f.Of, match: strings.ToLower(findingWord(f)),
		Frame: report.Frame{Func: f.Place}, about: []string{"checks"},
	}
	if f.Known != "" {
		row.notes = []string{f.Known}
	}
	cells := changeCells(nil)
	cells[0], cells[1], cells[7] = decimal(f.Old), decimal(f.New), orEmpty(f.P)
	switch f.Of {
	case "change":
		cells[2] = orEmpty(f.Value)
	case "ratio":
		cells[3] = orEmpty(f.Value)
	}
	t.row(row, cells)
}
