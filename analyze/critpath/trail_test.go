package critpath

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// keeping follows a script with its steps kept, and holds them to the path.
func keeping(t *testing.T, script string) []Step {
	t.Helper()
	f := followAs(t, script, nil, (*Critpath).KeepSteps)
	steps, at, sums := f.Steps(), f.ends.at-f.path.PathNS, make(map[string]int64)
	for i, s := range steps {
		if s.From != at || s.To < s.From || s.Kind == "" {
			t.Errorf("step %d is %+v, and the one before ends at %d", i, s, at)
		}
		at = s.To
		if ns := s.To - s.From; ns > 0 {
			sums[f.step(s)] += ns
		}
	}
	if at != f.ends.at {
		t.Errorf("the steps end at %d, the path at %d", at, f.ends.at)
	}
	if diff := cmp.Diff(times(f.sums()), sums); diff != "" {
		t.Errorf("-path +steps:\n%s", diff)
	}
	return steps
}

// step returns a step in the words of phrase.
func (f followed) step(s Step) string {
	place := ""
	if s.Site != timeline.NoSite {
		frame := f.symbols.Frame(s.Site)
		place = fmt.Sprintf(" at %s:%d", frame.Func, frame.Line)
	}
	switch {
	case s.Kind == report.SegHandOver && s.Lock != timeline.NoLock:
		place += fmt.Sprintf(" %s lock %d", s.Wait, slices.IndexFunc(f.rank, func(id timeline.LockID) bool { return f.locks.root(id) == s.Lock }))
	case s.Kind == report.SegHandOver:
		place += " " + s.Wait
	case s.Late:
		place += " " + s.Kind
	case s.Kind != report.SegBirth:
		return s.Kind + " " + s.Group + place
	}
	return report.SegSched + " " + s.Group + place
}

// TestSteps holds the steps of paths to what is said of these.
func TestSteps(t *testing.T) {
	for _, tt := range paths {
		t.Run(tt.name, func(t *testing.T) { keeping(t, tt.script) })
	}
	for seed := range seeds(100) {
		lines := newChaos(seed, 300, "assists", "assisted", "stopsworld", "startsworld")
		script := upTo(lines, len(lines))
		if keeping(t, script); t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, script)
		}
	}
}

// TestStepsSampled has a goroutine sampled while it runs: that is no step.
func TestStepsSampled(t *testing.T) {
	steps := followAs(t, `
		0 g1 running main.main
		4 g1 sampled main.hot:1 < main.main
		10 g1 ends
		20 end
	`, nil, (*Critpath).KeepSteps).Steps()
	if len(steps) != 1 || steps[0].From != 0 || steps[0].To != 10 {
		t.Errorf("the steps are %+v", steps)
	}
}

// TestPrune has steps cut off all the time: of instances that makes no difference.
func TestPrune(t *testing.T) {
	of := Of{Tasks: []string{"job"}, Regions: []string{"x"}}
	for seed := range seeds(60) {
		lines := newChaos(seed, 600, chaosMarks...)
		script := upTo(lines, len(lines))
		whole := followAs(t, script, nil, func(c *Critpath) { c.Ask(of) })
		pruned := followAs(t, script, nil, func(c *Critpath) {
			c.Ask(of)
			c.trail.next, c.trail.every = 0, 1
		})
		if pruned.trail.round < 5 {
			t.Errorf("seed %d: it was pruned %d times", seed, pruned.trail.round)
		}
		if diff := cmp.Diff(whole.path, pruned.path); diff != "" {
			t.Fatalf("seed %d: -whole +pruned:\n%s\n%s", seed, diff, script)
		}
	}
}

// held returns how many steps are not garbage.
func (f followed) held() int {
	seen := make(map[*step]bool)
	for i := range f.lives {
		for _, s := range []*step{f.lives[i].step, f.lives[i].nextStep} {
			for ; s != nil && !seen[s]; s = s.prev {
				seen[s] = true
			}
		}
	}
	return len(seen)
}

// turns returns a trace in which two goroutines wake each other in turns, each time
// within a region.
func turns(n int, before string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "0 g1 running main.a\n0 g2 waiting \"chan receive\" runtime.chanrecv1 < main.take:1\n%s\n", before)
	for i := range n {
		t, g := 10*i, 1+i%2
		fmt.Fprintf(&b, "%d g%d beginregion 0 \"x\"\n%d g%d endregion 0 \"x\"\n", t+1, g, t+3, g)
		fmt.Fprintf(&b, "%d g%d wakes g%d runtime.chansend1 < main.give:2\n", t+4, g, 3-g)
		fmt.Fprintf(&b, "%d g%d waits \"chan receive\" runtime.chanrecv1 < main.take:1\n%d g%d starts\n", t+5, g, t+6, 3-g)
	}
	return b.String()
}

// watch counts the steps that are held while a trace goes on.
type watch struct {
	timeline.Ignore
	f    followed
	n    int
	most int
}

func (w *watch) Woken(*timeline.Wait) {
	if w.n++; w.n%100 == 0 {
		w.most = max(w.most, w.f.held())
	}
}

// TestPruneHeld has short regions all along a trace: the steps that are kept are no more
// for that. A task that does not end keeps all behind its beginning; then they are not
// gone through more often than a few times each.
func TestPruneHeld(t *testing.T) {
	const n = 5000
	w := new(watch)
	prepare := func(c *Critpath) {
		c.Ask(Of{Tasks: []string{"job"}, Regions: []string{"x"}})
		c.trail.next, c.trail.every = 50, 50
		w.f.Critpath = c
	}
	f := followAs(t, turns(n, "")+fmt.Sprint(10*n, " end"), nil, prepare, w)
	if in := f.path.Instances[1]; in.Count != n || in.MaxNS != 2 || w.most == 0 || w.most > 200 {
		t.Errorf("there are %d instances, of %d ns at most, with %d steps", in.Count, in.MaxNS, w.most)
	}
	f = followAs(t, turns(n, `0 g1 begintask 1 "job"`)+fmt.Sprint(10*n, " end"), nil, prepare, w)
	if w.most < 2*n || f.trail.round > 20 {
		t.Errorf("%d steps are kept, and were pruned %d times", w.most, f.trail.round)
	}
}
