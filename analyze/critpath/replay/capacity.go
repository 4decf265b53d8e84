package replay

// sliceCount is the number of slices of time in which the use of processors is kept.
const sliceCount = 1 << 14

// plenty is more processors than any machine has: a trace that tells of so many is taken
// to have enough for all. What a slice has stays within an int64, however long it is.
const plenty = 1 << 13

// newShift is the shift of the slices of a new capacity.
const newShift = 10

// capacity is what is left of the processors, by slices of time.
type capacity struct {
	procs int64 // 0: enough for all
	shift uint  // a slice has 1<<shift ns
	full  int64 // what a slice has, in ns of a processor
	used  []int64
	// next leads from a slice that is used up to a later one; from one that is not, to
	// itself. It is a union-find structure.
	next []int32
}

func newCapacity(procs int64) capacity {
	c := capacity{shift: newShift}
	c.set(procs)
	return c
}

// restart makes it one of which nothing is used.
func (c *capacity) restart() {
	clear(c.used)
	c.shift = newShift
	c.size()
}

// set says how many processors there are. Slices that were used are taken to have had
// as many.
func (c *capacity) set(procs int64) {
	if procs > plenty {
		procs = 0
	}
	if procs == c.procs {
		return
	}
	c.procs = procs
	c.size()
}

// size works out what a slice has.
func (c *capacity) size() {
	if c.procs == 0 {
		return
	}
	if c.used == nil {
		c.used, c.next = make([]int64, sliceCount), make([]int32, sliceCount+1)
	}
	c.full = c.procs << c.shift
	c.link()
}

// link makes next anew.
func (c *capacity) link() {
	for i, ns := range c.used {
		c.next[i] = int32(i)
		if ns >= c.full {
			c.next[i]++
		}
	}
	c.next[sliceCount] = sliceCount
}

// copyFrom makes it a copy of another one, with as many processors.
func (c *capacity) copyFrom(d *capacity) {
	used, next := c.used, c.next
	*c = *d
	c.used, c.next = append(used[:0], d.used...), append(next[:0], d.next...)
}

// free returns the first slice from b on that has time left.
func (c *capacity) free(b int64) int64 {
	for c.next[b] != int32(b) {
		c.next[b] = c.next[c.next[b]]
		b = int64(c.next[b])
	}
	return b
}

// fold puts two sliceCount each together, until slice b is one of them.
func (c *capacity) fold(b int64) {
	for ; b >= sliceCount; b >>= 1 {
		for i := range sliceCount / 2 {
			c.used[i] = c.used[2*i] + c.used[2*i+1]
		}
		clear(c.used[sliceCount/2:])
		c.shift++
		c.full <<= 1
	}
	c.link()
}

// take takes ns of a processor, from time t on, and returns when it has them.
func (c *capacity) take(t, ns int64) int64 {
	if c.procs == 0 {
		return t + ns
	}
	for ns > 0 {
		b := t >> c.shift
		if b >= sliceCount {
			c.fold(b)
			continue
		}
		if c.next[b] != int32(b) {
			t = c.free(b) << c.shift
			continue
		}
		n := min(ns, (b+1)<<c.shift-t, c.full-c.used[b])
		c.use(b, n)
		t += n
		ns -= n
	}
	return t
}

// fill takes what is left between t and t+ns: whoever gives way to others does not take
// what they need.
func (c *capacity) fill(t, ns int64) {
	if c.procs == 0 {
		return
	}
	for end := t + ns; t < end; {
		b := t >> c.shift
		if b >= sliceCount {
			c.fold(b)
			continue
		}
		to := min(end, (b+1)<<c.shift)
		c.use(b, max(0, min(to-t, c.full-c.used[b])))
		t = to
	}
}

func (c *capacity) use(b, ns int64) {
	if c.used[b] += ns; c.used[b] >= c.full {
		c.next[b] = int32(b) + 1
	}
}

// giveBack gives back what was taken last before t, as far as that can be told.
func (c *capacity) giveBack(t, ns int64) {
	if c.procs == 0 {
		return
	}
	for b := min(t>>c.shift, sliceCount-1); b >= 0 && ns > 0; b-- {
		n := min(ns, c.used[b], int64(1)<<c.shift)
		if full := c.used[b] >= c.full; full && n > 0 {
			defer c.link()
		}
		c.used[b] -= n
		ns -= n
	}
}
