package render

import (
	"maps"
	"slices"
	"strings"

	"tracekit/analyze/report"
)

// pathKinds returns the kinds of segments that the critical path of any run has.
func pathKinds(runs []report.Run) []string {
	kinds := make(map[string]bool)
	for _, r := range runs {
		if r.Critpath != nil {
			for _, k := range r.Critpath.Kinds {
				kinds[k.Kind] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(kinds))
}

// path writes what the critical path of a run is made of: how much of it is of each kind
// of segment, which adds up, and apart from that of each lock.
func (t *runTable) path(of []string, r *report.Run) {
	if len(t.kinds) == 0 {
		return
	}
	ns := make(map[string]int64)
	if r.Critpath != nil {
		for _, k := range r.Critpath.Kinds {
			ns[k.Kind] += k.NS
		}
	}
	for _, kind := range t.kinds {
		t.onPath(of, r, csvSite{role: rolePath, kind: kind}, ns[kind])
	}
	for _, l := range t.r.Locks {
		if len(l.Acquires) > 0 {
			t.onPath(of, r, csvSite{rolePath, strings.Join(l.Kinds, " "), at(t.r.Places, l.Acquires[0]).Frame}, lockOnPath(r, l))
		}
	}
}

// onPath writes a part of the path of a run; that of a run that has none is not known.
func (t *runTable) onPath(of []string, r *report.Run, s csvSite, ns int64) {
	q := quantity{"on-path", "ns", "", []string{"critpath"}}
	if r.Critpath != nil {
		q.value = integer(ns)
	}
	t.rows(of, s, []quantity{q})
}

// lockOnPath adds up what of the path is of those locks of a run that are parts of l.
func lockOnPath(r *report.Run, l report.RunsLock) (ns int64) {
	for _, part := range r.Locks {
		if len(part.Acquires) > 0 && slices.Contains(l.Acquires, part.Acquires[0]) {
			ns += part.PathNS
		}
	}
	return ns
}

// path writes the parts of the critical path: how long each is, and which share it has.
func (t *diffTable) path(d *report.Diff) {
	if d.Critpath == nil {
		return
	}
	for _, p := range slices.Concat(d.Critpath.Kinds, d.Critpath.Locks) {
		row := diffRow{what: "path", quantity: "on-path", unit: "ns" + t.per, kind: p.Kind, about: []string{"critpath"}}
		if p.Kind == "" {
			l := at(d.Locks, p.Lock)
			row.kind, row.match, row.Func = strings.Join(l.Kinds, " "), l.Match, l.Name
		}
		t.row(row, changeCells(&p.Path))
		row.quantity, row.unit = "path-share", ""
		cells := changeCells(nil)
		cells[0], cells[1] = decimal(p.OldShare), decimal(p.NewShare)
		t.row(row, cells)
	}
}
