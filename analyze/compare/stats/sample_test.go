package stats

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

// TestMannWhitneyByCounting compares with all ways to deal the values to the sides, of
// samples of any sizes with many equal values.
func TestMannWhitneyByCounting(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func(values int) []float64 {
		list := make([]float64, 1+rng.IntN(5))
		for i := range list {
			list[i] = float64(rng.IntN(values))
		}
		return list
	}
	for range 300 {
		values := 2 + rng.IntN(6)
		a, b := draw(values), draw(values)
		got := MannWhitney(a, b)
		p, least := deals(a, b)
		if !near(got.P, p) || !near(got.MinP, least) {
			t.Errorf("%v, %v: %v, counted %v and %v", a, b, got, p, least)
		}
	}
}

// deals returns the P of samples, and the least that any deal of the same values has.
func deals(a, b []float64) (p, least float64) {
	all := append(append([]float64{}, a...), b...)
	var us []float64
	for set := range uint(1) << len(all) {
		if bits.OnesCount(set) == len(a) {
			us = append(us, uOf(all, set))
		}
	}
	of := func(u float64) float64 {
		low, high := 0, 0
		for _, v := range us {
			if v <= u {
				low++
			}
			if v >= u {
				high++
			}
		}
		return min(1, 2*float64(min(low, high))/float64(len(us)))
	}
	least = 1
	for _, u := range us {
		least = min(least, of(u))
	}
	return of(uOf(all, 1<<len(a)-1)), least
}

// uOf is the U statistic of the values in a set.
func uOf(all []float64, set uint) (u float64) {
	for i, x := range all {
		for j, y := range all {
			if set>>i&1 == 0 || set>>j&1 == 1 {
				continue
			}
			if x > y {
				u++
			} else if x == y {
				u += 0.5
			}
		}
	}
	return u
}
