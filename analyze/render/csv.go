package render

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"tracekit/analyze/report"
)

// runColumns are those of the table of a Report, a Set and of Runs: a row for each run,
// process, quantity and site. The numbers of the whole program have no site; what
// follows from all runs has no run. Of an order, kind is the verdict.
var runColumns = []string{
	"source", "run", "gomaxprocs", "process", "quantity", "unit", "kind", "role", "function", "file", "line", "value", "caveats",
}

// roleOrder is that of the rows on the order in which a lock is handed over; their
// place is where it is acquired.
const roleOrder = "order"

func csvReport(w io.Writer, r *report.Report) error {
	t, all := newRunTable(w), newCaveats(r.Caveats)
	t.notes = []*caveats{&all}
	t.facts(reportFacts(r, r.Trace.Path, ""))
	t.rest(runFacts{source: r.Trace.Path}, &all)
	return t.end()
}

// csvSet writes the rows of each process. What is said of all of them stands in each.
func csvSet(w io.Writer, s *report.Set) error {
	t, all := newRunTable(w), newCaveats(s.Caveats)
	for _, p := range s.Processes {
		f, own := processFacts(s, p)
		t.notes = []*caveats{&all, &own}
		t.facts(f)
		t.rest(f.runs[0], &own)
	}
	t.rest(runFacts{source: s.Path}, &all)
	return t.end()
}

// processFacts returns the facts of a process, and what qualifies them.
func processFacts(s *report.Set, p report.Process) (*facts, caveats) {
	if p.Report != nil {
		return reportFacts(p.Report, s.Path, processName(p)), newCaveats(p.Report.Caveats)
	}
	f := newFacts(runFacts{source: s.Path, number: 1, process: processName(p), whole: unknown()})
	return f, newCaveats([]report.Caveat{{About: "trace", Text: p.Error}})
}

// processName tells a process from the others of a Set.
func processName(p report.Process) string {
	name := p.Path
	if name == "" {
		name = at(p.Args, 0)
	}
	return name + ", pid " + strconv.Itoa(p.PID)
}

func csvRuns(w io.Writer, r *report.Runs) error {
	t, all := newRunTable(w), newCaveats(r.Caveats)
	t.notes = []*caveats{&all}
	t.facts(runsFacts(r))
	for _, o := range r.Orders {
		t.order(r, o)
	}
	t.rest(runFacts{}, &all)
	return t.end()
}

// runTable writes a table of runColumns.
type runTable struct {
	csvTable
	notes []*caveats
}

func newRunTable(w io.Writer) *runTable { return &runTable{csvTable: newCSVTable(w, runColumns)} }

func (t *runTable) row(r runFacts, q quantity, s siteKey, caveats string) {
	t.write(cell(r.source), known(r.number), known(r.gomaxprocs), cell(r.process), q.name, cell(q.unit),
		cell(s.kind), s.role, cell(s.Func), cell(s.File), known(s.Line), q.value, cell(caveats))
}

func (t *runTable) rows(r runFacts, list []quantity, s siteKey) {
	for _, q := range list {
		var texts []string
		for _, n := range t.notes {
			texts = append(texts, n.on(q.about)...)
		}
		t.row(r, q, s, strings.Join(texts, "; "))
	}
}

func (t *runTable) facts(f *facts) {
	for i, r := range f.runs {
		t.rows(r, r.whole, siteKey{})
		for _, s := range f.sites {
			t.rows(r, s.quantities(i), s.siteKey)
		}
	}
}

// order writes what the runs say of the order of a lock. The number of the verdict is
// the p that it rests on.
func (t *runTable) order(r *report.Runs, o report.RunsOrder) {
	place := report.Frame{}
	if acquires := at(r.Locks, o.Lock).Acquires; len(acquires) > 0 {
		place = at(r.Places, acquires[0]).Frame
	}
	about := []string{"orders"}
	t.rows(runFacts{process: o.Process}, []quantity{
		{"order-verdict", "p", orEmpty(o.P), about},
		{"order-distance", "", orEmpty(o.Distance), about},
		{"order-distinct", "", strconv.Itoa(o.Distinct), about},
	}, siteKey{roleOrder, o.Verdict, place})
}

// rest writes a row for each caveat that qualifies no row.
func (t *runTable) rest(r runFacts, n *caveats) {
	for _, text := range n.rest() {
		t.row(r, quantity{name: "caveat"}, siteKey{}, text)
	}
}

// csvTable writes a table with a header.
type csvTable struct {
	w *csv.Writer
}

func newCSVTable(w io.Writer, columns []string) csvTable {
	t := csvTable{csv.NewWriter(w)}
	t.write(columns...)
	return t
}

// write adds a row. The Writer keeps the first error.
func (t csvTable) write(cells ...string) { _ = t.w.Write(cells) }

func (t csvTable) end() error {
	t.w.Flush()
	return t.w.Error()
}

// cell writes a text of anybody's. A spreadsheet takes one that begins as a formula
// for one, unless an apostrophe comes first; the wide signs are the same to it.
func cell(s string) string {
	s = printable(s)
	for _, sign := range "=+-@＝＋－＠" {
		if strings.HasPrefix(s, string(sign)) {
			return "'" + s
		}
	}
	return s
}

// known writes a number of which 0 stands for not known.
func known(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func orEmpty(x *float64) string {
	if x == nil {
		return ""
	}
	return decimal(*x)
}
