package record

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A signal that comes between two runs begins no other one.
func TestManySignalBetweenRuns(t *testing.T) {
	signals := make(chan os.Signal, 1)
	c := program(t, "returns")
	c.Signals = signals
	m, begun := planned(Plan{Runs: 3}), 0
	err := RunMany(t.Context(), c, t.TempDir(), m, Many{
		Name:  app,
		Begin: func(string) func() { begun++; return func() {} },
		Done: func(_ RunMade, _, done, _ int) {
			if done == 1 {
				signals <- syscall.SIGTERM
			}
		},
	})
	if err != nil || begun != 1 || len(m.Runs) != 1 || !m.Interrupted {
		t.Errorf("%d begun, %d runs, interrupted %v, %v", begun, len(m.Runs), m.Interrupted, err)
	}
}

// A signal and the end of the run that it ended are there at once.
func TestManySignalAndEnd(t *testing.T) {
	lost := 0
	for range 12 {
		signals, ended := make(chan os.Signal, 1), make(chan error, 1)
		signals <- syscall.SIGTERM
		ended <- nil
		r := &run{command: Command{Args: []string{"x"}, Signals: signals}, dir: t.TempDir(), m: NewManifest(), pid: gone}
		r.attend(ended)
		if !r.m.Interrupted {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of 12 are taken for complete", lost)
	}
}

// What could not be moved as a whole is of no run.
func TestManyHalfTaken(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"run-1/a.trace": "a", "run-1/b.trace": "b", "001-a.trace": "", "002-b.trace/x": ""})
	m := planned(Plan{Runs: 2})
	m.Runs = []RunMade{{Number: 1}}
	m.Processes = []Process{{Trace: Trace{File: "001-a.trace"}}}
	of := NewManifest()
	of.Processes = []Process{{Trace: Trace{File: "a.trace"}}, {Trace: Trace{File: "b.trace"}}}
	s := &series{dir: dir, m: m}
	if err := s.take(of, filepath.Join(dir, "run-1"), RunMade{Number: 2}); err == nil {
		t.Fatal("no error")
	}
	if err := m.check(); err != nil {
		t.Error(err)
	}
	if len(m.Processes) != 1 {
		t.Errorf("processes are %+v", m.Processes)
	}
}

// A plan that cannot be made is refused before anything is run.
func TestManyPlans(t *testing.T) {
	for _, p := range []Plan{{}, {Runs: 3, Warmup: -1}, {Runs: 1, GOMAXPROCS: []int{2, 2}}, {Runs: 1, GOMAXPROCS: []int{0}}} {
		m := planned(p)
		if err := RunMany(t.Context(), program(t, "returns"), t.TempDir(), m, Many{}); err == nil || m.check() == nil {
			t.Errorf("%+v: %v, the manifest %v", p, err, m.check())
		}
	}
	if err := RunMany(t.Context(), program(t, "returns"), t.TempDir(), NewManifest(), Many{}); err == nil {
		t.Error("no plan, and no error")
	}
}

// What is somebody else's stays, whatever it is called.
func TestManyForeign(t *testing.T) {
	dir, m := t.TempDir(), planned(Plan{Runs: 1})
	files := []string{"run-notes/mine.txt", "2026-11-25-prod.trace"}
	for _, name := range files {
		write(t, dir, map[string]string{name: "mine"})
	}
	write(t, dir, map[string]string{partOfRun + "1/x.trace": "", manifestFile + ".part": ""}) // what a crash leaves
	runMany(t, "returns", dir, m, Many{Name: app})
	for _, name := range files {
		if data, err := os.ReadFile(filepath.Join(dir, name)); string(data) != "mine" {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(names) > 0 {
		t.Errorf("left: %q", names)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".tracekit*")); len(names) > 0 {
		t.Errorf("left: %q", names)
	}
}

// Two recorders do not record into one folder.
func TestManyLocked(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	m := planned(Plan{Runs: 1})
	if err := RunMany(t.Context(), program(t, "returns"), dir, m, Many{}); err == nil || !strings.Contains(err.Error(), "another recorder") {
		t.Errorf("error is %v", err)
	}
	unlock()
	runMany(t, "returns", dir, m, Many{})
}

// A run that leaves no trace, after one that did, is none of the recording.
func TestManyNoTrace(t *testing.T) {
	dir, m := t.TempDir(), planned(Plan{Runs: 3})
	c := program(t, "returns")
	c.Args = []string{"sh", "-c", `case $0 in *) [ "$(ls "$1" | grep -c trace)" -gt 0 ] || exec "$0";; esac`, c.Args[0], dir}
	var left []int
	err := RunMany(t.Context(), c, dir, m, Many{Name: app, Done: func(_ RunMade, processes, _, _ int) { left = append(left, processes) }})
	if err != nil || len(m.Runs) != 1 || !slices.Equal(left, []int{1, 0, 0}) {
		t.Errorf("%v; runs %+v; processes %v", err, m.Runs, left)
	}
	if again := len(m.slots()); again != 2 {
		t.Errorf("%d runs are still to be made", again)
	}
}

// What --only kept of the first runs, it keeps of those that come later: all, where
// nothing matched.
func TestManyKeepsOn(t *testing.T) {
	dir, m := t.TempDir(), planned(Plan{Runs: 1})
	many := Many{Name: app, Keep: []string{"example.com/nothing"}}
	runMany(t, "returns", dir, m, many)
	m.Plan.Runs = 2
	runMany(t, "returns", dir, m, many)
	if len(m.Runs) != 2 || len(m.Processes) != 2 || m.Dropped != 0 {
		t.Errorf("%d runs, %d processes, %d dropped", len(m.Runs), len(m.Processes), m.Dropped)
	}
}

// In a run in which the process to keep does not appear, none is kept.
func TestManyKeep(t *testing.T) {
	dir, m := t.TempDir(), planned(Plan{Runs: 2})
	runs := 0
	runMany(t, "returns", dir, m, Many{Keep: []string{"example.com/x"}, Begin: func(run string) func() {
		if runs++; runs == 1 {
			write(t, run, map[string]string{"x-1.note": note(begun(gone), []string{"exit", "0"}), "x-1.trace": "four"})
		}
		return func() {}
	}})
	for _, p := range m.Processes {
		if p.Path != "example.com/x" {
			t.Errorf("kept %s of run %d", p.Path, p.Run)
		}
	}
}

// A process that still runs when its run ends would go on beside the next.
func TestManyRunning(t *testing.T) {
	m := planned(Plan{Runs: 2})
	var open *os.File
	err := RunMany(t.Context(), program(t, "no hook"), t.TempDir(), m, Many{Begin: func(run string) func() {
		write(t, run, map[string]string{"x-1.note": note(begun(os.Getpid())), "x-1.trace": "begun"})
		open, _ = os.Open(filepath.Join(run, "x-1.note")) // as who runs has it
		return func() {}
	}})
	defer open.Close()
	if err == nil || !strings.Contains(err.Error(), "still runs") || len(m.Runs) > 0 || m.Failed == "" || !m.Complete {
		t.Errorf("%v; %d runs, failed %q", err, len(m.Runs), m.Failed)
	}
}

// A recording that is interrupted in its first run did not end well.
func TestManyExit(t *testing.T) {
	c := program(t, "waits")
	signals := make(chan os.Signal, 1)
	c.Signals = signals
	c.Stdout = writer(func() { signals <- syscall.SIGTERM })
	m := planned(Plan{Runs: 1})
	if err := RunMany(t.Context(), c, t.TempDir(), m, Many{}); err != nil || !m.Interrupted || m.Exit.Text == "" || m.Exit.Status() == 0 {
		t.Errorf("interrupted %v, exit is %+v, %v", m.Interrupted, m.Exit, err)
	}
}
