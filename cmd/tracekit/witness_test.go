package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// proof is a demo that was recorded as a user would: its report, and what each
// goroutine did, which a report does not say.
type proof struct {
	printed string // by the demo
	report  *report.Report
	waits   []wait // of user goroutines, by their ends
	lives   []life // of user goroutines, by their ends
}

// interval is a time, in ns on the trace's clock.
type interval struct{ start, end int64 }

// wait is a wait for something, up to its wake.
type wait struct {
	interval
	kind         string
	site, bySite string // names of functions; "" where there is none
	byLine       int
	stack        []string
	g, by        timeline.GoID // by is 0 for nobody
	group        string
	open         bool
}

// life is a goroutine.
type life struct {
	interval
	g     timeline.GoID
	group string
}

// witness is an Observer that notes all of it.
type witness struct {
	timeline.Ignore
	symbols *timeline.Symbols
	born    map[*timeline.Goroutine]int64
	proof   *proof
}

func (w *witness) function(f timeline.FrameID) string {
	if f == timeline.NoSite {
		return ""
	}
	return strings.TrimPrefix(w.symbols.Frame(f).Func, "tracekit/demos/")
}

// Born implements timeline.Observer.
func (w *witness) Born(g *timeline.Goroutine) { w.born[g] = g.Since }

// Span implements timeline.SpanObserver.
func (w *witness) Span(g *timeline.Goroutine, _ timeline.State, _ int64) {
	if g.State == timeline.NotExist && g.Class == timeline.User {
		group := strings.TrimPrefix(g.Name, "tracekit/demos/")
		w.proof.lives = append(w.proof.lives, life{interval{w.born[g], g.Since}, g.ID, group})
	}
}

// LockBlocked implements timeline.LockObserver.
func (w *witness) LockBlocked(*timeline.Wait) {}

// LockWoken implements timeline.LockObserver.
func (w *witness) LockWoken(*timeline.Wait) {}

// LockDone implements timeline.LockObserver.
func (w *witness) LockDone(t *timeline.Wait) { w.Waited(t) }

// Waited implements timeline.WaitObserver.
func (w *witness) Waited(t *timeline.Wait) {
	if t.G.Class != timeline.User {
		return
	}
	v := wait{
		interval: interval{t.Start, t.Woken},
		kind:     t.Kind.String(),
		site:     w.function(t.Site),
		bySite:   w.function(t.BySite),
		g:        t.G.ID,
		group:    strings.TrimPrefix(t.G.Name, "tracekit/demos/"),
		open:     t.Open(),
	}
	if t.ByID != timeline.NoGoroutine {
		v.by = t.ByID
		v.byLine = w.symbols.Frame(t.BySite).Line
	}
	for _, f := range w.symbols.Stack(t.Stack) {
		v.stack = append(v.stack, w.function(f))
	}
	w.proof.waits = append(w.proof.waits, v)
}

// prove records a demo in a child process, and analyzes its trace by the
// command and by a witness of its own.
func prove(t *testing.T, args ...string) *proof {
	t.Helper()
	path := filepath.Join(t.TempDir(), "demo.trace")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // for a demo that hangs
	defer cancel()
	printed, err := exec.CommandContext(ctx, "tracekit", slices.Concat([]string{"record"}, args, []string{"-o", path})...).CombinedOutput()
	if err != nil {
		if strings.Contains(string(printed), "start a server for pages") {
			t.Skipf("there is no network at all here: %s", printed)
		}
		t.Fatalf("record %v: %v\n%s", args, err, printed)
	}
	out, err := exec.CommandContext(ctx, "tracekit", "analyze", "--verify", "-f", "json", path).Output()
	if err != nil {
		t.Fatalf("analyze: %v", err)
	}
	p := &proof{printed: string(printed), report: new(report.Report)}
	if err := json.Unmarshal(out, p.report); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	version, err := decode.ReadHeader(f)
	if err != nil {
		t.Fatal(err)
	}
	reader := wire.NewReader(f, version, wire.Options{Workers: 1, InFlight: 2})
	defer reader.Close()
	w := &witness{symbols: reader.Symbols(), born: make(map[*timeline.Goroutine]int64), proof: p}
	if _, err := timeline.Run(reader, w); err != nil {
		t.Fatal(err)
	}
	return p
}

// in returns the waits of a kind in a function.
func (p *proof) in(kind, function string) (list []wait) {
	for _, w := range p.waits {
		if w.kind == kind && w.site == function {
			list = append(list, w)
		}
	}
	return list
}

// of returns the lives of a group.
func (p *proof) of(group string) (list []life) {
	for _, l := range p.lives {
		if l.group == group {
			list = append(list, l)
		}
	}
	return list
}

// site returns the function of a site of the report.
func (p *proof) site(i int) string {
	if i < 0 {
		return ""
	}
	return strings.TrimPrefix(p.report.Sites[i].Func, "tracekit/demos/")
}

// lock returns the only lock of the demos' own, which is of one kind.
func (p *proof) lock(kind string) (report.Lock, report.LockOrder, error) {
	var own []int
	for i, l := range p.report.Waits.Locks {
		if slices.Equal(l.Kinds, []string{kind}) {
			own = append(own, i)
		}
	}
	if len(own) != 1 {
		return report.Lock{}, report.LockOrder{}, fmt.Errorf("%d locks of kind %s among %+v", len(own), kind, p.report.Waits.Locks)
	}
	return p.report.Waits.Locks[own[0]], p.report.Order.Locks[own[0]], nil
}

// outcome checks what the demo says of its result.
func (p *proof) outcome(got, want int64) error {
	if o := p.report.Recording.Outcome; o == nil || o.Got != got || o.Want != want {
		return fmt.Errorf("outcome is %+v, want %d of %d", o, got, want)
	}
	return nil
}

// goroutines checks that all user goroutines are n, the one of main included.
func (p *proof) goroutines(n int) error {
	if got := p.report.Trace.Goroutines; got != n || len(p.lives) != n {
		return fmt.Errorf("%d goroutines, of which %d end, want %d", got, len(p.lives), n)
	}
	return nil
}

// parallelism returns what a group achieves that only computes: as many as there
// are of it at a time, on average, or as many as there are processors.
func (p *proof) parallelism(group string) float64 {
	sum := int64(0)
	for _, l := range p.of(group) {
		sum += l.end - l.start
	}
	return min(float64(sum)/float64(p.report.Trace.WallNS), float64(p.report.Trace.GOMAXPROCS))
}

// runnable returns how many of a group were runnable, on average.
func (p *proof) runnable(group string) float64 {
	sum := int64(0)
	for _, g := range p.report.Parallel.Groups {
		if g.Name == "tracekit/demos/"+group {
			sum += g.RunnableNS
		}
	}
	return float64(sum) / float64(p.report.Trace.WallNS)
}

// most returns how many of the intervals overlap, at most. Those that only touch
// do not.
func most[T interface{ ends() interval }](list []T) (n int) {
	var starts, ends []int64
	for _, v := range list {
		starts, ends = append(starts, v.ends().start), append(ends, v.ends().end)
	}
	slices.Sort(starts)
	slices.Sort(ends)
	over := 0
	for i, start := range starts {
		for ends[over] <= start {
			over++
		}
		n = max(n, i+1-over)
	}
	return n
}

func (i interval) ends() interval { return i }

// total returns the sum of the intervals, and the longest of them.
func total(list []wait) (sum, longest int64) {
	for _, w := range list {
		sum += w.end - w.start
		longest = max(longest, w.end-w.start)
	}
	return sum, longest
}

func TestMost(t *testing.T) {
	for want, list := range map[int][]interval{
		0: nil,
		1: {{1, 2}, {2, 5}, {6, 7}},
		2: {{1, 3}, {2, 5}, {3, 4}},
		3: {{0, 9}, {1, 8}, {2, 3}, {3, 4}},
		4: {{5, 9}, {1, 8}, {2, 6}, {3, 7}},
	} {
		if got := most(list); got != want {
			t.Errorf("%v: %d at most, want %d", list, got, want)
		}
	}
}
