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
	return s, append(noFractions(s), fitUSL(s)...)
}

// noFractions says why a step has no serial fraction.
func noFractions(s *report.Scaling) []report.Caveat {
	for _, step := range s.Steps[1:] {
		if step.SerialFraction == nil {
			return []report.Caveat{{
				Code: "no-serial-fraction", About: "scaling",
				Text: "a serial fraction is missing where the program got slower with more processors, or faster than they are more: that is no share of its work",
			}}
		}
	}
	return nil
}

func step(runs []report.Run, base, procs int) report.Step {
	first, of := withProcs(runs, base), withProcs(runs, procs)
	lockWaits := make([]float64, len(of))
	parallelism := make([]float64, len(of))
	for i := range of {
		lockWaits[i], parallelism[i] = float64(of[i].LockWait.BlockedNS), of[i].Parallelism
	}
	s := report.Step{GOMAXPROCS: procs, Wall: seriesOf(wall.values(of)), Parallelism: seriesOf(parallelism), LockWait: seriesOf(lockWaits)}
	if s.Wall.Median == 0 {
		return s
	}
	factor := float64(procs) / float64(base)
	s.Speedup = seriesOf(wall.values(first)).Median / s.Wall.Median
	if procs == base {
		s.Efficiency = s.Speedup
		return s
	}
	if ratios := byRound(first, of); len(ratios) > 0 { // what drifts touches both runs of a round
		r := seriesOf(ratios)
		s.Speedup, s.Low, s.High = r.Median, r.Low, r.High
	}
	s.Efficiency = s.Speedup / factor
	s.SerialFraction = serialFraction(s, factor, float64(base))
	return s
}

// serialFraction is that of a step; nil where the program got faster than its
// processors are more, or slower. A little slower, as may be by chance, is no faster.
func serialFraction(s report.Step, factor, base float64) *float64 {
	const little = 0.8
	e := stats.KarpFlatt(s.Speedup, factor, base)
	chance := s.High != nil && *s.High >= 1 || s.High == nil && s.Speedup >= little
	switch {
	case e > 1 && s.Speedup <= 1 && chance:
		e = 1
	case e < 0 || e > 1 || s.Speedup < 1:
		return nil
	}
	return &e
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
	case !ok:
		return noUSL("the times do not determine it", "more runs")
	case worst > maxResidual:
		return noUSL(fmt.Sprintf("a point lies %.0f %% beside it", 100*worst), "more runs; a program whose work is not the same with each setting does not follow it")
	}
	s.USL = &report.USL{Sigma: u.Sigma, Kappa: u.Kappa, Residuals: u.Residuals}
	if len(factors) > 4 {
		return nil
	}
	return []report.Caveat{{
		Code: "few-settings", About: "scaling",
		Text:   "the Universal Scalability Law has three parameters, and there are four settings: that it fits says little",
		Remedy: "record with more settings",
	}}
}

func noUSL(why, remedy string) []report.Caveat {
	return []report.Caveat{{
		Code: "no-usl", About: "scaling",
		Text:   "the Universal Scalability Law is not fitted: " + why,
		Remedy: remedy,
	}}
}
