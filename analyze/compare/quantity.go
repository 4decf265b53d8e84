package compare

import (
	"math"

	"tracekit/analyze/report"
)

// quantity is a number of the whole program that each run has.
type quantity struct {
	name string
	unit string
	of   func(*report.Run) float64 // NaN where the run has none
	work bool                      // it grows with the work that a run does
}

// wall is the wall time.
var wall = quantity{"wall", "ns", func(r *report.Run) float64 { return float64(r.WallNS) }, true}

// quantities are those of the whole program, in the order in which they are shown.
var quantities = []quantity{
	wall,
	{"parallelism", "", func(r *report.Run) float64 { return r.Parallelism }, false},
	{"utilization", "", func(r *report.Run) float64 { return orNaN(positive(r.Utilization)) }, false},
	{"demand", "", func(r *report.Run) float64 { return r.Demand }, false},
	{"lock-wait", "ns", func(r *report.Run) float64 { return float64(r.LockWait.BlockedNS) }, true},
	{"blocked", "ns", func(r *report.Run) float64 { return float64(r.AllWaits.BlockedNS) }, true},
	{"sched", "ns", func(r *report.Run) float64 { return float64(r.AllWaits.SchedNS) }, true},
	{"waits", "", func(r *report.Run) float64 { return float64(r.AllWaits.Waits) }, true},
	{"fifo", "", func(r *report.Run) float64 { return orNaN(r.Fifo) }, false},
	{"path", "ns", ofPath(func(p *report.RunPath) float64 { return float64(p.PathNS) }), true},
	{"span", "ns", ofPath(func(p *report.RunPath) float64 { return float64(p.SpanNS) }), true},
	{"path-parallelism", "", ofPath(func(p *report.RunPath) float64 { return float64(p.WorkNS) / float64(p.SpanNS) }), false},
}

// ofPath makes a number of a critical path one of a run, which may have none.
func ofPath(of func(*report.RunPath) float64) func(*report.Run) float64 {
	return func(r *report.Run) float64 {
		if r.Critpath == nil {
			return math.NaN()
		}
		return orNaN(known(of(r.Critpath)))
	}
}

// positive returns nil for 0, which stands for what is not known, and for what is
// infinite.
func positive(x float64) *float64 {
	if x > 0 {
		return known(x)
	}
	return nil
}

// orNaN returns what a pointer points to, NaN for nil.
func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

// addUp fills in the sums of a run.
func addUp(r *report.Run, places []report.Place) {
	of := make(map[int]bool)
	for _, l := range r.Locks {
		for _, p := range l.Acquires {
			of[p] = true
		}
	}
	r.LockWait, r.AllWaits = report.Tally{}, report.Tally{}
	for _, w := range r.Waits {
		if of[w.Place] {
			r.LockWait.Add(w.Tally)
		}
		if !places[w.Place].Idle {
			r.AllWaits.Add(w.Tally)
		}
	}
	r.Fifo = known(fifo(r.Locks...))
}

// fifo is that of several locks together, NaN where no two waited at once.
func fifo(locks ...report.RunLock) float64 {
	var pairs, overtaken int64
	for _, l := range locks {
		pairs += l.Pairs
		overtaken += l.Overtaken
	}
	if pairs == 0 {
		return math.NaN()
	}
	return 1 - float64(overtaken)/float64(pairs)
}

// values returns the numbers of those runs that have one.
func (q quantity) values(runs []report.Run) []float64 {
	var values []float64
	for i := range runs {
		values = append(values, q.of(&runs[i]))
	}
	return finite(values)
}

func measures(runs []report.Run) []report.Measure {
	list := []report.Measure{}
	for _, q := range quantities {
		if values := q.values(runs); len(values) > 0 {
			list = append(list, report.Measure{Name: q.name, Unit: q.unit, Series: seriesOf(values)})
		}
	}
	return list
}
