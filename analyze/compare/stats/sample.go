package stats

import (
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

// Least returns the smallest shift that samples like these show at a level in about four
// cases of five: how far the interval reaches from its estimate, and as much more as it
// takes not to fall short half of the time, where estimates are distributed normally. It
// is infinite where there are too few values.
func Least(a, b []float64, level float64) float64 {
	s := HodgesLehmann(a, b, 1-level)
	const power = 0.8
	reach, more := stats.InvCDF(stats.StdNormal)(1-level/2), stats.InvCDF(stats.StdNormal)(power)
	return max(s.High-s.Estimate, s.Estimate-s.Low) * (1 + more/reach)
}

// Needed returns how many values a side the two-sided U test needs to come to a P of at
// most level, where the samples do not overlap.
func Needed(level float64) int {
	n := 1
	for 2/Choose(2*n, n) > level {
		n++
	}
	return n
}

// SignTest returns the probability that as many as k of n values lie on one side of
// their median by chance, or more.
func SignTest(n, k int) float64 {
	if n == 0 {
		return 1
	}
	sum := 0.0
	for i := k; i <= n; i++ {
		sum += Choose(n, i) * math.Pow(2, -float64(n))
	}
	return min(sum, 1)
}
