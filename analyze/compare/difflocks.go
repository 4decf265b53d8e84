package compare

import (
	"cmp"
	"math"
	"slices"

	"tracekit/analyze/compare/stats"
	"tracekit/analyze/report"
)

// lockPair is a lock of both sides: the places that runs of any side show to be of one.
type lockPair struct {
	acquires []int // indexes into differ.pairs, the weightiest first
	old, new [][]report.RunLock
}

// locks returns the locks of both sides by their blocked time.
func (d *differ) locks() []lockPair {
	ofOld, ofNew := d.pairIndexes()
	c := newComponents(len(d.pairs))
	joinLocks(c, d.old.runs, ofOld)
	joinLocks(c, d.new.runs, ofNew)
	byRoot := make(map[int]*lockPair)
	get := func(root int) *lockPair {
		if byRoot[root] == nil {
			byRoot[root] = &lockPair{old: make([][]report.RunLock, len(d.old.runs)), new: make([][]report.RunLock, len(d.new.runs))}
		}
		return byRoot[root]
	}
	for i, r := range d.old.runs {
		for _, l := range r.Locks {
			p := get(c.root(ofOld[l.Acquires[0]]))
			p.add(p.old, i, l, ofOld)
		}
	}
	for i, r := range d.new.runs {
		for _, l := range r.Locks {
			p := get(c.root(ofNew[l.Acquires[0]]))
			p.add(p.new, i, l, ofNew)
		}
	}
	return d.sorted(byRoot)
}

func (p *lockPair) add(runs [][]report.RunLock, i int, l report.RunLock, pairs []int) {
	runs[i] = append(runs[i], l)
	for _, a := range l.Acquires {
		p.acquires = append(p.acquires, pairs[a])
	}
}

// pairIndexes says of the places of either side in which pair they are.
func (d *differ) pairIndexes() (old, new []int) {
	old, new = slices.Repeat([]int{-1}, len(d.old.places)), slices.Repeat([]int{-1}, len(d.new.places))
	for i, p := range d.pairs {
		if p.old >= 0 {
			old[p.old] = i
		}
		if p.new >= 0 {
			new[p.new] = i
		}
	}
	return old, new
}

func joinLocks(c *components, runs []report.Run, pairs []int) {
	for _, r := range runs {
		for _, l := range r.Locks {
			c.join(mapped(slices.Concat(l.Acquires, l.Releases), pairs))
		}
	}
}

func (d *differ) sorted(byRoot map[int]*lockPair) []lockPair {
	var list []lockPair
	weights := make(map[int]int64)
	for i, p := range d.pairs {
		weights[i] = d.weight(p)
	}
	heaviest := func(a, b int) int {
		return cmp.Or(cmp.Compare(weights[b], weights[a]), comparePlaces(d.place(a), d.place(b)))
	}
	for _, p := range byRoot {
		p.acquires = sorted(p.acquires)
		slices.SortFunc(p.acquires, heaviest)
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b lockPair) int { return heaviest(a.acquires[0], b.acquires[0]) })
	return list
}

// weight is all that is blocked at a place.
func (d *differ) weight(p pair) (sum int64) {
	if p.old >= 0 {
		sum += d.old.weight[p.old]
	}
	if p.new >= 0 {
		sum += d.new.weight[p.new]
	}
	return sum
}

// place is that of a pair, as the new runs have it where they do.
func (d *differ) place(i int) report.Place {
	if p := d.pairs[i]; p.new < 0 {
		return d.old.places[p.old]
	}
	return d.new.places[d.pairs[i].new]
}

// lockDiffs compares locks.
func (d *differ) lockDiffs(locks []lockPair) []report.LockDiff {
	list := make([]report.LockDiff, len(locks))
	for i, l := range locks {
		r := &list[i]
		*r = report.LockDiff{ID: i, Name: placeName(d.place(l.acquires[0])), Kinds: kindsOf(l.acquires, d.place), Match: report.Same}
		switch {
		case !anyLock(l.old):
			r.Match = report.New
		case !anyLock(l.new):
			r.Match = report.Vanished
		}
		if len(l.acquires) > 1 { // else they are those of the site
			d.tests.compare(&r.Blocked, d.old.sum(l.acquires, d.oldPlace, blocked), d.new.sum(l.acquires, d.newPlace, blocked))
			d.tests.compare(&r.Sched, d.old.sum(l.acquires, d.oldPlace, sched), d.new.sum(l.acquires, d.newPlace, sched))
			d.tests.compare(&r.Waits, d.old.sum(l.acquires, d.oldPlace, waits), d.new.sum(l.acquires, d.newPlace, waits))
		}
		of := number{frames: d.frames(l), name: r.Name}
		r.Fifo = d.ofBoth(of, "fifo", fifosOf(l.old), fifosOf(l.new))
		r.Distance = d.distance(of, l)
	}
	return list
}

func (d *differ) oldPlace(pair int) int { return d.pairs[pair].old }
func (d *differ) newPlace(pair int) int { return d.pairs[pair].new }

// sum adds up the numbers of the places of pairs, by run.
func (s *side) sum(pairs []int, place func(int) int, pick func([]report.Tally) []float64) []float64 {
	sum := make([]float64, len(s.runs))
	for _, p := range pairs {
		for i, v := range s.values(place(p), pick) {
			sum[i] += v
		}
	}
	return sum
}

func anyLock(byRun [][]report.RunLock) bool {
	return slices.ContainsFunc(byRun, func(l []report.RunLock) bool { return len(l) > 0 })
}

// frames returns the places where a lock is acquired, on both sides.
func (d *differ) frames(l lockPair) (list []report.Frame) {
	for _, p := range l.acquires {
		s := d.site(d.pairs[p], -1)
		list = append(list, framesOf(&s)...)
	}
	return list
}

// ofBoth compares what both sides have of a lock; nil where one has not.
func (d *differ) ofBoth(of number, quantity string, old, new []float64) *report.Change {
	if len(old) == 0 || len(new) == 0 {
		return nil
	}
	of.quantity, of.old, of.new, of.change = quantity, old, new, &report.Change{}
	d.compare(of)
	return of.change
}

func fifosOf(byRun [][]report.RunLock) (values []float64) {
	for _, locks := range byRun {
		values = append(values, fifo(locks...))
	}
	return finite(values)
}

// distance compares how far the orders of runs are from one another, before and after;
// nil where one side has no two runs that can be compared. Expressions are about the
// distances of the first two runs, of the next two, and so on: those of all pairs are no
// independent numbers.
func (d *differ) distance(of number, l lockPair) *report.Change {
	o := widest(slices.Concat(l.old, l.new))
	if o == nil {
		return nil
	}
	first := 0
	for first < len(o.runs) && o.runs[first] < len(l.old) {
		first++
	}
	all := o.orders.Distances()
	w := all.CompareWithin(first)
	if math.IsNaN(w.Low) || math.IsNaN(w.High) {
		return nil
	}
	of.quantity, of.old, of.new, of.change = "order-distance", everyOther(all, 0, first), everyOther(all, first, len(all)), &report.Change{}
	*of.change = report.Change{Old: means(first, w.Low), New: means(len(all)-first, w.High), Shift: w.High - w.Low, P: &w.P}
	if w.Low > 0 {
		of.change.Ratio = known(of.change.Shift / w.Low)
	}
	d.tests.samples = append(d.tests.samples, sample{change: of.change, test: w.Test})
	d.numbers = append(d.numbers, of)
	return of.change
}

// widest returns the ordering of the process of which the most runs have one; nil for
// none.
func widest(byRun [][]report.RunLock) (most *ordering) {
	for _, name := range processesOf(byRun) {
		if o := newOrdering(byRun, name); most == nil || len(o.runs) > len(most.runs) {
			most = o
		}
	}
	return most
}

// everyOther returns the distances of runs from one on, each with the next.
func everyOther(d stats.Distances, from, to int) (values []float64) {
	for i := from; i+1 < to; i += 2 {
		values = append(values, d[i+1][i])
	}
	return finite(values)
}

// means is a Series of which the mean alone is known, of so many runs.
func means(runs int, mean float64) report.Series {
	return report.Series{N: runs, Median: mean, Min: mean, Max: mean}
}

// takeOver gives the locks of one site the numbers of that, which are the same: they
// were tested once.
func takeOver(r *report.Diff) {
	count, site := make(map[int]int), make(map[int]*report.SiteDiff)
	for i := range r.Sites {
		count[r.Sites[i].Lock]++
		site[r.Sites[i].Lock] = &r.Sites[i]
	}
	for i := range r.Locks {
		if l := &r.Locks[i]; count[i] == 1 {
			l.Blocked, l.Sched, l.Waits = site[i].Blocked, site[i].Sched, site[i].Waits
		}
	}
}
