package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"tracekit/analyze/compare/stats"
	"tracekit/analyze/report"
)

// Options say how two sets of runs are compared.
type Options struct {
	Per        string // report.PerRun, PerWall or PerOutcome
	Holm       bool   // correct by Holm, which lets no false alarm pass, instead of few
	GOMAXPROCS int    // compare the runs of this one; 0: of the largest that both have

	Checks []Expression
	Known  []Known
	Today  time.Time // when Known is held against
}

// Diff compares two sets of runs. The error is for runs that have not what the options
// ask for.
func Diff(old, new *report.Runs, o Options) (*report.Diff, error) {
	if !slices.Contains([]string{"", report.PerRun, report.PerWall, report.PerOutcome}, o.Per) {
		return nil, fmt.Errorf("numbers cannot be per %q", o.Per)
	}
	procs, mixed, err := commonProcs(old.Runs, new.Runs, o.GOMAXPROCS)
	if err != nil {
		return nil, err
	}
	d := &differ{options: o, tests: tests{holm: o.Holm}}
	d.old, err = newSide(old, procs, mixed, o.Per)
	if err != nil {
		return nil, fmt.Errorf("old: %w", err)
	}
	d.new, err = newSide(new, procs, mixed, o.Per)
	if err != nil {
		return nil, fmt.Errorf("new: %w", err)
	}
	if a, b := d.old.outcome, d.new.outcome; o.Per == report.PerOutcome && a != b {
		return nil, fmt.Errorf("the outcome of the old runs is %q, that of the new ones %q", a, b)
	}
	d.pairs = matchPlaces(old.Places, new.Places, d.old.used, d.new.used)
	return d.diff(), nil
}

// commonProcs returns the GOMAXPROCS whose runs are compared; mixed says that all are,
// because there is none that both have.
func commonProcs(old, new []report.Run, asked int) (procs int, mixed bool, err error) {
	a, b := procsOf(old), procsOf(new)
	common := slices.DeleteFunc(slices.Clone(a), func(n int) bool { return !slices.Contains(b, n) })
	switch {
	case asked > 0 && !slices.Contains(common, asked):
		return 0, false, fmt.Errorf("there are no runs with GOMAXPROCS %d on both sides: the old ones have %v, the new ones %v", asked, a, b)
	case asked > 0:
		return asked, false, nil
	case len(common) == 0:
		return 0, true, nil
	}
	return slices.Max(common), false, nil
}

// side is one of the two sets of runs.
type side struct {
	report.Side
	*table
	caveats []report.Caveat // of its sources
	used    []bool          // by place: it is in the runs that are compared
	units   []float64       // by run: what work is divided by
	outcome string          // its name, where work is per outcome
}

func newSide(r *report.Runs, procs int, mixed bool, per string) (*side, error) {
	runs := r.Runs
	if !mixed {
		runs = withProcs(runs, procs)
	}
	s := &side{
		Side:  report.Side{Recordings: r.Recordings, Runs: len(runs), LeftOut: len(r.Runs) - len(runs), Outcomes: outcomes(runs), GoVersion: runs[0].GoVersion},
		table: newTable(runs, r.Places), used: usedPlaces(runs, len(r.Places)),
	}
	for _, c := range r.Caveats {
		if c.About == aboutSource {
			s.caveats = append(s.caveats, c)
		}
	}
	if all := procsOf(runs); len(all) == 1 {
		s.GOMAXPROCS = all[0]
	}
	for i := range runs {
		u, err := unit(&runs[i], per)
		if err != nil {
			return nil, err
		}
		s.units = append(s.units, u)
	}
	return s, s.nameOutcome(per)
}

// nameOutcome refuses outcomes of several names, where work is divided by them.
func (s *side) nameOutcome(per string) error {
	if per != report.PerOutcome {
		return nil
	}
	s.outcome = s.Outcomes[0].Name
	for _, o := range s.Outcomes {
		if o.Name != s.outcome {
			return fmt.Errorf("runs state outcomes of several names: %q and %q", s.outcome, o.Name)
		}
	}
	return nil
}

// unit is what the work of a run is divided by.
func unit(r *report.Run, per string) (float64, error) {
	switch per {
	case report.PerWall:
		if r.WallNS > 0 {
			return float64(r.WallNS) / 1e9, nil
		}
		return 0, fmt.Errorf("run %d took no time", r.Number)
	case report.PerOutcome:
		if r.Outcome != nil && r.Outcome.Got > 0 {
			return float64(r.Outcome.Got), nil
		}
		return 0, fmt.Errorf("run %d states no outcome that is above 0", r.Number)
	}
	return 1, nil
}

// usedPlaces marks the places of runs.
func usedPlaces(runs []report.Run, n int) []bool {
	used := make([]bool, n)
	for _, r := range runs {
		for _, w := range r.Waits {
			used[w.Place] = true
		}
		for _, rel := range r.Releases {
			used[rel.Place] = true
		}
	}
	return used
}

// values returns a number of each place and run; of no place, zeros.
func (s *side) values(place int, pick func([]report.Tally) []float64) []float64 {
	if place < 0 || s.waits[place] == nil {
		return make([]float64, len(s.runs))
	}
	return scaled(pick(s.waits[place]), s.units)
}

// differ makes a Diff.
type differ struct {
	options  Options
	old, new *side
	pairs    []pair
	tests    tests
	numbers  []number // that expressions can be about
}

func (d *differ) diff() *report.Diff {
	r := &report.Diff{
		Schema: report.DiffSchema, Old: d.old.Side, New: d.new.Side, Per: cmp.Or(d.options.Per, report.PerRun),
		Level: level, Correction: report.BenjaminiHochberg,
	}
	if d.options.Holm {
		r.Correction = report.Holm
	}
	locks := d.locks()
	r.Measures = d.measures()
	r.Sites = d.sites(locks)
	r.Locks = d.lockDiffs(locks)
	r.Critpath = d.critpath(locks)
	r.Tests = d.tests.correct()
	r.Checks = d.checks()
	takeOver(r)
	sortPath(r.Critpath)
	slices.SortFunc(r.Sites, func(a, b report.SiteDiff) int {
		return cmp.Or(byShift(a.Blocked, b.Blocked), compareSites(a, b))
	})
	r.Caveats = d.caveats(r)
	return r
}

// byShift orders by the size of what changed.
func byShift(a, b report.Change) int { return cmp.Compare(math.Abs(b.Shift), math.Abs(a.Shift)) }

func compareSites(a, b report.SiteDiff) int {
	return comparePlaces(report.Place{Kind: a.Kind, Idle: a.Idle, Frame: frameOfDiff(a)}, report.Place{Kind: b.Kind, Idle: b.Idle, Frame: frameOfDiff(b)})
}

// frameOfDiff is the place of a site, as the new runs have it where they do.
func frameOfDiff(s report.SiteDiff) report.Frame {
	if s.New != nil {
		return *s.New
	}
	return *s.Old
}

// measures compares the numbers of the whole program.
func (d *differ) measures() []report.MeasureDiff {
	list := make([]report.MeasureDiff, 0, len(quantities))
	for _, q := range quantities {
		old, new := d.old.quantity(q), d.new.quantity(q)
		if len(old) == 0 || len(new) == 0 {
			continue
		}
		list = append(list, report.MeasureDiff{Name: q.name, Unit: d.unit(q)})
		m := &list[len(list)-1]
		d.compare(number{quantity: q.name, unit: m.Unit, old: old, new: new, change: &m.Change})
	}
	return list
}

// quantity returns the numbers of those runs that have one. That the wall time is of a
// run stays: divided by itself it would say nothing.
func (s *side) quantity(q quantity) []float64 {
	var values []float64
	for i := range s.runs {
		v := q.of(&s.runs[i])
		if q.work && q.name != wall.name {
			v /= s.units[i]
		}
		values = append(values, v)
	}
	return finite(values)
}

// sites compares all places that wait.
func (d *differ) sites(locks []lockPair) []report.SiteDiff {
	lockOf := make(map[int]int)
	for i, l := range locks {
		for _, p := range l.acquires {
			lockOf[p] = i
		}
	}
	list := make([]report.SiteDiff, 0, len(d.pairs))
	for i, p := range d.pairs {
		if !d.waits(p) {
			continue
		}
		lock, ok := lockOf[i]
		if !ok {
			lock = -1
		}
		list = append(list, d.site(p, lock))
		s := &list[len(list)-1]
		of := number{frames: framesOf(s), name: placeName(d.place(i))}
		for _, c := range []struct {
			quantity string
			unit     string
			pick     func([]report.Tally) []float64
			change   *report.Change
		}{{"blocked", "ns", blocked, &s.Blocked}, {"sched", "ns", sched, &s.Sched}, {"waits", "", waits, &s.Waits}} {
			n := of
			n.quantity, n.unit, n.change = c.quantity, c.unit+d.per(), c.change
			n.old, n.new = d.old.values(p.old, c.pick), d.new.values(p.new, c.pick)
			d.compare(n)
		}
	}
	return list
}

// compare tests a number, of which expressions may speak.
func (d *differ) compare(n number) {
	d.tests.compare(n.change, n.old, n.new)
	d.numbers = append(d.numbers, n)
}

// per is what the units of work end in.
func (d *differ) per() string {
	switch d.options.Per {
	case report.PerWall:
		return "/s"
	case report.PerOutcome:
		return "/outcome"
	}
	return ""
}

func (d *differ) unit(q quantity) string {
	if q.work && q.name != wall.name {
		return q.unit + d.per()
	}
	return q.unit
}

// framesOf returns the places of a site on both sides.
func framesOf(s *report.SiteDiff) (list []report.Frame) {
	for _, f := range []*report.Frame{s.Old, s.New} {
		if f != nil {
			list = append(list, *f)
		}
	}
	return list
}

// waits reports whether anything waits at a place.
func (d *differ) waits(p pair) bool {
	return p.old >= 0 && d.old.table.waits[p.old] != nil || p.new >= 0 && d.new.table.waits[p.new] != nil
}

func (d *differ) site(p pair, lock int) report.SiteDiff {
	s := report.SiteDiff{Match: p.match, Lock: lock}
	if p.old >= 0 {
		of := d.old.places[p.old]
		s.Kind, s.Idle, s.Old = of.Kind, of.Idle, &of.Frame
	}
	if p.new >= 0 {
		of := d.new.places[p.new]
		s.Kind, s.Idle, s.New = of.Kind, of.Idle, &of.Frame
	}
	return s
}

// needs is how many runs a side it takes for one test of so many to show anything.
func needs(tests int) int { return stats.Needed(level / float64(max(tests, 1))) }
