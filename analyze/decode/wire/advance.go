package wire

import "tracekit/analyze/decode"

// advance passes the next event of a stream, unless it is early.
//
// The rules are those of golang.org/x/exp/trace. Each thread's events are in
// order; across threads, sequence numbers and the states of goroutines and
// processors say what comes before what. Left out is what concerns no goroutine's
// state: whether ranges, tasks and regions are nested. A program that nests its
// regions wrongly can be analyzed.
func (d *decoder) advance(s *stream) outcome {
	switch s.kind {
	case EvGoStart:
		return d.goStart(s)
	case EvGoBlock:
		return d.goStop(s, goWaiting)
	case EvGoStop:
		return d.goStop(s, goRunnable)
	case EvGoUnblock:
		return d.goUnblock(s)
	case EvGoSyscallBegin:
		return d.syscallBegin(s)
	case EvGoSyscallEnd:
		return d.syscallEnd(s)
	case EvGoSyscallEndBlocked:
		return d.syscallEndBlocked(s)
	case EvProcStart:
		return d.procStart(s)
	case EvProcStop:
		return d.procStop(s)
	case EvProcSteal:
		return d.procSteal(s)
	case EvProcStatus:
		return d.procStatus(s)
	case EvProcsChange:
		return d.procsChange(s)
	case EvGoCreate:
		return d.goCreate(s, goRunnable)
	case EvGoCreateBlocked:
		return d.goCreate(s, goWaiting)
	case EvGoCreateSyscall:
		return d.goCreateSyscall(s)
	case EvGoDestroy:
		return d.goDestroy(s)
	case EvGoDestroySyscall:
		return d.goDestroySyscall(s)
	case EvGoStatus, EvGoStatusStack:
		return d.goStatus(s)
	case EvGoSwitch, EvGoSwitchDestroy:
		return d.goSwitch(s)
	case EvGCActive, EvGCBegin, EvGCEnd:
		return d.gc(s)
	}
	return d.other(s)
}

// running reports whether a thread runs a goroutine on a processor.
func (t *thread) running() bool { return t.g >= 0 && t.p >= 0 }

// bind says what a thread runs from now on. What is written under no thread's id
// is about none.
func (t *thread) bind(g int32) {
	if t.id != noThread {
		t.g = g
	}
}

func (t *thread) hold(p int32) {
	if t.id != noThread {
		t.p = p
	}
}

func (d *decoder) goStart(s *stream) outcome {
	g := d.goroutine(s.args[0])
	if g < 0 || d.gs[g].status != goRunnable || s.args[1] != d.gs[g].seq+1 {
		return early
	}
	if t := s.thread; t.id == noThread || t.p < 0 || t.g >= 0 {
		return d.fail(errContext)
	}
	d.gs[g].status, d.gs[g].seq = goRunning, s.args[1]
	s.thread.g = g
	d.out.events.Move(d.tick(s.time), decode.GoIndex(g), decode.Runnable, decode.Running)
	if d.waits != nil {
		d.placeStart(s, g)
	}
	return passed
}

// goStop passes an event of a goroutine that stops running.
func (d *decoder) goStop(s *stream, status uint8) outcome {
	t := s.thread
	if t.g < 0 && t.p >= 0 && status == goWaiting {
		if !d.resume(t) {
			return d.fail(errUnstated)
		}
	}
	if !t.running() || d.gs[t.g].status != goRunning {
		return d.fail(errContext)
	}
	stack, ok := d.stack(s.args[1])
	if !ok {
		return d.fail(errTable)
	}
	reason, ok := d.reason(s.args[0])
	if !ok {
		return d.fail(errTable)
	}
	if reason > decode.MaxReasons {
		return d.fail(errReasons)
	}
	d.out.events.Stop(d.tick(s.time), decode.GoIndex(t.g), decode.Running, goroutineStates[status], stack, reason)
	g := &d.gs[t.g]
	g.status = status
	g.shown(stack)
	if status == goWaiting {
		if d.waits != nil {
			d.placeBlock(s, t.g)
		}
		g.stack, g.reason, g.since = stack, reason, d.out.read
	}
	t.g = none
	return passed
}

// resume has a thread run what it ran when the generation before ended. Up to Go 1.25,
// the runtime does not state it again where the first event of a goroutine is that it
// is stopped for the garbage collector.
func (d *decoder) resume(t *thread) bool {
	id, ok := d.gen.left[t.id]
	if !ok || d.goroutine(id) >= 0 {
		return false
	}
	t.bind(d.enter(id, goRunning, goRunning))
	return t.g >= 0
}

func (d *decoder) goUnblock(s *stream) outcome {
	g := d.goroutine(s.args[0])
	if g < 0 || d.gs[g].status != goWaiting || s.args[1] != d.gs[g].seq+1 {
		return early
	}
	stack, ok := d.stack(s.args[2])
	if !ok {
		return d.fail(errTable)
	}
	d.gs[g].status, d.gs[g].seq = goRunnable, s.args[1]
	d.summary.wake(g, &d.gs[g], stack)
	d.out.events.Wake(d.tick(s.time), decode.GoIndex(g), decode.Waiting, decode.Runnable, decode.GoIndex(s.thread.g), stack)
	if d.waits != nil {
		d.placeWake(s, g)
	}
	return passed
}

func (d *decoder) goCreate(s *stream, status uint8) outcome {
	t := s.thread
	if t.id == noThread || t.p < 0 || t.g >= 0 && d.gs[t.g].status != goRunning {
		return d.fail(errContext)
	}
	stack, ok := d.stack(s.args[1])
	byStack, ok2 := d.stack(s.args[2])
	if !ok || !ok2 {
		return d.fail(errTable)
	}
	g, ok := d.create(s.args[0], status)
	if !ok {
		return d.fail(errTwice)
	}
	d.summary.start(stack)
	d.gs[g].shown(stack)
	d.put(s.time, &decode.Event{
		G: decode.GoIndex(g), By: decode.GoIndex(t.g), From: decode.NotExist, To: goroutineStates[status], Stack: stack, ByStack: byStack,
	})
	if status == goWaiting {
		d.gs[g].stack, d.gs[g].since = stack, d.out.read
	}
	return passed
}

// create enters a goroutine that is created. Its id may be that of one that has
// ended.
func (d *decoder) create(id uint64, status uint8) (int32, bool) {
	g := d.goroutine(id)
	if g < 0 {
		return d.enter(id, status, 0), true
	}
	if d.gs[g].status != goDead {
		return none, false
	}
	d.gs[g] = goroutine{status: status, found: d.gs[g].found}
	return g, true
}

func (d *decoder) goCreateSyscall(s *stream) outcome {
	if t := s.thread; t.id == noThread || t.g >= 0 {
		return d.fail(errContext)
	}
	g, ok := d.create(s.args[0], goSyscall)
	if !ok {
		return d.fail(errTwice)
	}
	s.thread.g = g
	d.summary.start(decode.NoStack)
	d.put(s.time, &decode.Event{G: decode.GoIndex(g), By: decode.Nobody, From: decode.NotExist, To: decode.Syscall})
	return passed
}

func (d *decoder) goDestroy(s *stream) outcome {
	t := s.thread
	if !t.running() || d.gs[t.g].status != goRunning {
		return d.fail(errContext)
	}
	d.die(s.time, t.g, decode.Running)
	t.g = none
	return passed
}

func (d *decoder) die(t int64, g int32, from decode.State) {
	d.gs[g].status = goDead
	d.out.events.Move(d.tick(t), decode.GoIndex(g), from, decode.NotExist)
}

// goDestroySyscall passes the end of a thread of C's call into Go. Its processor
// may be taken from it later, or used by another thread with the same id.
func (d *decoder) goDestroySyscall(s *stream) outcome {
	t := s.thread
	if t.g < 0 || d.gs[t.g].status != goSyscall {
		return d.fail(errContext)
	}
	if t.p >= 0 {
		if d.procs[t.p].status != procSyscall {
			return d.fail(errContext)
		}
		d.procs[t.p].status = procAbandoned
		t.p = none
		d.leaveOut(s.time) // the other reader makes an event of it
	}
	d.die(s.time, t.g, decode.Syscall)
	t.g = none
	return passed
}

func (d *decoder) syscallBegin(s *stream) outcome {
	t := s.thread
	if !t.running() || d.gs[t.g].status != goRunning {
		return d.fail(errContext)
	}
	stack, ok := d.stack(s.args[1])
	if !ok {
		return d.fail(errTable)
	}
	p := &d.procs[t.p]
	p.status = procSyscall
	if s.args[0] != p.seq+1 {
		return d.fail(errSequence)
	}
	p.seq = s.args[0]
	d.gs[t.g].status = goSyscall
	d.gs[t.g].shown(stack)
	d.out.events.Stop(d.tick(s.time), decode.GoIndex(t.g), decode.Running, decode.Syscall, stack, 0)
	return passed
}

func (d *decoder) syscallEnd(s *stream) outcome {
	t := s.thread
	if !t.running() || d.gs[t.g].status != goSyscall || d.procs[t.p].status != procSyscall {
		return d.fail(errContext)
	}
	d.procs[t.p].status = procRunning
	d.gs[t.g].status = goRunning
	d.out.events.Move(d.tick(s.time), decode.GoIndex(t.g), decode.Syscall, decode.Running)
	return passed
}

// syscallEndBlocked passes the end of a system call whose processor was taken
// away: that has to have happened.
func (d *decoder) syscallEndBlocked(s *stream) outcome {
	t := s.thread
	if t.p >= 0 && d.procs[t.p].status == procSyscall {
		return early
	}
	if t.g < 0 || d.gs[t.g].status != goSyscall {
		return d.fail(errContext)
	}
	d.gs[t.g].status = goRunnable
	d.out.events.Move(d.tick(s.time), decode.GoIndex(t.g), decode.Syscall, decode.Runnable)
	t.g = none
	return passed
}

// goSwitch passes the switch to another coroutine: a wake, the end of running,
// and a start.
func (d *decoder) goSwitch(s *stream) outcome {
	t := s.thread
	if !t.running() || d.gs[t.g].status != goRunning {
		return d.fail(errContext)
	}
	next := d.goroutine(s.args[0])
	if next < 0 || d.gs[next].status != goWaiting || s.args[1] != d.gs[next].seq+1 {
		return early
	}
	d.summary.wake(next, &d.gs[next], decode.NoStack)
	d.out.events.Wake(d.tick(s.time), decode.GoIndex(next), decode.Waiting, decode.Runnable, decode.GoIndex(t.g), decode.NoStack)
	if s.kind == EvGoSwitchDestroy {
		d.die(s.time, t.g, decode.Running)
	} else {
		g := &d.gs[t.g]
		g.status, g.stack, g.reason, g.since = goWaiting, decode.NoStack, 0, d.out.read
		d.out.events.Move(d.tick(s.time), decode.GoIndex(t.g), decode.Running, decode.Waiting)
	}
	d.gs[next].status, d.gs[next].seq = goRunning, s.args[1]
	t.g = next
	d.out.events.Move(d.tick(s.time), decode.GoIndex(next), decode.Runnable, decode.Running)
	return passed
}

// goStatus passes the statement of what a goroutine was doing when the generation
// began, or since.
func (d *decoder) goStatus(s *stream) outcome {
	id, on, status := s.args[0], s.args[1], s.args[2]
	if status < goRunnable || status > goWaiting {
		return d.fail(errStatus)
	}
	var stack decode.StackID
	if s.kind == EvGoStatusStack {
		var ok bool
		if stack, ok = d.stack(s.args[3]); !ok {
			return d.fail(errTable)
		}
	}
	from := decode.Unknown
	g := d.goroutine(id)
	switch {
	case g < 0:
		g = d.enter(id, uint8(status), uint8(status))
		d.gs[g].late = status == goWaiting
	case d.gs[g].status != uint8(status):
		return d.fail(errStatus)
	default:
		from = goroutineStates[status]
		d.gs[g].seq = 0
	}
	if d.tells(stack) {
		d.gs[g].shown(stack)
	}
	if status == goRunning {
		s.thread.bind(g)
	}
	if status == goSyscall && !d.onThread(g, on, s.thread) {
		return d.fail(errThread)
	}
	d.put(s.time, &decode.Event{G: decode.GoIndex(g), By: decode.Nobody, From: from, To: goroutineStates[status], Stack: stack})
	return passed
}

// tells reports whether a stack shows any function. The runtime has one that does not
// for goroutines of its own, and for coroutines that did not run yet.
func (d *decoder) tells(stack decode.StackID) bool {
	frames := d.tables.stacks[d.out.stacks[stack]]
	return len(frames) > 1 || len(frames) == 1 && d.text(d.frames[frames[0]].function) != ""
}

// onThread binds a goroutine in a system call to the thread that is said to be in
// it, which need not be the one that says so.
func (d *decoder) onThread(g int32, id uint64, says *thread) bool {
	if id == noThread {
		return false
	}
	if id == says.id {
		says.g = g
		return true
	}
	t := d.thread(id)
	if t.seen {
		return t.g == g
	}
	t.seen, t.g = true, g
	return true
}

// What the garbage collector is doing.
const (
	gcUnknown = iota
	gcOff
	gcOn
)

// gc passes the garbage collector's beginnings and ends, which concern nobody
// here, in their order.
func (d *decoder) gc(s *stream) outcome {
	seq := s.args[0]
	if !d.known(s) {
		return d.fail(errTable)
	}
	if d.gcState == gcUnknown && s.kind != EvGCEnd {
		d.gcState, d.gcSeq = gcOn, seq
		return d.leaveOut(s.time)
	}
	if seq != d.gcSeq+1 {
		return early
	}
	if (d.gcState == gcOn) == (s.kind == EvGCBegin) || !s.thread.running() {
		return d.fail(errContext)
	}
	d.gcSeq = seq
	if s.kind == EvGCEnd {
		d.gcState = gcOff
	} else {
		d.gcState = gcOn
	}
	return d.leaveOut(s.time)
}

// maxProcs is beyond any machine. A larger GOMAXPROCS is damage, and would only
// overflow the sums further down.
const maxProcs = 1 << 12

func (d *decoder) procsChange(s *stream) outcome {
	if !s.thread.running() {
		return d.fail(errContext)
	}
	if !d.known(s) {
		return d.fail(errTable)
	}
	n := int64(min(s.args[0], maxProcs))
	d.put(s.time, &decode.Event{Kind: decode.Procs, N: n, By: decode.Nobody})
	if d.tally != nil {
		d.out.settings = append(d.out.settings, Setting{NS: d.last, GOMAXPROCS: n})
	}
	return passed
}

// other passes an event that changes no goroutine's state.
func (d *decoder) other(s *stream) outcome {
	t, ok := s.thread, true
	switch s.kind {
	case EvHeapAlloc, EvHeapGoal, EvGCSweepBegin, EvGCSweepEnd:
		ok = t.p >= 0
	case EvGCSweepActive:
		ok = d.procIDs.get(s.args[0]) >= 0
	case EvGCMarkAssistActive:
		ok = d.goroutine(s.args[0]) >= 0
	case EvSpan, EvSpanAlloc, EvSpanFree, EvHeapObject, EvHeapObjectAlloc, EvHeapObjectFree,
		EvGoroutineStack, EvGoroutineStackAlloc, EvGoroutineStackFree:
		ok = t.id != noThread
	default:
		ok = t.running()
	}
	if !ok {
		return d.fail(errContext)
	}
	if !d.known(s) {
		return d.fail(errTable)
	}
	if d.waits != nil && (s.kind == EvUserTaskBegin || s.kind == EvUserTaskEnd) {
		d.waits.task(s.args[0])
	}
	if s.kind == EvUserLog && s.args[1] == d.window && d.window != 0 {
		d.noteWindow(s.args[2])
	}
	if kind := markKinds[s.kind]; kind != decode.Transition {
		if d.marks != nil {
			d.mark(s)
		}
		return d.putMark(s, kind)
	}
	return d.leaveOut(s.time)
}

// noteWindow takes the text of a log that says which window the trace is of.
func (d *decoder) noteWindow(text uint64) {
	if w, ok := decode.ParseWindow(d.text(text)); ok && d.out.window == nil {
		d.out.window = &w
	}
}
