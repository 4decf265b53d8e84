package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tracekit/analyze/report"
	"tracekit/record"
)

// waiter is a module with a program that waits until it is told to end.
var waiter = map[string]string{
	"go.mod":  "module example.com/waiter\n\ngo 1.23\n",
	"main.go": "package main\n\nimport \"time\"\n\nfunc main() { time.Sleep(time.Hour) }\n",
}

// tree lists the files below a folder.
func tree(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, name)
			names = append(names, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestCommandInterrupted sends a signal to a recording at any time. Either there is
// a recording, whole and with its end, or there is nothing; and nothing is left
// anywhere else: in the folder of the source, among temporary files, in the cache.
func TestCommandInterrupted(t *testing.T) {
	needSignals(t)
	for i, sig := range []syscall.Signal{0: syscall.SIGINT, 1: syscall.SIGTERM, 2: syscall.SIGHUP, 3: syscall.SIGQUIT,
		4: syscall.SIGINT, 5: syscall.SIGINT, 6: syscall.SIGINT, 7: syscall.SIGTERM, 8: syscall.SIGTERM, 11: syscall.SIGTERM} {
		if sig == 0 {
			sig = syscall.SIGINT
		}
		// Four of them when the program runs, the others earlier and earlier.
		testCommandInterrupted(t, sig, time.Duration(max(0, i-3))*30*time.Millisecond)
	}
}

func testCommandInterrupted(t *testing.T, sig syscall.Signal, after time.Duration) {
	t.Helper()
	dir, tmp, cache := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, dir, waiter)
	cmd := exec.Command("tracekit", "record", "-o", "rec", "--", "go", "run", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "XDG_CACHE_HOME="+cache, "GOCACHE="+goEnv("GOCACHE"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	if after == 0 {
		awaitProcess(t, filepath.Join(dir, "rec"), &out)
	} else {
		time.Sleep(after)
	}
	if err := cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		cmd.Process.Kill()
		t.Fatalf("%v after %v does not end it", sig, after)
	}
	what := fmt.Sprintf("%v after %v: %v: %s", sig, after, cmd.ProcessState, out.String())
	for _, name := range tree(t, tmp) { // go itself leaves something when it is terminated
		if after == 0 || !strings.HasPrefix(name, "go-build") {
			t.Errorf("%s: left among temporary files: %s", what, name)
		}
	}
	if left := tree(t, cache); len(left) > 0 {
		t.Errorf("%s: left in the cache: %q", what, left)
	}
	checkRecording(t, dir, what, after == 0)
}

// checkRecording looks at what is in the folder of the source.
func checkRecording(t *testing.T, dir, what string, must bool) {
	t.Helper()
	m, err := record.Open(filepath.Join(dir, "rec"))
	if errors.Is(err, os.ErrNotExist) && !must {
		if left := tree(t, dir); strings.Join(left, " ") != "go.mod main.go" {
			t.Errorf("%s: left %q", what, left)
		}
		return
	}
	if err != nil || !m.Complete || !m.Interrupted || len(m.Processes) != 1 {
		t.Errorf("%s: %v, manifest %+v", what, err, m)
		return
	}
	p := m.Processes[0]
	if p.Ended != record.EndedBySignal {
		t.Errorf("%s: the process is %+v", what, p)
	}
	want := fmt.Sprintf("go.mod main.go rec/%s rec/manifest.json", p.Trace.File)
	if left := tree(t, dir); strings.Join(left, " ") != want {
		t.Errorf("%s: left %q, want %s", what, left, want)
	}
	if code, _, complaint := call("analyze", "--strict", "--verify", filepath.Join(dir, "rec")); code != 0 {
		t.Errorf("%s: analyze: %s", what, complaint)
	}
}

// awaitProcess waits until a process of a recording has begun its trace.
func awaitProcess(t *testing.T, dir string, out *bytes.Buffer) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		traces, _ := filepath.Glob(filepath.Join(dir, "*.trace"))
		for _, name := range traces {
			if info, err := os.Stat(name); err == nil && info.Size() > 100 {
				return
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("no trace was begun: %s", out.String())
}

// TestHooked records a binary that was built before, with the hook in its source: it
// is no matter who built it. What it lacks at most is what the runtime had not
// written at its end.
func TestHooked(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "hooked.exe")
	if out, err := exec.Command("go", "build", "-o", binary, "tracekit/testdata/programs/hooked").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for i, args := range [][]string{nil, {"on purpose"}} {
		rec := filepath.Join(dir, fmt.Sprint("rec", i))
		cmd := exec.Command("tracekit", append([]string{"record", "-o", rec, "--", binary}, args...)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if code := cmd.ProcessState.ExitCode(); code != 2*i || string(out) != "done\n" {
			t.Errorf("%q: %v, output %q: %s", args, err, out, stderr.String())
		}
		m, err := record.Open(rec)
		if err != nil || len(m.Processes) != 1 || m.Processes[0].Path != "tracekit/testdata/programs/hooked" {
			t.Fatalf("%q: %v, manifest %+v: %s", args, err, m, stderr.String())
		}
		if ended := m.Processes[0].Ended; i == 1 && ended != record.EndedByPanic {
			t.Errorf("it ended by %s", ended)
		}
		code, report, complaint := call("analyze", rec)
		if code != 0 || !strings.Contains(report, "main.main.func1 main.go:19") {
			t.Errorf("%q: the report lacks the lock: %s%s", args, report, complaint)
		}
	}
}

// TestKept has a recording that could not be completed: its traces stay, whatever the
// folder is called, and one without any goes.
func TestKept(t *testing.T) {
	for _, name := range []string{"plain", "odd [x] *"} {
		for _, trace := range []bool{true, false} {
			dir := filepath.Join(t.TempDir(), name)
			f, err := createFolder(dir, false)
			if err != nil {
				t.Fatal(err)
			}
			if trace {
				write(t, dir, map[string]string{"x-1.trace": "go 1."})
			}
			said := f.keep()
			f.abort()
			if _, err := os.Stat(dir); (err == nil) != trace || strings.Contains(said, dir) != trace {
				t.Errorf("%s, with a trace %v: it says %q, and the folder is %v", name, trace, said, err)
			}
		}
	}
}

// TestLostEnds has a caveat beside the report of each process whose trace lacks its
// end, and of no other.
func TestLostEnds(t *testing.T) {
	for ended, lost := range map[record.Ending]bool{
		record.EndedByExit: false, record.EndedBySignal: false, record.EndedByPanic: false,
		record.EndedByFatal: true, record.EndedUnknown: true, record.EndedNot: true,
	} {
		r := &report.Report{}
		describe(r, &record.Manifest{Complete: true}, &record.Process{Ended: ended})
		if got := len(r.Caveats) == 1 && r.Caveats[0].Code == "lost-end"; got != lost {
			t.Errorf("%s: caveats are %+v", ended, r.Caveats)
		}
	}
}
