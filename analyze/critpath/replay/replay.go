package replay

import "slices"

// Most is how many scenarios there can be at once.
const Most = 64

// Set is a set of scenarios, by their numbers.
type Set uint64

// Has reports whether a scenario is in the set.
func (s Set) Has(i int) bool { return s>>(uint(i)%Most)&1 != 0 }

// Of returns the set of one scenario.
func Of(i int) Set { return 1 << uint(i) }

// Factors says by what the time of a step is multiplied, by scenario; nil: by 1 in all.
type Factors []float64

// Replay is a run that takes place again. Goroutines are known by small numbers, which
// may be used again for others.
type Replay struct {
	capacities []capacity // by scenario
	fixed      Set        // those that do not have as many processors as the run had
	live       []int      // those that are replayed, ascending
	stride     int
	clocks     []int64 // ns since the beginning; by goroutine times stride and scenario
}

// New returns a Replay without scenarios.
func New() *Replay { return &Replay{stride: 4} }

// Scenarios returns the number of scenarios.
func (r *Replay) Scenarios() int { return len(r.capacities) }

// Add adds a scenario and returns its number. procs is its number of processors: 0 for
// as many as the run had, -1 for enough. What has happened so far is taken to be as in
// the first scenario. There must be fewer than Most.
func (r *Replay) Add(procs int) int {
	i := len(r.capacities)
	r.capacities = append(r.capacities, capacity{})
	r.live = append(r.live, i)
	if i >= r.stride {
		r.widen(2 * r.stride)
	}
	switch {
	case procs == 0 && i > 0:
		r.Like(i, 0)
		return i
	case procs == 0:
		procs = -1 // until it is known how many
	default:
		r.fixed |= Of(i)
	}
	r.capacities[i] = newCapacity(int64(max(procs, 0)))
	r.copyClocks(i, 0)
	return i
}

// widen makes room for more scenarios.
func (r *Replay) widen(stride int) {
	clocks := make([]int64, len(r.clocks)/r.stride*stride)
	for g := 0; g*r.stride < len(r.clocks); g++ {
		copy(clocks[g*stride:], r.clocks[g*r.stride:(g+1)*r.stride])
	}
	r.clocks, r.stride = clocks, stride
}

// Like makes a scenario go on as another one has gone so far.
func (r *Replay) Like(i, other int) {
	r.capacities[i].copyFrom(&r.capacities[other])
	r.copyClocks(i, other)
	if at, ok := slices.BinarySearch(r.live, i); !ok {
		r.live = slices.Insert(r.live, at, i)
	}
}

// Rest has a scenario not be replayed, until it is made like another one.
func (r *Replay) Rest(i int) {
	if at, ok := slices.BinarySearch(r.live, i); ok {
		r.live = slices.Delete(r.live, at, at+1)
	}
}

func (r *Replay) copyClocks(i, other int) {
	for at := 0; at < len(r.clocks); at += r.stride {
		r.clocks[at+i] = r.clocks[at+other]
	}
}

// Restart has the run begin anew: goroutines have to begin again, and nobody has taken a
// processor.
func (r *Replay) Restart() {
	for i := range r.capacities {
		r.capacities[i].restart()
	}
}

// Procs says how many processors the run has from now on; 0: it is not known.
func (r *Replay) Procs(n int64) {
	for i := range r.capacities {
		if !r.fixed.Has(i) {
			r.capacities[i].set(n)
		}
	}
}

// of returns the clocks of a goroutine, which has begun.
func (r *Replay) of(g int) []int64 {
	at := g * r.stride
	return r.clocks[at : at+len(r.capacities)]
}

// room makes room for a goroutine.
func (r *Replay) room(g int) {
	if need := (g+1)*r.stride - len(r.clocks); need > 0 {
		r.clocks = append(r.clocks, make([]int64, max(need, len(r.clocks)/2/r.stride*r.stride))...)
	}
}

// Begin sets the clocks of a goroutine, in ns since the beginning.
func (r *Replay) Begin(g int, t int64) {
	r.room(g)
	v := r.of(g)
	for i := range v {
		v[i] = t
	}
}

// Birth begins a goroutine where another one has come to.
func (r *Replay) Birth(g, by int) {
	r.room(g)
	copy(r.of(g), r.of(by))
}

// Clocks appends how far a goroutine has come in each scenario, in ns since the beginning.
func (r *Replay) Clocks(to []int64, g int) []int64 { return append(to, r.of(g)...) }

// Run lets a goroutine run, for no time in the scenarios in but.
func (r *Replay) Run(g int, ns int64, f Factors, but Set) {
	v := r.of(g)
	for _, i := range r.live {
		if but.Has(i) {
			continue
		}
		n := ns
		if f != nil {
			n = int64(f[i] * float64(ns))
		}
		v[i] = r.capacities[i].take(v[i], n)
	}
}

// Stretch is what a goroutine does until another one is concerned, in ns.
type Stretch struct {
	Out   int64 // it is out in system calls
	Lag   int64 // it is late, though a processor is free
	Spent int64 // processors take to get to it
	Ran   int64 // it runs
}

// Go lets a goroutine do a stretch. To be late, and what processors spend, is no time in
// the scenarios in quick.
func (r *Replay) Go(g int, s Stretch, quick Set) {
	v := r.of(g)
	for _, i := range r.live {
		t, ns := v[i]+s.Out, s.Ran
		if !quick.Has(i) {
			t, ns = t+s.Lag, ns+s.Spent
		}
		c := &r.capacities[i]
		if c.procs == 0 {
			v[i] = t + ns
		} else if b := t >> c.shift; (t+ns)>>c.shift == b && b < sliceCount && c.used[b]+ns < c.full {
			c.used[b] += ns // most often they are all in one slice
			v[i] = t + ns
		} else {
			v[i] = c.take(t, ns)
		}
	}
}

// Fill lets a goroutine run that gives way to all others.
func (r *Replay) Fill(g int, ns int64, but Set) {
	v := r.of(g)
	for _, i := range r.live {
		if !but.Has(i) {
			r.capacities[i].fill(v[i], ns)
		}
		v[i] += ns
	}
}

// Pass lets time pass for a goroutine, but in the scenarios in but.
func (r *Replay) Pass(g int, ns int64, f Factors, but Set) {
	v := r.of(g)
	for _, i := range r.live {
		if but.Has(i) {
			continue
		}
		if f != nil {
			v[i] += int64(f[i] * float64(ns))
		} else {
			v[i] += ns
		}
	}
}

// Wake lets a goroutine go on no sooner than another one has come as far as it has, but
// in the scenarios in but.
func (r *Replay) Wake(g, by int, but Set) {
	v, w := r.of(g), r.of(by)
	for _, i := range r.live {
		if w[i] > v[i] && !but.Has(i) {
			v[i] = w[i]
		}
	}
}

// Meet lets neither of two goroutines go on before the other one has come, but in the
// scenarios in but.
func (r *Replay) Meet(g, by int, but Set) {
	v, w := r.of(g), r.of(by)
	for _, i := range r.live {
		if !but.Has(i) {
			v[i] = max(v[i], w[i])
			w[i] = v[i]
		}
	}
}

// Join lets a goroutine go on no sooner than clocks say, but in the scenarios in but.
// Scenarios that were added since are as the first one.
func (r *Replay) Join(g int, clocks []int64, but Set) {
	if len(clocks) == 0 {
		return
	}
	v := r.of(g)
	for i := range v {
		t := clocks[0]
		if i < len(clocks) {
			t = clocks[i]
		}
		if t > v[i] && !but.Has(i) {
			v[i] = t
		}
	}
}

// Refund changes by how much a goroutine has come so far: it takes back the time that
// factors below 1 take off ns of its past, and adds what those above 1 put on.
// ran is how much of ns it had a processor.
func (r *Replay) Refund(g int, ns, ran int64, f Factors) {
	v := r.of(g)
	for _, i := range r.live {
		if f[i] == 1 {
			continue
		}
		v[i] = max(0, v[i]+int64((f[i]-1)*float64(ns)))
		if back := int64((1 - f[i]) * float64(ran)); back > 0 {
			r.capacities[i].giveBack(v[i], back)
		}
	}
}

// Latest returns the latest of clocks and those of a goroutine, scenario by scenario,
// in the room of clocks.
func (r *Replay) Latest(clocks []int64, g int) []int64 {
	v := r.of(g)
	if len(clocks) == 0 {
		return append(clocks, v...)
	}
	for len(clocks) < len(v) {
		clocks = append(clocks, clocks[unchanged])
	}
	for i := range v {
		clocks[i] = max(clocks[i], v[i])
	}
	return clocks
}

// unchanged is the scenario that others are like before they are added.
const unchanged = 0
