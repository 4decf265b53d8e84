package analyze

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
	"tracekit/analyze/rewrite"
	"tracekit/analyze/rewrite/rewritetest"
	"tracekit/analyze/timeline"
)

// markList is an Observer that keeps the marks.
type markList struct {
	timeline.Ignore
	symbols *timeline.Symbols
	marks   []keptMark
}

// keptMark is a mark that is kept.
type keptMark struct {
	time int64
	g    timeline.GoID // NoGoroutine for nobody
	text string        // the rest
}

// Marked implements timeline.MarkObserver.
func (l *markList) Marked(m *timeline.Mark) {
	k := keptMark{time: m.Time, g: timeline.NoGoroutine}
	if m.G != nil {
		k.g = m.G.ID
	}
	k.text = fmt.Sprintf("%v %d %q %s", m.Kind, m.Task, l.symbols.String(m.Name), timeline.Leaf(l.symbols, m.Stack))
	l.marks = append(l.marks, k)
}

// marksOf returns the marks of a window of a trace, sorted by what they tell: those of
// one tick have no order of their own.
func marksOf(t *testing.T, data []byte, win Window, o Options) []keptMark {
	t.Helper()
	r, _, err := open(bytes.NewReader(data), o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	l := &markList{symbols: r.Symbols()}
	if _, err := timeline.RunWindow(r, win, l); err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(l.marks, func(a, b keptMark) int { return cmp.Or(strings.Compare(a.text, b.text), cmp.Compare(a.time, b.time)) })
	return l.marks
}

// compareMarks compares the marks of a cut with those of the same window of the whole
// trace, with both readers.
func compareMarks(t *testing.T, data []byte, win Window) int {
	t.Helper()
	var out bytes.Buffer
	if _, err := rewrite.Cut(rewritetest.Memory(data), &out, win); err != nil {
		t.Fatalf("%v: %v", win, err)
	}
	want, got := marksOf(t, data, win, Options{}), marksOf(t, out.Bytes(), decode.All, Options{})
	same := func(w, g keptMark) bool {
		return w.text == g.text && max(w.time-g.time, g.time-w.time) <= 64 && w.g == g.g
	}
	if !slices.EqualFunc(want, got, same) {
		t.Errorf("%v: the window has\n%v\nand the cut\n%v", win, want, got)
	}
	if other := marksOf(t, out.Bytes(), decode.All, Options{Decoder: Exp}); !slices.Equal(got, other) {
		t.Errorf("%v: the cut has\n%v\nand with the other reader\n%v", win, got, other)
	}
	return len(got)
}

// TestCutMarks compares the marks of cuts with those of windows, small ones most of them,
// and some around a mark.
func TestCutMarks(t *testing.T) {
	names, err := filepath.Glob("../testdata/traces/*.trace")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d traces, error %v", len(names), err)
	}
	for _, name := range names {
		if strings.Contains(name, "-1.21.") {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) { testCutMarks(t, name) })
	}
}

func testCutMarks(t *testing.T, name string) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := Trace(bytes.NewReader(data), "x", Options{})
	if err != nil {
		t.Fatal(err)
	}
	wall := rep.Trace.WallNS
	rng := rand.New(rand.NewPCG(7, 8))
	n := 15
	if testing.Short() {
		n = 5
	}
	found := 0
	for range n {
		from := rng.Int64N(wall)
		found += compareMarks(t, data, Window{From: from, To: from + 1 + rng.Int64N(wall-from)})
	}
	all := marksOf(t, data, decode.All, Options{})
	start := startOf(t, data)
	for _, m := range all[:min(len(all), n)] { // begins with it, or just behind it
		for _, from := range []int64{m.time - start, m.time - start + 1} {
			if from < wall {
				found += compareMarks(t, data, Window{From: from, To: wall})
			}
		}
	}
	if found == 0 && len(all) > 0 {
		t.Error("no window has a mark")
	}
}

// startOf returns when a trace begins, on its clock.
func startOf(t *testing.T, data []byte) int64 {
	t.Helper()
	r, _, err := open(bytes.NewReader(data), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	gen, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	return gen.Start
}

// TestCutMarksOfBefore begins a window in a generation that has not told yet that a
// goroutine assists, which it began to in the one before, and where the world is stopped
// since then.
func TestCutMarksOfBefore(t *testing.T) {
	m := rewritetest.NewMade()
	add := func(ticks uint64) {
		stack := m.Stack("main.main")
		for i := range uint64(2) {
			m.Add(1+i, ticks, wire.EvProcStatus, i, wire.ProcRunning)
			m.Add(1+i, ticks+10*i, wire.EvGoStatusStack, 1+i, 1+i, wire.GoRunning, stack)
		}
	}
	add(100)
	m.Add(1, 110, wire.EvGCMarkAssistBegin, 0)
	m.Add(2, 120, wire.EvSTWBegin, m.String("x"), 0)
	m.Next(200)
	add(210)
	m.Add(1, 230, wire.EvGCMarkAssistActive, 1)
	m.Sample(240, 1, 0)
	m.Add(2, 250, wire.EvSTWEnd)
	m.Add(1, 260, wire.EvGCMarkAssistEnd)
	m.Add(1, 300, wire.EvHeapAlloc, 5)
	data := m.Bytes()
	for _, from := range []int64{5, 15, 25, 105, 125, 135, 145, 155} {
		compareMarks(t, data, Window{From: 64 * from, To: 64 * 190})
	}
}
