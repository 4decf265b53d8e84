package rewrite

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"tracekit/analyze/decode/wire"
)

// prologue says what is going on where a window begins.
//
// The format can state that a goroutine waits, but neither for what nor why. So one
// thread, the host, has each of them block anew, for the reason and with the stack that
// it blocked for in truth; in ns that are before the window. The tasks and regions that
// are open begin anew, too, on goroutines that run.
type prologue struct {
	*part
	state      *wire.State
	host       wire.ThreadState
	own        bool // the host is a thread of ours, with a processor that is idle
	procs      map[uint64]wire.ProcState
	goroutines map[uint64]*wire.GoroutineState
}

// begin writes the prologue of a part.
func (p *part) begin(s *wire.State) error {
	pr := &prologue{part: p, state: s, procs: make(map[uint64]wire.ProcState), goroutines: make(map[uint64]*wire.GoroutineState)}
	pr.complete()
	p.opens = p.first - min(p.first-1, uint64(pr.bound()/p.tables.TickNS)+2)
	if len(s.Goroutines)+len(s.Procs) == 0 {
		return nil // nothing was before
	}
	pr.findHost()
	on := make(map[uint64]bool) // goroutines on threads
	for _, t := range s.Threads {
		if t.HasG {
			on[t.G] = true
		}
		if t.ID != pr.host.ID {
			pr.thread(t)
		}
	}
	pr.hostThread(on)
	return nil
}

// bound returns more than the number of events in the prologue, each of which takes
// a ns.
func (p *prologue) bound() int64 {
	n := 16 + 6*len(p.state.Goroutines) + 3*len(p.state.Procs) + 4*len(p.state.Threads) + len(p.stand.Tasks())
	for _, st := range p.stand.Goroutines {
		n += len(st.Regions)
	}
	return int64(n)
}

// More than any machine has processors, or a system gives threads as ids: those of ours
// must not be found later in the window.
const (
	manyProcs   = 1 << 20
	manyThreads = 1 << 32
)

// findHost finds a thread with a processor, or a processor for one of ours. Where all
// are in system calls, and of threads that are not known, it is one that there is not.
func (p *prologue) findHost() {
	threads := make(map[uint64]bool)
	for _, t := range p.state.Threads {
		threads[t.ID] = true
		if t.HasP && t.HasG && p.procs[t.P].Status == wire.ProcRunning {
			p.host = t
			return
		}
	}
	ours := unused(threads, manyThreads)
	for _, proc := range p.state.Procs {
		if proc.Status == wire.ProcIdle {
			p.host, p.own = wire.ThreadState{ID: ours, P: proc.ID, HasP: true}, true
			return
		}
	}
	for _, t := range p.state.Threads {
		if t.HasP && (p.procs[t.P].Status == wire.ProcRunning || p.inCall(t)) {
			p.host = t
			return
		}
	}
	proc := unused(p.procs, manyProcs)
	p.host, p.own = wire.ThreadState{ID: ours, P: proc, HasP: true}, true
	p.procs[proc] = wire.ProcState{ID: proc, Status: wire.ProcIdle}
}

// inCall reports whether a thread is in a system call with a processor.
func (p *prologue) inCall(t wire.ThreadState) bool {
	g := p.goroutines[t.G]
	return t.HasG && g != nil && g.Status == wire.GoSyscall && t.HasP && p.procs[t.P].Status == wire.ProcSyscall
}

// complete adds to the state what the generation has not told yet: it is as the one
// before has left it.
func (p *prologue) complete() {
	s := p.state
	told := make(map[uint64]bool)
	for _, g := range s.Goroutines {
		told[g.ID] = true
	}
	for _, proc := range s.Procs {
		p.procs[proc.ID] = proc
	}
	for _, id := range slices.Sorted(maps.Keys(p.stand.Goroutines)) {
		if !told[id] {
			s.Goroutines = append(s.Goroutines, wire.GoroutineState{ID: id, Status: p.stand.Goroutines[id].Status, Late: true})
		}
	}
	p.byWait()
	for i := range s.Goroutines {
		p.goroutines[s.Goroutines[i].ID] = &s.Goroutines[i]
	}
	for _, t := range p.stand.Threads {
		_, known := p.procs[t.P]
		p.completeThread(t, t.HasG && !told[t.G], t.HasP && !known)
	}
	for _, proc := range p.stand.Procs {
		if _, known := p.procs[proc.ID]; !known {
			p.procs[proc.ID] = proc
			s.Procs = append(s.Procs, proc)
		}
	}
}

// completeThread adds what a thread had, where the goroutine and the processor were
// not told of since.
func (p *prologue) completeThread(was wire.ThreadState, g, proc bool) {
	if !g && !proc {
		return
	}
	i, ok := slices.BinarySearchFunc(p.state.Threads, was.ID, func(t wire.ThreadState, id uint64) int { return cmp.Compare(t.ID, id) })
	if !ok {
		p.state.Threads = slices.Insert(p.state.Threads, i, wire.ThreadState{ID: was.ID})
	}
	t := &p.state.Threads[i]
	if g && !t.HasG {
		t.G, t.HasG = was.G, true
	}
	if proc && !t.HasP {
		t.P, t.HasP = was.P, true
	}
}

// add writes an event of the prologue.
func (p *prologue) add(thread uint64, kind byte, args ...uint64) {
	p.extent.Added++
	p.stream(thread).Add(p.opens, kind, args...)
}

// thread says what a thread does.
func (p *prologue) thread(t wire.ThreadState) {
	if t.HasP {
		p.proc(t)
	}
	if t.HasG {
		p.runs(t)
	}
}

// proc says that a thread has a processor.
func (p *prologue) proc(t wire.ThreadState) {
	proc := p.procs[t.P]
	status := uint64(proc.Status)
	if p.inCall(t) || p.own && t.ID == p.host.ID {
		status = wire.ProcRunning
	}
	p.add(t.ID, wire.EvProcStatus, proc.ID, status)
	p.part.procs[proc.ID] = -proc.Seq
	if p.ranges[span{wire.EvGCSweepEnd, proc.ID}] {
		p.add(t.ID, wire.EvGCSweepActive, proc.ID)
	}
}

// runs says that a thread runs a goroutine, or is in a system call with it.
func (p *prologue) runs(t wire.ThreadState) {
	g := p.goroutines[t.G]
	if g == nil || g.Status != wire.GoRunning && g.Status != wire.GoSyscall {
		return
	}
	calls := p.inCall(t)
	if g.Status == wire.GoSyscall && !calls {
		p.status(t.ID, t.ID, g.ID, wire.GoSyscall, p.stackOf(g))
		delete(p.ranges, span{wire.EvSTWEnd, g.ID})
		return
	}
	stack := p.stackOf(g)
	switch {
	case !t.HasP: // of a cut, at whose end this was stated
		p.status(t.ID, t.ID, g.ID, wire.GoRunning, stack)
	case p.raw.Version() < 23 && stack != 0 && !calls:
		p.turn(t.ID, g, wire.EvGoStop, 0, stack) // which shows the stack
		p.add(t.ID, wire.EvGoStart, g.ID, 2)
		p.part.goroutines[g.ID]++
	default:
		p.status(t.ID, t.ID, g.ID, wire.GoRunning, stack)
		p.running(t.ID, g.ID)
	}
	if calls {
		p.add(t.ID, wire.EvGoSyscallBegin, 1, p.stackOf(g))
		p.part.procs[t.P]++
	}
}

// status states what a goroutine does. Its sequence of events begins anew.
func (p *prologue) status(thread, on, g, status, stack uint64) {
	p.mentioned[g] = true
	p.part.goroutines[g] = -p.goroutines[g].Seq
	if p.raw.Version() >= 23 && stack != 0 {
		p.add(thread, wire.EvGoStatusStack, g, on, status, stack)
	} else {
		p.add(thread, wire.EvGoStatus, g, on, status)
	}
	if p.ranges[span{wire.EvGCMarkAssistEnd, g}] {
		p.add(thread, wire.EvGCMarkAssistActive, g)
	}
}

// running writes what only a goroutine that runs can say: the window and the tasks,
// once; its regions; that it has stopped the world.
func (p *prologue) running(thread, g uint64) {
	if !p.told {
		p.tellWindow(thread, p.opens)
		if p.gomax > 0 {
			p.add(thread, wire.EvProcsChange, p.gomax, 0)
		}
		for _, t := range p.stand.Tasks() {
			p.add(thread, wire.EvUserTaskBegin, t.ID, t.Parent, p.added.string(t.Name), 0)
		}
	}
	if st := p.stand.Goroutines[g]; st != nil {
		for _, r := range st.Regions {
			p.add(thread, wire.EvUserRegionBegin, r.Task, p.added.string(r.Name), 0)
		}
	}
	if stw, ok := p.stopped[g]; ok {
		p.add(thread, wire.EvSTWBegin, stw.Args...)
	}
}

// stackOf returns the stack that a goroutine was shown with last, 0 for none.
func (p *prologue) stackOf(g *wire.GoroutineState) uint64 {
	if g.Stack != 0 {
		return g.Stack
	}
	if st := p.stand.Goroutines[g.ID]; st != nil {
		return p.added.stack(st.Stack)
	}
	return 0
}

// hostThread says what the host does, and on it what no thread does. on are the
// goroutines that threads run.
func (p *prologue) hostThread(on map[uint64]bool) {
	h := p.host
	p.proc(h)
	held := map[uint64]bool{h.P: true}
	for _, t := range p.state.Threads {
		held[t.P] = held[t.P] || t.HasP
	}
	for _, proc := range p.state.Procs {
		if !held[proc.ID] {
			p.add(h.ID, wire.EvProcStatus, proc.ID, uint64(proc.Status))
			p.part.procs[proc.ID] = -proc.Seq
		}
	}
	if p.state.GC {
		p.ranges[span{kind: wire.EvGCEnd}] = true
		p.add(h.ID, wire.EvGCActive, p.state.GCSeq)
	}
	for _, g := range p.state.Goroutines {
		if !on[g.ID] {
			p.offThread(&g)
		}
	}
	if h.HasG {
		p.runs(h)
	}
	if p.own {
		p.add(h.ID, wire.EvProcStop)
	}
}

// byWait sorts goroutines so that those that wait are in the order in which they
// blocked.
func (p *prologue) byWait() {
	slices.SortStableFunc(p.state.Goroutines, func(a, b wire.GoroutineState) int {
		since := func(g *wire.GoroutineState) (late, at int) {
			if at, ok := p.waiting[g.ID]; ok {
				return 1, at
			}
			if st := p.stand.Goroutines[g.ID]; st != nil {
				return 0, st.Since
			}
			return 0, 0
		}
		lateA, atA := since(&a)
		lateB, atB := since(&b)
		return cmp.Or(cmp.Compare(lateA, lateB), cmp.Compare(atA, atB))
	})
}

// offThread says what a goroutine does that no thread runs.
func (p *prologue) offThread(g *wire.GoroutineState) {
	st := p.stand.Goroutines[g.ID]
	open := st != nil && len(st.Regions) > 0
	_, stops := p.stopped[g.ID]
	switch {
	case g.Status == wire.GoWaiting:
		stack, reason := p.waitOf(g, st)
		p.turn(p.host.ID, g, wire.EvGoBlock, reason, stack)
	case g.Status == wire.GoRunnable && (open || stops || !p.told && !p.host.HasG || p.raw.Version() < 23):
		p.turn(p.host.ID, g, wire.EvGoStop, 0, p.stackOf(g))
	case g.Status == wire.GoRunnable:
		p.status(p.host.ID, wire.NoThread, g.ID, wire.GoRunnable, p.stackOf(g))
	}
}

// waitOf returns the ids of the stack with which a goroutine waits, and of the reason.
func (p *prologue) waitOf(g *wire.GoroutineState, st *wire.Stand) (stack, reason uint64) {
	switch {
	case !g.Late:
		return g.Wait, g.Reason
	case st != nil && st.Waits:
		return p.added.stack(st.Wait), p.added.string(st.Reason)
	}
	return p.stackOf(g), 0
}

// turn has a goroutine run on a thread for a moment, and end with an event.
func (p *prologue) turn(thread uint64, g *wire.GoroutineState, end byte, args ...uint64) {
	p.status(thread, wire.NoThread, g.ID, wire.GoRunnable, p.stackOf(g))
	p.add(thread, wire.EvGoStart, g.ID, 1)
	p.part.goroutines[g.ID]++
	p.running(thread, g.ID)
	p.add(thread, end, args...)
}

// since writes a time of the trace's clock as one since the trace's beginning.
func since(ns, start int64) string { return fmt.Sprintf("%.9f s", float64(ns-start)/1e9) }
