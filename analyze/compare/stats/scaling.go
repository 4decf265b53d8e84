package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// KarpFlatt returns the experimentally determined serial fraction (Karp and Flatt 1990)
// of a program that runs speedup times as fast with factor times the processors it has
// on base of them: of its time with one processor, what is done by one alone, if the
// rest is shared evenly. factor is above 1.
func KarpFlatt(speedup, factor, base float64) float64 {
	e := (1/speedup - 1/factor) / (1 - 1/factor) // of its time on base
	return e / (base - e*(base-1))
}

// USL is the Universal Scalability Law (Gunther 1993), fitted: with n times the
// processors, a program is
//
//	n / (1 + Sigma (n-1) + Kappa n (n-1))
//
// times as fast.
type USL struct {
	Sigma     float64   // the share of contention
	Kappa     float64   // the share of coherency: work that grows with each pair
	Residuals []float64 // of each point: its time over that of the law, less 1
}

// FitUSL fits the law to points: the time of the program with each number of
// processors, relative to the smallest of them. It fits the times, in which the law is
// linear, by least squares of their relative errors, with neither share below 0: where
// the best fit would have one, that is 0 (Lawson and Hanson 1974). It needs four points,
// one more than it has parameters, and reports false with fewer.
func FitUSL(factors, times []float64) (best USL, ok bool) {
	if len(slices.Compact(slices.Sorted(slices.Values(factors)))) < 4 {
		return best, false
	}
	least := math.Inf(1)
	for _, with := range []shares{{true, true}, {contention: true}, {coherency: true}, {}} {
		u, fits := fit(factors, times, with)
		sum := 0.0
		for _, r := range u.Residuals {
			sum += r * r
		}
		if fits && u.Sigma >= 0 && u.Kappa >= 0 && sum < least {
			best, least, ok = u, sum, true
		}
	}
	return best, ok
}

// shares says which of the shares of the law may be other than 0.
type shares struct {
	contention, coherency bool
}

// terms are those of the law, for n times the processors.
func (s shares) terms(n float64) []float64 {
	terms := []float64{1}
	if s.contention {
		terms = append(terms, n-1)
	}
	if s.coherency {
		terms = append(terms, n*(n-1))
	}
	return terms
}

// fit fits the law with some of its shares.
func fit(factors, times []float64, with shares) (u USL, ok bool) {
	terms := mat.NewDense(len(factors), len(with.terms(1)), nil)
	ones := mat.NewVecDense(len(factors), nil)
	for i, n := range factors {
		row := with.terms(n)
		for k := range row {
			row[k] /= times[i] * n // over times and factors, linear in the terms
		}
		terms.SetRow(i, row)
		ones.SetVec(i, 1)
	}
	var p mat.VecDense
	if err := p.SolveVec(terms, ones); err != nil || p.AtVec(0) <= 0 {
		return u, false
	}
	if with.contention {
		u.Sigma = p.AtVec(1) / p.AtVec(0)
	}
	if with.coherency {
		u.Kappa = p.AtVec(p.Len()-1) / p.AtVec(0)
	}
	for i, n := range factors {
		law := p.AtVec(0) / n * (1 + u.Sigma*(n-1) + u.Kappa*n*(n-1))
		u.Residuals = append(u.Residuals, times[i]/law-1)
	}
	return u, !math.IsNaN(u.Sigma+u.Kappa) && !math.IsInf(u.Sigma+u.Kappa, 0)
}
