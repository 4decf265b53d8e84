package stats

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// KarpFlatt returns the experimentally determined serial fraction of a program that
// runs speedup times as fast with factor times as many processors (Karp and Flatt
// 1990). factor is above 1.
func KarpFlatt(speedup, factor float64) float64 {
	return (1/speedup - 1/factor) / (1 - 1/factor)
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
// linear, by least squares of their relative errors. It needs four points, one more
// than it has parameters, and reports false with fewer.
func FitUSL(factors, times []float64) (USL, bool) {
	if len(factors) < 4 {
		return USL{}, false
	}
	terms := mat.NewDense(len(factors), 3, nil)
	ones := mat.NewVecDense(len(factors), nil)
	for i, n := range factors {
		y := times[i] * n // over times and factors, linear in n-1 and n (n-1)
		terms.SetRow(i, []float64{1 / y, (n - 1) / y, n * (n - 1) / y})
		ones.SetVec(i, 1)
	}
	var p mat.VecDense
	if err := p.SolveVec(terms, ones); err != nil {
		return USL{}, false
	}
	u := USL{Sigma: p.AtVec(1) / p.AtVec(0), Kappa: p.AtVec(2) / p.AtVec(0)}
	for i, n := range factors {
		law := p.AtVec(0) / n * (1 + u.Sigma*(n-1) + u.Kappa*n*(n-1))
		u.Residuals = append(u.Residuals, times[i]/law-1)
	}
	return u, !math.IsNaN(u.Sigma+u.Kappa) && !math.IsInf(u.Sigma+u.Kappa, 0)
}
