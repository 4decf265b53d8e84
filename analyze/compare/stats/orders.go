package stats

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// Orders are orders of the same items, one for each run: Orders[i][j] is the rank of
// item j in run i, or Missing.
type Orders [][]float64

// Distances returns the Kendall distance of each two runs, and NaN where they have
// fewer than two items in common.
func (o Orders) Distances() Distances {
	d := make(Distances, len(o))
	for i := range o {
		for j := range i {
			v, ok := KendallDistance(o[i], o[j])
			if !ok {
				v = math.NaN()
			}
			d[i] = append(d[i], v)
		}
	}
	return d
}

// Distances are those of each two runs: those of run i to the runs before it are in
// Distances[i].
type Distances [][]float64

func (d Distances) at(i, j int) float64 {
	if i < j {
		i, j = j, i
	}
	return d[i][j]
}

// Mean returns the mean over pairs of runs that can be compared; NaN for none.
func (d Distances) Mean() float64 {
	sum, n := 0.0, 0
	for _, row := range d {
		for _, v := range row {
			if !math.IsNaN(v) {
				sum += v
				n++
			}
		}
	}
	return sum / float64(n)
}

// Bootstrap returns the interval of the mean distance: that of runs drawn from these
// with replacement (Efron 1979), by percentiles. A run that is drawn twice is not
// compared with itself.
func (d Distances) Bootstrap(confidence float64) (low, high float64) {
	const draws = 1000
	rng := rand.New(rand.NewPCG(1, 2))
	var means []float64
	drawn := make([]int, len(d))
	for range draws {
		for i := range drawn {
			drawn[i] = rng.IntN(len(d))
		}
		if m := d.meanOf(drawn); !math.IsNaN(m) {
			means = append(means, m)
		}
	}
	if len(means) == 0 {
		return math.NaN(), math.NaN()
	}
	slices.Sort(means)
	out := int(math.Floor((1 - confidence) / 2 * float64(len(means))))
	return means[out], means[len(means)-1-out]
}

func (d Distances) meanOf(runs []int) float64 {
	sum, n := 0.0, 0
	for i, a := range runs {
		for _, b := range runs[:i] {
			if a == b {
				continue
			}
			if v := d.at(a, b); !math.IsNaN(v) {
				sum += v
				n++
			}
		}
	}
	return sum / float64(n)
}

// unevenness is the mean square of how far distances are from that of orders that
// have nothing to do with each other: it is large where runs come in groups, even
// where these are the reverse of each other.
func (d Distances) unevenness() float64 {
	sum, n := 0.0, 0
	for _, row := range d {
		for _, v := range row {
			if !math.IsNaN(v) {
				sum += (v - 0.5) * (v - 0.5)
				n++
			}
		}
	}
	return sum / float64(n)
}

// steps bounds the work of a permutation test, in comparisons of two ranks: about a
// second.
const steps = 1e8

// enough is after how many draws that are as far out as the orders the P is known well
// enough to be no small one (Besag and Clifford 1991).
const enough = 50

// PermutationP returns the P of the orders if each was drawn at random, independently
// of all others, by a permutation test (Fisher 1935; Monte Carlo as Dwass 1957): the
// smaller of the P of their mean distance, and of how uneven their distances are,
// corrected for there being two.
func (o Orders) PermutationP() float64 {
	observed := o.Distances()
	mean, uneven := observed.Mean(), observed.unevenness()
	if math.IsNaN(mean) {
		return 1
	}
	s := newShuffler(o)
	closer, rougher, n := 1, 1, 1 // with the observed one
	for draws := s.draws(); n <= draws && min(closer, rougher) <= enough; n++ {
		m, u := s.draw()
		if m <= mean+1e-12 {
			closer++
		}
		if u >= uneven-1e-12 {
			rougher++
		}
	}
	if s.items < 3 { // two items are always in one order or its reverse
		return float64(closer) / float64(n)
	}
	return min(1, 2*float64(min(closer, rougher))/float64(n))
}

// shuffler draws random orders of the items that each run has.
type shuffler struct {
	rng   *rand.Rand
	items int
	lists [][]int32 // the items of each run, in the order drawn
	ranks [][]int32 // by item; -1: the run lacks it
	seq   []int32
	room  []int32
}

func newShuffler(o Orders) *shuffler {
	s := &shuffler{rng: rand.New(rand.NewPCG(3, 4))}
	for _, order := range o {
		s.items = max(s.items, len(order))
		var list []int32
		ranks := make([]int32, len(order))
		for item, rank := range order {
			ranks[item] = -1
			if !math.IsNaN(rank) {
				list = append(list, int32(item))
			}
		}
		s.lists, s.ranks = append(s.lists, list), append(s.ranks, ranks)
	}
	s.seq, s.room = make([]int32, s.items), make([]int32, s.items)
	return s
}

// draws returns how many draws there is time for.
func (s *shuffler) draws() int {
	n := float64(len(s.lists))
	one := n * n / 2 * float64(s.items*bits.Len(uint(s.items)))
	return int(min(999, max(99, steps/one)))
}

// draw returns the mean and the unevenness of the distances of new random orders.
func (s *shuffler) draw() (mean, uneven float64) {
	for i, list := range s.lists {
		s.rng.Shuffle(len(list), func(a, b int) { list[a], list[b] = list[b], list[a] })
		for rank, item := range list {
			s.ranks[i][item] = int32(rank)
		}
	}
	n := 0.0
	for i, list := range s.lists {
		for _, ranks := range s.ranks[:i] {
			if d, ok := s.distance(list, ranks); ok {
				n++
				mean += d
				uneven += (d - 0.5) * (d - 0.5)
			}
		}
	}
	return mean / n, uneven / n
}

// distance is that of a list of items from the order in which they have ranks.
func (s *shuffler) distance(list, ranks []int32) (float64, bool) {
	seq := s.seq[:0]
	for _, item := range list {
		if rank := ranks[item]; rank >= 0 {
			seq = append(seq, rank)
		}
	}
	if len(seq) < 2 {
		return 0, false
	}
	pairs := len(seq) * (len(seq) - 1) / 2
	return float64(inversions(seq, s.room)) / float64(pairs), true
}

// PairingP returns the P of the orders if each had nothing to do with the arrivals of
// its own run, by a permutation test over which run's arrivals it is compared with. No
// item is missing in any. Where the arrivals are the same in all runs, or there are
// fewer than two items, P is 1: nothing can be told.
func (o Orders) PairingP(arrivals Orders) float64 {
	n := len(o)
	d := make([][]float64, n)
	for i := range d {
		d[i] = make([]float64, n)
		for j := range d[i] {
			d[i][j], _ = KendallDistance(o[i], arrivals[j])
		}
	}
	total := func(of []int) (sum float64) {
		for i, j := range of {
			sum += d[i][j]
		}
		return sum
	}
	pairing := make([]int, n)
	for i := range pairing {
		pairing[i] = i
	}
	observed := total(pairing)
	rng := rand.New(rand.NewPCG(5, 6))
	const draws = 9999
	closer := 1
	for range draws {
		rng.Shuffle(n, func(a, b int) { pairing[a], pairing[b] = pairing[b], pairing[a] })
		if total(pairing) <= observed+1e-12 {
			closer++
		}
	}
	return float64(closer) / float64(draws+1)
}

// RandomNeeds returns how many runs it takes for PermutationP to notice, about four
// times in five at a level of 5 %, that half of the runs have one and the same order of
// so many items, where the others are random. The numbers are from simulations.
func RandomNeeds(items int) int {
	needs := []int{2: 32, 3: 16, 4: 12, 5: 9, 6: 8, 7: 7}
	const least = 6
	switch {
	case items < 2:
		return math.MaxInt32 // there is nothing to compare
	case items < len(needs):
		return needs[items]
	}
	return least
}
