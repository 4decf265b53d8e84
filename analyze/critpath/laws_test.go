package critpath

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tracekit/analyze/report"
)

// everywhere is all places at which simulated programs wait for each other, but for the
// end of the workers.
var everywhere = []string{"main.lock0", "main.lock1", "main.lock2", "main.send1", "main.send2", "main.recv1", "main.recv2"}

// The scenarios of the laws, by their index.
const (
	lawSame = iota
	lawUnbounded
	lawSpeed
	lawHold
	lawMore
	lawTwice
	lawDropped
	lawDroppedUnbounded
)

// lawful returns the scenarios of the laws for a number of processors.
func lawful(procs int) []Scenario {
	return []Scenario{
		lawSame:             {},
		lawUnbounded:        {Procs: -1, NoLatency: true},
		lawSpeed:            {Speed: map[string]float64{"main.w1": 1, "main.recv1": 1}},
		lawHold:             {Hold: map[string]float64{"main.lock0": 1, "main.lock1": 1}},
		lawMore:             {Procs: procs + 1},
		lawTwice:            {Procs: 2 * procs},
		lawDropped:          {Drop: everywhere},
		lawDroppedUnbounded: {Procs: -1, NoLatency: true, Drop: everywhere},
	}
}

// eachSimulation calls f for the traces of simulated programs.
func eachSimulation(t *testing.T, f func(t *testing.T, script string, procs int)) {
	n := uint64(60)
	if testing.Short() {
		n = 10
	}
	for seed := range n {
		for procs := 1; procs <= 4; procs++ {
			script := simulate(seed, procs)
			if f(t, script, procs); t.Failed() {
				t.Fatalf("seed %d, %d processors:\n%s", seed, procs, script)
			}
		}
	}
}

// TestLaws holds what is said of simulated programs to what holds for all.
func TestLaws(t *testing.T) {
	eachSimulation(t, func(t *testing.T, script string, procs int) {
		f := follow(t, script, lawful(procs))
		f.sameClocks(t)
		f.brent(t, "replayed", unchanged, f.ends.clocks[unbounded], procs)
		f.brent(t, "without waits", first+lawDropped, f.ends.clocks[first+lawDroppedUnbounded], procs)
		p := f.path
		if p.WorkNS > int64(procs)*p.PathNS {
			t.Errorf("%d ns of work in %d on %d processors", p.WorkNS, p.PathNS, procs)
		}
		off := int64(p.ReplayError*float64(p.PathNS)) + 1
		for _, i := range []int{lawMore, lawTwice} {
			if got := f.ends.clocks[first+i]; got > p.ReplayNS+off {
				t.Errorf("with more processors than %d it takes %d, not %d", procs, got, p.ReplayNS)
			}
		}
	})
}

// sameClocks checks the scenarios that are the run as it was, or the longest chain.
func (f followed) sameClocks(t *testing.T) {
	t.Helper()
	list, _ := f.Predict()
	for _, i := range []int{lawSame, lawSpeed, lawHold} {
		if list[i].PredictedNS != f.path.PathNS {
			t.Errorf("scenario %d, which changes nothing: %+v of %d", i, list[i], f.path.PathNS)
		}
	}
	if got := f.ends.clocks[first+lawUnbounded]; got != f.path.SpanNS {
		t.Errorf("with processors for all it takes %d, the span is %d", got, f.path.SpanNS)
	}
}

// brent holds a replay to the bounds for schedules in which no processor is idle while a
// goroutine could run (Brent 1974). Processors are kept by slices of time: one can come
// a slice too early at each end of the run.
func (f followed) brent(t *testing.T, what string, scenario int, span int64, procs int) {
	t.Helper()
	const slice = 1 << 10
	share, got := f.path.WorkNS/int64(procs), f.ends.clocks[scenario]
	if least := max(share-slice, span); got < least {
		t.Errorf("%s: it takes %d, at least it must %d", what, got, least)
	}
	if most := share + span + slice; got > most {
		t.Errorf("%s: it takes %d, at most it may %d", what, got, most)
	}
}

var goroutine = regexp.MustCompile(`\bg(\d+)\b`)

// relabelled returns a script with its goroutines renamed, in the same order, and with
// its generations split.
func relabelled(script string, seed uint64) string {
	rnd := rand.New(rand.NewPCG(seed, 13))
	var b strings.Builder
	for line := range strings.SplitSeq(goroutine.ReplaceAllString(script, "g${1}01"), "\n") {
		if strings.HasSuffix(line, "starts") && rnd.IntN(10) == 0 {
			b.WriteString("---\n")
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// TestRelabelled has what must not matter changed: the names of goroutines, and where
// generations end.
func TestRelabelled(t *testing.T) {
	eachSimulation(t, func(t *testing.T, script string, procs int) {
		a, b := follow(t, script, lawful(procs)), follow(t, relabelled(script, 1), lawful(procs))
		if diff := cmp.Diff(a.path, b.path); diff != "" {
			t.Errorf("-as it was +relabelled:\n%s", diff)
		}
	})
}

// TestRelabelledChaos is TestRelabelled for programs that do anything. When it is known
// that locks are one depends on where generations end, and with it which has a scenario.
func TestRelabelledChaos(t *testing.T) {
	for seed := range uint64(40) {
		lines := newChaos(seed, 300)
		script := upTo(lines, len(lines))
		if strings.Contains(script, "tracekit") {
			continue // main has to be goroutine 1
		}
		a, b := follow(t, script, nil), follow(t, relabelled(script, seed), nil)
		ignored := cmpopts.IgnoreFields(report.Critpath{}, "Locks", "Sites")
		if diff := cmp.Diff(a.path, b.path, ignored); diff != "" {
			t.Errorf("seed %d: -as it was +relabelled:\n%s", seed, diff)
		}
	}
}
