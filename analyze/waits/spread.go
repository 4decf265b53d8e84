package waits

import (
	"math/bits"
	"slices"

	"tracekit/analyze/report"
)

// spread is a histogram of times, sparse, mergeable, and exact to 0.4 %: 128
// buckets of equal width from each power of two to the next, as in
// HdrHistogram. That library's fixed array would take 47 kB for each site, and
// a sketch on logarithms (DDSketch) rounds differently on different processors,
// where the same trace is to give the same bytes.
type spread struct {
	buckets map[uint16]int64
	n       int64
	max     int64
}

const subBits = 7 // 2^7 buckets for each power of two

// bucket returns the number of the bucket of v >= 0. Below 2^8 each value has
// one of its own.
func bucket(v int64) uint16 {
	shift := max(bits.Len64(uint64(v))-subBits-1, 0)
	return uint16(shift<<subBits) + uint16(v>>shift)
}

// middle returns the value in the middle of a bucket.
func middle(b uint16) int64 {
	if b < 2<<subBits {
		return int64(b)
	}
	shift := int(b>>subBits) - 1
	low := (int64(b) - int64(shift)<<subBits) << shift
	return low + int64(1)<<shift/2
}

func (s *spread) add(v int64) {
	if s.buckets == nil {
		s.buckets = make(map[uint16]int64)
	}
	s.buckets[bucket(v)]++
	s.n++
	s.max = max(s.max, v)
}

func (s *spread) join(t *spread) {
	if s.buckets == nil {
		s.buckets = make(map[uint16]int64)
	}
	for b, n := range t.buckets {
		s.buckets[b] += n
	}
	s.n += t.n
	s.max = max(s.max, t.max)
}

// report returns the percentiles by nearest rank.
func (s *spread) report() report.Spread {
	if s.n == 0 {
		return report.Spread{}
	}
	order := make([]uint16, 0, len(s.buckets))
	for b := range s.buckets {
		order = append(order, b)
	}
	slices.Sort(order)
	at := func(percent int64) int64 {
		rank := (percent*s.n + 99) / 100
		if rank == s.n {
			return s.max
		}
		for _, b := range order {
			rank -= s.buckets[b]
			if rank <= 0 {
				return min(middle(b), s.max)
			}
		}
		return s.max
	}
	return report.Spread{P50NS: at(50), P90NS: at(90), P99NS: at(99), MaxNS: s.max}
}
