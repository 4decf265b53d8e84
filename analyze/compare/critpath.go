package compare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"tracekit/analyze/report"
)

// runPath adds up the critical paths of the processes of a run.
type runPath struct {
	sum   report.RunPath
	kinds map[string]int64 // ns
	none  bool             // one of the reports has no path
}

func (p *runPath) add(c *report.Critpath) {
	if c == nil {
		p.none = true
		return
	}
	p.sum.PathNS += c.PathNS
	p.sum.WorkNS += c.WorkNS
	p.sum.SpanNS += c.SpanNS
	if p.kinds == nil {
		p.kinds = make(map[string]int64)
	}
	for _, s := range c.Segments {
		p.kinds[s.Kind] += s.NS
	}
}

// finish gives a run its path, unless that of a process is not known: the others alone
// would be too little.
func (p *runPath) finish(r *report.Run) {
	if p.none || p.kinds == nil {
		for i := range r.Locks {
			r.Locks[i].PathNS = 0
		}
		return
	}
	p.sum.Kinds = []report.RunPathKind{}
	for _, kind := range slices.Sorted(maps.Keys(p.kinds)) {
		if ns := p.kinds[kind]; ns > 0 {
			p.sum.Kinds = append(p.sum.Kinds, report.RunPathKind{Kind: kind, NS: ns})
		}
	}
	r.Critpath = &p.sum
}

// lockPath returns how much of a path is of a lock.
func lockPath(c *report.Critpath, lock int) (ns int64) {
	if c == nil {
		return 0
	}
	for _, l := range c.Locks {
		if l.Lock == lock {
			ns += l.PathNS
		}
	}
	return ns
}

// critpath compares what the paths are made of; nil where one side has none.
func (d *differ) critpath(locks []lockPair) *report.PathDiff {
	if d.old.paths() == 0 || d.new.paths() == 0 {
		return nil
	}
	return &report.PathDiff{Kinds: d.pathKinds(), Locks: d.pathLocks(locks)}
}

// paths counts the runs that have a path.
func (s *side) paths() (n int) {
	for i := range s.runs {
		if s.runs[i].Critpath != nil {
			n++
		}
	}
	return n
}

func (d *differ) pathKinds() []report.PathPart {
	names := make(map[string]bool)
	for _, r := range slices.Concat(d.old.runs, d.new.runs) {
		if r.Critpath != nil {
			for _, k := range r.Critpath.Kinds {
				names[k.Kind] = true
			}
		}
	}
	list := make([]report.PathPart, 0, len(names))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		list = append(list, report.PathPart{Kind: name, Lock: -1})
		d.pathPart(&list[len(list)-1],
			func(i int) int64 { return kindNS(d.old.runs[i].Critpath, name) },
			func(i int) int64 { return kindNS(d.new.runs[i].Critpath, name) })
	}
	return list
}

func kindNS(p *report.RunPath, kind string) (ns int64) {
	for _, k := range p.Kinds {
		if k.Kind == kind {
			ns += k.NS
		}
	}
	return ns
}

// pathLocks leaves out the locks that no path goes through: there is nothing to test.
func (d *differ) pathLocks(locks []lockPair) []report.PathPart {
	list := make([]report.PathPart, 0, len(locks))
	for i, l := range locks {
		if !slices.ContainsFunc(slices.Concat(l.old, l.new), func(run []report.RunLock) bool { return locksNS(run) > 0 }) {
			continue
		}
		list = append(list, report.PathPart{Lock: i})
		d.pathPart(&list[len(list)-1],
			func(i int) int64 { return locksNS(l.old[i]) },
			func(i int) int64 { return locksNS(l.new[i]) })
	}
	return list
}

func locksNS(locks []report.RunLock) (ns int64) {
	for _, l := range locks {
		ns += l.PathNS
	}
	return ns
}

// pathPart compares a part of the paths, which is so many ns of each run that has one.
func (d *differ) pathPart(p *report.PathPart, old, new func(run int) int64) {
	var before, after []float64
	before, p.OldShare = d.old.onPath(old)
	after, p.NewShare = d.new.onPath(new)
	d.tests.compare(&p.Path, before, after)
}

// onPath returns a part of the path of each run that has one, and its share of all of
// them.
func (s *side) onPath(of func(run int) int64) (values []float64, share float64) {
	part, whole := 0.0, 0.0
	for i := range s.runs {
		if p := s.runs[i].Critpath; p != nil {
			ns := float64(of(i))
			values = append(values, ns/s.units[i])
			part, whole = part+ns, whole+float64(p.PathNS)
		}
	}
	if whole > 0 {
		share = part / whole
	}
	return values, share
}

// sortPath orders the parts by their size, when nothing points at them any more.
func sortPath(d *report.PathDiff) {
	if d == nil {
		return
	}
	for _, list := range [][]report.PathPart{d.Kinds, d.Locks} {
		slices.SortFunc(list, func(a, b report.PathPart) int {
			return cmp.Or(cmp.Compare(b.OldShare+b.NewShare, a.OldShare+a.NewShare), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Lock, b.Lock))
		})
	}
}

// pathCaveats tell of runs whose paths are not known, where those of others are.
func (d *differ) pathCaveats() (list []report.Caveat) {
	if d.old.paths()+d.new.paths() == 0 {
		return nil
	}
	for _, s := range []struct {
		name string
		*side
	}{{"old", d.old}, {"new", d.new}} {
		if n := len(s.runs) - s.paths(); n > 0 {
			text := s.name + ": there are reports of before tracekit kept the critical path only: it is not compared"
			if s.paths() > 0 {
				text = fmt.Sprintf("%s: of %d of %d runs there are reports of before tracekit kept the critical path: what is said of it is of the others", s.name, n, len(s.runs))
			}
			list = append(list, report.Caveat{Code: "no-critpath", About: "critpath", Text: text, Remedy: "make the reports anew, from the traces"})
		}
	}
	return list
}
