package stats

import (
	"fmt"
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

// TestAbove is one tail of the same.
func TestAbove(t *testing.T) {
	tests := []struct {
		a, b    []float64
		p, minP float64
	}{
		{[]float64{1, 2, 3}, []float64{4, 5, 6}, 1. / 20, 1. / 20},
		{[]float64{4, 5, 6}, []float64{1, 2, 3}, 1, 1. / 20},
		{[]float64{1, 2}, []float64{1, 2}, 5. / 6, 1. / 6}, // 1 1 2 2: of 6 deals, one has both 2 and four one of them
		{[]float64{0, 0, 0}, []float64{0, 0, 0}, 1, 1},
		{nil, []float64{1}, 1, 1},
	}
	for _, tt := range tests {
		if got := Above(tt.a, tt.b); !near(got.P, tt.p) || !near(got.MinP, tt.minP) {
			t.Errorf("%v, %v: %v, want %v, %v", tt.a, tt.b, got, tt.p, tt.minP)
		}
	}
}

// TestMostlyZeros has few values that are not 0, all on one side, of which the P is that
// of where they are dealt; far beyond 25 values.
func TestMostlyZeros(t *testing.T) {
	few := make([]float64, 10)
	few[0], few[1], few[2] = 1, 2, 3
	got := MannWhitney(make([]float64, 100), few)
	want := 2 * Choose(10, 3) / Choose(110, 3) // all three in the ten
	if !near(got.P, want) || !near(got.MinP, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestLargeSamples compares the exact test with the normal approximation, where that
// is a good one.
func TestLargeSamples(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	a, b := make([]float64, 45), make([]float64, 40)
	for i := range a {
		a[i] = float64(rng.IntN(30))
	}
	for i := range b {
		b[i] = float64(rng.IntN(30)) + 4
	}
	exact, normal := newRanks(a, b).tails(), libraryTails(a, b)
	if d := exact.above/normal.above - 1; d < -0.1 || d > 0.1 {
		t.Errorf("exact %v, approximated %v", exact, normal)
	}
	if sum := exact.below + exact.above; sum < 1 || sum > 1.2 {
		t.Errorf("the tails are %v", exact)
	}
}

func BenchmarkMannWhitney(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{10, 25, 50, 100} {
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i] = float64(rng.IntN(3*n)), float64(rng.IntN(3*n))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				MannWhitney(x, y)
			}
		})
	}
}

// TestLeast shifts samples by what Least says of others like them: about four times in
// five that is found, and half as much much less often.
func TestLeast(t *testing.T) {
	const draws, level = 300, 0.05
	rng := rand.New(rand.NewPCG(7, 8))
	draw := func(shift float64) []float64 {
		list := make([]float64, 12)
		for i := range list {
			list[i] = 100 + shift + 5*rng.NormFloat64()
		}
		return list
	}
	found := func(share float64) (n int) {
		for range draws {
			if MannWhitney(draw(0), draw(share*Least(draw(0), draw(0), level))).P <= level {
				n++
			}
		}
		return n
	}
	if n := found(1); n < draws*7/10 || n > draws*95/100 {
		t.Errorf("Least is found in %d of %d", n, draws)
	}
	if n := found(0.5); n > draws*5/10 {
		t.Errorf("half of it is found in %d of %d", n, draws)
	}
}
