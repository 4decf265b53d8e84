package wire

import (
	"cmp"
	"slices"
)

// frontier is the threads' streams as a binary heap by the time of their next
// events: the earliest is the first.
//
// Among events with the same time, it has the order of golang.org/x/exp/trace,
// which uses such a heap, too. What a trace says is to be the same with either
// reader, to the nanosecond.
type frontier []*stream

func (f *frontier) insert(s *stream) {
	*f = append(*f, s)
	f.up(len(*f) - 1)
}

// moved puts the stream at i into its place, after its time has changed.
func (f frontier) moved(i int) {
	if f.up(i) == i {
		f.down(i)
	}
}

// remove takes the stream at i out.
func (f *frontier) remove(i int) {
	h := *f
	for i > 0 {
		parent := (i - 1) / 2
		h[parent], h[i] = h[i], h[parent]
		i = parent
	}
	last := len(h) - 1
	h[0], h[last] = h[last], h[0]
	*f = h[:last]
	f.down(0)
}

// sort orders the streams. A sorted heap still is one.
func (f frontier) sort() {
	slices.SortFunc(f, func(a, b *stream) int { return cmp.Compare(a.time, b.time) })
}

func (f frontier) up(i int) int {
	for i > 0 {
		parent := (i - 1) / 2
		if f[parent].time <= f[i].time {
			break
		}
		f[parent], f[i] = f[i], f[parent]
		i = parent
	}
	return i
}

func (f frontier) down(i int) {
	for {
		least := i
		if c := 2*i + 1; c < len(f) {
			if f[c].time < f[least].time {
				least = c
			}
			if c++; c < len(f) && f[c].time < f[least].time {
				least = c
			}
		}
		if least == i {
			return
		}
		f[i], f[least] = f[least], f[i]
		i = least
	}
}
