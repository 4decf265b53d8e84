package critpath

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tracekit/analyze/critpath/replay"
	"tracekit/analyze/timeline"
)

// Scenario is the run in other circumstances. All that it says holds together; the zero
// value is the run as it was.
//
// Places are named by their function, as "main.(*Cache).Get", or by function and line,
// as "main.(*Cache).Get:41". A lock is named by a place where it is waited for or
// released, other sync waits by where one waits.
type Scenario struct {
	Name  string
	Drop  []string           // places where nobody waits
	Hold  map[string]float64 // locks, and what the time for which they are held is multiplied by
	Speed map[string]float64 // functions, and what the time that they take is multiplied by
	// Procs is the number of processors; 0: as it was.
	Procs     int
	NoGC      bool // the garbage collector takes no time
	NoLatency bool // who can run does so at once, where a processor is free
}

// use is what a rule does.
type use uint8

const (
	drop use = iota
	scale
	speed
)

// rule is one thing that a scenario says of a place.
type rule struct {
	use    use
	place  string
	in     replay.Set // the scenario
	factor float64
	used   int64 // how often it applied
}

// rules are those of all scenarios.
type rules struct {
	noGC, noLatency replay.Set
	list            []rule
	scenarios       []Scenario
	speeds          bool
	kinds           uint32 // of waits for other than locks that were dropped, as bits
	symbols         *timeline.Symbols
	groups          *groups
	frames          []mask // by FrameID
	stacks          []mask // by StackID: rules of use speed that have a function on it
	byGroup         map[timeline.GroupID]uint64
	factorsOf       map[uint64]replay.Factors // by the rules
	held            map[timeline.LockID]*heldTimes
}

// mask is which rules apply, as bits by their index.
type mask struct {
	known bool
	rules uint64
}

// heldTimes are how long a lock was held between a hand-over and the next release.
type heldTimes struct{ n, own, ran int64 }

// mostRules is how many rules there can be.
const mostRules = 64

// first is the number of the first of the caller's scenarios.
const first = unbounded + 1

func newRules(c *Critpath, scenarios []Scenario) rules {
	r := rules{
		symbols: c.symbols, groups: &c.groups, scenarios: scenarios, noLatency: replay.Of(unbounded),
		byGroup: make(map[timeline.GroupID]uint64), factorsOf: make(map[uint64]replay.Factors), held: make(map[timeline.LockID]*heldTimes),
	}
	for _, s := range scenarios {
		r.add(s, c.replay.Add(s.Procs))
	}
	return r
}

func (r *rules) add(s Scenario, i int) {
	in := replay.Of(i)
	if s.NoGC {
		r.noGC |= in
	}
	if s.NoLatency {
		r.noLatency |= in
	}
	for _, place := range s.Drop {
		r.list = append(r.list, rule{use: drop, place: place, in: in})
	}
	for _, place := range slices.Sorted(maps.Keys(s.Hold)) {
		r.list = append(r.list, rule{use: scale, place: place, in: in, factor: s.Hold[place]})
	}
	for _, place := range slices.Sorted(maps.Keys(s.Speed)) {
		r.list = append(r.list, rule{use: speed, place: place, in: in, factor: s.Speed[place]})
		r.speeds = true
	}
}

// CheckScenarios returns what is wrong with scenarios: there are too many, or too many
// places in them.
func CheckScenarios(scenarios []Scenario) error {
	n := 0
	for _, s := range scenarios {
		n += len(s.Drop) + len(s.Hold) + len(s.Speed)
	}
	if most := replay.Most - first - mostAuto; len(scenarios) > most {
		return fmt.Errorf("there are %d scenarios; %d are the most", len(scenarios), most)
	}
	if n > mostRules {
		return fmt.Errorf("there are %d places in the scenarios; %d are the most", n, mostRules)
	}
	return nil
}

// at returns the rules that name a frame, as bits.
func (r *rules) at(f timeline.FrameID) uint64 {
	if len(r.list) == 0 || f == timeline.NoSite {
		return 0
	}
	for int(f) >= len(r.frames) {
		r.frames = append(r.frames, mask{})
	}
	if !r.frames[f].known {
		frame := r.symbols.Frame(f)
		line := fmt.Sprintf("%s:%d", frame.Func, frame.Line)
		m := mask{known: true}
		for i, rule := range r.list {
			if names(rule.place, frame.Func, line) {
				m.rules |= 1 << uint(i)
			}
		}
		r.frames[f] = m
	}
	return r.frames[f].rules
}

// names reports whether a place is called so: with the path of its package, or, as
// reports have it, without.
func names(place, function, line string) bool {
	for _, name := range []string{function, line} {
		if place == name || place == name[strings.LastIndexByte(name, '/')+1:] {
			return true
		}
	}
	return false
}

// dropped returns the scenarios in which nobody waits where rules say.
func (r *rules) dropped(which uint64) replay.Set {
	var set replay.Set
	for i := range r.list {
		if rule := &r.list[i]; which>>uint(i)&1 != 0 && rule.use == drop {
			set |= rule.in
			rule.used++
		}
	}
	return set
}

// unlocked returns the scenarios without a wait for something other than a lock.
func (r *rules) unlocked(w *timeline.Wait) replay.Set {
	if w.Kind == timeline.GC {
		return r.noGC // whoever ended it: it can be a goroutine that helped
	}
	which := r.at(w.Site)
	if which == 0 || !MayDrop(w.Kind) {
		return 0
	}
	set := r.dropped(which)
	if set != 0 && !w.Kind.IsLock() {
		r.kinds |= 1 << w.Kind
	}
	return set
}

// on returns the rules of use speed that name a function on a stack.
func (r *rules) on(id timeline.StackID) uint64 {
	for int(id) >= len(r.stacks) {
		r.stacks = append(r.stacks, mask{})
	}
	if !r.stacks[id].known {
		m := mask{known: true}
		for _, f := range r.symbols.Stack(id) {
			m.rules |= r.at(f)
		}
		m.rules &= r.of(speed)
		r.stacks[id] = m
	}
	return r.stacks[id].rules
}

// of returns the rules of a use.
func (r *rules) of(u use) uint64 {
	var which uint64
	for i, rule := range r.list {
		if rule.use == u {
			which |= 1 << uint(i)
		}
	}
	return which
}

// ofGroup returns the rules of use speed that name the function that goroutines of a
// group began with.
func (r *rules) ofGroup(group timeline.GroupID) uint64 {
	which, ok := r.byGroup[group]
	if !ok {
		name := (*r.groups)[group]
		for i, rule := range r.list {
			if rule.use == speed && names(rule.place, name, name) {
				which |= 1 << uint(i)
			}
		}
		r.byGroup[group] = which
	}
	return which
}

// factors returns what the time is multiplied by in which a goroutine goes from one
// stack to another one. It is in a function where both show it, or where the goroutine
// began with it.
func (r *rules) factors(from, to timeline.StackID, group timeline.GroupID) replay.Factors {
	if !r.speeds {
		return nil
	}
	return r.multiply(r.on(from)&r.on(to) | r.ofGroup(group))
}

// sleepFactors is factors for a wait that no goroutine ended: one sleeps for as long as
// a function says, and waits for the network as long as that takes.
func (r *rules) sleepFactors(c *Critpath, l *life) replay.Factors {
	if !r.speeds || c.keys.list[l.key].wait != timeline.Sleep {
		return nil
	}
	return r.factors(l.stack, l.stack, l.group)
}

// multiply returns the product of the factors of rules, by scenario.
func (r *rules) multiply(which uint64) replay.Factors {
	if which == 0 {
		return nil
	}
	f, ok := r.factorsOf[which]
	if !ok {
		f = make(replay.Factors, replay.Most)
		for i := range f {
			f[i] = 1
			for j, rule := range r.list {
				if which>>uint(j)&1 != 0 && rule.in.Has(i) {
					f[i] *= rule.factor
				}
			}
		}
		r.factorsOf[which] = f
	}
	for j := range r.list {
		r.list[j].used += int64(which >> uint(j) & 1)
	}
	return f
}

// released shortens the hold of a lock that a goroutine has released, or lengthens it.
// Where it had not waited for the lock, it is taken to have held it for as long as was
// usual, but not for longer than since it released it last, or was born: one release can
// wake many. The rules are those that name any place of the lock.
func (r *rules) released(c *Critpath, w *timeline.Wait, by *life, h hold, ok bool) {
	lock := c.locks.root(w.Lock)
	which := c.places.ofLock(lock).rules & r.of(scale)
	if which == 0 {
		return
	}
	t := r.held[lock]
	if t == nil {
		t = new(heldTimes)
		r.held[lock] = t
	}
	if ok {
		t.n++
		t.own += h.own
		t.ran += h.ran
	} else if t.n > 0 {
		since := w.Woken - by.released
		h.own, h.ran = min(t.own/t.n, since), min(t.ran/t.n, since)
	}
	c.replay.Refund(w.By.Slot, h.own, h.ran, r.multiply(which))
	by.released = w.Woken
}
