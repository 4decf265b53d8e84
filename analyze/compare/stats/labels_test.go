package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestCompareWithin has three runs in one order, and three in any: of the C(6,3) = 20
// deals, two leave the first three together.
func TestCompareWithin(t *testing.T) {
	o := Orders{{1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}, {4, 1, 2, 3}, {2, 4, 1, 3}, {3, 4, 2, 1}}
	w := o.Distances().CompareWithin(3)
	if w.Low != 0 || w.High <= 0.3 || !near(w.P, 2./20) || !near(w.MinP, 2./20) {
		t.Errorf("%+v", w)
	}
	if w := o[:5].Distances().CompareWithin(3); !near(w.MinP, 1./10) {
		t.Errorf("of unequal sizes: %+v", w)
	}
	if w := o[:4].Distances().CompareWithin(3); w.P != 1 || !math.IsNaN(w.High) {
		t.Errorf("of a single run: %+v", w)
	}
}

// TestCompareWithinLevel draws groups that do not differ, and such that do.
func TestCompareWithinLevel(t *testing.T) {
	const draws = 100
	for share, most := range map[float64][2]int{1: {0, draws / 10}, 0.3: {draws * 6 / 10, draws}} {
		found := 0
		for seed := range uint64(draws) {
			rng := rand.New(rand.NewPCG(seed, 9))
			var o Orders
			for i := range 20 {
				order := []float64{0, 1, 2, 3, 4, 5}
				if i >= 10 || rng.Float64() < share {
					rng.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
				}
				o = append(o, order)
			}
			if o.Distances().CompareWithin(10).P <= 0.05 {
				found++
			}
		}
		if found < most[0] || found > most[1] {
			t.Errorf("where %v of the old orders are random: found in %d of %d", share, found, draws)
		}
	}
}
