package critpath

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze/timeline"
)

// contention is a script in which pairs of goroutines hold locks in turns.
type contention struct {
	*rand.Rand
	b   strings.Builder
	now int64
}

func (c *contention) say(ns int64, format string, args ...any) {
	c.now += ns
	fmt.Fprintf(&c.b, "%d %s\n", c.now, fmt.Sprintf(format, args...))
}

// begin has two goroutines there, which hold the locks by themselves.
func begin(seed uint64) *contention {
	c := &contention{Rand: rand.New(rand.NewPCG(seed, 17))}
	c.say(0, "procs 4")
	c.say(0, "g1 running main.a")
	c.say(0, "g2 running main.b")
	return c
}

// turn has one wait for a lock that the other one holds for ns, at the places of two
// numbers.
func (c *contention) turn(waiter, get, put int, ns int64) {
	name := string(rune('a' + waiter - 1))
	c.say(c.Int64N(ns), `g%d waits "sync" sync.(*Mutex).Lock < main.get%d < main.%s`, waiter, get, name)
	c.say(ns, "g%d wakes g%d sync.(*Mutex).Unlock < main.put%d < main.x", 3-waiter, waiter, put)
	c.say(0, "g%d starts", waiter)
}

// end ends the script.
func (c *contention) end() string {
	c.say(100, "g2 ends")
	c.say(10, "g1 ends")
	c.say(10, "end")
	return c.b.String()
}

// without returns scenarios without each of n locks, as a caller names them.
func without(n int) (list []Scenario) {
	for i := range n {
		list = append(list, Scenario{Drop: []string{fmt.Sprintf("main.get%d", i), fmt.Sprintf("main.put%d", i)}})
	}
	return list
}

// boundDropped holds each lock that has a scenario of its own to the one that drops it by
// its name from the beginning, and returns how many there are.
func (f followed) boundDropped(t *testing.T) (n int) {
	t.Helper()
	list, _ := f.Predict()
	for _, l := range f.path.Locks {
		if l.Dropped == nil {
			continue
		}
		n++
		rule := f.rules.list[f.lockRule(f.rank[l.Lock])]
		which := f.scenarioOf(&rule)
		d, by := l.Dropped, list[which].PredictedNS
		if by < d.LowNS || by > d.HighNS {
			t.Errorf("lock %d, by name %d: %d without it, by itself %+v", l.Lock, which, by, *d)
		}
	}
	return n
}

// lockRule returns the first of the caller's rules in whose scenario a lock is dropped.
func (f followed) lockRule(id timeline.LockID) int {
	dropped := f.places.ofLock(f.locks.root(id)).dropped
	return slices.IndexFunc(f.rules.list, func(r rule) bool { return dropped&r.in != 0 })
}

// TestManyLocks has more locks than have scenarios. The most that was waited for has one
// in the end, though all others came before.
func TestManyLocks(t *testing.T) {
	const n = 3 * mostAuto / 2
	for seed := range seeds(30) {
		c, ns := begin(seed), int64(10_000)
		for i := range n {
			for range 3 {
				c.turn(1, i, i, ns)
				c.turn(2, i, i, ns)
			}
			ns = ns * 3 / 2
		}
		f := follow(t, c.end(), without(n))
		if got := f.boundDropped(t); got != mostAuto {
			t.Errorf("seed %d: %d locks have scenarios", seed, got)
		}
		most := f.places.ofLock(f.locks.root(f.rank[0]))
		if most.scenario == 0 || most.waited != f.report.Waits.Locks[0].BlockedNS {
			t.Errorf("seed %d: of the lock that was waited for most, there is %+v", seed, most)
		}
		if t.Failed() {
			t.Fatal(c.b.String())
		}
	}
}

// TestRest has a lock waited for at the beginning alone: its scenario is for others when
// it does not matter any more, and for it when it does again.
func TestRest(t *testing.T) {
	c := begin(1)
	c.turn(1, 0, 0, 50_000)
	c.turn(2, 0, 0, 50_000)
	for range 2000 {
		c.turn(1, 1, 1, 100_000)
		c.turn(2, 1, 1, 100_000)
	}
	early := c.b.String()
	middle := c.now
	f := follow(t, c.end(), without(2))
	if n := f.boundDropped(t); n != 1 {
		t.Errorf("%d locks have scenarios", n)
	}
	c.b.Reset()
	c.b.WriteString(early)
	c.now = middle
	for range 200 {
		c.turn(1, 0, 0, 100_000)
		c.turn(2, 0, 0, 100_000)
	}
	f = follow(t, c.end(), without(2))
	if n := f.boundDropped(t); n != 2 {
		t.Errorf("%d locks have scenarios", n)
	}
}

// TestJoinedScenarios has locks turn out to be one when both have scenarios: one is left,
// and is near to what it takes when all of its places are dropped from the beginning.
func TestJoinedScenarios(t *testing.T) {
	for seed := range seeds(30) {
		c := begin(seed)
		for i := range 40 {
			c.turn(1, i%2, i%2, 10_000*(1+c.Int64N(5)))
			c.turn(2, i%2, i%2, 10_000*(1+c.Int64N(5)))
		}
		c.turn(1, 0, 1, 10_000)
		c.b.WriteString("---\n")
		for range 20 {
			c.turn(2, c.IntN(2), c.IntN(2), 20_000)
			c.turn(1, c.IntN(2), c.IntN(2), 20_000)
		}
		f := follow(t, c.end(), []Scenario{{Drop: []string{"main.get0", "main.get1", "main.put0", "main.put1"}}})
		if n := f.boundDropped(t); n != 1 || len(f.path.Locks) != 1 {
			t.Errorf("%d of %d locks have scenarios", n, len(f.path.Locks))
		}
		if used := len(f.places.auto) - count(f.places.auto, nil); used != 1 {
			t.Errorf("%d scenarios are in use", used)
		}
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, c.b.String())
		}
	}
}

func count(list []*place, p *place) (n int) {
	for _, other := range list {
		if other == p {
			n++
		}
	}
	return n
}

// TestDroppedByName holds the scenarios of locks in simulated programs to those of the
// caller.
func TestDroppedByName(t *testing.T) {
	var scenarios []Scenario
	for k := range 3 {
		scenarios = append(scenarios, Scenario{Drop: []string{fmt.Sprintf("main.lock%d", k)}})
	}
	eachSimulation(t, func(t *testing.T, script string, _ int) { follow(t, script, scenarios).boundDropped(t) })
}
