package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tracekit/analyze/report"
)

// source draws the arrivals of goroutines at a lock, in which order they come, and
// that in which they are handed it: both lists of goroutines.
type source func(rng *rand.Rand) (arrivals, order []int)

// draw makes runs of a source. Who comes next comes 1 ms later, and is handed the
// lock 1 s later.
func draw(s source, runs int, seed uint64) *report.Runs {
	rng := rand.New(rand.NewPCG(seed, 77))
	var g Gathering
	g.Source(report.Source{Path: "simulated"})
	place := g.place(report.Place{Kind: "mutex", Frame: report.Frame{Func: "main.f", File: "f.go", Line: 1}})
	for i := range runs {
		arrivals, order := s(rng)
		l := report.RunLock{Acquires: []int{place}, Releases: []int{}}
		came := make(map[int]int64)
		for k, n := range arrivals {
			came[n] = int64(k) * 1e6
		}
		for k, n := range order {
			id := g.goroutine(report.Named{ID: fmt.Sprint(n), Name: fmt.Sprint("g", n)})
			l.Woken = append(l.Woken, int32(id))
			l.First = append(l.First, report.RunTurn{Goroutine: id, Place: place, ArrivedNS: came[n], WokenNS: 1e9 * int64(k+1)})
		}
		g.runs = append(g.runs, report.Run{
			Number: i + 1, WallNS: 1e9, Processes: 1, Locks: []report.RunLock{l},
			Waits: []report.RunWaits{{Place: place, Tally: report.Tally{Waits: int64(len(order)), BlockedNS: 1e6}}},
		})
	}
	return g.Vary()
}

func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// sources have known truths, of so many goroutines.
func sources(items int) map[string]source {
	swapped := upTo(items)
	swapped[items/2], swapped[items/2-1] = swapped[items/2-1], swapped[items/2]
	reversed := upTo(items)
	slices.Reverse(reversed)
	half := func(a, b []int) source {
		return func(rng *rand.Rand) ([]int, []int) {
			if rng.IntN(2) == 0 {
				return upTo(items), a
			}
			return upTo(items), b
		}
	}
	return map[string]source{
		"same":       func(*rand.Rand) ([]int, []int) { return upTo(items), upTo(items) },
		"arrival":    func(rng *rand.Rand) ([]int, []int) { p := rng.Perm(items); return p, p },
		"uniform":    func(rng *rand.Rand) ([]int, []int) { return upTo(items), rng.Perm(items) },
		"two orders": half(upTo(items), reversed),
		"one swap":   half(upTo(items), swapped),
	}
}

// TestVerdicts draws runs of sources whose truth is known. That they may be too few is
// right; anything else is wrong, and may be so in as many draws as a level of 5 %
// allows.
func TestVerdicts(t *testing.T) {
	truth := map[string]string{
		"same": report.Stable, "arrival": report.ArrivalOrder, "uniform": report.Random,
		"two orders": report.Varies, "one swap": report.Varies,
	}
	// How many of the draws have to come to the truth, of those with so many runs.
	atLeast := map[int]map[string]float64{
		5:   {"same": 0, "arrival": 1, "uniform": 0, "two orders": 0.85, "one swap": 0.85},
		7:   {"same": 1, "arrival": 1, "uniform": 0.85, "two orders": 0.85, "one swap": 0.85},
		20:  {"same": 1, "arrival": 1, "uniform": 0.85, "two orders": 1, "one swap": 1},
		100: {"same": 1, "arrival": 1, "uniform": 0.85, "two orders": 1, "one swap": 1},
	}
	for runs, shares := range atLeast {
		draws := 40
		if runs == 100 {
			draws = 5
		}
		if testing.Short() {
			draws /= 5
		}
		for name, s := range sources(8) {
			right, wrong := 0, 0
			for seed := range draws {
				switch v := draw(s, runs, uint64(seed)).Orders[0].Verdict; v {
				case truth[name]:
					right++
				case report.TooFewRuns:
				default:
					wrong++
				}
			}
			if float64(right) < shares[name]*float64(draws)-1 || wrong > 1+draws/8 {
				t.Errorf("%d runs of %q: %d of %d verdicts are right, %d wrong", runs, name, right, draws, wrong)
			}
		}
	}
}

// TestFewInCommon has few of many goroutines in each run, in any order: that those which
// two runs have in common often come in the same one says nothing.
func TestFewInCommon(t *testing.T) {
	few := func(rng *rand.Rand) (arrivals, order []int) {
		order = rng.Perm(20)[:3]
		return slices.Sorted(slices.Values(order)), order
	}
	wrong := 0
	const draws = 60
	for seed := range uint64(draws) {
		if o := draw(few, 6, seed).Orders[0]; o.Verdict != report.TooFewRuns {
			wrong++
		}
	}
	if wrong > draws/10 {
		t.Errorf("%d of %d verdicts on few goroutines in common", wrong, draws)
	}
}

// TestTwoGoroutines needs more runs: two orders are all there are.
func TestTwoGoroutines(t *testing.T) {
	coin := sources(2)["uniform"]
	for seed := range uint64(20) {
		if o := draw(coin, 10, seed).Orders[0]; o.Verdict == report.Random || o.Enough < 6 {
			t.Errorf("ten runs of two goroutines are %q, of %d that are enough", o.Verdict, o.Enough)
		}
	}
	for n, want := range map[int]string{1: report.TooFewRuns, 5: report.TooFewRuns, 6: report.Stable} {
		o := draw(sources(2)["same"], n, 1).Orders[0]
		if o.Verdict != want || o.Enough != 6 {
			t.Errorf("%d runs in the same order are %q, %d are enough", n, o.Verdict, o.Enough)
		}
		if n == 6 && (*o.P < 1./32 || *o.P > 0.05) {
			t.Errorf("P is %v", *o.P)
		}
	}
}

// listed hands a lock over in the orders of a list, one for each run.
func listed(orders ...[]int) *report.Runs {
	i := 0
	return draw(func(*rand.Rand) ([]int, []int) {
		i++
		return upTo(9), orders[i-1]
	}, len(orders), 1)
}

// TestOrderNumbers has the numbers of a few runs by hand.
func TestOrderNumbers(t *testing.T) {
	r := listed([]int{0, 1, 2}, []int{0, 2, 1}, []int{0, 1, 2, 3})
	o := r.Orders[0]
	if o.Distinct != 3 || o.ModalShare != 1./3 || o.Items != 4 || len(o.Runs) != 3 {
		t.Errorf("%d orders of %d goroutines in %d runs, the most frequent in %v", o.Distinct, o.Items, len(o.Runs), o.ModalShare)
	}
	// 1 of 3 pairs, none of 3, and 1 of 3.
	if want := (1./3 + 0 + 1./3) / 3; !near(*o.Distance, want) {
		t.Errorf("distance %v, want %v", *o.Distance, want)
	}
	// 3/3, 3/4 and 3/4.
	if want := (1 + 0.75 + 0.75) / 3; !near(o.Jaccard, want) {
		t.Errorf("jaccard %v, want %v", o.Jaccard, want)
	}
	// The second run alone is not as they arrived: 1 of 3 pairs.
	if want := 1. / 9; !near(*o.FromArrival, want) || o.Overtaken != 1 {
		t.Errorf("%v from arrival, want %v; %d overtaken", *o.FromArrival, want, o.Overtaken)
	}
	// 0 is always first; second is 1, 2, 1; third is 2, 1, 2; the fourth one has no other.
	h := math.Log2(3) - 2./3
	if len(o.EntropyBits) != 3 || o.EntropyBits[0] != 0 || !near(o.EntropyBits[1], h) || !near(o.EntropyBits[2], h) {
		t.Errorf("entropy %v, want 0, %v, %v", o.EntropyBits, h, h)
	}
	if o.FirstDifference != 2 {
		t.Errorf("first difference at %d", o.FirstDifference)
	}
	// Of goroutines 1 and 2, two runs have one order and one the other.
	if len(o.Swaps) != 1 || o.Swaps[0].Inversions != 2 || o.Swaps[0].Pairs != 3*3+3*0 {
		t.Errorf("swaps %+v", o.Swaps)
	}
	if r := listed([]int{0, 1}, []int{0, 1, 2}); r.Orders[0].FirstDifference != 3 || *r.Orders[0].Distance != 0 {
		t.Errorf("one more: %+v", r.Orders[0])
	}
	if r := listed([]int{0, 1}, []int{2, 3}); r.Orders[0].Distance != nil || r.Orders[0].Jaccard != 0 || r.Orders[0].Verdict != report.TooFewRuns {
		t.Errorf("nothing in common: %+v", r.Orders[0])
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
