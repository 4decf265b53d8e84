package analyze

import (
	"bytes"
	"strings"
	"testing"

	"tracekit/analyze/critpath"
	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/report"
	"tracekit/analyze/rewrite/perfetto"
	"tracekit/analyze/rewrite/perfetto/perfettotest"
	"tracekit/analyze/timeline"
)

// pathOf returns the slices of the critical path.
func pathOf(trace *perfettotest.Trace) (list []perfettotest.Slice) {
	for _, s := range trace.Slices {
		if s.Track.Path() == "critical path" {
			list = append(list, s)
		}
	}
	return list
}

// TestPerfettoPath has the slices of the critical path touch, and add up to what the
// report says; by kind, too.
func TestPerfettoPath(t *testing.T) {
	for name, data := range traceFiles(t) {
		t.Run(name, func(t *testing.T) {
			trace, _ := exported(t, data, Options{})
			r, err := Trace(bytes.NewReader(data), name, Options{})
			if err != nil {
				t.Fatal(err)
			}
			comparePath(t, pathOf(trace), r.Critpath)
		})
	}
}

func comparePath(t *testing.T, list []perfettotest.Slice, c *report.Critpath) {
	t.Helper()
	sum, kinds := int64(0), make(map[string]int64)
	for i, s := range list {
		if i > 0 && s.Start != list[i-1].End {
			t.Errorf("a slice ends at %d, and %q begins at %d", list[i-1].End, s.Name, s.Start)
		}
		if s.Start == s.End || !strings.HasPrefix(s.Notes["goroutine"], "G") {
			t.Errorf("%v from %d to %d", s.Event, s.Start, s.End)
		}
		sum += s.End - s.Start
		kind, _, _ := strings.Cut(s.Name, " ")
		kinds[kind] += s.End - s.Start
	}
	if sum != c.PathNS {
		t.Errorf("the slices add up to %d ns, and the path takes %d ns", sum, c.PathNS)
	}
	for _, s := range c.Segments {
		kinds[s.Kind] -= s.NS
	}
	for kind, ns := range kinds {
		if ns != 0 {
			t.Errorf("%s: the slices have %d ns more than the report", kind, ns)
		}
	}
}

// TestPathSlices has a path go over a creation, a lock and a sleep.
func TestPathSlices(t *testing.T) {
	src := decodetest.MustParse(`
		0 procs 2
		0 g1 running main.main
		10 g1 creates g2 main.worker @ main.main:7
		13 g2 starts
		14 g1 waits "sync" sync.(*Mutex).Lock < main.get:12 < main.main
		20 g2 waits "sleep" time.Sleep < main.worker:3
		30 nobody wakes g2
		33 g2 starts
		40 g2 wakes g1 sync.(*Mutex).Unlock < main.put:5 < main.worker
		44 g1 starts
		45 g2 ends
		50 g1 ends
		60 end
	`)
	c := critpath.New(src.Symbols())
	c.KeepSteps()
	var b bytes.Buffer
	x := perfetto.New(src.Symbols(), &b)
	extent, err := timeline.Run(src, x, c)
	if err != nil {
		t.Fatal(err)
	}
	x.Path(pathSlices(c.Steps()))
	if err := x.Finish(extent, nil); err != nil {
		t.Fatal(err)
	}
	trace, err := perfettotest.Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range trace.Lines() {
		if on := len(got) > 0; line == "critical path" || on && strings.HasPrefix(line, " ") {
			got = append(got, line)
		} else if on {
			break
		}
	}
	want := []string{
		"critical path",
		"  0-10 running main.main [goroutine: G1 main.main]",
		"  10-13 sched latency behind birth main.main:7 [at: main.main main.go:7] [goroutine: G2 main.worker]",
		"  13-20 running main.worker [goroutine: G2 main.worker]",
		"  20-30 sleep main.worker:3 [at: main.worker main.go:3] [goroutine: G2 main.worker]",
		"  30-33 sched latency behind sleep main.worker:3 [at: main.worker main.go:3] [goroutine: G2 main.worker]",
		"  33-40 running main.worker [goroutine: G2 main.worker]",
		"  40-44 sched latency behind mutex main.get:12 [at: main.get main.go:12] [goroutine: G1 main.main] [lock: mutex main.get:12]",
		"  44-50 running main.main [goroutine: G1 main.main]",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
