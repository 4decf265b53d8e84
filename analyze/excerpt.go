package analyze

import (
	"io"
	"math"
	"sort"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
	"tracekit/analyze/rewrite"
	"tracekit/analyze/timeline"
)

// Excerpt is a part of a trace that is worth to be looked at.
type Excerpt struct {
	Window    Window // since the beginning of the trace
	LongestNS int64  // blocked time of the longest wait for a lock that the trace has all of, which ends in it; 0: there is none
}

// FindExcerpt reads a trace to its end and returns the window of it that has about so
// many bytes, as if those of a generation were spread evenly over its time: three
// quarters of them before the end of the longest wait of a user goroutine for a lock,
// and a quarter behind it. Where there is no such wait, it is the beginning.
func FindExcerpt(f rewrite.File, bytes int64) (*Excerpt, error) {
	src, err := rewrite.ReadGenerations(f)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	seen := &longest{}
	extent, err := timeline.RunWindow(src, decode.All, seen)
	if err != nil {
		return nil, err
	}
	s, err := newSpread(f, extent)
	if err != nil {
		return nil, err
	}
	from := 0.0
	if seen.blocked > 0 {
		from = along(s.times, s.bytes, float64(seen.woken-extent.Start)) - float64(bytes)*3/4
	}
	size := s.bytes[len(s.bytes)-1]
	from = max(min(from, size-float64(bytes)), 0)
	x := &Excerpt{LongestNS: seen.blocked, Window: Window{From: s.time(from), To: s.time(from + float64(bytes))}}
	if from+float64(bytes) >= size {
		x.Window.To = math.MaxInt64
	}
	return x, nil
}

// longest is an Observer that looks for the longest wait for a lock that begins in the
// trace and ends.
type longest struct {
	timeline.Ignore
	blocked, woken int64 // ns; blocked is 0 where there is none
}

// LockBlocked implements timeline.LockObserver.
func (l *longest) LockBlocked(*timeline.Wait) {}

// LockWoken implements timeline.LockObserver.
func (l *longest) LockWoken(w *timeline.Wait) {
	if !w.CutStart && w.Blocked() > l.blocked {
		l.blocked, l.woken = w.Blocked(), w.Woken
	}
}

// LockDone implements timeline.LockObserver.
func (l *longest) LockDone(*timeline.Wait) {}

// spread says where in a file the times of a trace are: at some, and between them in
// proportion. Both lists ascend, and have the same length, which is not 0.
type spread struct {
	times []float64 // ns since the beginning
	bytes []float64
}

func newSpread(f rewrite.File, extent timeline.Extent) (*spread, error) {
	version, err := decode.ReadHeader(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		return nil, err
	}
	places, _ := wire.Places(f, version) // what is behind damage has no place
	s := &spread{times: []float64{0}, bytes: []float64{0}}
	for _, p := range places {
		s.add(p.Start-extent.Start, p.Begin)
	}
	s.add(extent.End-extent.Start, f.Size())
	return s, nil
}

func (s *spread) add(t, offset int64) {
	last := len(s.times) - 1
	s.times = append(s.times, max(float64(t), s.times[last]))
	s.bytes = append(s.bytes, max(float64(offset), s.bytes[last]))
}

// time returns the ns at an offset.
func (s *spread) time(offset float64) int64 { return int64(along(s.bytes, s.times, offset)) }

// along returns what y is at x, by the points that lie around it.
func along(xs, ys []float64, x float64) float64 {
	i := sort.SearchFloat64s(xs, x)
	switch {
	case i == 0:
		return ys[0]
	case i == len(xs):
		return ys[i-1]
	}
	share := (x - xs[i-1]) / (xs[i] - xs[i-1]) // x is behind the one, and not behind the other
	return ys[i-1] + share*(ys[i]-ys[i-1])
}
