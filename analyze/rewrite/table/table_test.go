package table

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// written returns the rows of a script's table.
func written(t *testing.T, of Of, locks Locks, script string) []string {
	t.Helper()
	var b strings.Builder
	table, err := New(&b, of, locks)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := timeline.Run(decodetest.MustParse(script), table); err != nil {
		t.Fatal(err)
	}
	if err := table.End(); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// story has waits of every sort: for a lock, twice; ended by nobody; cut by both ends of
// the trace; and one of the runtime.
const story = `
	1000 g1 running main.a
	1000 g2 running main.b
	1000 g3 waiting "chan receive" runtime.chanrecv1 < main.d:3
	1000 g4 waiting runtime.gopark < runtime.bgsweep
	1010 g2 waits "sync" sync.(*Mutex).Lock < main.lock:7 < main.b
	1030 g1 wakes g2 sync.(*Mutex).Unlock < main.unlock:9 < main.a
	1034 g2 starts
	1040 g1 waits "sleep" time.Sleep < main.a:2
	1045 nobody wakes g1
	1046 g1 starts
	1050 g1 waits "chan receive" runtime.chanrecv1 < main.a:4
	1060 g2 wakes g3
	1090 end
`

func TestWaits(t *testing.T) {
	locks := Locks{acquire{"mutex", report.Frame{Func: "main.lock", File: "main.go", Line: 7}}: 5}
	want := []string{
		strings.Join(waitColumns, ","),
		"10,20,4,2,main.b,user,mutex,5,main.lock,main.go,7,1,main.a,main.unlock,main.go,9,false,",
		"40,5,1,1,main.a,user,sleep,,main.a,main.go,2,,,,,,false,",
		"50,40,0,1,main.a,user,chan-recv,,main.a,main.go,4,,,,,,false,end",
		"0,60,30,3,main.d,user,chan-recv,,main.d,main.go,3,2,main.b,,,,false,start",
		"0,90,0,4,runtime.bgsweep,runtime,other,,runtime.gopark,runtime.go,1,,,,,,false,both",
	}
	if diff := cmp.Diff(want, written(t, Waits, locks, story)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want[1] = strings.Replace(want[1], "mutex,5", "mutex,", 1)
	if diff := cmp.Diff(want, written(t, Waits, nil, story)); diff != "" {
		t.Errorf("without numbers, -want +got:\n%s", diff)
	}
}

func TestSpans(t *testing.T) {
	want := []string{
		"start_ns,end_ns,goroutine,group,class,state",
		"0,10,2,main.b,user,running",
		"10,30,2,main.b,user,waiting",
		"30,34,2,main.b,user,runnable",
		"0,40,1,main.a,user,running",
		"40,45,1,main.a,user,waiting",
		"45,46,1,main.a,user,runnable",
		"46,50,1,main.a,user,running",
		"0,60,3,main.d,user,waiting",
		"50,90,1,main.a,user,waiting",
		"34,90,2,main.b,user,running",
		"60,90,3,main.d,user,runnable",
		"0,90,4,runtime.bgsweep,runtime,waiting",
	}
	if diff := cmp.Diff(want, written(t, Spans, nil, story)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestGaveUp has a wait for a semaphore that its context ended.
func TestGaveUp(t *testing.T) {
	rows := written(t, Waits, nil, `
		0 g1 running main.a
		0 g2 running main.b
		10 g2 waits "select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.b:2
		30 g1 wakes g2 runtime.closechan < context.(*cancelCtx).cancel < main.a:3
		34 g2 starts
		90 end
	`)
	if len(rows) != 2 || !strings.HasSuffix(rows[1], ",1,main.a,context.(*cancelCtx).cancel,context.go,1,true,") {
		t.Errorf("rows are %q", rows)
	}
}

// TestNames has a function that a spreadsheet would take for a formula, and one with
// what separates cells.
func TestNames(t *testing.T) {
	rows := written(t, Waits, nil, `
		0 g1 running =HYPERLINK("x"),1
		10 g1 waits "sleep" time.Sleep < =HYPERLINK("x"),1
		90 end
	`)
	const start = `10,80,0,1,"'=HYPERLINK(""x""),1",user,sleep,,"'=HYPERLINK(""x""),1",`
	if len(rows) != 2 || !strings.HasPrefix(rows[1], start) || strings.Contains(rows[1], ",=") || strings.Contains(rows[1], `,"=`) {
		t.Errorf("rows are %q", rows)
	}
}

// TestNothing has a header even where there are no rows.
func TestNothing(t *testing.T) {
	for _, of := range Tables() {
		if rows := written(t, Of(of), nil, "0 procs 2\n9 end"); len(rows) != 1 || !strings.HasPrefix(rows[0], "start_ns,") {
			t.Errorf("%s: rows are %q", of, rows)
		}
	}
}

type full struct{}

var errFull = errors.New("no room")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestFull(t *testing.T) {
	table, err := New(full{}, Spans, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := timeline.Run(decodetest.MustParse(story), table); err != nil {
		t.Fatal(err)
	}
	if err := table.End(); !errors.Is(err, errFull) {
		t.Errorf("error is %v", err)
	}
}

func TestUnknownTable(t *testing.T) {
	if _, err := New(full{}, "chairs", nil); err == nil || !strings.Contains(err.Error(), `"chairs"`) {
		t.Errorf("error is %v", err)
	}
}
