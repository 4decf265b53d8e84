package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestDistances(t *testing.T) {
	d := Orders{{1, 2, 3}, {1, 3, 2}, {3, 2, 1}, {1, Missing, Missing}}.Distances()
	// 1/3, 1, 2/3; the last one has too little in common with any.
	if got := d.Mean(); !near(got, 2./3) {
		t.Errorf("mean %v", got)
	}
	if !math.IsNaN(d.at(0, 3)) || !near(d.at(0, 1), 1./3) || d.at(2, 0) != 1 {
		t.Errorf("distances %v", d)
	}
	low, high := d.Bootstrap(0.95)
	if !(low <= 2./3 && 2./3 <= high && 0 < low && high <= 1) {
		t.Errorf("interval %v to %v", low, high)
	}
	if low, high := (Orders{{1, 2}}).Distances().Bootstrap(0.95); !math.IsNaN(low) || !math.IsNaN(high) {
		t.Errorf("one run has an interval: %v to %v", low, high)
	}
}

// TestPermutationP has the P of few items and runs, which can be counted: with two
// items, n runs that agree are 2 of 2^n ways; with three, n runs are 6 of 6^n, and
// the smaller of two P counts twice.
func TestPermutationP(t *testing.T) {
	repeat := func(n int, order ...float64) (o Orders) {
		for range n {
			o = append(o, order)
		}
		return o
	}
	tests := []struct {
		name string
		o    Orders
		want float64
	}{
		{"two items, five runs", repeat(5, 1, 2), 1. / 16},
		{"two items, three runs", repeat(3, 1, 2), 1. / 4},
		{"three items, three runs", repeat(3, 1, 2, 3), 2. / 36},
		{"nothing to compare", repeat(3, 1), 1},
		// The mean distance is 2/3 or less in all ways but none.
		{"two items that differ", Orders{{1, 2}, {2, 1}, {1, 2}}, 1},
	}
	for _, tt := range tests {
		if got := tt.o.PermutationP(); math.Abs(got-tt.want) > 0.04 {
			t.Errorf("%s: P %v, want about %v", tt.name, got, tt.want)
		}
	}
	// An order and its reverse are no closer on the average than random ones, but
	// more uneven.
	o := append(repeat(4, 1, 2, 3, 4, 5, 6), repeat(4, 6, 5, 4, 3, 2, 1)...)
	if got := o.PermutationP(); got > 0.01 {
		t.Errorf("an order and its reverse: P %v", got)
	}
}

// TestPairingP has three runs, each in the order of its own arrivals, which are
// different: of the 6 ways to pair them, only the right one agrees.
func TestPairingP(t *testing.T) {
	arrivals := Orders{{1, 2, 3}, {3, 1, 2}, {2, 3, 1}}
	if got := arrivals.PairingP(arrivals); math.Abs(got-1./6) > 0.02 {
		t.Errorf("P %v, want about 1/6", got)
	}
	same := Orders{{1, 2, 3}, {1, 2, 3}, {1, 2, 3}}
	if got := arrivals.PairingP(same); got != 1 {
		t.Errorf("arrivals that do not vary: P %v", got)
	}
}

// TestRandomNeeds has every other run in one order, and the others in any.
func TestRandomNeeds(t *testing.T) {
	const draws = 60
	for _, items := range []int{2, 3, 8} {
		noticed := 0
		for seed := range uint64(draws) {
			rng := rand.New(rand.NewPCG(seed, 5))
			var o Orders
			for run := range RandomNeeds(items) {
				order := make([]float64, items)
				for i := range order {
					order[i] = float64(i)
				}
				if run%2 == 1 {
					rng.Shuffle(items, func(a, b int) { order[a], order[b] = order[b], order[a] })
				}
				o = append(o, order)
			}
			if o.PermutationP() <= 0.05 {
				noticed++
			}
		}
		if noticed < draws*7/10 {
			t.Errorf("%d items: noticed in %d of %d", items, noticed, draws)
		}
	}
}

func BenchmarkPermutationP(b *testing.B) {
	var o Orders
	for range 100 {
		order := make([]float64, 100)
		for i := range order {
			order[i] = float64(i)
		}
		o = append(o, order)
	}
	for b.Loop() {
		o.PermutationP()
	}
}
