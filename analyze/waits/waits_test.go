package waits

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// run analyzes a script.
func run(t *testing.T, script string) (report.Waits, *report.Report) {
	t.Helper()
	src, err := decodetest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	w := New(src.Symbols())
	if _, err := timeline.Run(src, w); err != nil {
		t.Fatal(err)
	}
	r := new(report.Report)
	tables := report.NewTables()
	r.Waits, _ = w.Report(0, tables)
	tables.Fill(r)
	return r.Waits, r
}

// blame lists the releases of a lock as "place wakes blame".
func blame(r *report.Report, l report.Lock) []string {
	var list []string
	for _, rel := range l.Releases {
		site := "-"
		if rel.Stack >= 0 {
			f := r.Frames[r.Stacks[rel.Stack][len(r.Stacks[rel.Stack])-1]]
			site = f.Func
		}
		list = append(list, fmt.Sprintf("%s %d %d", site, rel.Wakes, rel.BlameNS))
	}
	return list
}

// TestBlame is the queue of golang.org/issue/24877: four goroutines take one
// mutex one after the other. The waits of the last are long because of all the
// holds before it.
func TestBlame(t *testing.T) {
	w, r := run(t, `
		0 g1 running main.a
		0 g2 running main.b
		0 g3 running main.c
		0 g4 running main.d
		10 g2 waits "sync" sync.(*Mutex).Lock < main.lock < main.b
		20 g3 waits "sync" sync.(*Mutex).Lock < main.lock < main.c
		30 g4 waits "sync" sync.(*Mutex).Lock < main.lock < main.d
		100 g1 wakes g2 sync.(*Mutex).Unlock < main.unlock < main.a
		101 g2 starts
		300 g2 wakes g3 sync.(*Mutex).Unlock < main.unlock < main.b
		302 g3 starts
		600 g3 wakes g4 sync.(*Mutex).Unlock < main.unlock < main.c
		605 g4 starts
		700 end
	`)
	if len(w.Locks) != 1 {
		t.Fatalf("%d locks", len(w.Locks))
	}
	l := w.Locks[0]
	// a holds while three wait: 90+80+70; b while two do: 200 each; c 300.
	if diff := cmp.Diff([]string{"main.b 1 400", "main.c 1 300", "main.a 1 240"}, blame(r, l)); diff != "" {
		t.Errorf("blame, -want +got:\n%s", diff)
	}
	want := report.Tally{Waits: 3, BlockedNS: 90 + 280 + 570, SchedNS: 1 + 2 + 5}
	if l.Tally != want || l.DelayNS != 948 || l.Waiters != 3 || l.MaxNS != 570 {
		t.Errorf("lock is %+v", l)
	}
	var waiters []string
	for _, a := range l.Acquires {
		waiters = append(waiters, fmt.Sprintf("%s %d", a.Goroutine, a.BlockedNS))
	}
	if diff := cmp.Diff([]string{"main.d 570", "main.c 280", "main.b 90"}, waiters); diff != "" {
		t.Errorf("acquires, -want +got:\n%s", diff)
	}
	if l.Name != "main.lock:1" {
		t.Errorf("the lock is called %q", l.Name)
	}
}

// TestBlameOfOpenWaits charges what no release ends to nobody.
func TestBlameOfOpenWaits(t *testing.T) {
	w, r := run(t, `
		0 g1 running main.a
		0 g2 running main.b
		0 g3 running main.c
		10 g2 waits "sync" sync.(*Mutex).Lock < main.lock < main.b
		20 g3 waits "sync" sync.(*Mutex).Lock < main.lock < main.c
		50 g1 wakes g2 sync.(*Mutex).Unlock < main.unlock < main.a
		51 g2 starts
		90 end
	`)
	l := w.Locks[0]
	if diff := cmp.Diff([]string{"main.a 1 70", "- 0 40"}, blame(r, l)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if l.OpenWaits != 1 || l.BlockedNS != 110 || l.MaxNS != 40 {
		t.Errorf("lock is %+v", l)
	}
}

// TestSelfDeadlock has a lock that is never released.
func TestSelfDeadlock(t *testing.T) {
	w, r := run(t, `
		0 g1 running main.a
		10 g1 waits "sync" sync.(*Mutex).Lock < main.lock < main.a
		90 end
	`)
	l := w.Locks[0]
	if diff := cmp.Diff([]string{"- 0 80"}, blame(r, l)); diff != "" || l.OpenWaits != 1 {
		t.Errorf("%+v: -want +got:\n%s", l, diff)
	}
}

// TestJoin has two sites turn out to be one lock in the second generation. What
// was waited until the last wake is charged to it, whichever of the two saw it.
func TestJoin(t *testing.T) {
	w, r := run(t, `
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		10 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		20 g3 waits "sync" sync.(*Mutex).Lock < main.b:1
		30 g1 wakes g2 sync.(*Mutex).Unlock < main.main:5
		31 g2 starts
		40 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		---
		50 g1 wakes g3 sync.(*Mutex).Unlock < main.main:5
		51 g3 starts
		60 g1 wakes g2 sync.(*Mutex).Unlock < main.main:6
		61 g2 starts
		90 end
	`)
	if len(w.Locks) != 1 {
		t.Fatalf("%d locks", len(w.Locks))
	}
	l := w.Locks[0]
	if l.BlockedNS != 20+30+20 || l.Waits != 3 || l.Waiters != 2 || l.JoinedLateNS != 20+10 {
		t.Errorf("lock is %+v", l)
	}
	sum := int64(0)
	for _, rel := range l.Releases {
		sum += rel.BlameNS
	}
	if sum != l.BlockedNS {
		t.Errorf("blame is %d of %d: %v", sum, l.BlockedNS, blame(r, l))
	}
	// Line 5: 20 of the first wait, 10+20 of b's, 10 of the last; line 6: 10.
	if l.Releases[0].BlameNS != 60 || l.Releases[1].BlameNS != 10 {
		t.Errorf("blame is %v", blame(r, l))
	}
}

func TestRWMutexKinds(t *testing.T) {
	w, _ := run(t, `
		0 g1 running main.w
		0 g2 running main.r
		0 g3 running main.x
		10 g2 waits "sync" sync.(*RWMutex).RLock < main.r
		20 g3 waits "sync" sync.(*Mutex).Lock < sync.(*RWMutex).Lock < main.x
		30 g1 wakes g2 sync.(*RWMutex).Unlock < main.w
		31 g1 wakes g3 sync.(*Mutex).Unlock < sync.(*RWMutex).Unlock < main.w
		32 g2 starts
		33 g3 starts
		34 end
	`)
	if len(w.Locks) != 1 || !slices.Equal(w.Locks[0].Kinds, []string{"rwmutex-r", "rwmutex-w"}) {
		t.Errorf("locks are %+v", w.Locks)
	}
	if len(w.Kinds) != 2 || w.Kinds[0].Kind != "rwmutex-r" || w.Kinds[0].BlockedNS != 20 {
		t.Errorf("kinds are %+v", w.Kinds)
	}
}

func TestSitesAndWakers(t *testing.T) {
	w, r := run(t, `
		0 g1 running main.main
		0 g2 running main.worker
		10 g2 waits "chan receive" runtime.chanrecv1 < main.recv:3 < main.worker:1
		30 g1 wakes g2 runtime.chansend1 < main.send:4 < main.main
		31 g2 starts
		40 g2 waits "chan receive" runtime.chanrecv1 < main.recv:3 < main.worker:2
		45 g1 wakes g2 runtime.chansend1 < main.send:4 < main.main
		47 g2 starts
		50 g2 waits "sleep" time.Sleep < main.worker:8
		60 nobody wakes g2
		61 g2 starts
		70 end
	`)
	if len(w.Sites) != 2 {
		t.Fatalf("sites are %+v", w.Sites)
	}
	s := w.Sites[0]
	if s.Kind != "chan-recv" || s.Waits != 2 || s.BlockedNS != 25 || s.SchedNS != 3 || s.Waiters != 1 || len(s.Stacks) != 2 {
		t.Errorf("site is %+v", s)
	}
	if f := r.Sites[s.Site]; f.Func != "main.recv" || f.Line != 3 || f.File != "main.go" {
		t.Errorf("it is at %+v", f)
	}
	if len(s.Wakers) != 1 || s.Wakers[0].Wakes != 2 || s.Wakers[0].BlockedNS != 25 || s.Wakers[0].Goroutine != "main.main" {
		t.Errorf("wakers are %+v", s.Wakers)
	}
	if sleep := w.Sites[1]; sleep.Kind != "sleep" || len(sleep.Wakers) != 1 || sleep.Wakers[0].Site != -1 {
		t.Errorf("second site is %+v", sleep)
	}
}

// TestIdle holds the rule to its cases: who waits in the function that it was
// started with, on a channel, and is not main.
func TestIdle(t *testing.T) {
	tests := []struct {
		wait string
		idle bool
	}{
		{`"chan receive" runtime.chanrecv2 < main.worker`, true},
		{`"select" runtime.selectgo < main.worker`, true},
		{`"chan receive" runtime.chanrecv2 < main.worker < sync.(*WaitGroup).Go.func1`, true},
		{`"chan receive" runtime.chanrecv2 < main.next < main.worker`, false},
		{`"chan send" runtime.chansend1 < main.worker`, false},
		{`"sync.(*Cond).Wait" sync.(*Cond).Wait < main.worker`, false},
		{`"sync" sync.(*Mutex).Lock < main.worker`, false},
		{`"chan receive" runtime.chanrecv1 < main.main < runtime.main`, false},
	}
	const (
		once  = "0 g1 running\n 0 g2 running main.x\n 10 g1 waits %[1]s\n 30 g2 wakes g1\n 31 g1 starts\n"
		twice = once + "40 g1 waits %[1]s\n 45 g2 wakes g1\n 46 g1 starts\n"
		stuck = "0 g1 running\n 10 g1 waits %[1]s\n 30 end\n"
		all   = "10 g1 waiting %[1]s\n 30 end\n"
	)
	for _, tt := range tests {
		for _, c := range []struct {
			script    string
			idle      bool
			ns, waits int64
		}{
			{once + "47 end", false, 20, 1},
			{once + "47 g1 ends\n 48 end", false, 20, 1},
			{twice + "47 end", tt.idle, 25, 2},
			{twice + "47 g1 ends\n 48 end", tt.idle, 25, 2},
			{twice + "50 g1 waits %[1]s\n 57 end", tt.idle, 32, 3},
			{stuck, false, 20, 1},
			{all, tt.idle, 20, 1},
		} {
			script := fmt.Sprintf(c.script, tt.wait)
			w, _ := run(t, script)
			if idle := w.IdleNS == c.ns && w.IdleWaits == c.waits; idle != c.idle {
				t.Errorf("idle %v, want %v:\n%s", idle, c.idle, script)
			}
			if kept := len(w.Kinds) == 1 && w.Kinds[0].BlockedNS == c.ns && w.Kinds[0].Waits == c.waits; kept == c.idle {
				t.Errorf("kinds are %+v:\n%s", w.Kinds, script)
			}
		}
	}
}

// TestIdleWaiters has two workers that wait for work at one place, and a third
// goroutine that waits there once: it is none of the idle ones.
func TestIdleWaiters(t *testing.T) {
	script := "0 g1 running main.w\n0 g2 running main.w\n0 g3 running main.w\n0 g9 running main.x\n"
	now := 10
	for _, g := range []int{1, 2, 1, 2, 3} {
		script += fmt.Sprintf("%d g%d waits \"select\" runtime.selectgo < main.w\n%d g9 wakes g%d\n%d g%d starts\n", now, g, now+5, g, now+6, g)
		now += 10
	}
	w, _ := run(t, script+"99 end")
	if len(w.Idle) != 1 || w.Idle[0].Waits != 4 || w.Idle[0].Waiters != 2 || w.IdleWaits != 4 {
		t.Errorf("idle is %+v", w.Idle)
	}
	if len(w.Sites) != 1 || w.Sites[0].Waits != 1 || w.Sites[0].Waiters != 1 {
		t.Errorf("sites are %+v", w.Sites)
	}
}

// TestNotIdle has waits whose end shows that they were not for work: a sender's,
// and those of goroutines of one group that pass a token.
func TestNotIdle(t *testing.T) {
	for _, wake := range []string{
		"g2 wakes g1 runtime.chanrecv1 < main.x",
		"g3 wakes g1 runtime.chansend1 < main.worker",
	} {
		script := "0 g1 running main.worker\n0 g2 running main.x\n0 g3 running main.worker\n"
		for i := range 3 {
			script += fmt.Sprintf("%d g1 waits \"select\" runtime.selectgo < main.worker\n%d %s\n%d g1 starts\n", 10*i+10, 10*i+15, wake, 10*i+16)
		}
		w, _ := run(t, script+"99 end")
		if w.IdleWaits != 0 || len(w.Sites) != 1 || w.Sites[0].Waits != 3 {
			t.Errorf("%s: waits are %+v", wake, w)
		}
	}
}

func TestSystemApart(t *testing.T) {
	w, _ := run(t, `
		0 g1 waiting runtime.gopark < runtime.bgsweep
		0 g2 waiting runtime.gopark < runtime/trace.Start.func1
		30 end
	`)
	if w.SystemNS != 60 || w.TracerNS != 30 || len(w.Kinds)+len(w.Sites)+len(w.Locks) != 0 {
		t.Errorf("waits are %+v", w)
	}
}

// charged returns the blame by releaser, and checks that it adds up.
func charged(t *testing.T, script string) map[string]int64 {
	t.Helper()
	w, r := run(t, script)
	got := make(map[string]int64)
	for _, l := range w.Locks {
		sum := int64(0)
		for _, rel := range l.Releases {
			name := "-"
			if rel.Stack >= 0 {
				name = r.Frames[r.Stacks[rel.Stack][1]].Func
			}
			got[name] += rel.BlameNS
			sum += rel.BlameNS
		}
		if sum != l.BlockedNS {
			t.Fatalf("%s: blocked %d, blame %d\n%s", l.Name, l.BlockedNS, sum, script)
		}
	}
	return got
}

// TestBlameIsTheDefinition compares blame with its definition, written out, on
// random queues for one lock.
func TestBlameIsTheDefinition(t *testing.T) {
	for seed := range uint64(200) {
		q := newQueue(seed)
		for range 60 {
			q.step(1)
		}
		if diff := cmp.Diff(q.blame(), charged(t, q.script())); diff != "" {
			t.Fatalf("seed %d: -want +got:\n%s\n%s", seed, diff, q.script())
		}
	}
}

// TestBlameAddsUp has random queues at several sites, which wakes of later
// generations join.
func TestBlameAddsUp(t *testing.T) {
	for seed := range uint64(200) {
		q := newQueue(seed)
		for i := range 90 {
			if i%15 == 14 {
				fmt.Fprintf(&q.b, "---\n")
			}
			q.step(4)
		}
		charged(t, q.script())
	}
}

// queue writes a script in which goroutines block on a lock and are woken in
// random order, and remembers what it wrote.
type queue struct {
	rnd     *rand.Rand
	b       strings.Builder
	now     int64
	blocked map[int]int64 // since when
	wakes   []wake
	waits   [][2]int64 // start, wake
}

type wake struct {
	t  int64
	by string
}

const queueLength = 6

func newQueue(seed uint64) *queue {
	q := &queue{rnd: rand.New(rand.NewPCG(seed, 1)), blocked: make(map[int]int64)}
	fmt.Fprintf(&q.b, "0 g100 running main.main\n")
	for g := range queueLength {
		fmt.Fprintf(&q.b, "0 g%d running main.w\n", g)
	}
	return q
}

// step blocks or wakes a goroutine, at one of so many sites.
func (q *queue) step(sites int) {
	q.now += q.rnd.Int64N(10) + 1
	g := q.rnd.IntN(queueLength)
	since, waiting := q.blocked[g]
	if !waiting {
		fmt.Fprintf(&q.b, "%d g%d waits \"sync\" sync.(*Mutex).Lock < main.lock:%d\n", q.now, g, q.rnd.IntN(sites))
		q.blocked[g] = q.now
		return
	}
	by := fmt.Sprintf("main.r%d", q.rnd.IntN(3*sites))
	fmt.Fprintf(&q.b, "%d g100 wakes g%d sync.(*Mutex).Unlock < %s\n", q.now, g, by)
	q.wakes = append(q.wakes, wake{q.now, by})
	q.waits = append(q.waits, [2]int64{since, q.now})
	delete(q.blocked, g)
	q.now++
	fmt.Fprintf(&q.b, "%d g%d starts\n", q.now, g)
}

func (q *queue) script() string { return fmt.Sprintf("%s%d end\n", q.b.String(), q.now+1) }

// blame works out the blame of each releaser, for a queue with one site.
func (q *queue) blame() map[string]int64 {
	waits := slices.Clone(q.waits)
	for _, since := range q.blocked {
		waits = append(waits, [2]int64{since, q.now + 1})
	}
	sums := make(map[string]int64)
	for _, w := range waits {
		last := w[0]
		for _, u := range q.wakes {
			if w[0] < u.t && u.t <= w[1] {
				sums[u.by] += u.t - last
				last = u.t
			}
		}
		if last < w[1] {
			sums["-"] += w[1] - last
		}
	}
	for by := range sums {
		if sums[by] == 0 {
			delete(sums, by)
		}
	}
	return sums
}
