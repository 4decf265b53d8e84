package compare

import (
	"math"

	"tracekit/analyze/report"
)

// run is a run with the places that it names.
type run struct {
	*report.Run
	places []report.Place
}

// quantity is a number of the whole program that each run has.
type quantity struct {
	name string
	unit string
	of   func(run) float64 // NaN where the run has none
	work bool              // it grows with the work that a run does
}

// quantities are those of the whole program, in the order in which they are shown.
var quantities = []quantity{
	{"wall", "ns", func(r run) float64 { return float64(r.WallNS) }, true},
	{"parallelism", "", func(r run) float64 { return r.Parallelism }, false},
	{"utilization", "", func(r run) float64 { return positive(r.Utilization) }, false},
	{"demand", "", func(r run) float64 { return r.Demand }, false},
	{"lock-wait", "ns", func(r run) float64 { return float64(r.lockWait().BlockedNS) }, true},
	{"blocked", "ns", func(r run) float64 { return float64(r.allWaits().BlockedNS) }, true},
	{"sched", "ns", func(r run) float64 { return float64(r.allWaits().SchedNS) }, true},
	{"waits", "", func(r run) float64 { return float64(r.allWaits().Waits) }, true},
	{"fifo", "", func(r run) float64 { return fifo(r.Locks...) }, false},
}

// positive returns x, NaN for 0, which stands for what is not known.
func positive(x float64) float64 {
	if x > 0 {
		return x
	}
	return math.NaN()
}

// lockWait adds up the waits for locks.
func (r run) lockWait() (sum report.Tally) {
	of := make(map[int]bool)
	for _, l := range r.Locks {
		for _, p := range l.Acquires {
			of[p] = true
		}
	}
	for _, w := range r.Waits {
		if of[w.Place] {
			sum.Add(w.Tally)
		}
	}
	return sum
}

// allWaits adds up all waits but those of workers for work.
func (r run) allWaits() (sum report.Tally) {
	for _, w := range r.Waits {
		if !r.places[w.Place].Idle {
			sum.Add(w.Tally)
		}
	}
	return sum
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
func (q quantity) values(runs []report.Run, places []report.Place) []float64 {
	var values []float64
	for i := range runs {
		if v := q.of(run{&runs[i], places}); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	return values
}

func measures(runs []report.Run, places []report.Place) []report.Measure {
	list := []report.Measure{}
	for _, q := range quantities {
		if values := q.values(runs, places); len(values) > 0 {
			list = append(list, report.Measure{Name: q.name, Unit: q.unit, Series: seriesOf(values)})
		}
	}
	return list
}
