package analyze

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/exp/trace"

	"tracekit/analyze/decode/wire"
	"tracekit/analyze/rewrite"
	"tracekit/analyze/rewrite/rewritetest"
	"tracekit/analyze/timeline"
)

// markedStay is a region of the critical path.
type markedStay struct {
	g        timeline.GoID
	from, to int64
	text     string // of the log at its end
}

// annotatedPath annotates a trace with its critical path, and few waits or all. It
// returns the stays of the path, too.
func annotatedPath(t *testing.T, data []byte, min, room int64) ([]byte, *rewrite.Annotated, []rewrite.Stay) {
	t.Helper()
	f := bytes.NewReader(data)
	src, err := rewrite.ReadWaits(f, min)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	notes := rewrite.NewNotes(src, min, room)
	all, err := build(src, Options{steps: true}, notes)
	if err != nil {
		t.Fatal(err)
	}
	path := stays(all.critpath.Steps())
	var out bytes.Buffer
	done, err := rewrite.Annotate(f, &out, src, notes, func(timeline.LockID) string { return "" }, path)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), done, path
}

// markedPath reads the regions of the critical path with golang.org/x/exp/trace, in the
// order in which they end, and checks that one task has them all.
func markedPath(t *testing.T, data []byte) (list []markedStay) {
	t.Helper()
	r, err := trace.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	const none trace.TaskID = 0
	task, ended, first := none, false, true
	open, text := make(map[timeline.GoID]int64), ""
	for {
		ev, err := r.ReadEvent()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		g := timeline.GoID(ev.Goroutine())
		switch ev.Kind() {
		case trace.EventTaskBegin:
			if ev.Task().Type == "critical path" {
				if task != none {
					t.Error("the path is two tasks")
				}
				task = ev.Task().ID
				if !first {
					t.Error("another event of a goroutine comes first")
				}
			}
		case trace.EventTaskEnd:
			ended = ended || ev.Task().ID == task
		case trace.EventLog:
			if ev.Log().Task == task {
				text = ev.Log().Message
			}
		case trace.EventRegionBegin:
			if ev.Region().Task == task {
				open[g] = int64(ev.Time())
			}
		case trace.EventRegionEnd:
			if ev.Region().Task == task {
				list = append(list, markedStay{g, open[g], int64(ev.Time()), text})
				delete(open, g)
				text = ""
			}
		}
		first = first && (ev.Goroutine() == trace.NoGoroutine || task != none)
		if ended && (len(open) > 0 || len(list) == 0) {
			t.Fatal("the task ends before its regions")
		}
	}
	if len(list) > 0 && !ended || len(open) > 0 {
		t.Errorf("the task has ended: %v; %d regions are open", ended, len(open))
	}
	return list
}

// TestAnnotatePath compares the regions of the critical path with its stays.
func TestAnnotatePath(t *testing.T) {
	for name, data := range traceFiles(t) {
		if strings.Contains(name, "-1.21.") {
			continue
		}
		for _, min := range []int64{0, 1e15} {
			t.Run(fmt.Sprint(name, "/", min), func(t *testing.T) {
				out, done, path := annotatedPath(t, data, min, 1<<30)
				if s := done.Stays; s.Marked == 0 || s.Marked+s.Dropped+s.Unseen != len(path) || s.Dropped+s.Short > 0 {
					t.Errorf("%+v of %d stays", s, len(path))
				}
				compareStays(t, markedPath(t, out), path, done.Stays.Marked)
			})
		}
	}
}

// compareStays has each region be in a stay of its goroutine, and end where that does if
// it says where the path goes on.
func compareStays(t *testing.T, list []markedStay, path []rewrite.Stay, marked int) {
	t.Helper()
	const slack = 200 // ns: a tick and what is inserted there
	ends := 0
	at := 0
	for _, m := range list {
		for at < len(path) && (path[at].G != m.g || path[at].To < m.from-slack) {
			at++
		}
		if at == len(path) {
			t.Fatalf("%+v is on no stay", m)
		}
		s := &path[at]
		if m.from < s.From-slack || m.to > s.To+slack || m.from > m.to {
			t.Errorf("%+v is not in %+v", m, *s)
		}
		if m.text == "" {
			continue
		}
		ends++
		want := "critical path: ends"
		if at+1 < len(path) {
			want = fmt.Sprintf("critical path: goes on in goroutine %d ", path[at+1].G)
			if m.to < s.To {
				t.Errorf("%+v ends too early: %+v", m, *s)
			}
		}
		if !strings.HasPrefix(m.text+" ", want) {
			t.Errorf("%+v ends with %q, want %q", *s, m.text, want)
		}
	}
	if ends != marked {
		t.Errorf("%d logs, for %d stays", ends, marked)
	}
}

// withRegions is a trace of a path that stays twice on goroutine 1 and once on goroutine
// 2, in between. A region that began before a stay ends in it, one that begins in a stay
// ends behind it, and one is in a stay as a whole.
func withRegions() []byte {
	m := rewritetest.NewMade()
	body := m.Stack("main.main")
	why := m.String("sync")
	for i := range uint64(2) {
		m.Add(1+i, 100, wire.EvProcStatus, i, wire.ProcRunning)
		m.Add(1+i, 101, wire.EvGoStatusStack, 1+i, 1+i, wire.GoRunning, body)
	}
	before, within, behind := m.String("before"), m.String("within"), m.String("behind")
	m.Add(2, 105, wire.EvUserRegionBegin, 0, before, body)
	m.Add(2, 110, wire.EvGoBlock, why, body)
	m.Add(1, 112, wire.EvUserRegionBegin, 0, behind, body)
	m.Add(1, 114, wire.EvUserRegionBegin, 0, within, body)
	m.Add(1, 116, wire.EvUserRegionEnd, 0, within, body)
	m.Add(1, 120, wire.EvGoUnblock, 2, 1, body)
	m.Add(1, 121, wire.EvUserRegionEnd, 0, behind, body)
	m.Add(1, 122, wire.EvGoBlock, why, body)
	m.Add(2, 125, wire.EvGoStart, 2, 2)
	m.Add(2, 130, wire.EvUserRegionEnd, 0, before, body)
	m.Add(2, 140, wire.EvGoUnblock, 1, 1, body)
	m.Add(2, 142, wire.EvGoBlock, why, body)
	m.Add(1, 145, wire.EvGoStart, 1, 2)
	m.Add(1, 150, wire.EvGoBlock, why, body)
	return m.Bytes()
}

// TestAnnotatePathRegions has the path be marked beside regions of the program, so that
// they nest; and once more, when it is marked already.
func TestAnnotatePathRegions(t *testing.T) {
	data := withRegions()
	for range 3 {
		out, done, path := annotatedPath(t, data, 0, 1<<30)
		if _, err := rewritetest.Events(out); err != nil {
			t.Fatal(err)
		}
		if len(path) != 3 || done.Stays.Marked != 3 {
			t.Errorf("%+v of %+v", done.Stays, path)
		}
		data = out
	}
	out, _, path := annotatedPath(t, withRegions(), 0, 1<<30)
	list := markedPath(t, out)
	compareStays(t, list, path, 3)
	var got []string
	for _, m := range list {
		got = append(got, fmt.Sprintf("g%d %d-%d %s", m.g, m.from/64, m.to/64, m.text))
	}
	want := []string{
		"g1 101-112 ",
		"g1 112-120 critical path: goes on in goroutine 2 main.main, mutex main.main:7",
		"g2 125-130 ",
		"g2 130-140 critical path: goes on in goroutine 1 main.main, mutex main.main:7",
		"g1 145-150 critical path: ends",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestAnnotatePathRoom has there be little room: the longest stays are marked, with the
// first and last one.
func TestAnnotatePathRoom(t *testing.T) {
	data := traceFiles(t)["generations-1.26.8"]
	_, all, path := annotatedPath(t, data, 1e15, 1<<30)
	for _, room := range []int64{0, 1000, 2000} {
		out, done, _ := annotatedPath(t, data, 1e15, room)
		s := done.Stays
		if s.Marked < 2 || s.Marked >= all.Stays.Marked || s.Marked+s.Dropped+s.Unseen != len(path) || s.MinNS == 0 {
			t.Errorf("room for %d: %+v of %d", room, s, len(path))
		}
		list := markedPath(t, out)
		compareStays(t, list, path, s.Marked)
		if first, last := list[0], list[len(list)-1]; first.from > path[1].From || last.to < path[len(path)-1].From {
			t.Errorf("room for %d: the task is from %d to %d", room, first.from, last.to)
		}
		if room > 0 && int64(len(out)-len(data)) > room+500 {
			t.Errorf("room for %d: %d bytes were added", room, len(out)-len(data))
		}
	}
	// A stay that has to be several has no room for all of them.
	if _, done, _ := annotatedPath(t, withRegions(), 1e15, 0); done.Stays != (rewrite.Stays{Marked: 2, MinNS: 64 * 20, Dropped: 1, Short: 1}) {
		t.Errorf("no room: %+v", done.Stays)
	}
}
