package stats

import (
	"errors"
	"math"
	"slices"
	"sync"

	"github.com/aclements/go-moremath/stats"
	"golang.org/x/perf/benchmath"
)

// Summary is the median of a sample with its interval.
type Summary struct {
	Median float64
	// Low and High enclose the median of all runs there could be with at least the
	// probability asked for. They are infinite where there are too few values.
	Low, High float64
	Min, Max  float64
}

// Summarize returns the median of a sample that is not empty, with the interval
// that order statistics give.
func Summarize(values []float64, confidence float64) Summary {
	sorted := slices.Sorted(slices.Values(values))
	s := benchmath.AssumeNothing.Summary(&benchmath.Sample{Values: sorted}, confidence)
	return Summary{Median: s.Center, Low: s.Lo, High: s.Hi, Min: sorted[0], Max: sorted[len(sorted)-1]}
}

// Test is a test of whether two samples are of one distribution.
type Test struct {
	P float64 // two-sided
	// MinP is the smallest P that samples of these sizes, with these ties, could
	// have had.
	MinP float64
}

// MannWhitney is the U test, exact up to 50 values a side, and up to 25 where values
// are equal (Mann and Whitney 1947; Klotz 1966). Where all values are equal, or there
// are none, P is 1.
//
// It is that of benchstat, but for samples of unequal sizes with equal values: there
// the two tails of the distribution differ, and benchstat may take the wrong one.
func MannWhitney(a, b []float64) Test {
	all := slices.Sorted(slices.Values(slices.Concat(a, b)))
	n, m := len(a), len(b)
	return Test{
		P:    min(1, 2*min(lower(a, b), lower(b, a))),
		MinP: min(1, 2*min(lower(all[:n], all[n:]), lower(all[:m], all[m:]))),
	}
}

// lower returns how likely it is that a lies as low in comparison to b, or lower.
func lower(a, b []float64) float64 {
	r, err := stats.MannWhitneyUTest(a, b, stats.LocationLess)
	switch {
	case errors.Is(err, stats.ErrSamplesEqual), errors.Is(err, stats.ErrSampleSize):
		return 1
	case err != nil || math.IsNaN(r.P):
		return 1 // as benchstat takes it: no difference was shown
	}
	return r.P
}

// Shift is by how much one sample lies above another.
type Shift struct {
	Estimate float64
	// Low and High enclose it with the probability asked for; they are infinite
	// where there are too few values.
	Low, High float64
}

// HodgesLehmann returns the median of all differences between a value of b and one of
// a, with the interval that the U test leaves (Hodges and Lehmann 1963; Lehmann 1963).
// Neither sample is empty.
func HodgesLehmann(a, b []float64, confidence float64) Shift {
	d := differences(a, b)
	k := uQuantile(len(a), len(b), (1-confidence)/2)
	s := Shift{Estimate: middle(d), Low: math.Inf(-1), High: math.Inf(1)}
	if k > 0 {
		s.Low, s.High = d[k-1], d[len(d)-k]
	}
	return s
}

func differences(a, b []float64) []float64 {
	d := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			d = append(d, y-x)
		}
	}
	slices.Sort(d)
	return d
}

func middle(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// uQuantile returns the largest k such that fewer than k pairs of n×m are
// discordant with at most the probability p.
func uQuantile(n, m int, p float64) int {
	key := [3]float64{float64(n), float64(m), p}
	if k, ok := uQuantiles.Load(key); ok {
		return k.(int)
	}
	k := newUQuantile(n, m, p)
	uQuantiles.Store(key, k)
	return k
}

var uQuantiles sync.Map // computing one takes up to milliseconds, and a diff has hundreds

func newUQuantile(n, m int, p float64) int {
	nm := float64(n) * float64(m)
	if n > stats.MannWhitneyExactLimit || m > stats.MannWhitneyExactLimit {
		z := -stats.InvCDF(stats.StdNormal)(p)
		return max(0, int(nm/2-z*math.Sqrt(nm*float64(n+m+1)/12)))
	}
	dist := stats.UDist{N1: n, N2: m}
	low, high := 0, n*m/2
	for low < high { // the largest k with P(U <= k-1) <= p
		if k := (low + high + 1) / 2; dist.CDF(float64(k-1)) <= p {
			low = k
		} else {
			high = k - 1
		}
	}
	return low
}

// Least returns the smallest shift that samples like these could have shown at a
// level: as far as the interval reaches from its estimate. It is infinite where
// there are too few values.
func Least(a, b []float64, level float64) float64 {
	s := HodgesLehmann(a, b, 1-level)
	return max(s.High-s.Estimate, s.Estimate-s.Low)
}

// Needed returns how many values a side the U test needs to come to a P of at most
// level, where the samples do not overlap.
func Needed(level float64) int {
	n := 1
	for p := 1.0; p > level; n++ { // 2 / C(2n, n)
		p = 2 / math.Round(math.Exp(logChoose(2*n, n)))
		if p <= level {
			return n
		}
	}
	return n
}

func logChoose(n, k int) float64 {
	lgamma := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	return lgamma(n) - lgamma(k) - lgamma(n-k)
}

// SignTest returns the probability that as many as k of n values lie on one side of
// their median by chance, or more.
func SignTest(n, k int) float64 {
	if n == 0 {
		return 1
	}
	sum := 0.0
	for i := k; i <= n; i++ {
		sum += math.Exp(logChoose(n, i) - float64(n)*math.Ln2)
	}
	return min(sum, 1)
}
