package waits

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBuckets checks around each power of two that buckets follow one another,
// and that the middle of each is near to all values in it.
func TestBuckets(t *testing.T) {
	values := []int64{}
	for v := range int64(1000) {
		values = append(values, v)
	}
	for bits := 10; bits < 62; bits++ {
		values = append(values, 1<<bits-1, 1<<bits, 1<<bits+1)
	}
	last := uint16(0)
	for _, v := range values {
		b := bucket(v)
		if b < last || b > last+1<<subBits {
			t.Fatalf("bucket(%d) is %d after %d", v, b, last)
		}
		last = b
		if off := math.Abs(float64(middle(b)-v)) / float64(max(v, 1)); off > 0.004 {
			t.Errorf("the middle of the bucket of %d is %d", v, middle(b))
		}
	}
}

// TestSpread compares with the sorted values.
func TestSpread(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 10, 99, 100, 101, 5000} {
		var one, other spread
		var values []int64
		for i := range n {
			v := int64(math.Exp(rnd.Float64() * 25))
			values = append(values, v)
			if i%3 == 0 {
				other.add(v)
			} else {
				one.add(v)
			}
		}
		one.join(&other)
		slices.Sort(values)
		got := one.report()
		for percent, v := range map[int]int64{50: got.P50NS, 90: got.P90NS, 99: got.P99NS} {
			want := values[(percent*n+99)/100-1]
			if off := math.Abs(float64(v-want)) / float64(want); off > 0.004 {
				t.Errorf("%d values: p%d is %d, want %d", n, percent, v, want)
			}
		}
		if got.MaxNS != values[n-1] {
			t.Errorf("%d values: max is %d, want %d", n, got.MaxNS, values[n-1])
		}
	}
	var none spread
	if got := none.report(); got.MaxNS != 0 || got.P50NS != 0 {
		t.Errorf("of nothing: %+v", got)
	}
}
