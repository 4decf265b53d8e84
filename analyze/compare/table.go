package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"tracekit/analyze/compare/stats"
	"tracekit/analyze/report"
)

// table holds the waits of runs by place.
type table struct {
	runs   []report.Run
	places []report.Place
	waits  [][]report.Tally // by place and run; nil for a place where nobody waits
	weight []int64          // by place: all that is blocked there, or charged to it
}

func newTable(runs []report.Run, places []report.Place) *table {
	t := &table{runs: runs, places: places, waits: make([][]report.Tally, len(places)), weight: make([]int64, len(places))}
	for i, r := range runs {
		for _, w := range r.Waits {
			if t.waits[w.Place] == nil {
				t.waits[w.Place] = make([]report.Tally, len(runs))
			}
			t.waits[w.Place][i].Add(w.Tally)
			t.weight[w.Place] += w.BlockedNS
		}
		for _, rel := range r.Releases {
			t.weight[rel.Place] += rel.BlameNS
		}
	}
	return t
}

// compare orders places by what is blocked there, or charged to them, then by their
// content.
func (t *table) compare(a, b int) int {
	return cmp.Or(cmp.Compare(t.weight[b], t.weight[a]), comparePlaces(t.places[a], t.places[b]))
}

func comparePlaces(a, b report.Place) int {
	return cmp.Or(strings.Compare(a.Func, b.Func), strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
		strings.Compare(a.Kind, b.Kind), strings.Compare(fmt.Sprint(a.Idle), fmt.Sprint(b.Idle)))
}

func (t *table) place(i int) report.Place { return t.places[i] }

// kindsOf returns the kinds of places, each once, sorted.
func kindsOf(list []int, place func(int) report.Place) (kinds []string) {
	for _, i := range list {
		kinds = append(kinds, place(i).Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// placeName names a place in a line.
func placeName(p report.Place) string {
	return fmt.Sprintf("%s:%d", p.Func[strings.LastIndexByte(p.Func, '/')+1:], p.Line)
}

// lockSum is a lock over all runs.
type lockSum struct {
	acquires, releases []int // places, the weightiest first
	tally              []report.Tally
	locks              [][]report.RunLock // by run: what of them are parts of it
}

// lockSums returns the locks by their blocked time.
func lockSums(t *table, of *components) []lockSum {
	byRoot := make(map[int]*lockSum)
	for i, r := range t.runs {
		for _, l := range r.Locks {
			root := of.root(l.Acquires[0])
			s := byRoot[root]
			if s == nil {
				s = &lockSum{locks: make([][]report.RunLock, len(t.runs))}
				byRoot[root] = s
			}
			s.acquires = append(s.acquires, l.Acquires...)
			s.releases = append(s.releases, l.Releases...)
			s.locks[i] = append(s.locks[i], l)
		}
	}
	var locks []lockSum
	for _, s := range byRoot {
		s.acquires, s.releases = sorted(s.acquires), append([]int{}, sorted(s.releases)...)
		slices.SortFunc(s.acquires, t.compare)
		slices.SortFunc(s.releases, t.compare)
		s.tally = t.sum(s.acquires...)
		locks = append(locks, *s)
	}
	slices.SortFunc(locks, func(a, b lockSum) int {
		return cmp.Or(cmp.Compare(total(blocked(b.tally)), total(blocked(a.tally))), comparePlaces(t.places[a.acquires[0]], t.places[b.acquires[0]]))
	})
	return locks
}

// fifos returns that of each run that has one.
func (l *lockSum) fifos() (values []float64) {
	for _, locks := range l.locks {
		if f := fifo(locks...); !math.IsNaN(f) {
			values = append(values, f)
		}
	}
	return values
}

// sum adds up the waits at places, by run.
func (t *table) sum(places ...int) []report.Tally {
	sum := make([]report.Tally, len(t.runs))
	for _, p := range places {
		for i, w := range t.waits[p] {
			sum[i].Add(w)
		}
	}
	return sum
}

// present counts the runs with any waits.
func present(list []report.Tally) (n int) {
	for _, t := range list {
		if t.Waits > 0 {
			n++
		}
	}
	return n
}

// blocked, sched and waits pick a number of each tally.
func blocked(list []report.Tally) []float64 {
	return pick(list, func(t report.Tally) int64 { return t.BlockedNS })
}

func sched(list []report.Tally) []float64 {
	return pick(list, func(t report.Tally) int64 { return t.SchedNS })
}

func waits(list []report.Tally) []float64 {
	return pick(list, func(t report.Tally) int64 { return t.Waits })
}

func pick(list []report.Tally, f func(report.Tally) int64) []float64 {
	out := make([]float64, len(list))
	for i, v := range list {
		out[i] = float64(f(v))
	}
	return out
}

func total(values []float64) (sum float64) {
	for _, v := range values {
		sum += v
	}
	return sum
}

// confidence is that of all intervals, and level that of all tests.
const (
	confidence = 0.95
	level      = 0.05
)

// seriesOf sums up values; of none, all is 0.
func seriesOf(values []float64) report.Series {
	if len(values) == 0 {
		return report.Series{}
	}
	s := stats.Summarize(values, confidence)
	return report.Series{N: len(values), Median: s.Median, Low: known(s.Low), High: known(s.High), Min: s.Min, Max: s.Max}
}

// known returns nil for what is infinite, or no number.
func known(x float64) *float64 {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return nil
	}
	return &x
}

// components are the locks of runs: sets of places that any run shows to be of one.
type components struct {
	parent []int
}

func newComponents(n int) *components {
	c := &components{parent: make([]int, n)}
	for i := range c.parent {
		c.parent[i] = i
	}
	return c
}

// locksOf returns the locks of runs.
func locksOf(runs []report.Run, places int) *components {
	c := newComponents(places)
	for i := range runs {
		for j := range runs[i].Locks {
			l := &runs[i].Locks[j]
			c.join(slices.Concat(l.Acquires, l.Releases))
		}
	}
	return c
}

func (c *components) join(places []int) {
	for _, p := range places[1:] {
		c.parent[c.root(p)] = c.root(places[0])
	}
}

func (c *components) root(p int) int {
	for c.parent[p] != p {
		c.parent[p] = c.parent[c.parent[p]]
		p = c.parent[p]
	}
	return p
}
