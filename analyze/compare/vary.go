package compare

import (
	"cmp"
	"slices"

	"tracekit/analyze/report"
)

// aboutSource is what caveats on a source are about, which say of the runs that they
// are not all, for instance. They go with the runs.
const aboutSource = "recordings"

// Facts returns the runs that were gathered, of which there is at least one, with the
// sums of each and what follows from them place by place. Those of which a part could
// not be read are left out, where there are others: they would say too little. Its
// caveats are those on where the runs come from.
func (g *Gathering) Facts() *report.Runs {
	r, _ := g.facts()
	return r
}

// Vary returns Facts, and works out what varies from run to run.
func (g *Gathering) Vary() *report.Runs {
	r, locks := g.facts()
	r.Orders = orders(r, locks)
	scaling, caveats := scalingOf(r.Runs)
	r.Scaling = scaling
	r.Caveats = slices.Concat(r.Caveats, runsCaveats(r), traceCaveats(r.Runs), caveats)
	return r
}

func (g *Gathering) facts() (*report.Runs, []lockSum) {
	runs := whole(g.runs)
	for i := range runs {
		addUp(&runs[i], g.places)
	}
	r := &report.Runs{
		Schema: report.RunsSchema, Recordings: g.sources, Runs: runs,
		Places: slices.Concat([]report.Place{}, g.places), Goroutines: slices.Concat([]report.Named{}, g.goroutines),
		Procs: procsOf(runs), Outcomes: outcomes(runs), Measures: measures(runs), Orders: []report.RunsOrder{},
		Caveats: slices.Concat([]report.Caveat{}, g.caveats, g.sameCaveats(), tornCaveats(g.runs, runs)),
	}
	t := newTable(r.Runs, r.Places)
	locks := lockSums(t, locksOf(r.Runs, len(r.Places)))
	r.Locks, r.Sites = runsLocks(t, locks), runsSites(t, locks)
	return r, locks
}

// whole returns the runs of which all could be read, or all if there is none.
func whole(runs []report.Run) []report.Run {
	list := slices.DeleteFunc(slices.Clone(runs), func(r report.Run) bool { return r.Torn })
	if len(list) == 0 {
		return runs
	}
	return list
}

// procsOf returns each GOMAXPROCS of runs once, ascending.
func procsOf(runs []report.Run) []int {
	procs := []int{}
	for _, r := range runs {
		procs = append(procs, r.GOMAXPROCS)
	}
	return sorted(procs)
}

// outcomes counts what runs stated.
func outcomes(runs []report.Run) []report.OutcomeCount {
	counts := make(map[report.Outcome]int)
	for _, r := range runs {
		if r.Outcome != nil {
			counts[*r.Outcome]++
		}
	}
	list := []report.OutcomeCount{}
	for o, n := range counts {
		list = append(list, report.OutcomeCount{Outcome: o, Runs: n})
	}
	slices.SortFunc(list, func(a, b report.OutcomeCount) int {
		return cmp.Or(cmp.Compare(b.Runs, a.Runs), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Got, b.Got), cmp.Compare(a.Want, b.Want))
	})
	return list
}

func runsLocks(t *table, locks []lockSum) []report.RunsLock {
	list := []report.RunsLock{}
	for i, l := range locks {
		lock := report.RunsLock{
			ID: i, Name: placeName(t.places[l.acquires[0]]), Kinds: kindsOf(l.acquires, t.place), Runs: present(l.tally),
			Acquires: l.acquires, Releases: l.releases,
			Blocked: seriesOf(blocked(l.tally)), Sched: seriesOf(sched(l.tally)), Waits: seriesOf(waits(l.tally)),
		}
		if values := l.fifos(); len(values) > 0 {
			s := seriesOf(values)
			lock.Fifo = &s
		}
		list = append(list, lock)
	}
	return list
}

// runsSites returns all places that wait.
func runsSites(t *table, locks []lockSum) []report.RunsSite {
	lockOf := make(map[int]int)
	for i, l := range locks {
		for _, p := range l.acquires {
			lockOf[p] = i
		}
	}
	list := []report.RunsSite{}
	for p, tally := range t.waits {
		if tally == nil {
			continue
		}
		lock, ok := lockOf[p]
		if !ok {
			lock = -1
		}
		list = append(list, report.RunsSite{
			Place: p, Lock: lock, Runs: present(tally),
			Blocked: seriesOf(blocked(tally)), Sched: seriesOf(sched(tally)), Waits: seriesOf(waits(tally)),
		})
	}
	slices.SortFunc(list, func(a, b report.RunsSite) int { return t.compare(a.Place, b.Place) })
	return list
}
