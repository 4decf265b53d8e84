package pprof

import (
	"slices"

	"tracekit/analyze/report"
)

// chains charges waits to the stacks that waited together with those that ended them.
func (b *builder) chains() {
	for _, c := range b.r.Waits.Chains {
		lock := ""
		if c.Lock >= 0 {
			lock = b.r.Waits.Locks[c.Lock].Name
		}
		b.add(b.chain(c), []int64{c.BlockedNS, c.SchedNS, c.Waits}, labels{
			kinds: []string{c.Kind}, lock: lock, goroutine: c.Goroutine, waker: c.ByGoroutine,
		})
	}
}

// chain returns the frames of a chain, the root of the waker first.
func (b *builder) chain(c report.Chain) []int {
	var frames []int
	between := wokenByNobody
	switch c.By {
	case report.ByGoroutine:
		frames = slices.Clone(b.frames(c.ByStack))
		slices.Reverse(frames)
		between = wokenBy
	case report.ByEnd:
		between = notWoken
	}
	return slices.Concat(frames, []int{between}, b.frames(c.Stack))
}
