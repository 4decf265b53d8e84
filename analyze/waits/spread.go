package waits

import (
	"math/bits"
	"slices"

	"tracekit/analyze/report"
)

// spread is a histogram of times, mergeable, and exact to 0.4 %: 128 buckets of
// equal width from each power of two to the next, as in HdrHistogram, which has
// the room only that it needs. HdrHistogram itself takes 41 kB for each place, of
// which a large program has thousands, and twice the time; a sketch on
// logarithms (DDSketch) takes ten times the time, and rounds differently on
// different processors, where the same trace is to give the same bytes.
type spread struct {
	few     []int64                // values, as long as they are few
	octaves *[64 - subBits]*octave // nil: they are in few; nil octaves are empty
	n       int64
	max     int64
}

// fewValues is how many values are kept as they are: most places of a large program
// see no more.
const fewValues = 16

// octave holds the buckets from one power of two to the next.
type octave [1 << subBits]int64

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
	s.n++
	s.max = max(s.max, v)
	switch {
	case s.octaves != nil:
		s.count(v)
	case len(s.few) < fewValues:
		s.few = append(s.few, v)
	default:
		s.count(v)
	}
}

// count counts a value in its bucket.
func (s *spread) count(v int64) {
	if s.octaves == nil {
		s.octaves = new([64 - subBits]*octave)
		for _, v := range s.few {
			s.count(v)
		}
		s.few = nil
	}
	b := bucket(v)
	o := s.octaves[b>>subBits]
	if o == nil {
		o = new(octave)
		s.octaves[b>>subBits] = o
	}
	o[b&(1<<subBits-1)]++
}

func (s *spread) join(t *spread) {
	for _, v := range t.few {
		s.add(v)
	}
	if t.octaves == nil {
		return
	}
	s.n += t.n
	s.max = max(s.max, t.max)
	if s.octaves == nil {
		few := s.few
		s.few, s.octaves = nil, new([64 - subBits]*octave)
		for _, v := range few {
			s.count(v)
		}
	}
	for i, o := range t.octaves {
		if o == nil {
			continue
		}
		if s.octaves[i] == nil {
			s.octaves[i] = new(octave)
		}
		for k, n := range o {
			s.octaves[i][k] += n
		}
	}
}

// at returns the value of a rank, counted from 1 on.
func (s *spread) at(rank int64) int64 {
	if rank == s.n {
		return s.max
	}
	if s.octaves == nil {
		slices.Sort(s.few)
		return min(middle(bucket(s.few[rank-1])), s.max)
	}
	for i, o := range s.octaves {
		if o == nil {
			continue
		}
		for k, n := range o {
			rank -= n
			if n > 0 && rank <= 0 {
				return min(middle(uint16(i<<subBits+k)), s.max)
			}
		}
	}
	return s.max
}

// report returns the percentiles by nearest rank.
func (s *spread) report() report.Spread {
	if s.n == 0 {
		return report.Spread{}
	}
	at := func(percent int64) int64 { return s.at((percent*s.n + 99) / 100) }
	return report.Spread{P50NS: at(50), P90NS: at(90), P99NS: at(99), MaxNS: s.max}
}
