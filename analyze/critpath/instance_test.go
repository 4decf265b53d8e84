package critpath

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tracekit/analyze/report"
)

// ask goes through a script with instances asked for.
func ask(t *testing.T, script string, of Of) followed {
	t.Helper()
	f := followAs(t, script, nil, func(c *Critpath) { c.Ask(of) })
	for _, in := range f.path.Instances {
		f.wholeMean(t, in, in.Median)
		f.wholeMean(t, in, in.Slow)
	}
	return f
}

// wholeMean checks that the parts of a mean add up to it.
func (f followed) wholeMean(t *testing.T, in report.Instances, c report.Composition) {
	t.Helper()
	sum := int64(0)
	for _, s := range c.Segments {
		if sum += s.NS; s.NS < 0 {
			t.Errorf("%s %s: %s takes %d", in.Type, in.Name, f.phrase(s), s.NS)
		}
	}
	if sum != c.PathNS {
		t.Errorf("%s %s: the segments add up to %d, the path is %d", in.Type, in.Name, sum, c.PathNS)
	}
}

// instancesLines lists what is said of instances, but for what takes no time.
func (f followed) instancesLines() (list []string) {
	for _, in := range f.path.Instances {
		list = append(list, fmt.Sprintf("%s %s: %d, %d open; %d %d %d %d", in.Type, in.Name, in.Count, in.Open, in.P50NS, in.P90NS, in.P99NS, in.MaxNS))
		list = append(list, f.composition("median", in.Median)...)
		if !gocmp.Equal(in.Median, in.Slow) {
			list = append(list, f.composition("slow", in.Slow)...)
		}
	}
	return list
}

func (f followed) composition(name string, c report.Composition) (list []string) {
	if c.Count > 0 {
		list = append(list, fmt.Sprintf("%s of %d: %d", name, c.Count, c.PathNS))
	}
	for _, s := range c.Segments {
		if s.NS > 0 {
			list = append(list, fmt.Sprintf("%d: %s x%d", s.NS, f.phrase(s), s.Count))
		}
	}
	return list
}

// TestInstances has the paths of instances of each script, to the nanosecond.
func TestInstances(t *testing.T) {
	for _, tt := range asks {
		t.Run(tt.name, func(t *testing.T) { want(t, ask(t, tt.script, tt.of).instancesLines(), tt.want) })
	}
}

var x = Of{Regions: []string{"x"}}

var asks = []struct {
	name, script string
	of           Of
	want         string
}{
	{"a region in one goroutine", `
		0 g1 running main.main
		10 g1 beginregion 0 "x"
		15 g1 beginregion 0 "y"
		20 g1 syscall main.main
		35 g1 returns
		40 g1 endregion 0 "y"
		60 g1 endregion 0 "x"
		70 g1 ends
		80 end
	`, x, `
		region x: 1, 0 open; 50 50 50 50
		median of 1: 50
		35: running main.main x2
		15: syscall main.main x1
	`},
	{"a region that waits for a lock", `
		0 procs 4
		0 g1 running main.a
		0 g2 running main.b
		5 g1 waits "sleep" time.Sleep < main.nap:1 < main.a
		9 nobody wakes g1
		10 g1 starts
		20 g1 beginregion 0 "x"
		25 g1 waits "sync" sync.(*Mutex).Lock < main.lock:2 < main.a
		60 g2 wakes g1 sync.(*Mutex).Unlock < main.unlock:3 < main.b
		64 g1 starts
		70 g1 waits "sleep" time.Sleep < main.nap:1 < main.a
		83 nobody wakes g1
		85 g1 starts
		90 g1 endregion 0 "x"
		100 end
	`, x, `
		region x: 1, 0 open; 70 70 70 70
		median of 1: 70
		40: running main.b x1
		13: sleep main.a at main.nap:1 x1
		11: running main.a x2
		4: sched main.a at main.lock:2 mutex lock 0 x1
		2: sched main.a at main.nap:1 sleep x1
	`},
	// It begins while the other one sleeps: of that only what is behind the beginning.
	{"a path that is on another goroutine when the region begins, in a wait", `
		0 procs 4
		0 g1 running main.a
		0 g2 running main.b
		10 g2 waits "sleep" time.Sleep < main.nap:1 < main.b
		20 g1 beginregion 0 "x"
		25 g1 waits "sync" sync.(*Mutex).Lock < main.lock:2 < main.a
		50 nobody wakes g2
		55 g2 starts
		60 g2 wakes g1 sync.(*Mutex).Unlock < main.unlock:3 < main.b
		64 g1 starts
		90 g1 endregion 0 "x"
		100 end
	`, x, `
		region x: 1, 0 open; 70 70 70 70
		median of 1: 70
		30: sleep main.b at main.nap:1 x1
		26: running main.a x1
		5: running main.b x1
		5: sched main.b at main.nap:1 sleep x1
		4: sched main.a at main.lock:2 mutex lock 0 x1
	`},
	{"a path that is late on another goroutine when the region begins", `
		0 procs 4
		0 g1 running main.a
		0 g2 runnable main.b
		20 g1 beginregion 0 "x"
		25 g1 waits "sync" sync.(*Mutex).Lock < main.lock:2 < main.a
		50 g2 starts
		60 g2 wakes g1 sync.(*Mutex).Unlock < main.unlock:3 < main.b
		60 g1 starts
		60 g1 endregion 0 "x"
		100 end
	`, x, `
		region x: 1, 0 open; 40 40 40 40
		median of 1: 40
		30: sched main.b x1
		10: running main.b x1
	`},
	// The inner one ends first.
	{"nested regions of one name", `
		0 g1 running main.main
		10 g1 beginregion 0 "x"
		20 g1 beginregion 0 "x"
		25 g1 endregion 0 "x"
		60 g1 endregion 0 "x"
		70 end
	`, x, `
		region x: 2, 0 open; 5 50 50 50
		median of 1: 5
		5: running main.main x1
		slow of 1: 50
		50: running main.main x3
	`},
	// They are told apart by their tasks.
	{"overlapping regions of one name", `
		0 g1 running main.main
		10 g1 beginregion 7 "x"
		20 g1 beginregion 8 "x"
		40 g1 endregion 7 "x"
		120 g1 endregion 8 "x"
		130 end
	`, x, `
		region x: 2, 0 open; 30 100 100 100
		median of 1: 30
		30: running main.main x2
		slow of 1: 100
		100: running main.main x2
	`},
	{"regions of which one end is in the trace", `
		0 g1 running main.main
		10 g1 endregion 0 "x"
		20 g1 beginregion 0 "x"
		30 g1 beginregion 7 "x"
		40 g1 endregion 8 "y"
		60 end
	`, x, `
		region x: 0, 2 open; 0 0 0 0
	`},
	{"a task that ends on another goroutine, and two at once", `
		0 procs 4
		0 g1 running main.main
		10 g1 begintask 7 "job"
		15 g1 begintask 8 "job"
		20 g1 creates g2 main.worker @ main.main:7
		20 g1 ends
		23 g2 starts
		30 g2 endtask 8
		40 g2 endtask 7
		45 g2 endtask 7
		50 end
	`, Of{Tasks: []string{"job", "job", "other"}}, `
		task job: 2, 0 open; 15 30 30 30
		median of 1: 15
		7: running main.worker x1
		5: running main.main x1
		3: sched main.worker at main.main:7 x1
		slow of 1: 30
		17: running main.worker x2
		10: running main.main x2
		3: sched main.worker at main.main:7 x1
		task other: 0, 0 open; 0 0 0 0
	`},
	{"a region and a task across a gap", `
		0 g1 running main.main
		10 g1 beginregion 7 "x"
		10 g1 begintask 7 "job"
		--- gap
		20 g1 running main.main
		30 g1 endregion 7 "x"
		30 g1 endtask 7
		40 g1 beginregion 0 "x"
		45 g1 endregion 0 "x"
		50 end
	`, Of{Tasks: []string{"job"}, Regions: []string{"x"}}, `
		task job: 0, 1 open; 0 0 0 0
		region x: 1, 1 open; 5 5 5 5
		median of 1: 5
		5: running main.main x1
	`},
	// Another one has its number then, and is in no region.
	{"a goroutine that dies in a region", `
		0 g1 running main.main
		0 g2 running main.worker
		10 g2 beginregion 0 "x"
		20 g2 ends
		30 g1 creates g2 main.worker @ main.main:7
		31 g2 starts
		40 g2 endregion 0 "x"
		50 end
	`, x, `
		region x: 0, 1 open; 0 0 0 0
	`},
	{"a main that has ended before", `
		0 g1 running main.main
		0 g2 running main.worker
		10 g2 beginregion 0 "x"
		10 g2 beginregion 0 "y"
		20 g2 endregion 0 "y"
		60 g1 waits "chan receive" runtime.chanrecv1 < runtime/trace.tracekitStop < main.main
		80 nobody wakes g1
		90 g2 endregion 0 "x"
		91 g2 beginregion 0 "y"
		92 g2 endregion 0 "y"
		95 end
	`, Of{Regions: []string{"x", "y"}}, `
		region x: 0, 1 open; 0 0 0 0
		region y: 1, 0 open; 10 10 10 10
		median of 1: 10
		10: running main.worker x1
	`},
	{"a region of no time", `
		0 g1 running main.main
		10 g1 beginregion 0 "x"
		10 g1 endregion 0 "x"
		20 end
	`, x, `
		region x: 1, 0 open; 0 0 0 0
		median of 1: 0
	`},
	{"a region with samples, an assist and a stop of the world", `
		0 g1 running main.main
		4 g1 sampled main.hot:1 < main.main
		10 g1 beginregion 0 "x"
		12 g1 sampled main.hot:2 < main.main
		13 g1 sampled main.hot:3 < main.main
		14 g1 sampled main.hot:2 < main.main
		20 g1 assists
		27 g1 assisted
		30 g1 stopsworld
		35 g1 startsworld
		70 g1 endregion 0 "x"
		80 end
	`, x, `
		region x: 1, 0 open; 60 60 60 60
		median of 1: 60
		32: running main.main at main.hot:2 x2
		16: running main.main at main.hot:3 x1
		7: gc-assist main.main x1
		5: stop-world main.main x1
	`},
}

// chaosMarks are of tasks and regions, some of which a path is asked for.
var chaosMarks = []string{
	`begintask 1 "job"`, `begintask 2 "job"`, `begintask 3 "other"`, "endtask 1", "endtask 2", "endtask 3",
	`beginregion 1 "x"`, `beginregion 2 "x"`, `beginregion 0 "y"`, `endregion 1 "x"`, `endregion 2 "x"`, `endregion 0 "y"`,
}

// TestInstancesReference compares instances in random programs with what is found when
// one keeps all and goes back from their ends.
func TestInstancesReference(t *testing.T) {
	for seed := range seeds(100) {
		lines := newChaos(seed, 600, chaosMarks...)
		script, m := upTo(lines, len(lines)), new(memory)
		f := followAs(t, script, nil, func(c *Critpath) { c.Ask(Of{Tasks: []string{"job"}, Regions: []string{"x"}}) }, m)
		for _, in := range f.path.Instances {
			f.compareInstances(t, m, in)
		}
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, script)
		}
	}
}

// compareInstances compares what is said of instances with those that a memory has.
func (f followed) compareInstances(t *testing.T, m *memory, in report.Instances) {
	t.Helper()
	list := m.ended[in.Type+" "+in.Name]
	slices.SortStableFunc(list, func(a, b done) int { return cmp.Compare(a.ns(), b.ns()) })
	n := len(list)
	if in.Count != int64(n) {
		t.Fatalf("%s %s: there are %d, not %d", in.Type, in.Name, in.Count, n)
	}
	if n == 0 {
		return
	}
	if p := list[(n+1)/2-1].ns(); in.P50NS != p || in.MaxNS != list[n-1].ns() || in.P90NS != list[(9*n+9)/10-1].ns() || in.P99NS != list[(99*n+99)/100-1].ns() {
		t.Errorf("%s %s: the spread is %+v of %d, median %d", in.Type, in.Name, in.Spread, n, p)
	}
	like := func(ns int64) []done {
		return slices.DeleteFunc(slices.Clone(list), func(d done) bool { return band(d.ns()) != band(ns) })
	}
	f.compareMean(t, m, "median", in.Median, like(in.P50NS))
	// The slowest hundredth begins in the middle of a group: that is in, whole.
	slow := list[n-(n+99)/100].ns()
	f.compareMean(t, m, "slow", in.Slow, slices.DeleteFunc(slices.Clone(list), func(d done) bool { return band(d.ns()) < band(slow) }))
}

func (d done) ns() int64 { return d.end.at - d.since }

// band returns the group of a length, by division: sixteen of them are as long as what
// is before them.
func band(ns int64) int64 {
	if ns < 16 {
		return ns
	}
	whole, least := int64(16), int64(16)
	for ns >= 2*least {
		whole, least = whole+16, 2*least
	}
	return whole + (ns-least)/(least/16)
}

// compareMean compares a mean with that over some instances. Each segment is rounded
// down, and what is left goes to the longest.
func (f followed) compareMean(t *testing.T, m *memory, name string, c report.Composition, list []done) {
	t.Helper()
	w := newWalk(m, f.rank, 0)
	total, n := int64(0), int64(len(list))
	for _, d := range list {
		total += d.ns()
		w.since = d.since
		for p := d.end; p != nil; p = w.back(p) {
		}
	}
	if c.Count != n || c.PathNS != total/n {
		t.Errorf("%s is of %d, %d ns, not of %d, %d ns", name, c.Count, c.PathNS, n, total/n)
		return
	}
	want, left, got := times(w.sums), c.PathNS, make(map[string]int64)
	for phrase := range want {
		want[phrase] /= n
		left -= want[phrase]
	}
	for i, s := range c.Segments {
		if i == 0 {
			s.NS -= left
		}
		got[f.phrase(s)] = s.NS
	}
	for _, m := range []map[string]int64{want, got} {
		for phrase, ns := range m {
			if ns == 0 {
				delete(m, phrase)
			}
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -reference +mean:\n%s", name, diff)
	}
}

// TestManyInstances has regions of random lengths in one goroutine, which runs and
// sleeps in them.
func TestManyInstances(t *testing.T) {
	for seed := range seeds(20) {
		rnd := rand.New(rand.NewPCG(seed, 15))
		var b strings.Builder
		now := int64(0)
		say := func(ns int64, what string) {
			now += ns
			fmt.Fprintln(&b, now, what)
		}
		say(0, "g1 running main.main")
		for range 1 + rnd.IntN(1000) {
			say(rnd.Int64N(100), `g1 beginregion 0 "x"`)
			if rnd.IntN(3) > 0 {
				say(rnd.Int64N(1<<rnd.IntN(30)), `g1 waits "sleep" time.Sleep < main.nap:1 < main.main`)
				say(rnd.Int64N(1<<rnd.IntN(30)), "nobody wakes g1")
				say(rnd.Int64N(1<<rnd.IntN(10)), "g1 starts")
			}
			say(rnd.Int64N(1<<rnd.IntN(34)), `g1 endregion 0 "x"`)
		}
		say(10, "end")
		m := new(memory)
		f := followAs(t, b.String(), nil, func(c *Critpath) { c.Ask(x) }, m)
		if f.compareInstances(t, m, f.path.Instances[0]); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
