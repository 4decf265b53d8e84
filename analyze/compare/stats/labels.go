package stats

import (
	"math"
	"math/rand/v2"
)

// Within compares how far the runs of two groups are from one another: those before
// first, and those from there on.
type Within struct {
	Low, High float64 // the mean distances within the first group, and within the second; NaN for none
	Test
}

// CompareWithin tests whether two groups of runs differ in how far their runs are from
// one another, by a permutation test over which run is of which group (Fisher 1935): of
// all ways where there are few, else of some, with a seed.
func (d Distances) CompareWithin(first int) Within {
	in := make([]bool, len(d)) // the first group
	for i := range first {
		in[i] = true
	}
	low, high := d.within(in)
	w := Within{low, high, Test{1, 1}}
	observed := math.Abs(high - low)
	if math.IsNaN(observed) {
		return w
	}
	farther, all := 0, 0
	each := func() {
		a, b := d.within(in)
		if !(math.Abs(b-a) < observed-1e-12) { // NaN counts: nothing is known of it
			farther++
		}
		all++
	}
	const most = 20_000
	if ways := Choose(len(d), first); ways <= most {
		subsets(in, 0, first, each)
		w.P, w.MinP = float64(farther)/float64(all), 1/ways
		if 2*first == len(d) { // a deal and its reverse are the same
			w.MinP *= 2
		}
		return w
	}
	rng := rand.New(rand.NewPCG(7, 8))
	draws := max(999, min(9999, int(mostWork)/(len(d)*len(d))))
	for range draws {
		rng.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
		each()
	}
	w.P, w.MinP = float64(farther+1)/float64(all+1), 1/float64(all+1)
	return w
}

// within returns the mean distances of the runs that are in, and of the others.
func (d Distances) within(in []bool) (mean, others float64) {
	var sums [2]float64
	var n [2]int
	for i, row := range d {
		for j, v := range row {
			if in[i] != in[j] || math.IsNaN(v) {
				continue
			}
			k := 0
			if !in[i] {
				k = 1
			}
			sums[k] += v
			n[k]++
		}
	}
	return sums[0] / float64(n[0]), sums[1] / float64(n[1])
}

// subsets calls each for all ways to have n of those from i on in.
func subsets(in []bool, i, n int, each func()) {
	if i == len(in) {
		if n == 0 {
			each()
		}
		return
	}
	in[i] = n > 0
	if n > 0 {
		subsets(in, i+1, n-1, each)
	}
	in[i] = false
	if len(in)-i > n {
		subsets(in, i+1, n, each)
	}
}
