package replay

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// clocks are the clocks of some goroutines in some scenarios, each moved by itself.
type clocks [8][Most]int64

// move moves the clock of goroutine g in each scenario that is not in but.
func (c *clocks) move(g int, but Set, to func(i int, now int64) int64) {
	for i := range c[g] {
		if !but.Has(i) {
			c[g][i] = to(i, c[g][i])
		}
	}
}

// replayed is a replay with processors for all, beside its clocks.
type replayed struct {
	*rand.Rand
	*Replay
	clocks
	factors Factors
	resting Set
}

func (r *replayed) add() {
	i := r.Add(-1)
	for g := range r.clocks {
		r.clocks[g][i] = r.clocks[g][0]
	}
}

// rest has a scenario rest, or go on like one that does not.
func (r *replayed) rest() {
	i, other := r.IntN(r.Scenarios()), r.IntN(r.Scenarios())
	switch {
	case i == 0 || r.resting.Has(other):
	case r.resting.Has(i):
		r.Like(i, other)
		r.resting &^= Of(i)
		for g := range r.clocks {
			r.clocks[g][i] = r.clocks[g][other]
		}
	default:
		r.Rest(i)
		r.resting |= Of(i)
	}
}

// same reports whether the clocks of a goroutine are right in all scenarios that do not
// rest.
func (r *replayed) same(g int) bool {
	for i, got := range r.Clocks(nil, g) {
		if !r.resting.Has(i) && got != r.clocks[g][i] {
			return false
		}
	}
	return true
}

// step does one thing to both.
func (r *replayed) step() {
	g, by := r.IntN(8), r.IntN(8)
	but, ns := Set(r.Uint64()), r.Int64N(1000)
	switch r.IntN(9) {
	case 0:
		r.Begin(g, ns)
		r.move(g, 0, func(int, int64) int64 { return ns })
	case 1:
		r.Birth(g, by)
		r.clocks[g] = r.clocks[by]
	case 2:
		r.Run(g, ns, r.factors, but)
		r.move(g, but, func(i int, now int64) int64 { return now + int64(r.factors[i]*float64(ns)) })
	case 3:
		r.Go(g, Stretch{Out: 3, Lag: 7, Spent: 5, Ran: ns}, but)
		r.move(g, 0, func(i int, now int64) int64 {
			if but.Has(i) {
				return now + 3 + ns
			}
			return now + 3 + 7 + 5 + ns
		})
	case 4:
		r.Pass(g, ns, nil, but)
		r.move(g, but, func(_ int, now int64) int64 { return now + ns })
	case 5:
		r.Wake(g, by, but)
		r.move(g, but, func(i int, now int64) int64 { return max(now, r.clocks[by][i]) })
	case 6:
		r.Meet(g, by, but)
		r.move(g, but, func(i int, now int64) int64 { return max(now, r.clocks[by][i]) })
		r.move(by, but, func(i int, now int64) int64 { return max(now, r.clocks[g][i]) })
	case 7:
		r.join(g, by, but)
	case 8:
		r.Refund(g, ns, ns, r.factors)
		r.move(g, 0, func(i int, now int64) int64 { return max(0, now+int64((r.factors[i]-1)*float64(ns))) })
	}
}

// join has a goroutine wait for the latest of two others.
func (r *replayed) join(g, by int, but Set) {
	other := r.IntN(8)
	list := r.Latest(r.Latest(nil, by), other)
	both := r.clocks
	r.Join(g, list, but)
	r.move(g, but, func(i int, now int64) int64 { return max(now, both[by][i], both[other][i]) })
}

// TestReplay does the same at random to a replay and to clocks, with scenarios added
// on the way, some of which rest at times.
func TestReplay(t *testing.T) {
	for seed := range uint64(30) {
		r := &replayed{Rand: rand.New(rand.NewPCG(seed, 7)), Replay: New(), factors: make(Factors, Most)}
		for i := range r.factors {
			r.factors[i] = []float64{0, 0.5, 1, 2}[r.IntN(4)]
		}
		r.factors[0] = 1
		r.add()
		for g := range r.clocks {
			r.Begin(g, 0)
		}
		for step := range 2000 {
			if r.Scenarios() < Most && r.IntN(20) == 0 {
				r.add()
			}
			if r.IntN(10) == 0 {
				r.rest()
			}
			r.step()
			for g := range r.clocks {
				if !r.same(g) {
					t.Fatalf("seed %d, step %d: the clocks of %d are %d, not %d", seed, step, g, r.Clocks(nil, g), r.clocks[g][:r.Scenarios()])
				}
			}
		}
		if r.Scenarios() != Most {
			t.Errorf("seed %d: there are %d scenarios, not all %d", seed, r.Scenarios(), Most)
		}
	}
}

// clock returns how far a goroutine has come in a scenario.
func (r *Replay) clock(g, scenario int) int64 { return r.of(g)[scenario] }

// TestAdd has scenarios begin late: those with as many processors as the run go on as
// the first one did, its use of them included.
func TestAdd(t *testing.T) {
	r := New()
	r.Add(0)
	r.Procs(1)
	r.Begin(0, 0)
	r.Begin(1, 0)
	r.Run(0, 5000, nil, 0)
	like, all, two := r.Add(0), r.Add(-1), r.Add(2)
	r.Run(1, 3000, nil, 0)
	for i, want := range map[int]int64{0: 8000, like: 8000, all: 3000, two: 3000} {
		if got := r.clock(1, i); got != want {
			t.Errorf("scenario %d: it has run by %d, not %d", i, got, want)
		}
		if got := r.clock(0, i); got != 5000 {
			t.Errorf("scenario %d: the other one has run by %d, not 5000", i, got)
		}
	}
}

// TestLike has a scenario forget how it differed.
func TestLike(t *testing.T) {
	r := New()
	r.Add(0)
	other := r.Add(0)
	r.Procs(1)
	r.Begin(0, 0)
	r.Begin(1, 0)
	r.Run(0, 5000, nil, Of(other))
	r.Like(other, 0)
	r.Run(1, 3000, nil, 0)
	if a, b := r.Clocks(nil, 0), r.Clocks(nil, 1); !slices.Equal(a, []int64{5000, 5000}) || !slices.Equal(b, []int64{8000, 8000}) {
		t.Errorf("the clocks are %d and %d", a, b)
	}
}

// TestProcs has processors come and go; those of a scenario that has its own stay.
func TestProcs(t *testing.T) {
	r := New()
	r.Add(0)
	own := r.Add(1)
	r.Procs(2)
	for g := range 3 {
		r.Begin(g, 0)
		r.Run(g, 2048, nil, 0)
	}
	if a, b := r.clock(1, 0), r.clock(1, own); a != 2048 || b != 4096 {
		t.Errorf("the second of two runs by %d, alone by %d", a, b)
	}
	r.Procs(1)
	r.Run(2, 2048, nil, 0) // from 4096 on
	r.Begin(3, 4096)
	r.Run(3, 2048, nil, 0)
	if a := r.clock(3, 0); a != 8192 {
		t.Errorf("with one processor left it runs by %d, not 8192", a)
	}
}

// TestLateClocks has clocks of before a scenario was added: there it is as in the first.
func TestLateClocks(t *testing.T) {
	r := New()
	r.Add(-1)
	r.Begin(0, 40)
	r.Begin(1, 10)
	r.Begin(2, 50)
	old := r.Clocks(nil, 0)
	late := r.Add(-1)
	r.Join(1, old, 0)
	if got := r.clock(1, late); got != 40 {
		t.Errorf("it goes on at %d, not 40", got)
	}
	r.Pass(2, 5, nil, Of(0))
	if got := r.Latest(old, 2); !slices.Equal(got, []int64{50, 55}) {
		t.Errorf("the latest are %d", got)
	}
}

// TestFill has one that gives way take what the others leave, and be no later for that.
func TestFill(t *testing.T) {
	r := New()
	r.Add(0)
	r.Procs(1)
	r.Begin(0, 0)
	r.Run(0, 1024, nil, 0)
	r.Begin(1, 0)
	r.Fill(1, 4096, 0)
	if got := r.clock(1, 0); got != 4096 {
		t.Errorf("it is at %d, not 4096", got)
	}
	if r.Run(0, 10, nil, 0); r.clock(0, 0) != 4106 {
		t.Errorf("the other one goes on by %d, not 4106", r.clock(0, 0))
	}
}
