package critpath

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
	"tracekit/analyze/waits"
)

// followed is a script gone through.
type followed struct {
	*Critpath
	report *report.Report
	path   *report.Critpath
	rank   []timeline.LockID
}

// follow goes through a script, with other observers beside, and holds what is said to
// the laws of a path.
func follow(t *testing.T, script string, scenarios []Scenario, more ...timeline.Observer) followed {
	t.Helper()
	return followAs(t, script, scenarios, func(*Critpath) {}, more...)
}

// followAs is follow for a path that is prepared for more.
func followAs(t *testing.T, script string, scenarios []Scenario, prepare func(*Critpath), more ...timeline.Observer) followed {
	t.Helper()
	return followIn(t, script, timeline.All, scenarios, prepare, more...)
}

// followIn is followAs for a window of a script.
func followIn(t *testing.T, script string, in timeline.Window, scenarios []Scenario, prepare func(*Critpath), more ...timeline.Observer) followed {
	t.Helper()
	src, err := decodetest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	c, w := New(src.Symbols(), scenarios...), waits.New(src.Symbols())
	prepare(c)
	extent, err := timeline.RunWindow(src, in, append([]timeline.Observer{c, w}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	f := followed{Critpath: c, report: new(report.Report)}
	tables := report.NewTables()
	f.report.Waits, f.rank = w.Report(extent.Start, tables)
	f.path = c.Report(f.rank, &f.report.Waits, extent.Start, tables)
	tables.Fill(f.report)
	f.holds(t)
	return f
}

// holds checks what holds for each path.
func (f followed) holds(t *testing.T) {
	t.Helper()
	var sum int64
	for _, s := range f.path.Segments {
		sum += s.NS
	}
	if sum != f.path.PathNS {
		t.Errorf("the segments add up to %d, the path is %d", sum, f.path.PathNS)
	}
	for _, l := range f.path.Locks {
		if l.PathNS > f.path.PathNS {
			t.Errorf("lock %d is held for %d of a path of %d", l.Lock, l.PathNS, f.path.PathNS)
		}
	}
	if f.path.SpanNS > f.path.PathNS {
		t.Errorf("the span is %d, the path is %d", f.path.SpanNS, f.path.PathNS)
	}
}

// TestHoldsJoin has two locks that are held turn out to be one: it is held since the
// first was handed over.
func TestHoldsJoin(t *testing.T) {
	var s locks
	h := holds{{lock: 3, path: 9}, {lock: 1, path: 7}, {lock: 0, path: 5}, {lock: 2, path: 1}}
	s.join(timeline.Join{Into: 0, From: []timeline.LockID{1, 2}})
	h.join(&s)
	if len(h) != 2 || h[0] != (hold{lock: 3, path: 9}) || h[1] != (hold{lock: 0, path: 7}) {
		t.Errorf("what is held is %+v", h)
	}
}

// place names a site of the report.
func (f followed) place(site int) string {
	if site < 0 {
		return ""
	}
	s := f.report.Sites[site]
	return fmt.Sprintf(" at %s:%d", s.Func, s.Line)
}

// phrase returns a segment without what it takes.
func (f followed) phrase(s report.Segment) string {
	text := fmt.Sprintf("%s %s%s", s.Kind, s.Group, f.place(s.Site))
	if s.Wait != "" {
		text += " " + s.Wait
	}
	if s.Lock >= 0 {
		text += fmt.Sprintf(" lock %d", s.Lock)
	}
	return text
}

// lines lists the path, its segments by time.
func (f followed) lines() []string {
	p := f.path
	list := []string{fmt.Sprintf("%s %s: path %d work %d span %d", p.End, p.Goroutine, p.PathNS, p.WorkNS, p.SpanNS)}
	for _, s := range p.Segments {
		list = append(list, fmt.Sprintf("%d: %s x%d", s.NS, f.phrase(s), s.Count))
	}
	return list
}

// critical lists the locks and sites of the path.
func (f followed) critical() (list []string) {
	for _, l := range f.path.Locks {
		list = append(list, fmt.Sprintf("lock %d: held %d, %d visits, contended %d", l.Lock, l.PathNS, l.Visits, l.ContendedNS))
	}
	for _, s := range f.path.Sites {
		list = append(list, fmt.Sprintf("%s%s: %d visits, contended %d", s.Kind, f.place(s.Site), s.Visits, s.ContendedNS))
	}
	return list
}

// want compares lines with a text.
func want(t *testing.T, got []string, text string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if diff := cmp.Diff(lines, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestPaths has the path of each script, to the nanosecond.
func TestPaths(t *testing.T) {
	for _, tt := range paths {
		t.Run(tt.name, func(t *testing.T) { want(t, follow(t, tt.script, nil).lines(), tt.want) })
	}
}

// TestCritical has the locks and other places that paths go through.
func TestCritical(t *testing.T) {
	for _, tt := range paths {
		t.Run(tt.name, func(t *testing.T) { want(t, follow(t, tt.script, nil).critical(), tt.critical) })
	}
}

// TestGapReplay has one processor busy all the time, before a gap and behind it: the
// replay begins anew, too.
func TestGapReplay(t *testing.T) {
	f := follow(t, `
		0 procs 1
		0 g1 running main.a
		5000000 g1 stops "preempted" main.a
		5000000 g1 starts
		--- gap
		9000000 g1 running main.a
		9000000 g2 runnable main.b
		11000000 g1 ends
		11000000 g2 starts
		12000000 end
	`, nil)
	if p := f.path; p.FromNS != 9e6 || p.PathNS != 3e6 || p.ReplayNS != 3e6 || p.WorkNS != 3e6 {
		t.Errorf("from %d: %d ns, replayed in %d, work %d", p.FromNS, p.PathNS, p.ReplayNS, p.WorkNS)
	}
}

// TestManyProcs has a trace say that there are more processors than can be counted.
func TestManyProcs(t *testing.T) {
	f := follow(t, `
		0 procs 2147483648
		0 g1 running main.a
		4000000000000000000 g1 stops "preempted" main.a
		4000000000000000000 g1 starts
		4000000000000000100 end
	`, nil)
	if p := f.path; p.PathNS != p.WorkNS || p.ReplayNS != p.PathNS || p.LeastNS != p.SpanNS {
		t.Errorf("the path is %+v", p)
	}
}
