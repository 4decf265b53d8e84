package order

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// ranks notes the locks of a run, in the order of their first wait.
type ranks struct {
	timeline.Ignore
	ids []timeline.LockID
}

func (r *ranks) LockBlocked(w *timeline.Wait) {
	if !slices.Contains(r.ids, w.Lock) {
		r.ids = append(r.ids, w.Lock)
	}
}

func (r *ranks) LockWoken(*timeline.Wait) {}

func (r *ranks) LockDone(*timeline.Wait) {}

func run(t *testing.T, script string) []report.LockOrder {
	t.Helper()
	src, err := decodetest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	o, r := New(src.Symbols()), new(ranks)
	extent, err := timeline.Run(src, o, r)
	if err != nil {
		t.Fatal(err)
	}
	return o.Report(r.ids, extent.Start, report.NewTables()).Locks
}

// serve makes a script in which n goroutines block one after the other, at 1,
// 2, …, and are woken at 100, 200, … in the given order.
func serve(n int, order ...int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "0 g100 running main.main\n")
	for g := 1; g <= n; g++ {
		fmt.Fprintf(&b, "0 g%d running main.w\n", g)
	}
	for g := 1; g <= n; g++ {
		fmt.Fprintf(&b, "%d g%d waits \"sync\" sync.(*Mutex).Lock < main.w\n", g, g)
	}
	for i, g := range order {
		fmt.Fprintf(&b, "%d g100 wakes g%d sync.(*Mutex).Unlock < main.main\n", 100*(i+1), g)
	}
	fmt.Fprintf(&b, "1000 end\n")
	return b.String()
}

func TestFifo(t *testing.T) {
	tests := []struct {
		name   string
		order  []int
		want   report.LockOrder
		fifo   float64
		nilled bool
	}{
		{"arrival", []int{1, 2, 3, 4}, report.LockOrder{Handovers: 4, Pairs: 6}, 1, false},
		{"last come first", []int{4, 3, 2, 1}, report.LockOrder{Handovers: 4, Overtakes: 3, Pairs: 6, OvertakenPairs: 6, LongestPassedOverNS: 300}, 0, false},
		{"one swap", []int{2, 1, 3, 4}, report.LockOrder{Handovers: 4, Overtakes: 1, Pairs: 6, OvertakenPairs: 1, LongestPassedOverNS: 100}, 1 - 1./6, false},
		{"the first is last", []int{2, 3, 4, 1}, report.LockOrder{Handovers: 4, Overtakes: 3, Pairs: 6, OvertakenPairs: 3, LongestPassedOverNS: 300}, 0.5, false},
		{"never served", []int{2}, report.LockOrder{Handovers: 1, Overtakes: 1, Pairs: 3, OvertakenPairs: 1, LongestPassedOverNS: 900}, 1 - 1./3, false},
		{"nobody served", nil, report.LockOrder{}, 0, true},
	}
	for _, tt := range tests {
		got := run(t, serve(4, tt.order...))[0]
		if (got.Fifo == nil) != tt.nilled || !tt.nilled && math.Abs(*got.Fifo-tt.fifo) > 1e-15 {
			t.Errorf("%s: fifo is %v, want %v", tt.name, got.Fifo, tt.fifo)
		}
		got.Fifo = nil
		if got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// TestJoined has waiters of two sites that turn out to be of one lock.
func TestJoined(t *testing.T) {
	got := run(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		0 g4 running main.a
		10 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		20 g3 waits "sync" sync.(*Mutex).Lock < main.b:1
		25 g4 waits "sync" sync.(*Mutex).Lock < main.a:1
		30 g1 wakes g4 sync.(*Mutex).Unlock < main.main:5
		---
		50 g1 wakes g3 sync.(*Mutex).Unlock < main.main:5
		60 g1 wakes g2 sync.(*Mutex).Unlock < main.main:5
		90 end
	`)
	// g4 overtakes g2 (b's waiter was of another lock then), g3 overtakes g2.
	want := report.LockOrder{Handovers: 3, Overtakes: 2, Pairs: 2, OvertakenPairs: 2, LongestPassedOverNS: 30}
	o := got[0]
	o.Fifo = nil
	if o != want {
		t.Errorf("order is %+v, want %+v", o, want)
	}
}

// TestOutOfTurn tells goroutines that come anew from one that was woken, found
// the mutex taken and went to the front of the queue.
func TestOutOfTurn(t *testing.T) {
	const (
		begin = `
			0 g1 running main.main
			0 g2 running main.w
			0 g3 running main.w
			1 g3 waits "sync" sync.(*Mutex).Lock < main.get
			2 g1 wakes g3 sync.(*Mutex).Unlock < main.main
			3 g3 starts
			10 g2 waits "sync" sync.(*Mutex).Lock < main.get
		`
		again = `2000000 g3 waits "sync" sync.(*Mutex).Lock < main.get
			2000001 g1 wakes g3 sync.(*Mutex).Unlock < main.main
			2000002 end
		`
	)
	tests := []struct {
		name, between string
		want          int64
	}{
		{"again", "", 0},
		{"after a wake", `15 g1 creates g4 main.w @ main.main
			16 g4 starts
			20 g4 waits "sleep" time.Sleep < main.nap
			30 g3 wakes g4 main.poke
			`, 1},
		{"after another wait", `20 g3 waits "sleep" time.Sleep < main.get
			30 nobody wakes g3
			31 g3 starts
			`, 1},
		{"after a system call", `20 g3 syscall main.get
			30 g3 returns
			`, 1},
		{"after a system call, while one that was woken did not run", `15 g1 creates g4 main.w @ main.main
			16 g4 starts
			20 g3 syscall main.get
			30 g3 returns
			40 g4 waits "sync" sync.(*Mutex).Lock < main.get
			1999999 g1 wakes g4 sync.(*Mutex).Unlock < main.main
			`, 0},
		{"too near", `1999990 g3 waits "sleep" time.Sleep < main.get
			1999991 nobody wakes g3
			1999992 g3 starts
			1999993 g1 wakes g2 sync.(*Mutex).Unlock < main.main
			1999994 g2 starts
			1999995 g2 waits "sync" sync.(*Mutex).Lock < main.get
			`, 0},
	}
	for _, tt := range tests {
		got := run(t, begin+tt.between+again)
		if got[0].OutOfTurn != tt.want {
			t.Errorf("%s: %d out of turn, want %d", tt.name, got[0].OutOfTurn, tt.want)
		}
	}
}

// TestRetries has a goroutine be woken, find the mutex taken and block again, at
// the end of the queue by the trace: that it is woken next is no overtake.
func TestRetries(t *testing.T) {
	got := run(t, `
		0 g1 running main.main
		0 g2 running main.w
		0 g3 running main.w
		0 g4 running main.w
		10 g2 waits "sync" sync.(*Mutex).Lock < main.get
		20 g3 waits "sync" sync.(*Mutex).Lock < main.get
		30 g4 waits "sync" sync.(*Mutex).Lock < main.get
		40 g1 wakes g2 sync.(*Mutex).Unlock < main.main     # decides 2 pairs
		41 g2 starts
		42 g2 waits "sync" sync.(*Mutex).Lock < main.get
		50 g1 wakes g2 sync.(*Mutex).Unlock < main.main     # again
		51 g2 starts
		60 g2 wakes g4 sync.(*Mutex).Unlock < main.get      # overtakes g3
		61 g4 starts
		62 g4 waits "sync" sync.(*Mutex).Lock < main.get
		63 g2 waits "sync" sync.(*Mutex).Lock < main.get    # anew: it released
		70 g1 wakes g3 sync.(*Mutex).Unlock < main.main     # decides 1 pair, with g2
		90 end
	`)[0]
	if got.Fifo == nil || *got.Fifo != 0.75 {
		t.Errorf("fifo is %v", got.Fifo)
	}
	got.Fifo = nil
	want := report.LockOrder{Handovers: 4, Retries: 1, Overtakes: 1, Pairs: 4, OvertakenPairs: 1, LongestPassedOverNS: 10}
	if got != want {
		t.Errorf("order is %+v, want %+v", got, want)
	}
}

// entry is a waiter of the model.
type entry struct {
	w    *timeline.Wait
	anew bool
}

// TestQueue compares the queue with a plain slice on random operations.
func TestQueue(t *testing.T) {
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		q := newQueue(new(places))
		var m []entry
		since := make(map[*timeline.Wait]int64)
		for now := range int64(400) {
			if len(m) == 0 || rnd.IntN(5) < 3 {
				e := entry{&timeline.Wait{G: &timeline.Goroutine{Slot: int(now)}}, rnd.IntN(4) > 0}
				q.push(e.w, e.anew, false)
				m = append(m, e)
				continue
			}
			i := rnd.IntN(len(m))
			w := m[i].w
			at, ok := q.overtaken(w)
			if want, overtaken := since[w]; ok != overtaken || ok && at != want {
				t.Fatalf("seed %d: overtaken at %d (%v), want %d (%v)", seed, at, ok, want, overtaken)
			}
			before := anew(m[:i])
			if got := q.overtake(w, now); got != len(before) {
				t.Fatalf("seed %d: %d before it, want %d", seed, got, len(before))
			}
			for _, e := range before {
				if _, ok := since[e.w]; !ok {
					since[e.w] = now
				}
			}
			q.remove(w)
			m = slices.Delete(m, i, i+1)
			if q.anew != len(anew(m)) || q.n != len(m) {
				t.Fatalf("seed %d: %d in the queue, %d anew, want %d", seed, q.n, q.anew, len(m))
			}
		}
	}
}

// anew returns the entries that came anew.
func anew(m []entry) (list []entry) {
	for _, e := range m {
		if e.anew {
			list = append(list, e)
		}
	}
	return list
}

// TestGaveUp has a waiter's context end: that is no hand-over, and decides no
// pair.
func TestGaveUp(t *testing.T) {
	const wait = `"select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.get`
	const put = `runtime.closechan < golang.org/x/sync/semaphore.(*Weighted).Release < main.put`
	got := run(t, `
		0 g1 running main.main
		0 g2 running main.w
		0 g3 running main.w
		0 g4 running main.w
		10 g2 waits `+wait+`
		20 g3 waits `+wait+`
		30 g4 waits `+wait+`
		40 g1 wakes g3 runtime.closechan < context.(*cancelCtx).cancel < main.main
		50 g1 wakes g4 `+put+`     # overtakes g2
		60 g1 wakes g2 `+put+`
		61 g2 starts
		62 g2 waits `+wait+`   # had it, and wants it again
		70 g1 wakes g2 `+put+`
		90 end
	`)[0]
	got.Fifo = nil
	if want := (report.LockOrder{Handovers: 3, Overtakes: 1, Pairs: 1, OvertakenPairs: 1, LongestPassedOverNS: 10}); got != want {
		t.Errorf("order is %+v, want %+v", got, want)
	}
}
