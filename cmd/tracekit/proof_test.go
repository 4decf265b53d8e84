package main

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tracekit/analyze/timeline"
	"tracekit/demos"
	"tracekit/demos/primes"
)

// proofs holds the analysis to what is known of each demo: what its Long says
// that the trace shows. Times are compared with times of the same run, or of one
// beside it. Where they depend on who gets a processor when, a proof has further
// attempts, for a machine that is busy with something else: an analysis that is
// wrong fails all of them.
var proofs = []struct {
	args     string
	attempts int
	check    func(*testing.T, *proof) error
}{
	{"atomic", 1, proveAtomic},
	{"barrier", 5, proveBarrier},
	{"event", 5, proveEvent},
	{"fetch", 1, proveFetch},
	{"fetch-lock", 1, proveFetchLock},
	{"gil-cpu", 5, proveGILCPU},
	{"gil-io", 5, proveGILIO},
	{"increment", 10, proveIncrement},
	{"lock", 5, func(_ *testing.T, p *proof) error {
		return proveAdders(p, "lock.(*counter).add", "lock.(*counter).add")
	}},
	{"lock-defer", 5, proveLockDefer},
	{"lock-with", 5, proveLockWith},
	{"multi", 10, proveMulti},
	{"no-gil", 10, proveNoGIL},
	{"prodcons", 3, func(_ *testing.T, p *proof) error {
		return proveCondition(p, "prodcons.(*list).take", "prodcons.(*list).put")
	}},
	{"prodcons-spin", 5, proveSpin},
	{"prodcons-with", 3, func(_ *testing.T, p *proof) error {
		return proveCondition(p, "prodconswith.(*list).take.func1", "prodconswith.(*list).put.func1")
	}},
	{"rlock", 5, proveRLock},
	{"rlock-deadlock", 5, proveDeadlock},
	{"semaphore", 5, proveSemaphore},
	{"semaphore-bounded", 5, proveBounded},
	{"single", 1, proveSingle},
	{"sleeper", 3, func(_ *testing.T, p *proof) error { return proveSleepers(p, "sleeper.run.func1", "sleeper.run.func1") }},
	{"sleeper-type", 3, func(_ *testing.T, p *proof) error {
		return proveSleepers(p, "sleepertype.(*sleeper).Run", "sleepertype.(*sleeper).Run")
	}},
	{"timer", 5, proveTimer},
}

func TestProofs(t *testing.T) {
	proved := make(map[string]bool)
	for _, tt := range proofs {
		args := strings.Fields(tt.args)
		proved[args[0]] = true
		t.Run(tt.args, func(t *testing.T) {
			var err error
			for range tt.attempts {
				if err = tt.check(t, prove(t, args...)); err == nil {
					return
				}
			}
			t.Error(err)
		})
	}
	for _, d := range demos.All() {
		if !proved[d.Name] {
			t.Errorf("nothing is proved of %s", d.Name)
		}
	}
}

// Work for processors.

// proveSingle: one thread is one processor's.
func proveSingle(_ *testing.T, p *proof) error {
	if r := p.report.Parallel.RunningAvg; r < 0.8 || r > 1.2 {
		return fmt.Errorf("parallelism is %v, want 1", r)
	}
	if err := p.goroutines(2); err != nil {
		return err
	}
	return p.outcome(78_498, 78_498)
}

// proveMulti: several threads are as many processors', and the same work takes
// less time.
func proveMulti(t *testing.T, p *proof) error {
	const threads = 4
	if r, want := p.report.Parallel.RunningAvg, p.parallelism("multi.run.func1"); r < 0.6*want || r > 1.1*want {
		return fmt.Errorf("parallelism is %v, want %v", r, want)
	}
	if len(p.report.Waits.Locks) > 0 {
		return fmt.Errorf("locks are %+v", p.report.Waits.Locks)
	}
	if got, now := over(prove(t, "single"), p), speedup(threads); got < 0.6*now {
		return fmt.Errorf("it is %.2f times as fast as a single thread, and the machine makes it %.2f times", got, now)
	}
	if err := p.goroutines(1 + threads); err != nil {
		return err
	}
	return p.outcome(78_498, 78_498)
}

// over returns how the wall times of two runs compare.
func over(p, q *proof) float64 {
	return float64(p.report.Trace.WallNS) / float64(q.report.Trace.WallNS)
}

// speedup measures how much faster so many threads compute than one does, on
// this machine and with all that runs on it now.
func speedup(threads int) float64 {
	const limit = 300_000
	compute := func(parts int) time.Duration {
		begin := time.Now()
		var wg sync.WaitGroup
		found := make([]bool, parts)
		for i := range parts {
			wg.Go(func() {
				for k := range primes.Part(i, parts, limit) {
					found[i] = primes.Is(k)
				}
			})
		}
		wg.Wait()
		return time.Since(begin)
	}
	return float64(compute(1)) / float64(compute(threads))
}

// several reports whether threads can run at the same time.
func (p *proof) several() bool { return p.report.Trace.GOMAXPROCS > 1 && runtime.NumCPU() > 1 }

// proveGILCPU: however many threads there are, one computes at a time.
func proveGILCPU(t *testing.T, p *proof) error {
	const group = "gilcpu.run.func1"
	r, runnable, overlap := p.report.Parallel.RunningAvg, p.runnable(group), p.overlap("gil")
	if r > 1.2+overlap || r+runnable < 0.7 {
		return fmt.Errorf("parallelism is %v and %v runnable, want 1 and up to %v of overlap", r, runnable, overlap)
	}
	l, o, err := p.lock("gil")
	if err != nil {
		return err
	}
	// Each of the two gives it up every hundred ticks, of ten numbers each.
	if most := int64(2 * 500_000 / (100 * 10)); l.Waits < most/5 || l.Waits > most+2 || l.Waiters != 2 || o.Handovers != l.Waits || o.Retries != 0 {
		return fmt.Errorf("lock is %+v, order %+v", l, o)
	}
	for _, a := range l.Acquires {
		if f := p.site(a.Site); f != "gilcpu.count" && f != group {
			return fmt.Errorf("acquired at %s", f) // and not inside threading
		}
	}
	// To hand the lock over can cost any time, but it cannot gain any.
	if ratio := over(p, prove(t, "gil-cpu", "--threads=1")); ratio < 1.5 {
		return fmt.Errorf("two threads take %.2f times what one takes", ratio)
	}
	return p.outcome(2*41_538, 2*41_538)
}

// overlap returns the average number of threads that compute although another one
// was handed the lock: it has given it up, and does not wait for it yet. On a
// machine that is busy this takes as long as the system likes.
func (p *proof) overlap(kind string) float64 {
	next := make(map[timeline.GoID]int64) // where a goroutine waits next, or ends
	for _, l := range p.lives {
		next[l.g] = l.end
	}
	sum := int64(0)
	for _, w := range slices.Backward(p.waits) {
		if w.kind != kind || w.by == 0 {
			continue
		}
		// A waiter is woken after it came, so that its own wait is later noted.
		sum += next[w.by] - w.end
		next[w.g] = w.start
	}
	return float64(sum) / float64(p.report.Trace.WallNS)
}

// proveNoGIL: without the lock they compute at the same time.
func proveNoGIL(t *testing.T, p *proof) error {
	const threads = 2
	if r, want := p.report.Parallel.RunningAvg, p.parallelism("nogil.run.func1"); r < 0.6*want || r > 1.1*want {
		return fmt.Errorf("parallelism is %v, want %v", r, want)
	}
	if len(p.report.Waits.Locks) > 0 {
		return fmt.Errorf("locks are %+v", p.report.Waits.Locks)
	}
	if got, now := over(prove(t, "gil-cpu"), p), speedup(threads); got < 0.6*now {
		return fmt.Errorf("it is %.2f times as fast as under the lock, and the machine makes it %.2f times", got, now)
	}
	return p.outcome(2*41_538, 2*41_538)
}

// proveGILIO: requests overlap, and interpreting does not.
func proveGILIO(_ *testing.T, p *proof) error {
	requests := p.in("sleep", "gilio.request")
	sum, _ := total(requests)
	if len(requests) != 12 || most(requests) != 4 {
		return fmt.Errorf("%d requests, %d at the same time", len(requests), most(requests))
	}
	if wall := p.report.Trace.WallNS; wall < sum/4 || wall > sum/2 {
		return fmt.Errorf("the run takes %d ns, the requests of 4 threads %d ns", wall, sum)
	}
	if l, _, err := p.lock("gil"); p.several() && (err != nil || l.Waiters < 2 || l.BlockedNS > sum/2) {
		return fmt.Errorf("lock is %+v, %v", l, err)
	}
	return p.outcome(12, 12)
}

// proveAtomic: nothing waits.
func proveAtomic(_ *testing.T, p *proof) error {
	for _, w := range p.waits {
		if w.group == "atomic.run.func1" && w.kind != "gc" {
			return fmt.Errorf("it waits: %+v", w)
		}
	}
	if n := len(p.of("atomic.run.func1")); n != 4 {
		return fmt.Errorf("%d threads", n)
	}
	_, last, _ := strings.Cut(p.printed, "compare and swap")
	stored := 0
	if _, err := fmt.Sscan(last, &stored); err != nil || stored >= 80_000 {
		return fmt.Errorf("no update is lost where they are not atomic: %q", p.printed)
	}
	return p.outcome(80_000, 80_000)
}

// proveIncrement: updates are lost, another number of them in another run, and
// no lock is in sight.
func proveIncrement(t *testing.T, p *proof) error {
	o := p.report.Recording.Outcome
	if o == nil || o.Want != 50 || o.Got < 1 || o.Got > 50 || len(p.report.Waits.Locks) > 0 {
		return fmt.Errorf("outcome is %+v, locks are %+v", o, p.report.Waits.Locks)
	}
	if p.several() && *prove(t, "increment").report.Recording.Outcome == *o {
		return fmt.Errorf("the outcome is %+v in all runs", *o)
	}
	return nil
}

// Sleeps and timers.

// proveSleepers: the run takes as long as the longest sleep, not as all of them.
func proveSleepers(p *proof, function, group string) error {
	sleeps, threads := p.in("sleep", function), p.of(group)
	if len(sleeps) != 3 || most(sleeps) != 3 || len(threads) != 3 || most(threads) != 3 {
		return fmt.Errorf("sleeps are %+v, threads %+v", sleeps, threads)
	}
	slices.SortFunc(sleeps, func(a, b wait) int { return cmp.Compare(a.g, b.g) })
	length := func(i int) float64 { return float64(sleeps[i].end - sleeps[i].start) }
	if length(2) < 1.2*length(1) || length(0) < 1.15*length(2) {
		return fmt.Errorf("sleeps are %+v, want 4, 2 and 3 units", sleeps)
	}
	sum, longest := total(sleeps)
	if wall := p.report.Trace.WallNS; wall < longest || wall >= sum {
		return fmt.Errorf("the run takes %d ns, the longest sleep %d, all %d", wall, longest, sum)
	}
	if r := p.report.Parallel.RunningAvg; r > 0.5 {
		return fmt.Errorf("parallelism is %v", r)
	}
	if len(p.report.Waits.Locks) > 0 {
		return fmt.Errorf("locks are %+v", p.report.Waits.Locks)
	}
	if err := p.goroutines(4); err != nil {
		return err
	}
	return p.outcome(3, 3)
}

// proveTimer: one wait is ended by the time, and one by who cancels.
func proveTimer(_ *testing.T, p *proof) error {
	var ends []string
	for _, w := range p.in("event", "threading.(*Timer).Run") {
		end := w.bySite
		if w.by == 0 {
			end = "nobody"
		}
		ends = append(ends, end)
	}
	if slices.Sort(ends); !slices.Equal(ends, []string{"nobody", "timer.run"}) {
		return fmt.Errorf("ended by %q", ends)
	}
	return p.outcome(1, 1)
}

// Signals.

// proveEvent: all are woken at once, by one.
func proveEvent(_ *testing.T, p *proof) error {
	waits := p.in("event", "event.run.func1")
	if len(waits) != 5 {
		return fmt.Errorf("%d waits", len(waits))
	}
	first, last, shortest := waits[0].end, waits[0].end, waits[0].end-waits[0].start
	for _, w := range waits {
		if w.by != waits[0].by || w.by == 0 || w.bySite != "event.run" {
			return fmt.Errorf("woken by goroutine %d at %s", w.by, w.bySite)
		}
		first, last, shortest = min(first, w.end), max(last, w.end), min(shortest, w.end-w.start)
	}
	if last-first > shortest/10 {
		return fmt.Errorf("woken within %d ns, after %d", last-first, shortest)
	}
	for _, s := range p.report.Waits.Sites {
		if s.Kind == "event" && (len(s.Wakers) != 1 || s.Wakers[0].Wakes != 5) {
			return fmt.Errorf("wakers are %+v", s.Wakers)
		}
	}
	return p.outcome(5, 5)
}

// proveCondition: the consumer waits on the condition, and the producer's
// notification is what wakes it.
func proveCondition(p *proof, consumer, producer string) error {
	waits := p.in("condition", consumer)
	if len(waits) == 0 || len(waits) > 10 {
		return fmt.Errorf("%d waits", len(waits))
	}
	for _, w := range waits {
		if w.by == 0 || w.by == w.g || w.bySite != producer || w.g != waits[0].g {
			return fmt.Errorf("%+v", w)
		}
	}
	return p.outcome(10, 10)
}

// proveBarrier: the last to come wakes all others of the round, and waits for
// nobody.
func proveBarrier(_ *testing.T, p *proof) error {
	const parties, rounds = 4, 3
	waits := p.in("barrier", "barrier.run.func1")
	slices.SortFunc(waits, func(a, b wait) int { return cmp.Compare(a.end, b.end) })
	if len(waits) != (parties-1)*rounds {
		return fmt.Errorf("%d waits", len(waits))
	}
	threads := p.of("barrier.run.func1")
	slices.SortFunc(threads, func(a, b life) int { return cmp.Compare(a.g, b.g) })
	var last timeline.GoID
	for round := range rounds {
		met := waits[(parties-1)*round:][:parties-1]
		var came []int64
		for _, w := range met {
			if w.by != met[0].by || w.bySite != "barrier.run.func1" || w.g == met[0].by {
				return fmt.Errorf("round %d: %+v", round, met)
			}
			came = append(came, int64(w.g))
		}
		if slices.Sort(came); len(slices.Compact(came)) != parties-1 {
			return fmt.Errorf("round %d: of the goroutines %d", round, came)
		}
		if met[0].by == last {
			return fmt.Errorf("goroutine %d is the last in two rounds", last)
		}
		last = met[0].by
		party := 1 + slices.IndexFunc(threads, func(l life) bool { return l.g == met[0].by })
		if says := fmt.Sprintf("party %d was the last of round %d\n", party, round+1); !strings.Contains(p.printed, says) {
			return fmt.Errorf("by the trace, %sthe demo says\n%s", says, p.printed)
		}
	}
	return p.outcome(rounds, rounds)
}
