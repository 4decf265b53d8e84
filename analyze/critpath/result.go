package critpath

import (
	"cmp"
	"maps"
	"math"
	"math/bits"
	"slices"

	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// result puts what was found into the words of the report.
type result struct {
	*Critpath
	index  map[timeline.LockID]int // by root
	waits  *report.Waits
	tables *report.Tables
	path   content
}

// Report returns the result, with its sites entered in tables. rank names the locks of
// waits, begin is when what is reported on begins, in ns on the trace's clock.
func (c *Critpath) Report(rank []timeline.LockID, waits *report.Waits, begin int64, tables *report.Tables) *report.Critpath {
	r := result{Critpath: c, index: make(map[timeline.LockID]int), waits: waits, tables: tables}
	for i, id := range rank {
		r.index[c.locks.root(id)] = i
	}
	rep := &report.Critpath{
		FromNS: c.start - begin, End: report.EndLast,
		Segments: []report.Segment{}, Locks: []report.CriticalLock{}, Sites: []report.CriticalSite{},
	}
	path, ok := c.ends.found(c)
	if !ok {
		return rep
	}
	r.path = path
	if c.ends.main {
		rep.End = report.EndMain
	}
	rep.Goroutine = c.groups[c.ends.group]
	rep.PathNS = c.ends.at - c.start
	rep.WorkNS, rep.SpanNS = c.ends.work, c.ends.clocks[unbounded]
	if rep.SpanNS > 0 {
		rep.Parallelism = float64(rep.WorkNS) / float64(rep.SpanNS)
	}
	if p := c.machine.procs; p > 0 {
		rep.LeastNS, rep.MostNS = max(rep.WorkNS/p, rep.SpanNS), rep.WorkNS/p+rep.SpanNS
	}
	rep.ReplayNS, rep.ReplayError = c.ends.clocks[unchanged], c.replayError()
	rep.Segments = r.segmentsOf(&r.path)
	rep.Locks, rep.Sites = r.critical()
	rep.Instances = r.instanceReport()
	return rep
}

// replayError returns by how much of the path the replay is wrong.
func (c *Critpath) replayError() float64 {
	wall := c.ends.at - c.start
	if wall <= 0 {
		return 0
	}
	return math.Abs(float64(c.ends.clocks[unchanged]-wall)) / float64(wall)
}

// doubt is what part of a change that is predicted is in doubt beside the error of the
// replay: by so much were predictions wrong, at most, when edits of programs did what
// they suppose, in analyze/knobs_test.go.
const doubt = 0.15

// predict returns how long the path takes in a scenario, of which the first part was as
// it was for so many ns of waits.
func (c *Critpath) predict(scenario int, before int64) (ns, low, high int64) {
	wall, replayed := c.ends.at-c.start, c.ends.clocks[unchanged]
	if wall <= 0 || replayed <= 0 {
		return wall, wall, wall
	}
	clock := replayed
	if scenario < len(c.ends.clocks) { // else it was added when the path had ended
		clock = c.ends.clocks[scenario]
	}
	ns = int64(math.Round(float64(wall) * float64(clock) / float64(replayed)))
	off := int64(c.replayError()*float64(wall) + doubt*math.Abs(float64(wall-ns)))
	return ns, max(0, ns-off-before), ns + off
}

// segmentsOf returns what a path is made of.
func (r *result) segmentsOf(path *content) []report.Segment {
	sums := make(map[report.Segment]report.Segment) // by all but NS and Count
	add := func(s report.Segment) {
		k := s
		k.NS, k.Count = 0, 0
		sum, ok := sums[k]
		if !ok {
			sum = k
		}
		sum.NS += s.NS
		sum.Count += s.Count
		sums[k] = sum
	}
	for _, e := range path.entries {
		for _, s := range r.parts(e) {
			if s.NS > 0 || s.Count > 0 {
				add(s)
			}
		}
	}
	list := make([]report.Segment, 0, len(sums))
	for _, s := range sums {
		list = append(list, s)
	}
	list = apportion(list)
	slices.SortFunc(list, r.compareSegments)
	return list
}

// parts returns the segments that an entry stands for.
func (r *result) parts(e entry) []report.Segment {
	k := r.keys.list[e.key]
	s := report.Segment{Group: r.groups[k.group], Site: -1, Lock: -1, NS: e.ns, Count: int64(e.count)}
	switch k.manner {
	case held:
		return nil
	case outside:
		s.Kind, s.Site = k.wait.String(), r.site(k.site)
		return []report.Segment{s, {Kind: report.SegSched, Group: s.Group, Site: s.Site, Lock: -1, Wait: s.Kind, NS: e.more, Count: s.Count}}
	case handOver, birth:
		s.Kind, s.Site, s.NS = report.SegBirth, r.site(k.site), 0
		if k.manner == handOver {
			s.Kind, s.Wait, s.Lock = report.SegHandOver, k.wait.String(), r.lock(k.lock)
		}
		late := s
		late.Kind, late.NS = report.SegSched, e.ns
		return []report.Segment{s, late}
	case sampled:
		s.Kind, s.Site = report.SegRunning, r.site(k.site)
		return []report.Segment{s}
	}
	s.Kind = words[k.manner]
	return []report.Segment{s}
}

var words = map[manner]string{
	running: report.SegRunning, syscall: report.SegSyscall, sched: report.SegSched, assist: report.SegAssist,
	halting: report.SegStopped, before: report.SegBefore, handOver: report.SegHandOver, birth: report.SegBirth,
}

func (r *result) site(f timeline.FrameID) int {
	if f == timeline.NoSite {
		return -1
	}
	return r.tables.Site(report.Frame(r.symbols.Frame(f)))
}

func (r *result) lock(id timeline.LockID) int {
	if id == timeline.NoLock {
		return -1
	}
	if i, ok := r.index[r.locks.root(id)]; ok {
		return i
	}
	return -1
}

// apportion divides the time that a group ran on the path over the sites at which CPU
// samples found it there, by their number; what the division leaves goes to the sites
// with most. Where there are no samples, it remains whole.
func apportion(list []report.Segment) []report.Segment {
	samples := make(map[string]int64)
	for _, s := range list {
		if s.Kind == report.SegRunning && s.Site >= 0 {
			samples[s.Group] += s.Count
		}
	}
	if len(samples) == 0 {
		return list
	}
	slices.SortFunc(list, func(a, b report.Segment) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Site, b.Site))
	})
	whole := make(map[string]int64) // ns that are left to divide
	for _, s := range list {
		if s.Kind == report.SegRunning && s.Site < 0 && samples[s.Group] > 0 {
			whole[s.Group] = s.NS
		}
	}
	left := make(map[string]int64)
	for group, n := range samples {
		left[group] = n
	}
	rest := list[:0]
	for _, s := range list {
		if s.Kind == report.SegRunning && samples[s.Group] > 0 {
			if s.Site < 0 {
				continue
			}
			s.NS = share(whole[s.Group], s.Count, left[s.Group])
			whole[s.Group] -= s.NS
			left[s.Group] -= s.Count
		}
		rest = append(rest, s)
	}
	return rest
}

// share returns a part of ns, as many of all as n is. It is exact: the last part is all
// that is left.
func share(ns, n, all int64) int64 {
	hi, lo := bits.Mul64(uint64(ns), uint64(n))
	part, _ := bits.Div64(hi, lo, uint64(all))
	return int64(part)
}

// compareSegments orders them by time, then count and content.
func (r *result) compareSegments(a, b report.Segment) int {
	return cmp.Or(cmp.Compare(b.NS, a.NS), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Wait, b.Wait), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Lock, b.Lock), r.tables.Compare(a.Site, b.Site))
}

// critical returns the locks and other places that the path goes through, or that have a
// scenario.
func (r *result) critical() ([]report.CriticalLock, []report.CriticalSite) {
	locks := make(map[int]*report.CriticalLock)
	sites := make(map[site]*report.CriticalSite)
	for _, e := range r.path.entries {
		k := r.keys.list[e.key]
		switch {
		case k.manner == outside: // nobody handed the lock over
		case k.lock != timeline.NoLock && r.lock(k.lock) >= 0:
			l := at(locks, r.lock(k.lock))
			if k.manner == held {
				l.PathNS += e.ns
			} else {
				l.Visits += int64(e.count)
				l.ContendedNS += e.more
			}
		case k.manner == handOver:
			s := at(sites, site{k.wait, k.site})
			s.Visits += int64(e.count)
			s.ContendedNS += e.more
		}
	}
	for id, p := range r.places.locks {
		if i := r.lock(timeline.LockID(id)); p != nil && p.scenario != 0 && i >= 0 {
			at(locks, i).Dropped = r.dropped(p)
		}
	}
	for at0, p := range r.places.sites {
		if p.scenario != 0 {
			at(sites, at0).Dropped = r.dropped(p)
		}
	}
	return r.rankLocks(locks), r.rankSites(sites)
}

func at[K comparable, V any](m map[K]*V, k K) *V {
	if m[k] == nil {
		m[k] = new(V)
	}
	return m[k]
}

func (r *result) dropped(p *place) *report.Dropped {
	ns, low, high := r.predict(p.scenario, p.before)
	return &report.Dropped{WallNS: ns, LowNS: low, HighNS: high}
}

func (r *result) rankLocks(locks map[int]*report.CriticalLock) []report.CriticalLock {
	list := []report.CriticalLock{}
	for i, l := range locks {
		l.Lock, l.WaitNS = i, r.waits.Locks[i].BlockedNS
		list = append(list, *l)
	}
	slices.SortFunc(list, func(a, b report.CriticalLock) int {
		return cmp.Or(compareDropped(a.Dropped, b.Dropped), cmp.Compare(b.PathNS, a.PathNS), cmp.Compare(a.Lock, b.Lock))
	})
	return list
}

func (r *result) rankSites(sites map[site]*report.CriticalSite) []report.CriticalSite {
	list := []report.CriticalSite{}
	for _, k := range slices.SortedFunc(maps.Keys(sites), r.comparePlaces) {
		s := sites[k]
		s.Kind, s.Site = k.kind.String(), r.site(k.frame)
		for _, w := range slices.Concat(r.waits.Sites, r.waits.Idle) {
			if w.Kind == s.Kind && w.Site == s.Site {
				s.WaitNS += w.BlockedNS
			}
		}
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b report.CriticalSite) int {
		return cmp.Or(compareDropped(a.Dropped, b.Dropped), cmp.Compare(b.ContendedNS, a.ContendedNS), cmp.Compare(b.Visits, a.Visits),
			cmp.Compare(a.Kind, b.Kind), r.tables.Compare(a.Site, b.Site))
	})
	return list
}

// comparePlaces orders them by their content: the order in which sites are entered in
// the tables must follow from that.
func (r *result) comparePlaces(a, b site) int {
	if a.kind != b.kind || a.frame == b.frame || a.frame == timeline.NoSite || b.frame == timeline.NoSite {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.frame, b.frame))
	}
	f, g := r.symbols.Frame(a.frame), r.symbols.Frame(b.frame)
	return cmp.Or(cmp.Compare(f.Func, g.Func), cmp.Compare(f.File, g.File), cmp.Compare(f.Line, g.Line))
}

// compareDropped orders by what the run takes without; what has no scenario comes last.
func compareDropped(a, b *report.Dropped) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Compare(a.WallNS, b.WallNS)
}
