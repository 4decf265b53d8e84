package critpath

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// op is what a goroutine of a simulated program does next.
type op struct {
	do func(s *simulation, g *simulated) (blocked bool) // nil: it runs
	ns int64
}

// simulated is a goroutine.
type simulated struct {
	id, group int
	ops       []op
}

// simulation is a program on processors, of which none is idle while a goroutine could
// run.
type simulation struct {
	lines  []string
	t      int64
	idle   int
	queue  []*simulated            // could run
	timers map[int64][]func()      // by when they are due
	owner  map[int]*simulated      // of a mutex
	waits  map[string][]*simulated // by what for
	alive  int                     // workers
	born   int
}

func newSimulation(procs int) *simulation {
	s := &simulation{
		idle: procs - 1, timers: make(map[int64][]func()), owner: make(map[int]*simulated),
		waits: make(map[string][]*simulated), born: 1,
	}
	s.say("procs %d", procs)
	s.say("g1 running main.main")
	return s
}

func (s *simulation) say(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprint(s.t, " ", fmt.Sprintf(format, args...)))
}

// run runs the program to its end and returns the trace.
func (s *simulation) run(main []op) string {
	s.goOn(&simulated{id: 1, ops: main})
	for len(s.timers) > 0 {
		s.t = slices.Min(slices.Collect(func(yield func(int64) bool) {
			for t := range s.timers {
				if !yield(t) {
					return
				}
			}
		}))
		due := s.timers[s.t]
		delete(s.timers, s.t)
		for _, f := range due {
			f()
		}
	}
	s.say("end")
	return strings.Join(s.lines, "\n")
}

func (s *simulation) at(t int64, f func()) { s.timers[t] = append(s.timers[t], f) }

// goOn has one that has a processor do what it does, until it runs or has no processor.
func (s *simulation) goOn(g *simulated) {
	for len(g.ops) > 0 {
		o := g.ops[0]
		g.ops = g.ops[1:]
		if o.do == nil {
			s.at(s.t+o.ns, func() { s.goOn(g) })
			return
		}
		if o.do(s, g) {
			s.yield()
			return
		}
	}
	s.say("g%d ends", g.id)
	s.yield()
}

// yield gives a processor to the next one.
func (s *simulation) yield() {
	s.idle++
	s.dispatch()
}

func (s *simulation) dispatch() {
	for s.idle > 0 && len(s.queue) > 0 {
		g := s.queue[0]
		s.queue = s.queue[1:]
		s.idle--
		s.say("g%d starts", g.id)
		s.at(s.t, func() { s.goOn(g) })
	}
}

func (s *simulation) ready(g *simulated) {
	s.queue = append(s.queue, g)
	s.dispatch()
}

// wait has g wait for something, at a stack.
func (s *simulation) wait(g *simulated, what, stack string) bool {
	s.say("g%d waits %s < main.w%d", g.id, stack, g.group)
	s.waits[what] = append(s.waits[what], g)
	return true
}

// wake has g wake the first who waits for something, and reports false where nobody does.
func (s *simulation) wake(g *simulated, what, stack string) bool {
	list := s.waits[what]
	if len(list) == 0 {
		return false
	}
	s.waits[what] = list[1:]
	s.say("g%d wakes g%d %s < main.w%d", g.id, list[0].id, stack, g.group)
	if k, ok := strings.CutPrefix(what, "lock "); ok {
		s.owner[int(k[0]-'0')] = list[0]
	}
	s.ready(list[0])
	return true
}

func computing(ns int64) op { return op{ns: ns} }

func sleeping(ns int64) op {
	return op{do: func(s *simulation, g *simulated) bool {
		s.say(`g%d waits "sleep" time.Sleep < main.nap < main.w%d`, g.id, g.group)
		s.at(s.t+ns, func() {
			s.say("nobody wakes g%d", g.id)
			s.ready(g)
		})
		return true
	}}
}

func locking(k int) op {
	return op{do: func(s *simulation, g *simulated) bool {
		if s.owner[k] == nil {
			s.owner[k] = g
			return false
		}
		return s.wait(g, fmt.Sprint("lock ", k), fmt.Sprintf(`"sync" sync.(*Mutex).Lock < main.lock%d`, k))
	}}
}

func unlocking(k int) op {
	return op{do: func(s *simulation, g *simulated) bool {
		if !s.wake(g, fmt.Sprint("lock ", k), fmt.Sprintf("sync.(*Mutex).Unlock < main.unlock%d", k)) {
			s.owner[k] = nil
		}
		return false
	}}
}

func sending(c int) op {
	return op{do: func(s *simulation, g *simulated) bool {
		return !s.wake(g, fmt.Sprint("item ", c), fmt.Sprintf("runtime.chansend1 < main.send%d", c)) &&
			s.wait(g, fmt.Sprint("room ", c), fmt.Sprintf(`"chan send" runtime.chansend1 < main.send%d`, c))
	}}
}

func receiving(c int) op {
	return op{do: func(s *simulation, g *simulated) bool {
		return !s.wake(g, fmt.Sprint("room ", c), fmt.Sprintf("runtime.chanrecv1 < main.recv%d", c)) &&
			s.wait(g, fmt.Sprint("item ", c), fmt.Sprintf(`"chan receive" runtime.chanrecv1 < main.recv%d`, c))
	}}
}

func creating(group int, ops []op) op {
	return op{do: func(s *simulation, g *simulated) bool {
		s.born++
		s.alive++
		child := &simulated{id: s.born, group: group, ops: append(ops, ending())}
		s.say("g%d creates g%d main.w%d @ main.spawn < main.w%d", g.id, child.id, group, g.group)
		s.ready(child)
		return false
	}}
}

// ending has a worker be done.
func ending() op {
	return op{do: func(s *simulation, g *simulated) bool {
		if s.alive--; s.alive == 0 {
			s.wake(g, "workers", "sync.(*WaitGroup).Done < main.done")
		}
		return false
	}}
}

// joining has main wait for all workers.
func joining() op {
	return op{do: func(s *simulation, g *simulated) bool {
		return s.alive > 0 && s.wait(g, "workers", `"sync" sync.(*WaitGroup).Wait < main.join`)
	}}
}

// simulate returns the trace of a random program on a number of processors: workers who
// compute, sleep and take locks, and a pipeline beside.
func simulate(seed uint64, procs int) string {
	rnd := rand.New(rand.NewPCG(seed, 12))
	var main []op
	for range 1 + rnd.IntN(5) {
		main = append(main, computing(1+rnd.Int64N(20_000)), creating(1, randomOps(rnd)))
	}
	items, stages := rnd.IntN(8), 2+rnd.IntN(2)
	for stage := range stages {
		var ops []op
		ns := 1 + rnd.Int64N(100_000)
		for range items {
			if stage > 0 {
				ops = append(ops, receiving(stage))
			}
			ops = append(ops, computing(ns))
			if stage < stages-1 {
				ops = append(ops, sending(stage+1))
			}
		}
		main = append(main, creating(2+stage, ops))
	}
	main = append(main, joining(), computing(1+rnd.Int64N(10_000)))
	return newSimulation(procs).run(main)
}

func randomOps(rnd *rand.Rand) (ops []op) {
	for range rnd.IntN(12) {
		k := rnd.IntN(3)
		switch rnd.IntN(4) {
		case 0:
			ops = append(ops, sleeping(1+rnd.Int64N(200_000)))
		case 1:
			ops = append(ops, computing(1+rnd.Int64N(200_000)))
		default:
			ops = append(ops, locking(k), computing(1+rnd.Int64N(100_000)), unlocking(k))
		}
	}
	return ops
}
