package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"tracekit/record/hook"
)

// app is what the tests call the trace of a run.
const app = "app.trace"

// planned returns a manifest with a plan.
func planned(p Plan) *Manifest {
	m := NewManifest()
	m.Plan = &p
	return m
}

// program is the command that runs the program of these tests in a role.
func program(t *testing.T, r string) Command {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// A plan's GOMAXPROCS is to override this one. The race detector sleeps at the end.
	return Command{Args: []string{self}, Env: []string{role + "=" + r, hook.HoldEnv + "=1", "GOMAXPROCS=5", "GORACE=atexit_sleep_ms=0"}}
}

// runMany makes the runs that a manifest lacks, and fails the test on an error.
func runMany(t *testing.T, r, dir string, m *Manifest, many Many) {
	t.Helper()
	if err := RunMany(t.Context(), program(t, r), dir, m, many); err != nil {
		t.Fatal(err)
	}
}

// wantContents checks that a folder has the manifest and these, and nothing else:
// no folder of a run is left.
func wantContents(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	want := slices.Sorted(slices.Values(append(names, manifestFile)))
	if !slices.EqualFunc(entries, want, func(e os.DirEntry, name string) bool { return e.Name() == name }) {
		t.Errorf("the folder has %v, %v; want %q", entries, err, want)
	}
}

// wantRuns checks that a recording has these runs, given as "number/GOMAXPROCS", with
// the whole trace of one process each, and nothing else.
func wantRuns(t *testing.T, dir string, m *Manifest, runs []string) {
	t.Helper()
	var got, files []string
	for _, r := range m.Runs {
		got = append(got, fmt.Sprintf("%d/%d", r.Number, r.GOMAXPROCS))
		files = append(files, fmt.Sprintf("%03d-p%d-%s", r.Number, r.GOMAXPROCS, app))
	}
	if !slices.Equal(got, runs) || len(m.Processes) != len(runs) {
		t.Fatalf("runs are %q, want %q, with the processes %+v", got, runs, m.Processes)
	}
	for i, p := range m.Processes {
		path := filepath.Join(dir, files[i])
		if p.Run != i || p.GOMAXPROCS != m.Runs[i].GOMAXPROCS || p.Trace.Tail || p.Trace != traceAt(path) {
			t.Errorf("the process of run %+v is %+v, its file %+v", m.Runs[i], p, traceAt(path))
		}
		readable(t, path)
	}
	wantContents(t, dir, files...)
}

// wantWritten checks that what lies in a folder is the manifest as it is.
func wantWritten(t *testing.T, dir string, m *Manifest) *Manifest {
	t.Helper()
	opened, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := opened.Encode()
	if want, err := m.Encode(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the folder has the manifest\n%s\nwant\n%s\n%v", got, want, err)
	}
	return opened
}

func TestManySlots(t *testing.T) {
	tests := []struct {
		name string
		plan Plan
		has  string // the runs that there are, each as number/GOMAXPROCS
		want string // a warm-up has a w
		all  int    // that the plan is for
	}{
		{"one", Plan{Runs: 1}, "", "1/0", 1},
		{"none", Plan{Warmup: 2, GOMAXPROCS: []int{1, 2}}, "", "", 0},
		{"each begins a round", Plan{Runs: 4, GOMAXPROCS: []int{1, 2, 8}}, "", "1/1 1/2 1/8 2/2 2/8 2/1 3/8 3/1 3/2 4/1 4/2 4/8", 12},
		{"warm-ups first", Plan{Runs: 2, Warmup: 2}, "", "w-1/0 w0/0 1/0 2/0", 2},
		{"warm-ups of each", Plan{Runs: 2, Warmup: 1, GOMAXPROCS: []int{1, 2}}, "", "w0/1 w0/2 1/2 1/1 2/1 2/2", 4},
		{"some are made", Plan{Runs: 2, Warmup: 1, GOMAXPROCS: []int{1, 2}}, "1/2 2/1", "w0/1 w0/2 1/1 2/2", 4},
		{"all are made", Plan{Runs: 2, Warmup: 3}, "1/0 2/0", "", 2},
		{"of another GOMAXPROCS", Plan{Runs: 1, GOMAXPROCS: []int{2}}, "1/1 1/0", "1/2", 1},
	}
	for _, tt := range tests {
		m := planned(tt.plan)
		for _, s := range strings.Fields(tt.has) {
			var r RunMade
			fmt.Sscanf(s, "%d/%d", &r.Number, &r.GOMAXPROCS)
			m.Runs = append(m.Runs, r)
		}
		var got []string
		for _, s := range m.slots() {
			got = append(got, fmt.Sprintf("%s%d/%d", map[bool]string{true: "w"}[s.warmup], s.number, s.procs))
		}
		if !slices.Equal(got, strings.Fields(tt.want)) || tt.plan.Total() != tt.all {
			t.Errorf("%s: slots are %q, want %q; of %d, want %d", tt.name, got, tt.want, tt.plan.Total(), tt.all)
		}
	}
}

// TestMany makes a whole recording, with a warm-up, and looks at all of it.
func TestMany(t *testing.T) {
	dir, m := t.TempDir(), planned(Plan{Runs: 3, Warmup: 1, GOMAXPROCS: []int{1, 2}})
	var calls []string // of Begin, of what that returns, and of Done
	var folder string
	many := Many{Name: app, Begin: func(run string) func() {
		folder = run
		if info, err := os.Stat(run); err != nil || !info.IsDir() || filepath.Dir(run) != dir {
			t.Errorf("a run begins in %s: %v, %v", run, info, err)
		}
		calls = append(calls, "begin")
		return func() { calls = append(calls, "end") }
	}, Done: func(r RunMade, _, done, total int) {
		_, err := os.Stat(folder)
		if m, err2 := Open(dir); !os.IsNotExist(err) || r.Number > 0 && (err2 != nil || m.Complete || len(m.Runs) != done-2) {
			t.Errorf("after %+v, its folder is there: %v; the manifest is %+v, %v", r, err, m, err2)
		}
		calls = append(calls, fmt.Sprintf("%d/%d is %d of %d", r.Number, r.GOMAXPROCS, done, total))
	}}
	runMany(t, "returns", dir, m, many)

	made := []string{"1/2", "1/1", "2/1", "2/2", "3/2", "3/1"}
	var want []string
	for i, r := range append([]string{"0/1", "0/2"}, made...) {
		want = append(want, "begin", "end", fmt.Sprintf("%s is %d of 8", r, i+1))
	}
	if !slices.Equal(calls, want) {
		t.Errorf("calls are %q, want %q", calls, want)
	}
	wantRuns(t, dir, m, made)
	wantWritten(t, dir, m)
	wall := int64(0)
	for i, r := range m.Runs {
		wall += r.WallNS
		if r.WallNS <= 0 || r.Exit.Text != "exit status 0" || r.TimedOut || r.Start.Before(m.Start) || i > 0 && r.Start.Before(m.Runs[i-1].Start) {
			t.Errorf("run %d is %+v", i, r)
		}
	}
	if !m.Complete || m.Interrupted || m.TimedOut || m.Exit.Text != "exit status 0" || m.WallNS != wall {
		t.Errorf("the runs took %d ns; manifest is %+v", wall, m)
	}
}

// TestManyNames has runs of two processes, of which patterns keep some. One is of the
// package example.com/x, and has ended before.
func TestManyNames(t *testing.T) {
	tests := []struct {
		name    string
		procs   []int
		keep    []string
		want    []string // the path and the trace of each process, a pattern
		dropped int
	}{
		{"two", []int{3}, nil, []string{"example.com/x 001-p3-x-1.trace", "tracekit/record.test 001-p3-tracekit_record.test-*.trace"}, 0},
		{"keep", nil, []string{"example.com/..."}, []string{"example.com/x 001-app.trace"}, 1},
		{"keep the other", nil, []string{"tracekit/..."}, []string{"tracekit/record.test 001-app.trace"}, 1},
		{"keep nothing", nil, []string{"none/..."}, []string{"example.com/x 001-x-1.trace", "tracekit/record.test 001-tracekit_record.test-*.trace"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, m := t.TempDir(), planned(Plan{Runs: 1, GOMAXPROCS: tt.procs})
			runMany(t, "returns", dir, m, Many{Name: app, Keep: tt.keep, Begin: func(run string) func() {
				write(t, run, map[string]string{"x-1.note": note(begun(gone), []string{"exit", "0"}), "x-1.trace": "four"})
				return func() {}
			}})
			var got, files []string
			for _, p := range m.Processes {
				got, files = append(got, p.Path+" "+p.Trace.File), append(files, p.Trace.File)
				if file := traceAt(filepath.Join(dir, p.Trace.File)); p.Trace != file || file.Bytes == 0 {
					t.Errorf("trace is %+v, the file is %+v", p.Trace, file)
				}
			}
			wantContents(t, dir, files...)
			match := func(s, pattern string) bool { ok, _ := filepath.Match(pattern, s); return ok }
			if !slices.EqualFunc(got, tt.want, match) || m.Dropped != tt.dropped {
				t.Errorf("processes are %q, %d dropped; want %q, %d", got, m.Dropped, tt.want, tt.dropped)
			}
		})
	}
}

// TestManyEndings makes one run after the other, each of which ends in its own way:
// all are kept, and the exit of all is the first that is not 0.
func TestManyEndings(t *testing.T) {
	dir, m := t.TempDir(), planned(Plan{})
	for i, tt := range []struct {
		role      string
		code, all int
		processes int // in all
	}{
		{"returns", 0, 0, 1},
		{"fails", 3, 3, 2},
		{"panics", 2, 3, 3},
	} {
		m.Plan.Runs++
		runMany(t, tt.role, dir, m, Many{Name: app})
		if len(m.Runs) != i+1 || m.Runs[i].Exit.Code != tt.code || m.Exit.Code != tt.all || len(m.Processes) != tt.processes || m.TimedOut || !m.Complete {
			t.Fatalf("%s: manifest is %+v", tt.role, m)
		}
	}
	// The limit may pass before the program has begun its trace: the run is none of the
	// recording then.
	m.Plan.Runs++
	c := program(t, "waits")
	c.Timeout = 1
	var last RunMade
	if err := RunMany(t.Context(), c, dir, m, Many{Name: app, Done: func(r RunMade, _, _, _ int) { last = r }}); err != nil {
		t.Fatal(err)
	}
	if !last.TimedOut || last.Exit.Status() == 0 || m.Runs[2].TimedOut || !m.TimedOut || m.Interrupted || m.Exit.Code != 3 {
		t.Errorf("a run that takes too long: %+v; manifest is %+v", last, m)
	}
	wantWritten(t, dir, m)
}

// writer is a function that is told that something is written.
type writer func()

func (w writer) Write(p []byte) (int, error) { w(); return len(p), nil }

// TestManyInterrupted interrupts recordings of four runs, and completes them.
func TestManyInterrupted(t *testing.T) {
	tests := []struct {
		name, role string
		at         string // what happens when it is interrupted
		nth        int    // and how often it has then
		warmup     int
		complete   int // runs
	}{
		{"before all", "returns", "start", 1, 0, 0},
		{"before the first", "returns", "begin", 1, 0, 0},
		{"before the third", "returns", "begin", 3, 0, 2},
		{"in the third", "returns", "hello", 3, 0, 2},
		{"after the third", "returns", "done", 3, 0, 3},
		{"after the last", "returns", "done", 4, 0, 4},
		{"in a warm-up", "returns", "hello", 2, 2, 0},
		{"it waits", "waits", "hello", 1, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			counts := make(map[string]int)
			happens := func(what string) {
				if counts[what]++; what == tt.at && counts[what] == tt.nth {
					cancel()
				}
			}
			dir, m := t.TempDir(), planned(Plan{Runs: 2, GOMAXPROCS: []int{1, 2}, Warmup: tt.warmup})
			c := program(t, tt.role)
			c.Stdout = writer(func() { happens("hello") }) // before the run is taken to have ended
			happens("start")
			err := RunMany(ctx, c, dir, m, Many{
				Name:  app,
				Begin: func(string) func() { happens("begin"); return func() { happens("end") } },
				Done:  func(RunMade, int, int, int) { happens("done") },
			})
			if err != nil || !m.Complete || m.Interrupted != (tt.complete < 4) || counts["begin"] != counts["end"] {
				t.Errorf("error is %v, counts are %v, manifest is %+v", err, counts, m)
			}
			made := []string{"1/1", "1/2", "2/2", "2/1"}
			wantRuns(t, dir, m, made[:tt.complete])
			opened := wantWritten(t, dir, m)
			var totals []int
			runMany(t, "returns", dir, opened, Many{Name: app, Done: func(_ RunMade, _, _, total int) { totals = append(totals, total) }})
			if rest := (4 - tt.complete) + 2*tt.warmup; !opened.Complete || opened.Interrupted || tt.complete > 0 && !opened.Start.Equal(m.Start) || !slices.Equal(totals, slices.Repeat([]int{rest}, rest)) {
				t.Errorf("%v runs were announced, manifest is %+v", totals, opened)
			}
			wantRuns(t, dir, opened, made)
			wantWritten(t, dir, opened)
		})
	}
}

func TestManyErrors(t *testing.T) {
	occupy := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { write(t, dir, map[string]string{name + "/x": ""}) }
	}
	tests := []struct {
		name, role string
		before     func(t *testing.T, dir string)
		want       error // nil: any
	}{
		{"no process", "no hook", func(*testing.T, string) {}, ErrNoProcess},
		{"no folder", "returns", func(t *testing.T, dir string) { os.Remove(dir) }, os.ErrNotExist},
		{"a folder in the manifest's place", "returns", occupy(manifestFile), nil},
		{"a folder in the trace's place", "returns", occupy("001-" + app), nil},
		{"not writable", "returns", func(t *testing.T, dir string) {
			if err := os.Chmod(dir, 0o555); err != nil || runtime.GOOS == "windows" || os.Getuid() == 0 {
				t.Skip("nothing forbids writing: ", err)
			}
		}, os.ErrPermission},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, m := t.TempDir(), planned(Plan{Runs: 2})
			tt.before(t, dir)
			done := func(r RunMade, _, _, _ int) { t.Errorf("%+v is done", r) }
			err := RunMany(t.Context(), program(t, tt.role), dir, m, Many{Name: app, Done: done})
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) || m.Complete && m.Failed == "" || m.Interrupted {
				t.Errorf("error is %v, want %v; manifest is %+v", err, tt.want, m)
			}
			if parts, _ := filepath.Glob(filepath.Join(dir, partOfRun+"*")); len(parts) > 0 {
				t.Errorf("%q are left", parts)
			}
		})
	}
}
