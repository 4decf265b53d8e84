package stats

import (
	"cmp"
	"math"
	"slices"
)

// Missing is the rank of an item that an order lacks.
var Missing = math.NaN()

// KendallDistance returns the normalized Kendall distance between two orders, each
// given by the rank of each item: the share of pairs that they put in opposite order,
// over the items that both have. Where ranks are equal it is (1 - tau-b) / 2 (Kendall
// 1945). It reports false where fewer than two items can be compared. The time is that
// of sorting (Knight 1966).
func KendallDistance(a, b []float64) (float64, bool) {
	k := newKnight(a, b)
	return k.distance()
}

// knight counts pairs of two rankings.
type knight struct {
	points []point
	ties   struct{ a, b, both int64 } // pairs that are equal in them
	room   []float64
}

type point struct{ a, b float64 }

func newKnight(a, b []float64) *knight {
	k := &knight{points: make([]point, 0, len(a))}
	for i := range a {
		if !math.IsNaN(a[i]) && !math.IsNaN(b[i]) {
			k.points = append(k.points, point{a[i], b[i]})
		}
	}
	slices.SortFunc(k.points, func(x, y point) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	return k
}

func (k *knight) distance() (float64, bool) {
	n := int64(len(k.points))
	pairs := n * (n - 1) / 2
	bs := make([]float64, n)
	for i, p := range k.points {
		bs[i] = p.b
	}
	k.ties.a = equalPairs(k.points, func(x, y point) bool { return x.a == y.a })
	k.ties.both = equalPairs(k.points, func(x, y point) bool { return x == y })
	k.room = make([]float64, n)
	discordant := inversions(bs, k.room)
	k.ties.b = equalPairs(bs, func(x, y float64) bool { return x == y }) // which are sorted by now
	if pairs-k.ties.a == 0 || pairs-k.ties.b == 0 {
		return 0, false
	}
	if k.ties.a == 0 && k.ties.b == 0 {
		return float64(discordant) / float64(pairs), true
	}
	concordant := pairs - k.ties.a - k.ties.b + k.ties.both - discordant
	tau := float64(concordant-discordant) / math.Sqrt(float64(pairs-k.ties.a)*float64(pairs-k.ties.b))
	return (1 - tau) / 2, true
}

// equalPairs counts the pairs of equals in a sorted list.
func equalPairs[T any](list []T, equal func(a, b T) bool) (pairs int64) {
	run := int64(0)
	for i := range list {
		if i > 0 && equal(list[i-1], list[i]) {
			run++
			pairs += run
		} else {
			run = 0
		}
	}
	return pairs
}

// inversions sorts a list, and returns how many pairs were in the wrong order.
func inversions[T cmp.Ordered](list, room []T) int64 {
	n := len(list)
	if n <= 8 { // by insertion
		moved := int64(0)
		for i := 1; i < n; i++ {
			for j := i; j > 0 && list[j] < list[j-1]; j-- {
				list[j], list[j-1] = list[j-1], list[j]
				moved++
			}
		}
		return moved
	}
	half := n / 2
	count := inversions(list[:half], room[:half]) + inversions(list[half:], room[half:n])
	left := room[:half]
	copy(left, list[:half])
	i, j := 0, half
	for k := range list {
		if j == n || i < half && left[i] <= list[j] {
			if i == half {
				break
			}
			list[k] = left[i]
			i++
			continue
		}
		count += int64(half - i)
		list[k] = list[j]
		j++
	}
	return count
}

// Jaccard returns the share of the items of either order that both have; 1 where
// neither has any.
func Jaccard(a, b []float64) float64 {
	both, either := 0, 0
	for i := range a {
		inA, inB := !math.IsNaN(a[i]), !math.IsNaN(b[i])
		if inA && inB {
			both++
		}
		if inA || inB {
			either++
		}
	}
	if either == 0 {
		return 1
	}
	return float64(both) / float64(either)
}

// Entropy returns the entropy of counts, in bits (Shannon 1948).
func Entropy(counts []int) float64 {
	sum, h := 0, 0.0
	for _, n := range counts {
		sum += n
	}
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(sum)
			h -= p * math.Log2(p)
		}
	}
	return max(h, 0)
}
