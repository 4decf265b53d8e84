package wire_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
	"tracekit/analyze/rewrite/rewritetest"
)

// options are those with which traces made by hand are read.
var options = wire.Options{Workers: 1, InFlight: 1}

// begun returns a trace in which goroutine 1 runs on thread 1.
func begun() *rewritetest.Made {
	m := rewritetest.NewMade()
	m.Add(1, 100, wire.EvProcStatus, 0, wire.ProcRunning)
	m.Add(1, 100, wire.EvGoStatusStack, 1, 1, wire.GoRunning, m.Stack("main.main"))
	return m
}

// marks reads a trace and returns its marks, each a line, and what is lost.
func marks(t *testing.T, data []byte) (lines []string, losses []decode.Loss, err error) {
	t.Helper()
	in := bytes.NewReader(data)
	version, err := decode.ReadHeader(in)
	if err != nil {
		t.Fatal(err)
	}
	r := wire.NewReader(in, version, options)
	defer r.Close()
	for {
		gen, err := r.Next()
		if err != nil {
			return lines, r.Losses(), err
		}
		var e decode.Event
		for c := gen.Cursor(); c.Next(&e); {
			if e.Kind < decode.Sample {
				continue
			}
			lines = append(lines, fmt.Sprintf("%d %v g%d %d %q %s", e.Time/64, e.Kind, id(gen, e.G), e.N, r.Symbols().String(e.Name), stack(r.Symbols(), e.Stack)))
		}
	}
}

// TestMarks has all kinds of marks, over two generations, and compares them with what
// the other reader finds.
func TestMarks(t *testing.T) {
	m := begun()
	m.Add(1, 110, wire.EvUserTaskBegin, wire.ManyTasks+3, 0, m.String("fetch"), 0)
	m.Add(1, 120, wire.EvUserRegionBegin, wire.ManyTasks+3, m.String("parse"), 0)
	m.Add(1, 130, wire.EvSTWBegin, m.String("GC sweep termination"), 0)
	m.Add(1, 140, wire.EvSTWEnd)
	m.Add(1, 150, wire.EvGCMarkAssistBegin, 0)
	m.StringAs(1<<20, "GOMAXPROCS")
	m.Add(1, 160, wire.EvSTWBegin, 1<<20, 0)
	m.Sample(145, 1, m.Stack("main.work"))
	m.Sample(115, 0, 0)
	m.Sample(125, 77, m.Stack("main.gone"))
	m.Next(200)
	m.Sample(205, 1, m.Stack("main.early"))
	m.Add(1, 210, wire.EvProcStatus, 0, wire.ProcRunning)
	m.Add(1, 210, wire.EvGoStatusStack, 1, 1, wire.GoRunning, m.Stack("main.main"))
	m.Add(1, 210, wire.EvGCMarkAssistActive, 1)
	m.Sample(215, 1, m.Stack("main.work"))
	m.Add(1, 220, wire.EvGCMarkAssistEnd)
	m.Add(1, 225, wire.EvSTWEnd) // the reason has no id in this generation
	m.Add(1, 230, wire.EvUserRegionEnd, wire.ManyTasks+3, m.String("parse"), 0)
	m.Add(1, 240, wire.EvUserTaskEnd, wire.ManyTasks+3, 0)
	m.Add(1, 250, wire.EvUserRegionBegin, 0, m.String(strings.Repeat("long", 200)), 0)
	m.Sample(300, 1, 0)
	data := m.Bytes()
	compare(t, "made", data, options)

	got, losses, _ := marks(t, data)
	const task = wire.ManyTasks + 3
	want := []string{
		fmt.Sprintf(`110 task-begin g1 %d "fetch" `, task),
		`115 sample g-1 -1 "" `,
		fmt.Sprintf(`120 region-begin g1 %d "parse" `, task),
		`125 sample g-1 77 "" main.gonex.go` + "\a",
		`130 stop-begin g1 0 "" `,
		`140 stop-end g1 0 "" `,
		`145 sample g1 1 "" main.workx.go` + "\a",
		`150 assist-begin g1 0 "" `,
		`160 stop-begin g1 0 "" `,
		`205 sample g-1 1 "" main.earlyx.go` + "\a",
		`210 assist-begin g1 0 "" `,
		`215 sample g1 1 "" main.workx.go` + "\a",
		`220 assist-end g1 0 "" `,
		`225 stop-end g1 0 "" `,
		fmt.Sprintf(`230 region-end g1 %d "parse" `, task),
		fmt.Sprintf(`240 task-end g1 %d "" `, task),
		fmt.Sprintf(`250 region-begin g1 0 %q `, strings.Repeat("long", 200)),
		`300 sample g1 1 "" `,
	}
	if losses != nil || !slices.Equal(got, want) {
		t.Errorf("losses %v, marks\n%s\nwant\n%s", losses, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestWrongMarks has regions that are wrongly nested, and ends of what has not begun.
// golang.org/x/exp/trace refuses most of these.
func TestWrongMarks(t *testing.T) {
	m := begun()
	m.Add(1, 110, wire.EvUserRegionEnd, 5, m.String("a"), 0)
	m.Add(1, 120, wire.EvUserRegionBegin, 5, m.String("b"), 0)
	m.Add(1, 130, wire.EvUserRegionEnd, 5, m.String("c"), 0)
	m.Add(1, 140, wire.EvGCMarkAssistEnd)
	m.Add(1, 150, wire.EvSTWEnd)
	m.Add(1, 160, wire.EvUserTaskBegin, 5, 0, m.String("d"), 0)
	m.Add(1, 170, wire.EvUserTaskBegin, 5, 0, m.String("e"), 0)
	got, losses, _ := marks(t, m.Bytes())
	want := []string{
		`110 region-end g1 5 "a" `, `120 region-begin g1 5 "b" `, `130 region-end g1 5 "c" `, `140 assist-end g1 0 "" `,
		`150 stop-end g1 0 "" `, `160 task-begin g1 5 "d" `, `170 task-begin g1 5 "e" `,
	}
	if losses != nil || !slices.Equal(got, want) {
		t.Errorf("losses %v, marks\n%s", losses, strings.Join(got, "\n"))
	}
}

// TestManyNames has more different names than a generation can have reasons.
func TestManyNames(t *testing.T) {
	const n = 70_000
	m := begun()
	for i := range uint64(n) {
		m.Add(1, 110+i, wire.EvUserTaskBegin, 1+i, 0, m.String(fmt.Sprint("task ", i)), 0)
	}
	data := m.Bytes()
	compare(t, "made", data, options)
	got, _, _ := marks(t, data)
	if len(got) != n || !strings.Contains(got[n-1], `"task 69999"`) {
		t.Errorf("%d marks", len(got))
	}
}

// TestSampleWithoutStack has a CPU sample with a stack that is not there: that is damage
// to both readers.
func TestSampleWithoutStack(t *testing.T) {
	for name, ticks := range map[string]uint64{"between events": 105, "behind them": 300} {
		m := begun()
		m.Add(1, 110, wire.EvHeapAlloc, 5)
		m.Sample(ticks, 1, 77)
		got, _, err := marks(t, m.Bytes())
		if err == nil || !strings.Contains(err.Error(), "refers to a stack") || len(got) > 0 {
			t.Errorf("%s: marks %v, error %v", name, got, err)
		}
	}
}
