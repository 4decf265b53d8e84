package critpath

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// seeds returns how many random programs to go through of n.
func seeds(n uint64) uint64 {
	if testing.Short() {
		return n / 5
	}
	return n
}

// haunts are where goroutines of random programs wait, and are woken from.
var haunts = []struct{ wait, wake string }{
	{`"sync" sync.(*Mutex).Lock < main.get:1`, "sync.(*Mutex).Unlock < main.get:2"},
	{`"sync" sync.(*Mutex).Lock < main.put:1`, "sync.(*Mutex).Unlock < main.put:2"},
	{`"sync" sync.(*Mutex).Lock < main.put:1`, "sync.(*Mutex).Unlock < main.get:2"}, // joins both
	{`"sync" sync.(*RWMutex).RLock < main.read:1`, "sync.(*RWMutex).Unlock < main.write:2"},
	{`"select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.enter:1`, "golang.org/x/sync/semaphore.(*Weighted).Release < main.leave:2"},
	{`"chan receive" runtime.chanrecv1 < main.take:1`, "runtime.chansend1 < main.give:2"},
	{`"chan receive" runtime.chanrecv1 < main.meet:1`, "runtime.closechan < main.meet:2"},
	{`"chan send" runtime.chansend1 < main.give:3`, "runtime.chanrecv1 < main.take:4"},
	{`"sync" sync.(*WaitGroup).Wait < main.join:1`, "sync.(*WaitGroup).Done < main.work:2"},
	{`"sync.(*Cond).Wait" sync.(*Cond).Wait < main.meet:5`, "sync.(*Cond).Broadcast < main.meet:6"},
	{`"sleep" time.Sleep < main.nap:1`, ""},
	{`"network" internal/poll.(*FD).Read < main.fetch:1`, ""},
}

// What a goroutine of a random program is doing; from haunt on it waits there.
const (
	gone = iota
	onCPU
	canRun
	calls
	haunt
)

// chaos is a random program that does anything in any order, as far as goroutines go
// from one state to another one as they do.
type chaos struct {
	*rand.Rand
	lines []string
	t     int
	doing []int    // by goroutine, less 1
	marks []string // that those who run make
}

// newChaos returns the lines of a random program. Goroutine 9 of each is the runtime's.
// Those who run make marks, where there are some to make.
func newChaos(seed uint64, steps int, marks ...string) []string {
	c := &chaos{Rand: rand.New(rand.NewPCG(seed, 11)), doing: make([]int, 9), marks: marks}
	c.say("procs %d", 1+c.IntN(4))
	c.say("g9 running runtime.bgsweep")
	for g := range 2 + c.IntN(4) {
		c.doing[g] = []int{onCPU, canRun, calls, haunt + c.IntN(len(haunts))}[c.IntN(4)]
	}
	c.doing[0] = onCPU
	c.find()
	for range steps {
		c.t += []int{0, 0, 1, 10, 700, 200_000}[c.IntN(6)]
		c.step(c.IntN(len(c.doing)))
	}
	return c.lines
}

func (c *chaos) say(format string, args ...any) {
	c.lines = append(c.lines, fmt.Sprint(c.t, " ", fmt.Sprintf(format, args...)))
}

// find says what all are doing.
func (c *chaos) find() {
	for i, doing := range c.doing {
		switch {
		case i == 8 || doing == gone:
		case doing >= haunt:
			c.say("g%d waiting %s < main.w%d", i+1, haunts[doing-haunt].wait, i%3)
		default:
			c.say("g%d %s main.w%d", i+1, [...]string{onCPU: "running", canRun: "runnable", calls: "insyscall"}[doing], i%3)
		}
	}
}

// step has one goroutine do something.
func (c *chaos) step(i int) {
	switch doing := c.doing[i]; {
	case c.IntN(300) == 0:
		c.cut()
	case i == 8:
	case doing == gone:
		c.bear(i)
	case doing == onCPU && len(c.marks) > 0 && c.IntN(2) == 0:
		c.say("g%d %s", i+1, c.marks[c.IntN(len(c.marks))])
	case doing == onCPU:
		c.act(i)
	case doing == canRun:
		c.say("g%d starts", i+1)
		c.doing[i] = onCPU
	case doing == calls && c.IntN(2) == 0:
		c.say("g%d returns", i+1)
		c.doing[i] = onCPU
	case doing == calls:
		c.say("g%d stops", i+1)
		c.doing[i] = canRun
	default:
		c.wake(i, doing-haunt)
	}
}

// cut begins a new generation, at times behind a gap.
func (c *chaos) cut() {
	if c.IntN(4) > 0 {
		c.lines = append(c.lines, "---")
		return
	}
	c.lines = append(c.lines, "--- gap")
	c.t += 5000
	c.say("g9 running runtime.bgsweep")
	c.find()
}

// runner returns a goroutine of the user's that runs, less 1, or -1.
func (c *chaos) runner() int {
	i := c.IntN(len(c.doing))
	if c.doing[i] == onCPU {
		return i
	}
	return -1
}

// bear has somebody create a goroutine.
func (c *chaos) bear(i int) {
	by := c.runner()
	if by < 0 {
		if c.IntN(10) > 0 {
			return
		}
		by = 8
	}
	c.doing[i] = canRun
	verb := "creates"
	if c.IntN(6) == 0 {
		verb, c.doing[i] = "coroutine", haunt+5
	}
	c.say("g%d %s g%d main.w%d @ main.bear:%d", by+1, verb, i+1, i%3, 1+c.IntN(2))
}

// act has one that runs stop running.
func (c *chaos) act(i int) {
	switch n := c.IntN(20); {
	case n == 0:
		c.say("g%d ends", i+1)
		c.doing[i] = gone
	case n < 3:
		c.say("g%d stops \"preempted\" main.spin < main.w%d", i+1, i%3)
		c.doing[i] = canRun
	case n < 5:
		c.say("g%d syscall main.call < main.w%d", i+1, i%3)
		c.doing[i] = calls
	case n < 7 && i == 0 && c.IntN(30) == 0:
		c.say(`g1 waits "chan receive" runtime.chanrecv1 < runtime/trace.tracekitStop < main.w0`)
		c.doing[i] = haunt + 10
	case n < 14:
		at := c.IntN(len(haunts))
		c.say("g%d waits %s < main.w%d", i+1, haunts[at].wait, i%3)
		c.doing[i] = haunt + at
	}
}

// wake has somebody wake one that waits: one of those that run, else perhaps the
// runtime, or nobody.
func (c *chaos) wake(i, at int) {
	switch by := c.runner(); {
	case by >= 0 && haunts[at].wake != "":
		c.say("g%d wakes g%d %s < main.w%d", by+1, i+1, haunts[at].wake, by%3)
	case c.IntN(8) == 0:
		c.say("g9 wakes g%d runtime.ready < runtime.bgsweep", i+1)
	case haunts[at].wake == "" || c.IntN(20) == 0:
		c.say("nobody wakes g%d", i+1)
	default:
		return
	}
	c.doing[i] = canRun
}

// upTo returns the first lines as a script that ends there.
func upTo(lines []string, n int) string {
	t := "0"
	for _, line := range lines[:n] {
		if stamp, _, ok := strings.Cut(line, " "); ok && stamp != "---" {
			t = stamp
		}
	}
	return strings.Join(lines[:n], "\n") + "\n" + t + " end\n"
}
