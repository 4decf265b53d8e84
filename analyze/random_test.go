package analyze

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tracekit/analyze/decode/decodetest"
)

// places are where a goroutine of a random program can wait, and be woken from.
var places = []struct{ wait, wake string }{
	{`"sync" sync.(*Mutex).Lock < main.get`, "sync.(*Mutex).Unlock < main.get"},
	{`"sync" sync.(*Mutex).Lock < main.put`, "sync.(*Mutex).Unlock < main.put"},
	{`"sync" sync.(*RWMutex).Lock < main.put`, "sync.(*RWMutex).RUnlock < main.read"},
	{`"sync" sync.(*RWMutex).RLock < main.read`, "sync.(*RWMutex).Unlock < main.put"},
	{`"select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.enter`, "golang.org/x/sync/semaphore.(*Weighted).Release < main.leave"},
	{`"select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.enter`, "context.(*cancelCtx).cancel < main.stop"},
	{`"chan receive" runtime.chanrecv1 < main.work`, "runtime.chansend1 < main.main"},
	{`"sleep" time.Sleep < main.nap`, ""},
	{`"sync" sync.(*Cond).Wait < main.work`, "main.poke"},
}

// randomScript returns the events of a program that does anything in any order, as
// far as goroutines go from one state to another as they do.
func randomScript(rnd *rand.Rand) string {
	var b strings.Builder
	n, few := 2+rnd.IntN(5), rnd.Perm(len(places))[:1+rnd.IntN(3)]
	states := make([]int, n) // 0: running, 1: runnable, 2 and more: waiting at a place
	for g := range n {
		fmt.Fprintf(&b, "0 g%d running main.w\n", g+1)
	}
	t := 1
	for range 200 {
		t += []int{1, 10, 100_000, 1_100_000}[rnd.IntN(4)]
		g, by := rnd.IntN(n), rnd.IntN(n)
		switch place := states[g] - 2; {
		case states[g] == 0:
			i := few[rnd.IntN(len(few))]
			fmt.Fprintf(&b, "%d g%d waits %s\n", t, g+1, places[i].wait)
			states[g] = i + 2
		case states[g] == 1:
			fmt.Fprintf(&b, "%d g%d starts\n", t, g+1)
			states[g] = 0
		case places[place].wake == "":
			fmt.Fprintf(&b, "%d nobody wakes g%d\n", t, g+1)
			states[g] = 1
		case states[by] == 0:
			fmt.Fprintf(&b, "%d g%d wakes g%d %s\n", t, by+1, g+1, places[place].wake)
			states[g] = 1
		}
	}
	fmt.Fprintf(&b, "%d end\n", t+1)
	return b.String()
}

// TestLaws holds the reports of random programs to what holds for all reports.
func TestLaws(t *testing.T) {
	for seed := range uint64(2000) {
		script := randomScript(rand.New(rand.NewPCG(seed, 4)))
		if built(t, decodetest.MustParse(script)); t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, script)
		}
	}
}
