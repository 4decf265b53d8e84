package stats

import (
	"math"
	"slices"

	"github.com/aclements/go-moremath/stats"
)

// Test is a test of whether two samples are of one distribution.
type Test struct {
	P float64
	// MinP is the smallest P that samples of these sizes, with these ties, could
	// have had.
	MinP float64
}

// MannWhitney is the two-sided U test (Mann and Whitney 1947). Where all values are
// equal, or there are none, P is 1.
//
// It is exact, over all ways to deal the values, as long as that takes no more than
// about 0.1 s: up to 50 values a side, and far beyond where the most are equal, as
// zeros are. That of benchstat takes the wrong tail where values are equal and sizes
// differ, and the normal distribution above 25 values, which is no good approximation
// where few values are not zero.
func MannWhitney(a, b []float64) Test {
	t := tailsOf(a, b)
	return Test{P: min(1, 2*min(t.below, t.above)), MinP: min(1, 2*min(t.lowest, t.highest))}
}

// Above is the one-sided test: P is how likely b would lie as high above a by chance, or
// higher.
func Above(a, b []float64) Test {
	t := tailsOf(a, b)
	return Test{P: t.above, MinP: t.highest}
}

// tails are the probabilities that b has the rank sum that it has or a smaller one, or a
// larger one; and that it has the smallest there could be, and the largest.
type tails struct {
	below, above, lowest, highest float64
}

func tailsOf(a, b []float64) tails {
	if len(a) == 0 || len(b) == 0 {
		return tails{1, 1, 1, 1}
	}
	if len(a) < len(b) { // the same from the other side, which is less work
		t := tailsOf(b, a)
		return tails{t.above, t.below, t.highest, t.lowest}
	}
	ranks := newRanks(a, b)
	switch tied := len(ranks.groups) < ranks.all; {
	case len(ranks.groups) == 1:
		return tails{1, 1, 1, 1}
	case !tied && max(len(a), len(b)) <= stats.MannWhitneyExactLimit, ranks.work() > mostWork:
		return libraryTails(a, b)
	}
	return ranks.tails()
}

// libraryTails are exact for few values that all differ, and for many by the normal
// distribution, with corrections for ties and for continuity.
func libraryTails(a, b []float64) tails {
	all := slices.Sorted(slices.Values(slices.Concat(a, b)))
	n, m := len(a), len(b)
	return tails{
		below: less(b, a), above: less(a, b),
		lowest: less(all[:m], all[m:]), highest: less(all[:n], all[n:]),
	}
}

// less is how likely a lies as low in comparison to b, or lower.
func less(a, b []float64) float64 {
	r, err := stats.MannWhitneyUTest(a, b, stats.LocationLess)
	if err != nil || math.IsNaN(r.P) {
		return 1 // as benchstat takes it: no difference was shown
	}
	return r.P
}

// mostWork bounds the work of an exact test, in additions.
const mostWork = 5e7

// ranks are the values of two samples by what is equal.
type ranks struct {
	groups []group
	most   int // index of the largest group
	n      int // values of the second sample
	all    int // values
	sum    int // of the doubled ranks of the second sample
}

// group are values that are equal.
type group struct {
	size, doubled int // how many, and twice their mean rank
}

func newRanks(a, b []float64) *ranks {
	all := slices.Sorted(slices.Values(slices.Concat(a, b)))
	r := &ranks{n: len(b), all: len(all)}
	doubled := make(map[float64]int)
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j] == all[i] {
			j++
		}
		r.groups = append(r.groups, group{j - i, i + 1 + j})
		doubled[all[i]] = i + 1 + j
		if g := len(r.groups) - 1; r.groups[g].size > r.groups[r.most].size {
			r.most = g
		}
		i = j
	}
	for _, v := range b {
		r.sum += doubled[v]
	}
	return r
}

// extremes returns the smallest and the largest sum of doubled ranks of n values.
func (r *ranks) extremes() (low, high int) {
	left := r.n
	for _, g := range r.groups {
		k := min(left, g.size)
		low += k * g.doubled
		left -= k
	}
	left = r.n
	for _, g := range slices.Backward(r.groups) {
		k := min(left, g.size)
		high += k * g.doubled
		left -= k
	}
	return low, high
}

// chosen is how many values of the second sample can be outside of the largest group,
// and limit their largest sum of doubled ranks.
func (r *ranks) chosen() (n, limit int) {
	n = min(r.n, r.all-r.groups[r.most].size)
	_, high := r.extremes()
	return n, high
}

func (r *ranks) work() float64 {
	n, limit := r.chosen()
	return float64(r.all-r.groups[r.most].size) * float64(n) * float64(limit)
}

// ways counts the ways to take j values outside of the largest group with a sum of
// doubled ranks s: ways[j][s].
func (r *ranks) ways() [][]float64 {
	n, limit := r.chosen()
	ways := make([][]float64, n+1)
	for j := range ways {
		ways[j] = make([]float64, limit+1)
	}
	ways[0][0] = 1
	for i, g := range r.groups {
		if i != r.most {
			take(ways, g, limit)
		}
	}
	return ways
}

// take adds the ways that take values of a group, too.
func take(ways [][]float64, g group, limit int) {
	for j := len(ways) - 1; j > 0; j-- {
		for k := 1; k <= min(g.size, j); k++ {
			add := k * g.doubled
			if add > limit {
				break
			}
			c, to := Choose(g.size, k), ways[j][add:]
			for s, w := range ways[j-k][:len(to)] {
				to[s] += c * w
			}
		}
	}
}

// tails adds up the ways: what is not taken outside of the largest group is taken from
// that.
func (r *ranks) tails() (t tails) {
	low, high := r.extremes()
	all := Choose(r.all, r.n)
	for j, row := range r.ways() {
		k := r.n - j
		c := Choose(r.groups[r.most].size, k) / all
		for s, w := range row {
			p := c * w
			sum := s + k*r.groups[r.most].doubled
			if p == 0 {
				continue
			}
			if sum <= r.sum {
				t.below += p
			}
			if sum >= r.sum {
				t.above += p
			}
			if sum == low {
				t.lowest += p
			}
			if sum == high {
				t.highest += p
			}
		}
	}
	return t
}

// Choose is a binomial coefficient: the ways to take k of n.
func Choose(n, k int) float64 {
	if k < 0 || k > n {
		return 0
	}
	c := 1.0
	for i := range min(k, n-k) {
		c = c * float64(n-i) / float64(i+1)
	}
	return c
}
