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

func (r *ranks) Blocked(w *timeline.Wait) {
	if w.Lock != timeline.NoLock && !slices.Contains(r.ids, w.Lock) {
		r.ids = append(r.ids, w.Lock)
	}
}

func run(t *testing.T, script string) []report.LockOrder {
	t.Helper()
	src, err := decodetest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	o, r := New(), new(ranks)
	if _, err := timeline.Run(src, o, r); err != nil {
		t.Fatal(err)
	}
	return o.Report(r.ids).Locks
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

// model is a queue as a slice.
type model []*timeline.Wait

// TestQueue compares the queue with a plain slice on random operations.
func TestQueue(t *testing.T) {
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		q := newQueue()
		var m model
		since := make(map[*timeline.Wait]int64)
		for now := range int64(400) {
			if len(m) == 0 || rnd.IntN(5) < 3 {
				w := new(timeline.Wait)
				q.push(w, true)
				m = append(m, w)
				continue
			}
			i := rnd.IntN(len(m))
			w := m[i]
			at, ok := q.overtaken(w)
			if want, overtaken := since[w]; ok != overtaken || ok && at != want {
				t.Fatalf("seed %d: overtaken at %d (%v), want %d (%v)", seed, at, ok, want, overtaken)
			}
			if got := q.overtake(w, now); got != i {
				t.Fatalf("seed %d: %d before it, want %d", seed, got, i)
			}
			for _, v := range m[:i] {
				if _, ok := since[v]; !ok {
					since[v] = now
				}
			}
			q.remove(w)
			m = slices.Delete(m, i, i+1)
			if q.len() != len(m) {
				t.Fatalf("seed %d: %d in the queue, want %d", seed, q.len(), len(m))
			}
		}
	}
}
