package replay

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// naive is a capacity that looks through its slices one by one.
type naive struct {
	procs, width int64
	used         []int64
}

func (n *naive) full() int64 { return n.procs * n.width }

// at returns what is used at a time, where need be of longer slices.
func (n *naive) at(t int64) *int64 {
	for t/n.width >= int64(len(n.used)) {
		used := make([]int64, len(n.used))
		for i, ns := range n.used {
			used[i/2] += ns
		}
		n.used = used
		n.width *= 2
	}
	return &n.used[t/n.width]
}

func (n *naive) take(t, ns int64) int64 {
	if n.procs == 0 {
		return t + ns
	}
	for ns > 0 {
		used := n.at(t)
		end := (t/n.width + 1) * n.width
		some := max(0, min(ns, end-t, n.full()-*used))
		*used += some
		ns -= some
		if t += some; ns > 0 && *used >= n.full() {
			t = end
		}
	}
	return t
}

func (n *naive) fill(t, ns int64) {
	for end := t + ns; n.procs > 0 && t < end; {
		used := n.at(t)
		to := min(end, (t/n.width+1)*n.width)
		*used += max(0, min(to-t, n.full()-*used))
		t = to
	}
}

func (n *naive) giveBack(t, ns int64) {
	for i := min(t/n.width, int64(len(n.used)-1)); n.procs > 0 && i >= 0; i-- {
		some := min(ns, n.used[i], n.width)
		n.used[i] -= some
		ns -= some
	}
}

// pair is a capacity beside the naive one.
type pair struct {
	*rand.Rand
	capacity
	naive naive
	now   int64
}

// step does one thing to both, and reports whether the same came of it.
func (p *pair) step() bool {
	p.now += []int64{0, 0, 30, 3000, 200_000}[p.IntN(5)]
	if p.IntN(200) == 0 {
		p.now *= 3
	}
	t := max(0, p.now-p.Int64N(20_000))
	ns := p.Int64N([]int64{1, 50, 1500, 40_000}[p.IntN(4)] + 1)
	switch n := p.IntN(40); {
	case n == 0:
		p.naive.procs = p.Int64N(5)
		p.set(p.naive.procs)
	case n < 6:
		p.fill(t, ns)
		p.naive.fill(t, ns)
	case n < 10:
		p.giveBack(t, ns)
		p.naive.giveBack(t, ns)
	default:
		return p.take(t, ns) == p.naive.take(t, ns)
	}
	return true
}

// TestCapacity does the same at random to a capacity and to a naive one.
func TestCapacity(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 6))
		procs := 1 + rnd.Int64N(4)
		p := &pair{Rand: rnd, capacity: newCapacity(procs), naive: naive{procs, 1 << 10, make([]int64, sliceCount)}}
		for i := range 400 {
			if ok := p.step(); !ok || !slices.Equal(p.used, p.naive.used) {
				t.Fatalf("seed %d, step %d: other than in the naive one, which is %v", seed, i, ok)
			}
		}
	}
}

// TestCapacityUnused has what has as many processors as it needs take what it needs.
func TestCapacityUnused(t *testing.T) {
	c := newCapacity(0)
	c.fill(0, 100)
	c.giveBack(50, 20)
	if got := c.take(10, 5); got != 15 {
		t.Errorf("it has them at %d, not 15", got)
	}
}

// TestCapacityFar has times that are as late as they can be, and more processors than
// can be counted: it ends, with something that can be.
func TestCapacityFar(t *testing.T) {
	const far = 1 << 62
	for _, procs := range []int64{1, 1 << 14, 1 << 20, 1 << 40, 1 << 62} {
		c := newCapacity(procs)
		if got := c.take(10, 20); got != 30 {
			t.Errorf("%d processors: the first 20 ns are had at %d, not 30", procs, got)
		}
		if got := c.take(far, 1000); got != far+1000 {
			t.Errorf("%d processors: behind 1<<62 ns, 1000 are had at %d more, not 1000", procs, got-far)
		}
		c.fill(far, 1<<60)
		c.giveBack(far, 1<<50)
	}
}

// TestCapacityCopy has a copy that goes its own way.
func TestCapacityCopy(t *testing.T) {
	c, d := newCapacity(1), newCapacity(3)
	c.take(0, 5120)
	d.copyFrom(&c)
	if got := d.take(0, 10); got != 5130 {
		t.Errorf("the copy has 10 ns at %d, not 5130", got)
	}
	if got := c.take(0, 10); got != 5130 {
		t.Errorf("what it was copied from has 10 ns at %d, not 5130", got)
	}
}
