package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tracekit/analyze/compare/stats"
	"tracekit/analyze/report"
)

const (
	// maxItems is how many goroutines of a lock are compared: the time grows with
	// their number and the square of that of the runs.
	maxItems = 100
	// margin is by how many ns one has to come before another for it to be certain:
	// a goroutine enters the queue shortly before the trace says that it blocked.
	margin = 10_000
	// nearArrival is how far from the order of arrival one may be, on the average,
	// and still be that: as far as those make it who come within the margin.
	nearArrival = 0.05
	maxEntropy  = 100 // hand-overs of which the entropy is told
	maxSwaps    = 10
	// sameNeeds is how many runs it takes to call an order the same in all: if none
	// came in more than half of the runs, so many would be the same in one case of 20.
	sameNeeds = 6
	// arrivalNeeds is how many runs it takes to call an order that of arrival: of the 4!
	// ways to pair four runs with the arrivals of four, one agrees.
	arrivalNeeds = 4
)

// orders looks at the locks that were handed to several goroutines in any run.
func orders(r *report.Runs, locks []lockSum) []report.RunsOrder {
	list := []report.RunsOrder{}
	for i := range locks {
		for _, process := range processesOf(locks[i].locks) {
			if o := newOrdering(locks[i].locks, process); len(o.runs) > 0 {
				list = append(list, o.report(i, process))
			}
		}
	}
	return list
}

// processesOf returns the names of the processes that a lock is of.
func processesOf(byRun [][]report.RunLock) (names []string) {
	for _, locks := range byRun {
		for _, l := range locks {
			names = append(names, l.Process)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ordering is the orders of a lock in the runs in which several goroutines were
// handed it.
type ordering struct {
	runs     []int // indexes
	locks    []*report.RunLock
	items    []int // goroutines, those that most runs have first
	ignored  int
	site     map[int]int // of goroutines: the place where they waited first
	orders   stats.Orders
	arrivals stats.Orders
	ties     bool
}

func newOrdering(byRun [][]report.RunLock, process string) *ordering {
	o := &ordering{site: make(map[int]int)}
	for i, locks := range byRun {
		var largest *report.RunLock // of what this run does not show to be one
		for j := range locks {
			if l := &locks[j]; l.Process == process && (largest == nil || len(l.First) > len(largest.First)) {
				largest = l
			}
		}
		if largest != nil && len(largest.First) > 1 {
			o.runs = append(o.runs, i)
			o.locks = append(o.locks, largest)
		}
	}
	o.choose()
	for _, l := range o.locks {
		o.rank(l)
	}
	return o
}

// choose numbers the goroutines: those that most runs have come first, and of these
// those that come first in the runs.
func (o *ordering) choose() {
	in, sum := make(map[int]int), make(map[int]float64)
	for _, l := range o.locks {
		for rank, t := range l.First {
			if _, ok := in[t.Goroutine]; !ok {
				o.items = append(o.items, t.Goroutine)
				o.site[t.Goroutine] = t.Place
			}
			in[t.Goroutine]++
			sum[t.Goroutine] += float64(rank)
		}
	}
	slices.SortFunc(o.items, func(a, b int) int {
		return cmp.Or(cmp.Compare(in[b], in[a]), cmp.Compare(sum[a], sum[b]), cmp.Compare(a, b))
	})
	o.ignored = max(0, len(o.items)-maxItems)
}

// rank adds the order of a run, and that of its arrivals.
func (o *ordering) rank(l *report.RunLock) {
	index := make(map[int]int)
	items := o.items[:len(o.items)-o.ignored]
	order, arrivals := make([]float64, len(items)), make([]float64, len(items))
	for i, g := range items {
		index[g] = i
		order[i], arrivals[i] = stats.Missing, stats.Missing
	}
	for j, t := range l.First {
		if i, ok := index[t.Goroutine]; ok {
			order[i], arrivals[i] = float64(t.WokenNS), float64(t.ArrivedNS)
		}
		o.ties = o.ties || j > 0 && l.First[j-1].WokenNS == t.WokenNS
	}
	o.orders, o.arrivals = append(o.orders, order), append(o.arrivals, arrivals)
}

func (o *ordering) report(lock int, process string) report.RunsOrder {
	d := o.orders.Distances()
	low, high := d.Bootstrap(confidence)
	r := report.RunsOrder{
		Lock: lock, Process: process, Runs: o.runs, Items: len(o.items), Ignored: o.ignored, Ties: o.ties,
		Distance: known(d.Mean()), Low: known(low), High: known(high),
		Jaccard: o.jaccard(), FromArrival: known(o.fromArrival()), Overtaken: o.overtaken(),
		EntropyBits: o.entropy(), FirstDifference: o.firstDifference(), Swaps: o.swaps(),
	}
	r.Distinct, r.ModalShare, r.Modal = o.modal()
	o.judge(&r)
	return r
}

// modal counts the orders, and returns the most frequent one.
func (o *ordering) modal() (distinct int, share float64, modal []int) {
	counts := make(map[string]int)
	lists := make(map[string][]int)
	best := ""
	for _, l := range o.locks {
		list := []int{}
		for _, t := range l.First {
			list = append(list, t.Goroutine)
		}
		key := fmt.Sprint(list)
		counts[key]++
		lists[key] = list
		if best == "" || counts[key] > counts[best] || counts[key] == counts[best] && key < best {
			best = key
		}
	}
	return len(counts), float64(counts[best]) / float64(len(o.locks)), lists[best]
}

// jaccard is the mean over pairs of runs.
func (o *ordering) jaccard() float64 {
	sum, n := 0.0, 0
	for i, a := range o.orders {
		for _, b := range o.orders[:i] {
			sum += stats.Jaccard(a, b)
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return sum / float64(n)
}

// fromArrival is the mean over runs of how far the order is from that of arrival.
func (o *ordering) fromArrival() float64 {
	sum, n := 0.0, 0
	for i := range o.orders {
		if d, ok := stats.KendallDistance(o.orders[i], o.arrivals[i]); ok {
			sum += d
			n++
		}
	}
	return sum / float64(n)
}

// overtaken counts acquisitions before which one was served that certainly came later.
func (o *ordering) overtaken() (n int) {
	for _, l := range o.locks {
		last := int64(math.MinInt64)
		for _, t := range l.First {
			if last >= t.ArrivedNS+margin {
				n++
			}
			last = max(last, t.ArrivedNS)
		}
	}
	return n
}

// entropy is that of who is handed the lock k-th, as long as two runs have a k-th
// hand-over.
func (o *ordering) entropy() []float64 {
	bits := []float64{}
	for k := range maxEntropy {
		counts, runs := make(map[int32]int), 0
		for _, l := range o.locks {
			if k < len(l.Woken) {
				counts[l.Woken[k]]++
				runs++
			}
		}
		if runs < 2 {
			break
		}
		var list []int
		for _, n := range counts {
			list = append(list, n)
		}
		slices.Sort(list) // sums of the same numbers in another order differ in the last bit
		bits = append(bits, stats.Entropy(list))
	}
	return bits
}

// firstDifference is the first hand-over at which runs differ, as far as they are
// known: one that ends before another differs from it there.
func (o *ordering) firstDifference() int {
	first := 0
	for _, l := range o.locks[1:] {
		if k := difference(o.locks[0], l); k > 0 && (first == 0 || k < first) {
			first = k
		}
	}
	return first
}

// difference compares with one run: where all are like that, they are like each other.
func difference(a, b *report.RunLock) int {
	n := min(len(a.Woken), len(b.Woken))
	for k := range n {
		if a.Woken[k] != b.Woken[k] {
			return k + 1
		}
	}
	if len(a.Woken) == len(b.Woken) || len(a.Woken) == n && a.LeftOut > 0 || len(b.Woken) == n && b.LeftOut > 0 {
		return 0
	}
	return n + 1
}

// judge comes to a verdict.
func (o *ordering) judge(r *report.RunsOrder) {
	n := len(o.runs)
	r.Verdict, r.Enough = report.TooFewRuns, max(sameNeeds, 2*n)
	if r.Distance == nil {
		return
	}
	random := o.orders.PermutationP()
	r.P, r.PRandom = &random, &random
	if *r.Distance == 0 {
		p := max(random, math.Pow(2, float64(1-n)))
		r.P = &p
		if p <= level {
			r.Verdict = report.Stable
		}
		if p <= level || n < sameNeeds {
			r.Enough = sameNeeds
		}
		return
	}
	shared, arrivals := o.shared()
	arrival := shared.PairingP(arrivals)
	r.PArrival = &arrival
	needs := stats.RandomNeeds(len(shared[0]))
	switch {
	case r.Overtaken == 0 && *r.FromArrival <= nearArrival && arrival <= level:
		r.Verdict, r.P, r.Enough = report.ArrivalOrder, r.PArrival, arrivalNeeds
	case random <= level:
		r.Verdict, r.Enough = report.Varies, n
	case n >= needs:
		r.Verdict, r.Enough = report.Random, needs
	default:
		r.Enough = needs
	}
}

// shared returns the orders, and the arrivals, of the goroutines that all runs have: any
// two runs can be compared by them.
func (o *ordering) shared() (orders, arrivals stats.Orders) {
	var items []int
	for i := range o.orders[0] {
		if !slices.ContainsFunc(o.orders, func(order []float64) bool { return math.IsNaN(order[i]) }) {
			items = append(items, i)
		}
	}
	of := func(all stats.Orders) (list stats.Orders) {
		for _, order := range all {
			part := make([]float64, len(items))
			for k, i := range items {
				part[k] = order[i]
			}
			list = append(list, part)
		}
		return list
	}
	return of(o.orders), of(o.arrivals)
}

// swaps finds the pairs of acquire sites whose goroutines come now in one order, now
// in the other.
func (o *ordering) swaps() []report.Swap {
	sums := make(map[[2]int]*report.Swap)
	items := o.items[:len(o.items)-o.ignored]
	for i, a := range items {
		for j, b := range items[:i] {
			before, after := o.precedence(i, j)
			key := [2]int{min(o.site[a], o.site[b]), max(o.site[a], o.site[b])}
			s := sums[key]
			if s == nil {
				s = &report.Swap{A: key[0], B: key[1]}
				sums[key] = s
			}
			s.Inversions += before * after
			s.Pairs += (before + after) * (before + after - 1) / 2
		}
	}
	list := []report.Swap{}
	for _, s := range sums {
		if s.Inversions > 0 {
			list = append(list, *s)
		}
	}
	slices.SortFunc(list, func(a, b report.Swap) int {
		return cmp.Or(cmp.Compare(b.Inversions, a.Inversions), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	return list[:min(len(list), maxSwaps)]
}

// precedence counts the runs in which one item comes before another, and after it.
func (o *ordering) precedence(i, j int) (before, after int64) {
	for _, order := range o.orders {
		switch {
		case order[i] < order[j]:
			before++
		case order[i] > order[j]:
			after++
		}
	}
	return before, after
}
