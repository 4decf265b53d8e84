package render

import (
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

// runColumns are those of the table of Runs: a row for each run, quantity and site, with
// all sites in each run. The numbers of the whole program have no site. A part of the
// critical path is of a kind of segments, or of a lock, where that is acquired. What
// follows from all runs has no run: of an order, kind is the verdict, and source the process
// that has the lock, where runs have several.
var runColumns = []string{
	"source", "run", "gomaxprocs", "quantity", "unit", "kind", "role", "function", "file", "line", "value", "caveats",
}

// The roles of sites.
const (
	roleAcquire = "acquire" // waits for a lock
	roleRelease = "release" // makes others wait for one
	roleWait    = "wait"    // waits for something else
	roleIdle    = "idle"    // waits for work: in no number of the whole program
	roleOrder   = "order"   // acquires the lock that an order is of
	rolePath    = "path"    // a part of the critical path: a kind of its segments, or where a lock is acquired
)

func csvRuns(w io.Writer, r *report.Runs) error {
	t := &runTable{newCSVTable(w, runColumns), newCaveats(r.Caveats), r, pathKinds(r.Runs)}
	releases := releasePlaces(r.Runs)
	for i := range r.Runs {
		t.run(&r.Runs[i], releases)
	}
	for _, o := range r.Orders {
		t.order(o)
	}
	for _, text := range t.notes.rest() {
		t.row(runCells("", 0, 0), csvSite{}, quantity{name: "caveat"}, text)
	}
	return t.end()
}

// releasePlaces returns the places that make others wait in any run, ascending.
func releasePlaces(runs []report.Run) []int {
	places := make(map[int]bool)
	for _, r := range runs {
		for _, rel := range r.Releases {
			places[rel.Place] = true
		}
	}
	return slices.Sorted(maps.Keys(places))
}

// runTable writes a table of runColumns.
type runTable struct {
	csvTable
	notes caveats
	r     *report.Runs
	kinds []string // of segments of critical paths; none: no run has one
}

// csvSite is what a row says of a site.
type csvSite struct {
	role string
	kind string
	report.Frame
}

// runCells are those that say of what a row is.
func runCells(source string, number, gomaxprocs int) []string {
	return []string{safe.Cell(source), known(number), known(gomaxprocs)}
}

func (t *runTable) row(of []string, s csvSite, q quantity, caveats string) {
	cells := []string{q.name, safe.Cell(q.unit), safe.Cell(s.kind), s.role, safe.Cell(s.Func), safe.Cell(s.File), known(s.Line), q.value, safe.Cell(caveats)}
	t.write(slices.Concat(of, cells)...)
}

func (t *runTable) rows(of []string, s csvSite, list []quantity) {
	for _, q := range list {
		t.row(of, s, q, strings.Join(t.notes.all(slices.Concat(aboutRuns, q.about)...), "; "))
	}
}

func (t *runTable) run(r *report.Run, releases []int) {
	of := runCells(at(t.r.Recordings, r.Source).Path, r.Number, r.GOMAXPROCS)
	t.rows(of, csvSite{}, runQuantities(r))
	waits, blames := waitsOf(r), releasesOf(r)
	for _, s := range t.r.Sites {
		p := at(t.r.Places, s.Place)
		role, about := roleOf(s, p)
		t.rows(of, csvSite{role, p.Kind, p.Frame}, waitQuantities(waits[s.Place], about...))
	}
	for _, i := range releases {
		p := at(t.r.Places, i)
		t.rows(of, csvSite{roleRelease, p.Kind, p.Frame}, releaseQuantities(blames[i], "locks"))
	}
	t.path(of, r)
}

// roleOf returns the role of a site that waits, and the keys of what qualifies its
// numbers.
func roleOf(s report.RunsSite, p report.Place) (role string, about []string) {
	switch {
	case s.Lock >= 0:
		return roleAcquire, []string{"locks", "sites"}
	case p.Idle:
		return roleIdle, []string{"sites"}
	}
	return roleWait, []string{"sites"}
}

// order writes what the runs say of the order of a lock. The number of the verdict is
// the p that it rests on.
func (t *runTable) order(o report.RunsOrder) {
	place := report.Frame{}
	if acquires := at(t.r.Locks, o.Lock).Acquires; len(acquires) > 0 {
		place = at(t.r.Places, acquires[0]).Frame
	}
	about := []string{"orders"}
	t.rows(runCells(o.Process, 0, 0), csvSite{roleOrder, o.Verdict, place}, []quantity{
		{"order-verdict", "p", orEmpty(o.P), about},
		{"order-distance", "", orEmpty(o.Distance), about},
		{"order-distinct", "", strconv.Itoa(o.Distinct), about},
	})
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

// known writes a number of which 0 stands for not known.
func known(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
