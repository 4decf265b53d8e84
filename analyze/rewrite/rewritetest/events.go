// Package rewritetest reads traces with golang.org/x/exp/trace, for tests of what is
// written.
package rewritetest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/exp/trace"

	"tracekit/analyze/decode"
)

// Event is an event as golang.org/x/exp/trace gives it, without what tells where in
// a file it stands.
type Event struct {
	Time   int64 // ns
	Thread trace.ThreadID
	Text   string // all that it says but when and where in a file it stands
	Status bool   // it states what was known
	Added  bool   // a task, region or log that an annotation has added
}

// Events reads a trace to its end. A log of tracekit's own that tells of a window is
// left out.
func Events(data []byte) (list []Event, err error) {
	r, err := trace.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	for {
		ev, err := r.ReadEvent()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			line, _, _ := strings.Cut(err.Error(), "\n")
			return list, fmt.Errorf("%s", line)
		}
		if ev.Kind() != trace.EventSync && !isWindow(&ev) {
			list = append(list, describe(&ev))
		}
	}
}

// isWindow reports whether an event is the log of a window.
func isWindow(ev *trace.Event) bool {
	return ev.Kind() == trace.EventLog && ev.Log().Category == decode.WindowLog
}

func describe(ev *trace.Event) Event {
	e := Event{Time: int64(ev.Time()), Thread: ev.Thread()}
	var b strings.Builder
	fmt.Fprintf(&b, "%v g%d p%d ", ev.Kind(), ev.Goroutine(), ev.Proc())
	switch ev.Kind() {
	case trace.EventStateTransition:
		st := ev.StateTransition()
		from, to := "", ""
		if st.Resource.Kind == trace.ResourceGoroutine {
			f, t := st.Goroutine()
			from, to = f.String(), t.String()
			e.Status = f == trace.GoUndetermined || f == t
		} else if st.Resource.Kind == trace.ResourceProc {
			f, t := st.Proc()
			from, to = f.String(), t.String()
			e.Status = f == trace.ProcUndetermined || f == trace.ProcNotExist || f == t
		}
		if e.Status {
			from = ""
			b.Reset() // on which it is stated depends on what is known
		}
		fmt.Fprintf(&b, "%v %s>%s %s %s", st.Resource, from, to, st.Reason, frames(st.Stack))
	case trace.EventRangeBegin, trace.EventRangeEnd, trace.EventRangeActive:
		fmt.Fprintf(&b, "%s %v", ev.Range().Name, ev.Range().Scope)
	case trace.EventMetric:
		fmt.Fprintf(&b, "%s %v", ev.Metric().Name, ev.Metric().Value)
	case trace.EventLabel:
		fmt.Fprintf(&b, "%v", ev.Label())
	case trace.EventTaskBegin, trace.EventTaskEnd:
		fmt.Fprintf(&b, "%v", ev.Task())
		e.Added = ev.Task().ID >= FirstTask
	case trace.EventRegionBegin, trace.EventRegionEnd:
		fmt.Fprintf(&b, "%v", ev.Region())
		e.Added = ev.Region().Task >= FirstTask
	case trace.EventLog:
		fmt.Fprintf(&b, "%v", ev.Log())
		e.Added = ev.Log().Task >= FirstTask
	}
	fmt.Fprintf(&b, " %s", frames(ev.Stack()))
	e.Text = b.String()
	return e
}

func frames(s trace.Stack) string {
	var list []string
	for f := range s.Frames() {
		list = append(list, fmt.Sprintf("%s:%d", f.Func, f.Line))
	}
	return strings.Join(list, "<")
}

// FirstTask is the id of the first task that an annotation adds.
const FirstTask = 1 << 40

// Fixture is a trace of testdata.
type Fixture struct {
	Name string
	Data []byte
}

// Memory is a trace in memory. It is a rewrite.File.
type Memory []byte

// ReadAt implements io.ReaderAt.
func (m Memory) ReadAt(p []byte, off int64) (int, error) { return bytes.NewReader(m).ReadAt(p, off) }

// Size returns the size in bytes.
func (m Memory) Size() int64 { return int64(len(m)) }

// fewer are the traces that do for a short test.
var fewer = map[string]bool{"mixed-1.22.12.trace": true, "flight-1.25.4.trace": true, "generations-1.24.9.trace": true, "corners-1.26.8.trace": true}

// Fixtures returns the traces of testdata of formats that are written. A test runs in the folder
// of its package: those of rewrite are meant.
func Fixtures(t testing.TB) (list []Fixture) {
	t.Helper()
	names, err := filepath.Glob("../../testdata/traces/*.trace")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d traces, error %v", len(names), err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if short := testing.Short() && !fewer[filepath.Base(name)]; !short && !strings.Contains(name, "-1.21.") {
			list = append(list, Fixture{filepath.Base(name), data})
		}
	}
	return list
}

// ByThread sorts events by their thread, each thread's in their order.
func ByThread(list []Event) map[trace.ThreadID][]Event {
	m := make(map[trace.ThreadID][]Event)
	for _, e := range list {
		m[e.Thread] = append(m[e.Thread], e)
	}
	return m
}

// Within returns the events of a stretch of time, in ns.
func Within(list []Event, from, to int64) []Event {
	return slices.DeleteFunc(slices.Clone(list), func(e Event) bool { return e.Time < from || e.Time >= to })
}

// Several reports whether the trace has more than two generations.
func (f Fixture) Several() bool { return strings.HasPrefix(f.Name, "generations-") }
