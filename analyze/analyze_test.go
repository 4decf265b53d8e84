package analyze_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze"
	"tracekit/analyze/render"
	"tracekit/analyze/report"
)

var update = flag.Bool("update", false, "rewrite the golden files; read them before you commit them")

func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../testdata/traces/*.trace")
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	traces := make(map[string][]byte)
	for _, name := range names {
		if testing.Short() && !brief[strings.TrimSuffix(filepath.Base(name), ".trace")] {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		traces[strings.TrimSuffix(filepath.Base(name), ".trace")] = data
	}
	return traces
}

// brief are the traces of a short test: of each program the newest, and the oldest
// format of each kind.
var brief = map[string]bool{
	"mixed-1.21.13": true, "mixed-1.22.12": true, "mixed-1.26.8": true, "corners-1.26.8": true,
	"generations-1.26.8": true, "flight-1.25.4": true, "flight-1.26.8": true,
}

// verified analyzes a trace and holds it to the laws of conservation.
func verified(t testing.TB, data []byte, name string) *report.Report {
	t.Helper()
	r, v, err := analyze.Verify(bytes.NewReader(data), name, analyze.Options{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if v.Spans == 0 || v.Wakes == 0 {
		t.Fatalf("%s: nothing was verified: %+v", name, v)
	}
	return r
}

func marshal(t testing.TB, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGolden holds the text reports of the fixtures.
func TestGolden(t *testing.T) {
	for name, data := range fixtures(t) {
		var b bytes.Buffer
		if err := render.Text(&b, verified(t, data, name+".trace")); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s, -want +got:\n%s", path, diff)
		}
	}
}

// ofMixed reports whether a fixture is of the program mixed.
func ofMixed(name string) bool {
	return strings.HasPrefix(name, "mixed-") || strings.HasPrefix(name, "generations-")
}

// TestKnownAnswers holds the reports of the fixtures to what their program does,
// whatever the version that it was built with.
func TestKnownAnswers(t *testing.T) {
	// Whole waits by kind. What the runtime adds to the others is its affair.
	want := map[string]int64{"once": 1, "cond": 2, "rwmutex-w": 3, "rwmutex-r": 1, "mutex": 4, "chan-send": 1, "chan-recv": 2, "select": 2}
	for name, data := range fixtures(t) {
		if !ofMixed(name) {
			continue
		}
		r := verified(t, data, name)
		got := make(map[string]int64)
		for _, k := range r.Waits.Kinds {
			got[k.Kind] = k.Waits - k.OpenWaits
		}
		for kind, n := range want {
			// early's mutex, RWMutex and channel waits are whole where the
			// trace does not show that they had begun before it.
			if got[kind] != n {
				t.Errorf("%s: %d whole waits of kind %s, want %d", name, got[kind], kind, n)
			}
		}
		if r.Waits.IdleWaits < 6 {
			t.Errorf("%s: %d idle waits, want those of the workers", name, r.Waits.IdleWaits)
		}
		l := lockAt(t, r, "main.queue.func1")
		if l.Waits != 3 || l.Waiters != 3 || l.OpenWaits != 0 || len(l.Acquires) != 3 || len(l.Releases) != 3 {
			t.Errorf("%s: the queue's lock is %+v", name, l)
		}
		if o := r.Order.Locks[l.ID]; o.Handovers != 3 || o.Overtakes != 0 || o.Fifo == nil || *o.Fifo != 1 {
			t.Errorf("%s: its order is %+v", name, o)
		}
	}
}

func lockAt(t testing.TB, r *report.Report, function string) report.Lock {
	t.Helper()
	for _, l := range r.Waits.Locks {
		if r.Sites[l.Acquires[0].Site].Func == function {
			return l
		}
	}
	t.Fatalf("%s: no lock is acquired in %s", r.Trace.Path, function)
	return report.Lock{}
}

// TestSameBytes analyzes each fixture twice.
func TestSameBytes(t *testing.T) {
	for name, data := range fixtures(t) {
		if diff := cmp.Diff(marshal(t, verified(t, data, name)), marshal(t, verified(t, data, name))); diff != "" {
			t.Errorf("%s: the second report differs:\n%s", name, diff)
		}
	}
}

// TestSlicesAreNotNull checks that lists are [] in JSON, also of next to nothing.
func TestSlicesAreNotNull(t *testing.T) {
	for name, data := range fixtures(t) {
		r := verified(t, data, name)
		if strings.Contains(strings.ReplaceAll(marshal(t, r), `"fifo": null`, ""), "null") {
			t.Errorf("%s: there is a null in the report", name)
		}
	}
}

// TestFixedKeys has the keys of the report that others compute on.
func TestFixedKeys(t *testing.T) {
	var r map[string]any
	if err := json.Unmarshal([]byte(marshal(t, verified(t, fixtures(t)["mixed-1.26.8"], "x"))), &r); err != nil {
		t.Fatal(err)
	}
	first := func(v any) map[string]any { return v.([]any)[0].(map[string]any) }
	obj := func(v any) map[string]any { return v.(map[string]any) }
	waits, lock := obj(r["waits"]), first(obj(r["waits"])["locks"])
	site, path := first(waits["sites"]), obj(r["critpath"])
	tests := []struct {
		name string
		obj  map[string]any
		keys string
	}{
		{"report", r, "schema trace waits order parallel critpath sites stacks frames caveats"},
		{"critpath", path, "work_ns span_ns parallelism path_ns segments locks replay_ns replay_error"},
		{"segments", first(path["segments"]), "kind group site lock ns"},
		{"critical locks", first(path["locks"]), "lock path_ns visits wait_ns drop_wall_ns drop_low_ns drop_high_ns"},
		{"trace", obj(r["trace"]), "path go_version bytes events wall_ns goroutines gomaxprocs lost_bytes"},
		{"waits", waits, "kinds locks sites idle_ns system_ns"},
		{"kinds", first(waits["kinds"]), "kind waits open_waits blocked_ns sched_ns"},
		{"locks", lock, "id name kinds waits open_waits blocked_ns sched_ns delay_ns p50_ns p90_ns p99_ns max_ns waiters acquires releases"},
		{"acquires", first(lock["acquires"]), "site stack waits blocked_ns sched_ns"},
		{"releases", first(lock["releases"]), "site stack wakes blame_ns"},
		{"sites", site, "kind site stack waits open_waits blocked_ns sched_ns p50_ns p90_ns p99_ns max_ns wakers"},
		{"wakers", first(site["wakers"]), "site stack wakes blocked_ns"},
		{"chains", first(obj(r["waits"])["chains"]), "lock kind stack goroutine by by_stack by_goroutine waits open_waits blocked_ns sched_ns"},
		{"order", first(obj(r["order"])["locks"]), "lock handovers overtakes pairs fifo longest_passed_over_ns"},
		{"parallel", obj(r["parallel"]), "gomaxprocs_avg running_avg utilization demand_avg at work_ns groups"},
		{"at", first(obj(r["parallel"])["at"]), "running ns"},
		{"groups", first(obj(r["parallel"])["groups"]), "name goroutines running_ns runnable_ns blocked_ns syscall_ns"},
		{"site", first(r["sites"]), "func file line"},
		{"frames", first(r["frames"]), "func file line"},
		{"caveats", first(r["caveats"]), "code about text remedy"},
	}
	for _, tt := range tests {
		for key := range strings.FieldsSeq(tt.keys) {
			if _, ok := tt.obj[key]; !ok {
				t.Errorf("%s has no key %s", tt.name, key)
			}
		}
	}
	if r["schema"] != "tracekit.report/1" {
		t.Errorf("schema is %v", r["schema"])
	}
}

// TestTorn cuts a trace in the middle: the report says what was lost.
func TestTorn(t *testing.T) {
	data := fixtures(t)["generations-1.26.8"]
	torn := data[:len(data)*2/3]
	r := verified(t, torn, "torn.trace")
	if r.Trace.LostBytes <= 0 || r.Trace.LostBytes >= r.Trace.Bytes || r.Trace.Bytes != int64(len(torn)) {
		t.Errorf("trace is %+v", r.Trace)
	}
	if len(r.Caveats) == 0 || r.Caveats[0].Code != "lost-bytes" || !strings.Contains(r.Caveats[0].Text, "offset") {
		t.Errorf("caveats are %+v", r.Caveats)
	}
	if whole := verified(t, data, "whole"); r.Trace.Events >= whole.Trace.Events || r.Trace.WallNS >= whole.Trace.WallNS {
		t.Errorf("torn: %+v, whole: %+v", r.Trace, whole.Trace)
	}
}

func TestNoReport(t *testing.T) {
	tests := map[string]error{
		"":                              analyze.ErrEmpty,
		"this is text, not a trace":     analyze.ErrNotTrace,
		"go 1.99 trace\x00\x00\x00":     analyze.ErrVersion,
		"go 1.26 trace\x00\x00\x00\x01": analyze.ErrDamaged,
	}
	for input, want := range tests {
		r, err := analyze.Trace(strings.NewReader(input), "x", analyze.Options{})
		if r != nil || !errors.Is(err, want) {
			t.Errorf("%q: error is %v, want %v", input, err, want)
		}
	}
}

// TestCorners holds the reports of the program corners to what it does.
func TestCorners(t *testing.T) {
	for name, data := range fixtures(t) {
		if !strings.HasPrefix(name, "corners-") {
			continue
		}
		r := verified(t, data, name)
		l := lockAt(t, r, "main.starve.func1")
		if len(r.Waits.Locks) != 1 || l.Kinds[0] != "mutex" || l.Waits < 6 || l.Waiters < 2 {
			t.Errorf("%s: locks are %+v", name, r.Waits.Locks)
		}
		groups := make(map[string]report.Group)
		for _, g := range r.Parallel.Groups {
			groups[g.Name] = g
		}
		// 300 each, with three values of GOMAXPROCS.
		if n := groups["main.churn.gowrap1"].Goroutines + groups["sync.(*WaitGroup).Done"].Goroutines + groups["main.churn.func1"].Goroutines; n != 900 {
			t.Errorf("%s: %d goroutines of churn in %v", name, n, groups)
		}
		// In a system call from before the trace on until shortly before its end.
		if g := groups["main.inSyscall.func1"]; g.Goroutines != 1 || 10*g.SyscallNS < 9*r.Trace.WallNS {
			t.Errorf("%s: %+v of %d ns", name, g, r.Trace.WallNS)
		}
		if !slices.ContainsFunc(r.Caveats, func(c report.Caveat) bool { return c.Code == "gomaxprocs-changed" }) || r.Parallel.GOMAXPROCSAvg == float64(r.Trace.GOMAXPROCS) {
			t.Errorf("%s: GOMAXPROCS was %v on average", name, r.Parallel.GOMAXPROCSAvg)
		}
	}
}

// TestCaveats has each fixture say what its numbers need.
func TestCaveats(t *testing.T) {
	for name, data := range fixtures(t) {
		r := verified(t, data, name)
		var codes []string
		for _, c := range r.Caveats {
			codes = append(codes, c.Code)
			if c.About == "" || c.Text == "" {
				t.Errorf("%s: caveat %+v", name, c)
			}
		}
		for _, code := range []string{"open-waits", "lock-by-site", "contended-only", "percentiles"} {
			if ofMixed(name) && !slices.Contains(codes, code) {
				t.Errorf("%s: no caveat %s in %v", name, code, codes)
			}
		}
		if r.Trace.LostBytes != 0 || slices.Contains(codes, "lost-bytes") {
			t.Errorf("%s: lost %d bytes, caveats %v", name, r.Trace.LostBytes, codes)
		}
	}
}
