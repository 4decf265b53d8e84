package waits

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// Report ends the analysis and returns the result, with its sites and stacks entered in tables. The
// second result names the locks in the order of the report.
func (a *Waits) Report(start int64, tables *report.Tables) (report.Waits, []timeline.LockID) {
	r := result{a.symbols, tables, start}
	locks, rank := r.locks(a.locks)
	sites := r.sites(a.sites)
	w := report.Waits{
		Kinds:    kinds(locks, sites),
		Locks:    locks,
		Sites:    sites,
		Chains:   r.chains(a, rank),
		Idle:     r.sites(a.idleSites),
		SystemNS: a.system.BlockedNS,
		TracerNS: a.tracer.BlockedNS,
	}
	for _, s := range w.Idle {
		w.IdleNS += s.BlockedNS
		w.IdleWaits += s.Waits
	}
	return w, rank
}

// result puts what was gathered into the words of the report. It sorts before
// it enters anything in the tables, so that their order follows from the
// content too.
type result struct {
	symbols *timeline.Symbols
	tables  *report.Tables
	start   int64 // ns: when what is reported on begins
}

// kinds adds up the waits at all places by their kinds.
func kinds(locks []report.Lock, sites []report.Site) []report.Kind {
	tallies := make(map[string]report.Tally)
	add := func(acquires []report.Acquire) {
		for _, a := range acquires {
			t := tallies[a.Kind]
			t.Add(a.Tally)
			tallies[a.Kind] = t
		}
	}
	for _, l := range locks {
		add(l.Acquires)
	}
	for _, s := range sites {
		add(s.Stacks)
	}
	kinds := []report.Kind{}
	for kind, t := range tallies {
		kinds = append(kinds, report.Kind{Kind: kind, Tally: t})
	}
	slices.SortFunc(kinds, func(a, b report.Kind) int {
		return cmp.Or(cmp.Compare(b.BlockedNS, a.BlockedNS), cmp.Compare(a.Kind, b.Kind))
	})
	return kinds
}

// waited is a lock or site at which there were waits.
type waited[T any] struct {
	at     T
	stacks []stackEntry // sorted
	report.Tally
}

// waitedAt adds up the waits at a place.
func waitedAt[T any](r result, at T, p *place) waited[T] {
	w := waited[T]{at: at, stacks: r.stacks(p)}
	for _, e := range w.stacks {
		w.Add(e.Tally)
	}
	return w
}

func (r result) locks(ids []*lock) ([]report.Lock, []timeline.LockID) {
	var all []waited[*lock]
	for _, l := range ids {
		if l == nil {
			continue
		}
		if w := waitedAt(r, l, &l.place); w.Waits > 0 {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(a, b waited[*lock]) int {
		return cmp.Or(cmp.Compare(b.BlockedNS, a.BlockedNS), cmp.Compare(b.Waits, a.Waits),
			r.compareStacks(a.stacks[0].stack, b.stacks[0].stack))
	})
	locks := []report.Lock{}
	var rank []timeline.LockID
	for i, w := range all {
		locks = append(locks, r.lock(i, w))
		rank = append(rank, w.at.id)
	}
	return locks, rank
}

func (r result) lock(i int, w waited[*lock]) report.Lock {
	l := w.at
	return report.Lock{
		ID:           i,
		Name:         r.placeName(r.worstSite(w.stacks)),
		Kinds:        kindNames(w.stacks),
		Tally:        w.Tally,
		DelayNS:      w.BlockedNS + w.SchedNS,
		Spread:       l.spread.report(),
		Longest:      l.longest.report(r.start),
		Waiters:      l.waiters,
		GaveUp:       l.gaveUp,
		JoinedLateNS: l.late,
		Inferred:     l.inferred,
		Acquires:     r.acquires(w.stacks),
		Releases:     r.releases(l.wakers),
	}
}

// worstSite returns the site with most blocked time in a list sorted by it.
func (r result) worstSite(list []stackEntry) timeline.FrameID {
	sums := make(map[timeline.FrameID]int64)
	worst := r.site(list[0].stack)
	for _, e := range list {
		sums[r.site(e.stack)] += e.BlockedNS
	}
	for _, e := range list {
		if site := r.site(e.stack); sums[site] > sums[worst] {
			worst = site
		}
	}
	return worst
}

// kindNames returns the kinds of waits by their order in the package timeline.
func kindNames(list []stackEntry) []string {
	var kinds []timeline.Kind
	for _, e := range list {
		kinds = append(kinds, e.kind)
	}
	slices.Sort(kinds)
	names := []string{}
	for _, k := range slices.Compact(kinds) {
		names = append(names, k.String())
	}
	return names
}

func (r result) sites(all sites) []report.Site {
	list := make([]waited[*site], 0, len(all))
	for _, s := range all {
		list = append(list, waitedAt(r, s, &s.place))
	}
	slices.SortFunc(list, func(a, b waited[*site]) int {
		return cmp.Or(cmp.Compare(b.BlockedNS, a.BlockedNS), cmp.Compare(b.Waits, a.Waits),
			cmp.Compare(a.at.key.kind, b.at.key.kind), r.compareFrames(a.at.key.site, b.at.key.site))
	})
	sites := []report.Site{}
	for _, w := range list {
		s, stacks := w.at, r.acquires(w.stacks)
		sites = append(sites, report.Site{
			Kind:    s.key.kind.String(),
			Site:    r.siteID(s.key.site),
			Stack:   stacks[0].Stack,
			Tally:   w.Tally,
			Spread:  s.spread.report(),
			Longest: s.longest.report(r.start),
			Waiters: s.waiters,
			Stacks:  stacks,
			Wakers:  r.wakers(s.wakers),
		})
	}
	return sites
}

// stackEntry is a stack of waiters with its counts.
type stackEntry struct {
	stackKey
	name string // of the group
	report.Tally
}

// stacks returns the stacks that waited at a place, sorted.
func (r result) stacks(p *place) []stackEntry {
	sums := make(map[stackKey]*stackEntry)
	for key, c := range p.chains {
		if sums[key.waiter] == nil {
			sums[key.waiter] = &stackEntry{stackKey: key.waiter, name: c.name}
		}
		sums[key.waiter].Add(c.Tally)
	}
	list := make([]stackEntry, 0, len(sums))
	for _, e := range sums {
		if e.Waits > 0 {
			list = append(list, *e)
		}
	}
	slices.SortFunc(list, func(a, b stackEntry) int {
		return cmp.Or(cmp.Compare(b.BlockedNS, a.BlockedNS), cmp.Compare(b.Waits, a.Waits),
			r.compareStacks(a.stack, b.stack), cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
	})
	return list
}

func (r result) acquires(list []stackEntry) []report.Acquire {
	acquires := []report.Acquire{}
	for _, e := range list {
		acquires = append(acquires, report.Acquire{
			Site:      r.siteID(r.site(e.stack)),
			Stack:     r.stackID(e.stack),
			Kind:      e.kind.String(),
			Goroutine: e.name,
			Tally:     e.Tally,
		})
	}
	return acquires
}

// sortedWakers returns wakers by what is charged to them, then content. The
// entry for nobody is left out where nothing is.
func (r result) sortedWakers(m wakers) []*waker {
	list := make([]*waker, 0, len(m))
	for _, w := range m {
		if w.wakes > 0 || w.blocked > 0 {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b *waker) int {
		return cmp.Or(cmp.Compare(b.blocked, a.blocked), cmp.Compare(b.wakes, a.wakes),
			r.compareStacks(a.key.stack, b.key.stack), cmp.Compare(a.name, b.name))
	})
	return list
}

func (r result) releases(m wakers) []report.Release {
	releases := []report.Release{}
	for _, w := range r.sortedWakers(m) {
		releases = append(releases, report.Release{
			Site:      r.siteID(r.site(w.key.stack)),
			Stack:     r.stackID(w.key.stack),
			Goroutine: w.name,
			Wakes:     w.wakes,
			BlameNS:   w.blocked,
		})
	}
	return releases
}

func (r result) wakers(m wakers) []report.Waker {
	list := []report.Waker{}
	for _, w := range r.sortedWakers(m) {
		list = append(list, report.Waker{
			Site:      r.siteID(r.site(w.key.stack)),
			Stack:     r.stackID(w.key.stack),
			Goroutine: w.name,
			Wakes:     w.wakes,
			BlockedNS: w.blocked,
		})
	}
	return list
}

// site returns the site of a stack.
func (r result) site(id timeline.StackID) timeline.FrameID {
	return timeline.SiteOf(r.symbols, id)
}

func (r result) siteID(f timeline.FrameID) int {
	if f == timeline.NoSite {
		return -1
	}
	return r.tables.Site(report.Frame(r.symbols.Frame(f)))
}

func (r result) stackID(id timeline.StackID) int {
	var frames []report.Frame
	for _, f := range r.symbols.Stack(id) {
		frames = append(frames, report.Frame(r.symbols.Frame(f)))
	}
	return r.tables.Stack(frames)
}

// placeName returns a name for a site that fits into a line: package, function
// and line.
func (r result) placeName(f timeline.FrameID) string {
	frame := r.symbols.Frame(f)
	return fmt.Sprintf("%s:%d", frame.Func[strings.LastIndexByte(frame.Func, '/')+1:], frame.Line)
}

// compareStacks orders stacks by their content.
func (r result) compareStacks(a, b timeline.StackID) int {
	if a == b {
		return 0
	}
	return slices.CompareFunc(r.symbols.Stack(a), r.symbols.Stack(b), r.compareFrames)
}

// compareFrames orders frames by their content, no frame first.
func (r result) compareFrames(a, b timeline.FrameID) int {
	if a == b || a == timeline.NoSite || b == timeline.NoSite {
		return cmp.Compare(a, b)
	}
	f, g := r.symbols.Frame(a), r.symbols.Frame(b)
	return cmp.Or(cmp.Compare(f.Func, g.Func), cmp.Compare(f.File, g.File), cmp.Compare(f.Line, g.Line))
}
