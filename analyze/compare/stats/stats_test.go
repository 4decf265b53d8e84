package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
)

func near(a, b float64) bool { return a == b || math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

func TestKendallDistance(t *testing.T) {
	x := Missing
	tests := []struct {
		name string
		a, b []float64
		want float64
		ok   bool
	}{
		{"same", []float64{1, 2, 3, 4}, []float64{10, 20, 30, 40}, 0, true},
		{"reversed", []float64{1, 2, 3, 4}, []float64{4, 3, 2, 1}, 1, true},
		// 1 of 6 pairs.
		{"one swap", []float64{1, 2, 3, 4}, []float64{2, 1, 3, 4}, 1. / 6, true},
		// The first comes last: 3 of 6 pairs.
		{"moved", []float64{1, 2, 3, 4}, []float64{4, 1, 2, 3}, 0.5, true},
		// Items 0 and 3 remain, in opposite order.
		{"missing", []float64{1, x, 3, 4}, []float64{4, 1, x, 3}, 1, true},
		{"one item", []float64{1, x}, []float64{1, 2}, 0, false},
		{"nothing", nil, nil, 0, false},
		// tau-b: of 3 pairs one is tied in a; 2 are concordant: 2 / sqrt(2*3).
		{"tie", []float64{1, 1, 2}, []float64{1, 2, 3}, (1 - 2/math.Sqrt(6)) / 2, true},
		// Both tie the same pair: 2 of 2 that are left are concordant.
		{"tie in both", []float64{1, 1, 2}, []float64{5, 5, 6}, 0, true},
		{"all tied", []float64{1, 1, 1}, []float64{1, 2, 3}, 0, false},
	}
	for _, tt := range tests {
		for _, swap := range []bool{false, true} { // a distance is the same both ways
			a, b := tt.a, tt.b
			if swap {
				a, b = b, a
			}
			if got, ok := KendallDistance(a, b); !near(got, tt.want) || ok != tt.ok {
				t.Errorf("%s: %v %v, want %v %v", tt.name, got, ok, tt.want, tt.ok)
			}
		}
	}
}

// TestKendallByGonum compares with an implementation that counts each pair.
func TestKendallByGonum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		n := 2 + rng.IntN(60)
		a, b := make([]float64, n), make([]float64, n)
		for i, p := range rng.Perm(n) {
			a[i], b[i] = float64(i), float64(p)
		}
		want := (1 - stat.Kendall(a, b, nil)) / 2
		if got, ok := KendallDistance(a, b); !ok || !near(got, want) {
			t.Fatalf("%v and %v: %v, gonum says %v", a, b, got, want)
		}
	}
}

// TestTiesByCounting compares tau-b with its definition, over rankings with many ties
// and gaps.
func TestTiesByCounting(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 500 {
		n := 2 + rng.IntN(30)
		a, b := make([]float64, n), make([]float64, n)
		for i := range n {
			a[i], b[i] = float64(rng.IntN(6)), float64(rng.IntN(6))
			if rng.IntN(8) == 0 {
				a[i] = Missing
			}
		}
		want, wantOK := tauB(a, b)
		if got, ok := KendallDistance(a, b); ok != wantOK || ok && !near(got, want) {
			t.Fatalf("%v and %v: %v %v, want %v %v", a, b, got, ok, want, wantOK)
		}
	}
}

func tauB(a, b []float64) (float64, bool) {
	var s, na, nb float64
	for i := range a {
		for j := range i {
			if math.IsNaN(a[i] + a[j] + b[i] + b[j]) {
				continue
			}
			x, y := sign(a[i]-a[j]), sign(b[i]-b[j])
			s += x * y
			na += x * x
			nb += y * y
		}
	}
	return (1 - s/math.Sqrt(na*nb)) / 2, na > 0 && nb > 0
}

func sign(x float64) float64 {
	if x == 0 {
		return 0
	}
	return math.Copysign(1, x)
}

func TestJaccard(t *testing.T) {
	x := Missing
	for _, tt := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2, x}, []float64{x, 1, 2}, 1. / 3},
		{[]float64{1, 2}, []float64{2, 1}, 1},
		{[]float64{1, x}, []float64{x, 1}, 0},
		{[]float64{x}, []float64{x}, 1},
	} {
		if got := Jaccard(tt.a, tt.b); got != tt.want {
			t.Errorf("%v and %v: %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestEntropy(t *testing.T) {
	for _, tt := range []struct {
		counts []int
		want   float64
	}{
		{nil, 0},
		{[]int{7}, 0},
		{[]int{3, 3}, 1},
		{[]int{2, 1, 1}, 1.5}, // 1/2 log 2 + 2 * 1/4 log 4
		{[]int{5, 5, 5, 5, 0}, 2},
	} {
		if got := Entropy(tt.counts); !near(got, tt.want) {
			t.Errorf("%v: %v bits, want %v", tt.counts, got, tt.want)
		}
		sum := 0
		for _, n := range tt.counts {
			sum += n
		}
		var p []float64
		for _, n := range tt.counts {
			p = append(p, float64(n)/float64(sum))
		}
		if got := stat.Entropy(p) / math.Ln2; sum > 0 && !near(got, tt.want) {
			t.Errorf("%v: gonum says %v bits", tt.counts, got)
		}
	}
}

// TestMannWhitney has the P of small samples by hand: of the C(6,3) = 20 ways to
// divide six values, 2 are as far apart as 1 2 3 from 4 5 6.
func TestMannWhitney(t *testing.T) {
	tests := []struct {
		a, b    []float64
		p, minP float64
	}{
		{[]float64{1, 2, 3}, []float64{4, 5, 6}, 0.1, 0.1},
		{[]float64{4, 5, 6}, []float64{1, 2, 3}, 0.1, 0.1},
		// U is 1 or less in 2 of 20, on either side.
		{[]float64{1, 2, 4}, []float64{3, 5, 6}, 0.2, 0.1},
		{[]float64{1, 2, 3, 4}, []float64{5, 6, 7, 8}, 2. / 70, 2. / 70},
		{[]float64{0, 0, 0}, []float64{0, 0, 0}, 1, 1},
		{nil, []float64{1}, 1, 1},
		{[]float64{1}, []float64{2}, 1, 1},
		// The five zeros tie: of the 6 places of the 7, 3 are on either side.
		{[]float64{0, 0, 0}, []float64{0, 0, 7}, 1, 1},
	}
	for _, tt := range tests {
		if got := MannWhitney(tt.a, tt.b); !near(got.P, tt.p) || !near(got.MinP, tt.minP) {
			t.Errorf("%v and %v: %+v, want P %v, at least %v", tt.a, tt.b, got, tt.p, tt.minP)
		}
	}
}

func TestHodgesLehmann(t *testing.T) {
	a, b := []float64{1, 2, 3, 4}, []float64{11, 12, 13, 14}
	// The sixteen differences are 7, 8 8, 9 9 9, 10 10 10 10, …; with 4 and 4 values,
	// P(U <= 0) = 1/70 each side, P(U <= 1) = 2/70: at 95 %, one is left out.
	s := HodgesLehmann(a, b, 0.95)
	if s.Estimate != 10 || s.Low != 7 || s.High != 13 {
		t.Errorf("shift %+v", s)
	}
	// At 94 %, 2/70 are allowed each side.
	if s := HodgesLehmann(a, b, 0.94); s.Low != 8 || s.High != 12 {
		t.Errorf("at 94 %%: %+v", s)
	}
	if s := HodgesLehmann(a[:3], b[:3], 0.95); !math.IsInf(s.Low, -1) || !math.IsInf(s.High, 1) {
		t.Errorf("three a side have an interval: %+v", s)
	}
}

// TestShiftCovers draws samples that are shifted by a known amount: the interval has
// it as often as it promises, with exact and with approximate quantiles.
func TestShiftCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, n := range []int{5, 10, 60} {
		covered, draws := 0, 400
		for range draws {
			a, b := make([]float64, n), make([]float64, n)
			for i := range n {
				a[i], b[i] = math.Exp(rng.NormFloat64()), math.Exp(rng.NormFloat64())+5
			}
			if s := HodgesLehmann(a, b, 0.95); s.Low <= 5 && 5 <= s.High {
				covered++
			}
		}
		if share := float64(covered) / float64(draws); share < 0.92 {
			t.Errorf("%d a side: %.3f of the intervals have the shift", n, share)
		}
	}
}

func TestSummarize(t *testing.T) {
	// Of six values, all of them enclose the median with 1 - 2/64 = 0.969.
	s := Summarize([]float64{6, 1, 5, 2, 4, 3}, 0.95)
	if s != (Summary{Median: 3.5, Low: 1, High: 6, Min: 1, Max: 6}) {
		t.Errorf("%+v", s)
	}
	if s := Summarize([]float64{3, 1, 2}, 0.95); s.Median != 2 || !math.IsInf(s.Low, -1) {
		t.Errorf("%+v", s)
	}
}

func TestNeeded(t *testing.T) {
	for _, tt := range []struct {
		level float64
		want  int
	}{{0.5, 2}, {0.1, 3}, {0.05, 4}, {0.005, 6}} {
		if got := Needed(tt.level); got != tt.want {
			t.Errorf("P of %v needs %d a side, want %d", tt.level, got, tt.want)
		}
	}
}

func TestSignTest(t *testing.T) {
	for _, tt := range []struct {
		n, k int
		want float64
	}{{5, 5, 1. / 32}, {5, 4, 6. / 32}, {3, 0, 1}, {0, 0, 1}} {
		if got := SignTest(tt.n, tt.k); !near(got, tt.want) {
			t.Errorf("%d of %d: %v, want %v", tt.k, tt.n, got, tt.want)
		}
	}
}

// TestCorrections has the example of Benjamini and Hochberg (1995), of 15 P, of which
// they reject 4, and Holm 3.
func TestCorrections(t *testing.T) {
	ps := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000}
	var tests []Test
	for _, p := range ps {
		tests = append(tests, Test{P: p, MinP: 1e-9})
	}
	slices.Reverse(tests) // the order does not matter
	count := func(adjusted []float64) (n int) {
		for _, p := range adjusted {
			if p <= 0.05 {
				n++
			}
		}
		return n
	}
	bh, holm := BenjaminiHochberg(tests, 0.05), Holm(tests, 0.05)
	if n := count(bh); n != 4 {
		t.Errorf("Benjamini and Hochberg find %d: %v", n, bh)
	}
	if n := count(holm); n != 3 {
		t.Errorf("Holm finds %d: %v", n, holm)
	}
	// 0.0095 * 15 / 4, and 0.0019 * 13.
	if !near(bh[11], 0.035625) || !near(holm[12], 0.0247) {
		t.Errorf("adjusted: %v and %v", bh[11], holm[12])
	}
}

// TestUntestable has tests that could not have found anything weigh nothing.
func TestUntestable(t *testing.T) {
	tests := []Test{{P: 0.04, MinP: 0.001}}
	for range 99 {
		tests = append(tests, Test{P: 1, MinP: 0.3})
	}
	if n := familySize(tests, 0.05); n != 1 {
		t.Errorf("the family has %d", n)
	}
	for i, p := range BenjaminiHochberg(tests, 0.05) {
		if want := map[bool]float64{true: 0.04, false: 1}[i == 0]; p != want {
			t.Errorf("test %d: %v", i, p)
		}
	}
	// Those that can only come to 0.02 are none of a family of three or more.
	tests = []Test{{P: 0.02, MinP: 0.02}, {P: 0.02, MinP: 0.02}, {P: 0.02, MinP: 0.02}, {P: 0.001, MinP: 0.001}}
	if n := familySize(tests, 0.05); n != 3 {
		t.Errorf("the family has %d", n)
	}
	if p := Holm(tests, 0.05); fmt.Sprint(p) != "[1 1 1 0.001]" {
		t.Errorf("adjusted: %v", p)
	}
}

// TestAllChanged has more tests than there is a share of the level for: all have changed
// as clearly as they could, which is no chance.
func TestAllChanged(t *testing.T) {
	tests := slices.Repeat([]Test{{P: 0.00216, MinP: 0.00216}}, 60) // of 6 values a side
	for _, p := range BenjaminiHochberg(tests, 0.05) {
		if !near(p, 0.00216) {
			t.Fatalf("adjusted: %v", p)
		}
	}
	if p := Holm(tests, 0.05); p[0] != 1 {
		t.Errorf("Holm's: %v", p[0])
	}
}

func TestKarpFlatt(t *testing.T) {
	// By Amdahl's law with a serial tenth, 4 processors are 1/(0.1+0.9/4) as fast.
	if e := KarpFlatt(1/(0.1+0.9/4), 4, 1); !near(e, 0.1) {
		t.Errorf("serial fraction %v", e)
	}
	// … and compared with 2 processors, (0.1+0.9/2)/(0.1+0.9/4).
	if e := KarpFlatt((0.1+0.9/2)/(0.1+0.9/4), 2, 2); !near(e, 0.1) {
		t.Errorf("serial fraction from two processors %v", e)
	}
}

func TestUSL(t *testing.T) {
	factors := []float64{1, 2, 4, 8, 16}
	var times []float64
	for _, n := range factors {
		times = append(times, 3/n*(1+0.05*(n-1)+0.002*n*(n-1)))
	}
	u, ok := FitUSL(factors, times)
	if !ok || !near(u.Sigma, 0.05) || !near(u.Kappa, 0.002) {
		t.Errorf("fit %+v, %v", u, ok)
	}
	times[2] *= 1.1
	if u, _ = FitUSL(factors, times); u.Residuals[2] < 0.02 || u.Residuals[2] > 0.1 {
		t.Errorf("residuals %v", u.Residuals)
	}
	for i, n := range factors {
		times[i] = 3 / n
	}
	if u, ok = FitUSL(factors, times); !ok || u.Sigma > 1e-9 || u.Kappa > 1e-9 {
		t.Errorf("a program that scales evenly: %+v, %v", u, ok)
	}
	if _, ok := FitUSL(factors[:3], times[:3]); ok {
		t.Error("three points are fitted")
	}
	if _, ok := FitUSL([]float64{2, 2, 2, 2}, []float64{1, 1, 1, 1}); ok {
		t.Error("one setting is fitted")
	}
}
