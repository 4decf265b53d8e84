package perfetto_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/rewrite/perfetto"
	"tracekit/analyze/rewrite/perfetto/perfettotest"
	"tracekit/analyze/timeline"
)

var update = flag.Bool("update", false, "write the golden files anew")

// export exports a script, and reads what comes out.
func export(t *testing.T, script string, notes ...perfetto.Note) (*perfettotest.Trace, perfetto.Holds) {
	t.Helper()
	src := decodetest.MustParse(script)
	var b bytes.Buffer
	x := perfetto.New(src.Symbols(), &b)
	extent, err := timeline.Run(src, x)
	if err == nil {
		err = x.Finish(extent, notes)
	}
	if err != nil {
		t.Fatal(err)
	}
	trace, err := perfettotest.Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return trace, x.Holds()
}

// TestGolden compares exports of traces made by hand, line by line.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/*.script")
	if err != nil || len(names) < 5 {
		t.Fatalf("%d scripts, error %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".script"), func(t *testing.T) { testGolden(t, name) })
	}
}

func testGolden(t *testing.T, name string) {
	script, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	trace, _ := export(t, string(script))
	got := strings.Join(trace.Lines(), "\n") + "\n"
	golden := strings.TrimSuffix(name, ".script") + ".txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestHoldCounts has holds whose end the trace does not show, and acquisitions that
// are tried again, which are none.
func TestHoldCounts(t *testing.T) {
	script, err := os.ReadFile("testdata/retry.script")
	if err != nil {
		t.Fatal(err)
	}
	if _, got := export(t, string(script)); got != (perfetto.Holds{Shown: 1, Unseen: 2}) {
		t.Errorf("%+v", got)
	}
}

// TestCrowd has more goroutines hold a semaphore at once than are shown.
func TestCrowd(t *testing.T) {
	const holders = 70
	const acquire = `waits "select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.get:1`
	const release = `golang.org/x/sync/semaphore.(*Weighted).Release < main.put:1`
	var b strings.Builder
	fmt.Fprintln(&b, "0 g1 running main.main")
	for i := range 2 * holders {
		fmt.Fprintf(&b, "0 g%d running main.work\n", 10+i)
	}
	for i := range 2 * holders {
		fmt.Fprintf(&b, "%d g%d %s\n", 10+i, 10+i, acquire)
	}
	for i := range holders {
		fmt.Fprintf(&b, "500 g1 wakes g%d %s\n500 g%d starts\n", 10+i, release, 10+i)
	}
	for i := range holders {
		fmt.Fprintf(&b, "%d g%d wakes g%d %s\n", 1000+i, 10+i, 10+holders+i, release)
	}
	fmt.Fprintln(&b, "2000 end")
	trace, got := export(t, b.String())
	if got != (perfetto.Holds{Shown: 64, Crowded: 6}) {
		t.Errorf("%+v", got)
	}
	lanes := make(map[string]int)
	for _, track := range trace.Tracks {
		lanes[track.Name]++
	}
	if n := lanes["semaphore main.get:1"]; n != 64 {
		t.Errorf("%d tracks of the lock: %v", n, lanes)
	}
}

// TestManyHeld has a goroutine be woken for more locks than it can hold, as far as is
// followed.
func TestManyHeld(t *testing.T) {
	var b strings.Builder
	fmt.Fprintln(&b, "0 g1 running main.main\n0 g2 running main.work\n0 g3 running main.other")
	for i := range 20 {
		fmt.Fprintf(&b, "%d g2 waits \"sync\" sync.(*Mutex).Lock < main.lock%d:1\n", 10*i+1, i)
		fmt.Fprintf(&b, "%d g1 wakes g2 sync.(*Mutex).Unlock < main.unlock%d:1\n%d g2 starts\n", 10*i+2, i, 10*i+3)
	}
	for _, i := range []int{0, 19} { // the first is forgotten
		fmt.Fprintf(&b, "%d g3 waits \"sync\" sync.(*Mutex).Lock < main.lock%d:1\n", 300+10*i, i)
		fmt.Fprintf(&b, "%d g2 wakes g3 sync.(*Mutex).Unlock < main.unlock%d:1\n%d g3 starts\n", 302+10*i, i, 303+10*i)
	}
	fmt.Fprintln(&b, "900 end")
	if _, got := export(t, b.String()); got != (perfetto.Holds{Shown: 1, Unseen: 19 + 2}) {
		t.Errorf("%+v", got)
	}
}

// TestNotes has what is to be known of the whole at the beginning of the trace.
func TestNotes(t *testing.T) {
	trace, _ := export(t, "7 g1 running main.main\n9 end", perfetto.Note{Name: "lost-bytes", Text: "half of it"})
	if i := trace.Instants; len(i) != 1 || i[0].At != 7 || i[0].Name != "lost-bytes" || i[0].Notes["text"] != "half of it" ||
		i[0].Track.Path() != "about this trace" {
		t.Errorf("%+v", i)
	}
}

// TestNothing has a trace without a goroutine.
func TestNothing(t *testing.T) {
	trace, _ := export(t, "5 end")
	if trace.Clock != 3 || len(trace.Tracks)+len(trace.Slices) != 0 {
		t.Errorf("%+v", trace)
	}
}

// TestUnwritten has the writer fail: that is told, and once.
func TestUnwritten(t *testing.T) {
	src := decodetest.MustParse("0 g1 running main.main\n9 end")
	x := perfetto.New(src.Symbols(), full{})
	extent, err := timeline.Run(src, x)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Finish(extent, nil); err != errFull || x.Err() != errFull {
		t.Errorf("Finish %v, Err %v", err, x.Err())
	}
}

// full is a writer that has no room.
type full struct{}

var errFull = errors.New("there is no room")

// Write implements io.Writer.
func (full) Write([]byte) (int, error) { return 0, errFull }

// TestMemory has goroutines come and go, wait and wake: what is kept does not grow.
func TestMemory(t *testing.T) {
	run := func(n int) int {
		var b strings.Builder
		fmt.Fprintln(&b, "0 g1 running main.main")
		for i := range n {
			g, now := 10+i, 100*i
			fmt.Fprintf(&b, "%d g1 creates g%d main.work @ main.main:3\n%d g%d starts\n", now+1, g, now+2, g)
			fmt.Fprintf(&b, "%d g%d waits \"sync\" sync.(*Mutex).Lock < main.work:4\n", now+3, g)
			fmt.Fprintf(&b, "%d g1 wakes g%d sync.(*Mutex).Unlock < main.main:5\n", now+4, g)
			fmt.Fprintf(&b, "%d g%d starts\n%d g%d ends\n", now+5, g, now+6, g)
		}
		src := decodetest.MustParse(b.String())
		x := perfetto.New(src.Symbols(), io.Discard)
		if _, err := timeline.Run(src, x); err != nil {
			t.Fatal(err)
		}
		return perfetto.Kept(x)
	}
	if few, many := run(10), run(3000); few != many {
		t.Errorf("%d things are kept of 10 goroutines, and %d of 3000", few, many)
	}
}
