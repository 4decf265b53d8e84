package analyze_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"tracekit/analyze/report"
)

// traced runs f under the tracer of this very process.
func traced(t *testing.T, f func()) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		t.Skipf("this process is being traced already: %v", err)
	}
	f()
	trace.Stop()
	return b.Bytes()
}

// attempts is how often a live program may miss what it is compared with. What
// a goroutine notes and what the tracer notes lie a few instructions apart, and
// a busy machine may take the processor away in between; a wrong analysis
// misses every time.
const attempts = 6

func attempt(t *testing.T, try func() error) {
	t.Helper()
	var err error
	for range attempts {
		if err = try(); err == nil {
			return
		}
		t.Logf("missed: %v", err)
	}
	t.Errorf("missed %d times, last: %v", attempts, err)
}

// hold is what one goroutine of the queue notes of its turn.
type hold struct {
	ask, got, free time.Time
	taken          chan struct{} // closed when it has the mutex
	ready          chan struct{} // closed when all others wait for it; nil: need not be
}

// The goroutines of the queue release from functions of their own, so that the
// report can tell them apart. They must not be inlined into one.

//go:noinline
func turn1(q *sync.Mutex, h *hold, d time.Duration) { take(q, h, d) }

//go:noinline
func turn2(q *sync.Mutex, h *hold, d time.Duration) { take(q, h, d) }

//go:noinline
func turn3(q *sync.Mutex, h *hold, d time.Duration) { take(q, h, d) }

//go:noinline
func turn4(q *sync.Mutex, h *hold, d time.Duration) { take(q, h, d) }

//go:noinline
func turn5(q *sync.Mutex, h *hold, d time.Duration) { take(q, h, d) }

func take(q *sync.Mutex, h *hold, d time.Duration) {
	h.ask = time.Now()
	q.Lock()
	h.got = time.Now()
	close(h.taken)
	if h.ready != nil {
		<-h.ready
	}
	time.Sleep(d)
	h.free = time.Now()
	q.Unlock()
}

// queueUp has five goroutines queue for one mutex which they hold for 1, 2, 3,
// 4 and 5 units. The first begins to count when all others wait.
func queueUp(unit time.Duration) [5]hold {
	var (
		q     sync.Mutex
		holds [5]hold
		wg    sync.WaitGroup
	)
	holds[0].ready = make(chan struct{})
	for i, turn := range []func(*sync.Mutex, *hold, time.Duration){turn1, turn2, turn3, turn4, turn5} {
		holds[i].taken = make(chan struct{})
		wg.Go(func() { turn(&q, &holds[i], time.Duration(i+1)*unit) })
		if i == 0 {
			<-holds[i].taken
		}
		awaitWaiters("sync.Mutex.Lock", i)
	}
	close(holds[0].ready)
	wg.Wait()
	return holds
}

// awaitWaiters returns when n goroutines are parked for a reason.
func awaitWaiters(reason string, n int) {
	dump := make([]byte, 1<<18)
	for {
		stacks := dump[:runtime.Stack(dump, true)]
		if bytes.Count(stacks, []byte("["+reason)) >= n {
			return
		}
		time.Sleep(200 * time.Microsecond)
	}
}

// TestTruth compares blocked time and blame with the stamps that the program
// took itself, each to 2 % and 1 ms.
func TestTruth(t *testing.T) {
	attempt(t, func() error {
		var holds [5]hold
		data := traced(t, func() { holds = queueUp(10 * time.Millisecond) })
		r := verified(t, data, "queue")
		if len(r.Waits.Locks) != 1 {
			return fmt.Errorf("%d locks", len(r.Waits.Locks))
		}
		l := r.Waits.Locks[0]
		for i := range 4 {
			name := fmt.Sprintf("analyze_test.turn%d", i+1)
			if err := near("blame of "+name, blameOf(r, l, name), stampedBlame(holds, i)); err != nil {
				return err
			}
			name = fmt.Sprintf("analyze_test.turn%d", i+2)
			if err := near("blocked of "+name, blockedOf(r, l, name), holds[i].free.Sub(holds[i+1].ask)); err != nil {
				return err
			}
		}
		return nil
	})
}

// stampedBlame is the time that others waited while goroutine i held the mutex.
func stampedBlame(holds [5]hold, i int) (sum time.Duration) {
	from := holds[0].ask // nobody waits before
	if i > 0 {
		from = holds[i-1].free
	}
	for _, h := range holds[i+1:] {
		start := from
		if h.ask.After(start) {
			start = h.ask
		}
		sum += holds[i].free.Sub(start)
	}
	return sum
}

func near(what string, got int64, want time.Duration) error {
	if off := math.Abs(float64(got) - float64(want)); off > 0.02*float64(want)+1e6 {
		return fmt.Errorf("%s is %v, the stamps say %v", what, time.Duration(got), want)
	}
	return nil
}

// has reports whether a stack passes through a function or a literal in it.
func has(r *report.Report, stack int, function string) bool {
	if stack < 0 {
		return false
	}
	for _, f := range r.Stacks[stack] {
		if strings.Contains(r.Frames[f].Func, function) {
			return true
		}
	}
	return false
}

func blameOf(r *report.Report, l report.Lock, function string) (ns int64) {
	for _, rel := range l.Releases {
		if has(r, rel.Stack, function) {
			ns += rel.BlameNS
		}
	}
	return ns
}

func blockedOf(r *report.Report, l report.Lock, function string) (ns int64) {
	for _, a := range l.Acquires {
		if has(r, a.Stack, function) {
			ns += a.BlockedNS
		}
	}
	return ns
}

// contend waits in every way that the block profile knows, for more than half a
// second in sum.
func contend() {
	var (
		mu   sync.Mutex
		rw   sync.RWMutex
		wg   sync.WaitGroup
		once sync.Once
		c    = make(chan int)
		d    = make(chan int)
	)
	cond := sync.NewCond(&mu)
	for range 4 {
		wg.Go(func() {
			for range 25 {
				mu.Lock()
				time.Sleep(2 * time.Millisecond)
				mu.Unlock()
				rw.RLock()
				time.Sleep(time.Millisecond)
				rw.RUnlock()
				rw.Lock()
				time.Sleep(time.Millisecond)
				rw.Unlock()
			}
			once.Do(func() { time.Sleep(20 * time.Millisecond) })
			mu.Lock()
			cond.Wait()
			mu.Unlock()
			c <- 1
			select {
			case <-d:
			case <-time.After(time.Minute):
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	for range 4 {
		for done := false; !done; {
			mu.Lock()
			cond.Signal()
			mu.Unlock()
			select {
			case <-c:
				done = true
			case <-time.After(5 * time.Millisecond):
			}
		}
		time.Sleep(5 * time.Millisecond)
		d <- 1
	}
	wg.Wait()
}

// syncTotal adds up the sync waits whose stack passes through a function.
func syncTotal(r *report.Report, function string) (ns int64) {
	for _, l := range r.Waits.Locks {
		ns += blockedOf(r, l, function)
	}
	for _, s := range r.Waits.Sites {
		switch s.Kind {
		case "sleep", "network", "gc", "system", "other":
			continue
		}
		for _, a := range s.Stacks {
			if has(r, a.Stack, function) {
				ns += a.BlockedNS
			}
		}
	}
	return ns
}

// profileTotal adds up a value of the samples that pass through a function.
func profileTotal(t *testing.T, data []byte, value, function string) (ns int64) {
	t.Helper()
	p, err := profile.ParseData(data)
	if err != nil {
		t.Fatal(err)
	}
	index, err := p.SampleIndexByName(value)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Sample {
		if sampleHas(s, function) {
			ns += s.Value[index]
		}
	}
	return ns
}

func sampleHas(s *profile.Sample, function string) bool {
	for _, loc := range s.Location {
		for _, line := range loc.Line {
			if strings.Contains(line.Function.Name, function) {
				return true
			}
		}
	}
	return false
}

// TestAgainstBlockProfile compares with the runtime's own block profile, which
// ends a wait at the wake, too. (Its mutex profile is wrong as soon as two
// goroutines wait.)
func TestAgainstBlockProfile(t *testing.T) {
	const workload = "analyze_test.contend"
	runtime.SetBlockProfileRate(1)
	defer runtime.SetBlockProfileRate(0)
	blocked := func() int64 {
		var b bytes.Buffer
		if err := pprof.Lookup("block").WriteTo(&b, 0); err != nil {
			t.Fatal(err)
		}
		return profileTotal(t, b.Bytes(), "delay", workload)
	}
	attempt(t, func() error {
		before := blocked()
		r := verified(t, traced(t, contend), "contend")
		want, got := blocked()-before, syncTotal(r, workload)
		return agree("the block profile", got, want, 0.03)
	})
}

func agree(peer string, got, want int64, share float64) error {
	if want < int64(500*time.Millisecond) {
		return fmt.Errorf("%s has only %v", peer, time.Duration(want))
	}
	if off := math.Abs(float64(got-want)) / float64(want); off > share {
		return fmt.Errorf("blocked %v, %s says %v", time.Duration(got), peer, time.Duration(want))
	}
	return nil
}

// TestAgainstGoToolTrace compares with go tool trace -pprof=sync on the same
// file, without the tracer's own goroutines, which that one charges too.
func TestAgainstGoToolTrace(t *testing.T) {
	const workload = "analyze_test.contend"
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command here to compare with")
	}
	data := traced(t, contend)
	path := filepath.Join(t.TempDir(), "contend.trace")
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(goTool, "tool", "trace", "-pprof=sync", path)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("go tool trace does not run here: %v: %s", err, stderr.Bytes())
	}
	r := verified(t, data, path)
	if err := agree("go tool trace", syncTotal(r, workload), profileTotal(t, out, "delay", workload), 0.01); err != nil {
		t.Error(err)
	}
}
