package rewrite_test

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

// event is an event as golang.org/x/exp/trace gives it, without what tells where in
// a file it stands.
type event struct {
	time   int64
	thread trace.ThreadID
	text   string
	status bool // states what was known
	added  bool // a task, region or log that an annotation has added
}

// events reads a trace to its end.
func events(data []byte) (list []event, err error) {
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

func describe(ev *trace.Event) event {
	e := event{time: int64(ev.Time()), thread: ev.Thread()}
	var b strings.Builder
	fmt.Fprintf(&b, "%v g%d p%d ", ev.Kind(), ev.Goroutine(), ev.Proc())
	switch ev.Kind() {
	case trace.EventStateTransition:
		st := ev.StateTransition()
		from, to := "", ""
		if st.Resource.Kind == trace.ResourceGoroutine {
			f, t := st.Goroutine()
			from, to = f.String(), t.String()
			e.status = f == trace.GoUndetermined || f == t
		} else if st.Resource.Kind == trace.ResourceProc {
			f, t := st.Proc()
			from, to = f.String(), t.String()
			e.status = f == trace.ProcUndetermined || f == trace.ProcNotExist || f == t
		}
		if e.status {
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
		e.added = ev.Task().ID >= firstTask
	case trace.EventRegionBegin, trace.EventRegionEnd:
		fmt.Fprintf(&b, "%v", ev.Region())
		e.added = ev.Region().Task >= firstTask
	case trace.EventLog:
		fmt.Fprintf(&b, "%v", ev.Log())
		e.added = ev.Log().Task >= firstTask
	}
	fmt.Fprintf(&b, " %s", frames(ev.Stack()))
	e.text = b.String()
	return e
}

func frames(s trace.Stack) string {
	var list []string
	for f := range s.Frames() {
		list = append(list, fmt.Sprintf("%s:%d", f.Func, f.Line))
	}
	return strings.Join(list, "<")
}

// firstTask is the id of the first task that an annotation adds.
const firstTask = 1 << 40

// fixture is a trace of testdata.
type fixture struct {
	name string
	data []byte
}

// File implements File.
type memory []byte

func (m memory) ReadAt(p []byte, off int64) (int, error) { return bytes.NewReader(m).ReadAt(p, off) }
func (m memory) Size() int64                             { return int64(len(m)) }

// fixtures returns the traces of formats that are written.
func fixtures(t testing.TB) (list []fixture) {
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
		if !strings.Contains(name, "-1.21.") {
			list = append(list, fixture{filepath.Base(name), data})
		}
	}
	return list
}

// byThread sorts events by their thread, each thread's in their order.
func byThread(list []event) map[trace.ThreadID][]event {
	m := make(map[trace.ThreadID][]event)
	for _, e := range list {
		m[e.thread] = append(m[e.thread], e)
	}
	return m
}

// within returns the events of a stretch of time.
func within(list []event, from, to int64) []event {
	return slices.DeleteFunc(slices.Clone(list), func(e event) bool { return e.time < from || e.time >= to })
}

// several reports whether the trace has more than two generations.
func (f fixture) several() bool { return strings.HasPrefix(f.name, "generations-") }
