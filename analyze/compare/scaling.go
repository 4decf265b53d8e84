package compare

import (
	"fmt"
	"math"

	"tracekit/analyze/compare/stats"
	"tracekit/analyze/report"
)

// maxResidual is how far from the law a point may lie for the law to be told.
const maxResidual = 0.1

// scalingOf compares the runs of each GOMAXPROCS with those of the smallest one; nil
// where there is only one. The caveats are those on the fit.
func scalingOf(runs []report.Run) (*report.Scaling, []report.Caveat) {
	procs := procsOf(runs)
	if len(procs) > 0 && procs[0] == 0 { // not known
		procs = procs[1:]
	}
	if len(procs) < 2 {
		return nil, nil
	}
	s := &report.Scaling{}
	for _, n := range procs {
		s.Steps = append(s.Steps, step(runs, procs[0], n))
	}
	return s, fitUSL(s)
}

func step(runs []report.Run, base, procs int) report.Step {
	first, of := withProcs(runs, base), withProcs(runs, procs)
	walls := func(runs []report.Run) []float64 { return quantities[0].values(runs) }
	lockWaits := make([]float64, len(of))
	parallelism := make([]float64, len(of))
	for i := range of {
		lockWaits[i], parallelism[i] = float64(of[i].LockWait.BlockedNS), of[i].Parallelism
	}
	s := report.Step{GOMAXPROCS: procs, Wall: seriesOf(walls(of)), Parallelism: seriesOf(parallelism), LockWait: seriesOf(lockWaits)}
	if s.Wall.Median == 0 {
		return s
	}
	factor := float64(procs) / float64(base)
	s.Speedup = seriesOf(walls(first)).Median / s.Wall.Median
	s.Efficiency = s.Speedup / factor
	if procs == base {
		return s
	}
	if ratios := byRound(first, of); len(ratios) > 0 {
		r := seriesOf(ratios)
		s.Low, s.High = r.Low, r.High
	}
	e := stats.KarpFlatt(s.Speedup, factor)
	s.SerialFraction = known(e)
	return s
}

func withProcs(runs []report.Run, procs int) (list []report.Run) {
	for _, r := range runs {
		if r.GOMAXPROCS == procs {
			list = append(list, r)
		}
	}
	return list
}

// byRound returns how many times as long the first run of each round took as the
// other one: rounds are what a recording makes one run of each setting in.
func byRound(first, other []report.Run) (ratios []float64) {
	type round struct{ source, number int }
	walls := make(map[round]float64)
	for _, r := range first {
		walls[round{r.Source, r.Number}] = float64(r.WallNS)
	}
	for _, r := range other {
		if wall := walls[round{r.Source, r.Number}]; wall > 0 && r.WallNS > 0 {
			ratios = append(ratios, wall/float64(r.WallNS))
		}
	}
	return ratios
}

// fitUSL fits the Universal Scalability Law, or says why not.
func fitUSL(s *report.Scaling) []report.Caveat {
	var factors, times []float64
	for _, step := range s.Steps {
		if step.Wall.Median > 0 {
			factors = append(factors, float64(step.GOMAXPROCS)/float64(s.Steps[0].GOMAXPROCS))
			times = append(times, step.Wall.Median/s.Steps[0].Wall.Median)
		}
	}
	u, ok := stats.FitUSL(factors, times)
	worst := 0.0
	for _, r := range u.Residuals {
		worst = max(worst, math.Abs(r))
	}
	switch {
	case len(factors) < 4:
		return noUSL(fmt.Sprintf("it has three parameters, and there are %d settings", len(factors)), "record with at least four: --procs 1,2,4,8")
	case !ok || u.Sigma < 0 || u.Kappa < 0:
		return noUSL("it would have a negative share of contention or of coherency: the program speeds up by more than its processors, or the times vary too much", "more runs")
	case worst > maxResidual:
		return noUSL(fmt.Sprintf("a point lies %.0f %% beside it", 100*worst), "more runs; a program whose work is not the same with each setting does not follow it")
	}
	s.USL = &report.USL{Sigma: u.Sigma, Kappa: u.Kappa, Residuals: u.Residuals}
	return nil
}

func noUSL(why, remedy string) []report.Caveat {
	return []report.Caveat{{
		Code: "no-usl", About: "scaling",
		Text:   "the Universal Scalability Law is not fitted: " + why,
		Remedy: remedy,
	}}
}
