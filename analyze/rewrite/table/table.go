// Package table writes the waits or the spans of a trace as a table in CSV: one row
// for each, as they end, for programs that look at them one by one.
//
// The way of the data: a [Table] listens to the timeline, and writes a row when a wait
// or a span is over. It keeps nothing of them; its memory grows with the places and
// the groups of goroutines that the trace names. Those of the runtime and of the tracer
// are in it, with their class.
//
// Times are in ns; start_ns and end_ns are since the start of the trace. What is not
// known, or is not there, is empty. A name that a spreadsheet would take for a formula has an
// apostrophe before it, see package safe.
//
// A goroutine's number is the runtime's. That of a thread of C which calls into Go
// again and again has several lives. Its group is what has shown up to then: empty for
// spans before the first stack that names it.
//
// What it cannot know: which waits are idle. That depends on what the goroutine does
// later, see package waits. Nor which lock a wait is for, in the numbers of the report:
// that is known when all wakes have been seen, and [Locks] come from a report that was
// made before.
package table

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// Of says what a table has a row for.
type Of string

// The tables.
const (
	Waits Of = "waits"
	Spans Of = "spans"
)

// Tables lists the values of Of.
func Tables() []string { return []string{string(Waits), string(Spans)} }

// Table is an Observer of a timeline that writes rows.
type Table interface {
	timeline.StartObserver
	// End writes what is left. The error is the first of the writer.
	End() error
}

// New returns a Table that writes to w, with the numbers of locks, which can be nil:
// not known. The error is for what is none of Tables.
func New(w io.Writer, of Of, locks Locks) (Table, error) {
	t := &table{w: csv.NewWriter(w)}
	switch of {
	case Waits:
		return &waits{table: t, locks: locks}, nil
	case Spans:
		return &spans{t}, nil
	}
	return nil, fmt.Errorf("no table is called %q", of)
}

// table is what both tables have in common.
type table struct {
	timeline.Ignore
	w       *csv.Writer
	symbols *timeline.Symbols
	start   int64 // ns on the trace's clock: when it began
	row     []string
	places  []place  // by FrameID
	groups  []string // by GroupID, as cells
}

// place is a frame as cells.
type place struct {
	known                bool // it has been written before
	function, file, line string
}

// begin writes the header.
func (t *table) begin(start int64, symbols *timeline.Symbols, columns []string) {
	t.start, t.symbols = start, symbols
	t.put(columns...)
	t.write()
}

// put adds cells to the row.
func (t *table) put(cells ...string) { t.row = append(t.row, cells...) }

func (t *table) number(n int64) { t.put(strconv.FormatInt(n, 10)) }

// since adds when something was.
func (t *table) since(ns int64) { t.number(ns - t.start) }

// write ends the row. The Writer keeps the first error.
func (t *table) write() {
	_ = t.w.Write(t.row)
	t.row = t.row[:0]
}

// End implements Table.
func (t *table) End() error {
	t.w.Flush()
	return t.w.Error()
}

var classes = [timeline.Classes]string{
	timeline.User:    report.ClassUser,
	timeline.Runtime: report.ClassRuntime,
	timeline.Tracer:  report.ClassTracer,
}

// goroutine adds its number, group and class.
func (t *table) goroutine(g *timeline.Goroutine) {
	t.number(int64(g.ID))
	t.put(t.group(g.Group, g.Name), classes[g.Class])
}

// group returns the cell of a group.
func (t *table) group(id timeline.GroupID, name string) string {
	for int(id) >= len(t.groups) {
		t.groups = append(t.groups, "")
	}
	if t.groups[id] == "" {
		t.groups[id] = safe.Cell(name)
	}
	return t.groups[id]
}

// place adds function, file and line of a frame.
func (t *table) place(id timeline.FrameID) {
	if id == timeline.NoSite {
		t.put("", "", "")
		return
	}
	for int(id) >= len(t.places) {
		t.places = append(t.places, place{})
	}
	p := &t.places[id]
	if !p.known {
		*p = placeOf(report.Frame(t.symbols.Frame(id)))
	}
	t.put(p.function, p.file, p.line)
}

// placeOf returns the cells of a frame. Frames of C have no line.
func placeOf(f report.Frame) place {
	p := place{known: true, function: safe.Cell(f.Func), file: safe.Cell(f.File)}
	if f.Line != 0 {
		p.line = strconv.Itoa(f.Line)
	}
	return p
}
