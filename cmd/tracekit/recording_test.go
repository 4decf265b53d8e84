package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"tracekit/analyze/report"
	"tracekit/record"
)

// recorded records a demo as a user would, and returns its report.
func recorded(t *testing.T, args ...string) *report.Report {
	t.Helper()
	path := filepath.Join(t.TempDir(), "demo.trace")
	cmd := exec.Command("tracekit", append(append([]string{"record"}, args...), "-o", path)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	out, err := exec.Command("tracekit", "analyze", "--verify", "-f", "json", path).Output()
	if err != nil {
		t.Fatalf("analyze: %v", err)
	}
	r := new(report.Report)
	if err := json.Unmarshal(out, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// site returns the site in a function where goroutines waited.
func site(r *report.Report, kind, function string) (report.Site, bool) {
	for _, s := range r.Waits.Sites {
		if s.Kind == kind && s.Site >= 0 && r.Sites[s.Site].Func == function {
			return s, true
		}
	}
	return report.Site{}, false
}

// TestSleeper: as long as the longest sleep, not as all of them, and nobody
// runs meanwhile.
func TestSleeper(t *testing.T) {
	const unit = 50 * time.Millisecond
	r := recorded(t, "sleeper", "--unit", unit.String())
	s, ok := site(r, "sleep", "tracekit/demos/sleeper.sleep")
	if !ok || s.Waits != 3 || s.Waiters != 3 || s.OpenWaits != 0 {
		t.Fatalf("sleeps are %+v", s)
	}
	// The sleeps add up to 9 units; they overlap in the wall time.
	if s.BlockedNS < int64(9*unit) || r.Trace.WallNS < int64(4*unit) || r.Trace.WallNS >= s.BlockedNS {
		t.Errorf("wall time is %v, sleeps are %v", time.Duration(r.Trace.WallNS), time.Duration(s.BlockedNS))
	}
	if r.Parallel.RunningAvg > 0.5 {
		t.Errorf("parallelism is %v", r.Parallel.RunningAvg)
	}
	if len(r.Waits.Locks) != 0 {
		t.Errorf("locks are %+v", r.Waits.Locks)
	}
}

// TestIncrement: a lost update when there is one, and no lock wait.
func TestIncrement(t *testing.T) {
	r := recorded(t, "increment", "--unit", "20ms", "--window", "1")
	o := r.Recording.Outcome
	if o == nil || o.Name != "some_var" || o.Want != 50 || o.Got < 1 || o.Got >= 50 {
		t.Errorf("outcome is %+v", o)
	}
	if len(r.Waits.Locks) != 0 {
		t.Errorf("locks are %+v", r.Waits.Locks)
	}
}

// TestLock: one wait and one hand-over for each thread but the first.
func TestLock(t *testing.T) {
	r := recorded(t, "lock", "--unit", "20ms")
	if o := r.Recording.Outcome; o == nil || o.Got != 50 || o.Want != 50 {
		t.Errorf("outcome is %+v", o)
	}
	if len(r.Waits.Locks) != 1 {
		t.Fatalf("locks are %+v", r.Waits.Locks)
	}
	l, o := r.Waits.Locks[0], r.Order.Locks[0]
	if l.Waits != 49 || l.Waiters != 49 || l.OpenWaits != 0 || o.Handovers != 49 {
		t.Errorf("lock is %+v, order %+v", l, o)
	}
	// Each pair of the 49 waited at the same time.
	if o.Pairs != 49*48/2 || o.Fifo == nil || *o.Fifo < 0 || *o.Fifo > 1 {
		t.Errorf("order is %+v", o)
	}
	for _, a := range l.Acquires {
		if f := r.Sites[a.Site]; f.Func != "tracekit/demos/lock.(*counter).add" {
			t.Errorf("acquired at %+v", f)
		}
	}
}

// TestProdcons: the consumer waits on the condition, woken by the producer.
func TestProdcons(t *testing.T) {
	r := recorded(t, "prodcons", "--unit", "20ms", "--items", "8")
	s, ok := site(r, "cond", "tracekit/demos/prodcons.(*list).consume")
	if !ok || s.Waits < 1 || s.Waits > 8 || s.Waiters != 1 {
		t.Fatalf("waits on the condition are %+v", s)
	}
	for _, w := range s.Wakers {
		if w.Site < 0 || r.Sites[w.Site].Func != "tracekit/demos/prodcons.(*list).produce" {
			t.Errorf("woken by %+v", w)
		}
	}
	if o := r.Recording.Outcome; o == nil || o.Got != 8 {
		t.Errorf("outcome is %+v", o)
	}
}

// TestInterrupted stops a recording by a signal to tracekit, as Ctrl-C, kill and
// a closed terminal do: what ran is kept and can be read.
func TestInterrupted(t *testing.T) {
	needSignals(t)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) { testInterrupted(t, sig) })
	}
}

func testInterrupted(t *testing.T, sig os.Signal) {
	dir := t.TempDir()
	cmd, stderr := start(t, dir, "record", "sleeper", "--unit", "1m")
	awaitTrace(t, dir)
	if err := cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(stderr.String(), "sleeper.trace has what ran until then") {
		t.Errorf("ended with %v: %s", err, stderr.String())
	}
	path := filepath.Join(dir, "sleeper.trace")
	m, err := record.ReadManifest(path)
	if err != nil || !m.Interrupted || m.Exit.Code == 0 || m.Outcome != nil {
		t.Errorf("manifest is %+v, %v", m, err)
	}
	code, stdout, complaint := call("analyze", "--verify", path)
	if code != 0 || !strings.Contains(stdout, "the recording was interrupted") {
		t.Errorf("analyze: exit code %d, %s\n%s", code, complaint, stdout)
	}
	if names, _ := os.ReadDir(dir); len(names) != 2 {
		t.Errorf("left behind: %v", names)
	}
}

// start starts tracekit in a folder.
func start(t *testing.T, dir string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command("tracekit", args...)
	cmd.Dir = dir
	stderr := new(bytes.Buffer)
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stderr
}

// TestInterruptedEarly sends the signal while everything is starting. Either
// there is a recording, or there is nothing.
func TestInterruptedEarly(t *testing.T) {
	needSignals(t)
	for i := range 12 {
		dir := t.TempDir()
		cmd, stderr := start(t, dir, "record", "sleeper", "--unit", "1m")
		time.Sleep(time.Duration(i) * 2 * time.Millisecond)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		killed := cmd.ProcessState.ExitCode() == -1 // it did not listen yet
		if !killed && (cmd.ProcessState.ExitCode() != 1 || !strings.Contains(stderr.String(), "interrupted")) {
			t.Errorf("ended with %v: %s", err, stderr.String())
		}
		var names []string
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if got := strings.Join(names, " "); got != "" && got != "sleeper.trace sleeper.trace.json" && !killed {
			t.Errorf("left behind: %s", got)
		}
	}
}

// TestStuckInput interrupts an analysis that waits for a pipe to be opened, and
// one that waits for more from it.
func TestStuckInput(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such pipes on Windows")
	}
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if out, err := exec.Command("mkfifo", fifo).CombinedOutput(); err != nil {
		t.Skipf("mkfifo: %v %s", err, out)
	}
	for _, writer := range []bool{false, true} {
		cmd, stderr := start(t, dir, "analyze", "-o", "out.txt", fifo)
		if writer {
			f, err := os.OpenFile(fifo, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteString("go 1.26 trace\x00\x00\x00"); err != nil {
				t.Fatal(err)
			}
		} else {
			awaitFile(t, dir, 0) // the output is opened before the input
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(stderr.String(), "interrupted") {
			t.Errorf("writer %v: ended with %v: %s", writer, err, stderr.String())
		}
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

// awaitTrace waits until a trace has begun to be written in a folder.
func awaitTrace(t *testing.T, dir string) {
	t.Helper()
	awaitFile(t, dir, 1)
}

// awaitFile waits until an output in the making has so many bytes.
func awaitFile(t *testing.T, dir string, size int64) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		names, err := filepath.Glob(filepath.Join(dir, ".tracekit-*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if info, err := os.Stat(name); err == nil && info.Size() >= size {
				return
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("no output was begun")
}

// TestManifest has all that says how the recording was made.
func TestManifest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.trace")
	cmd := exec.Command("tracekit", "record", "increment", "--threads", "5", "-o", path)
	cmd.Env = append(os.Environ(), "GOGC=77", "GOMAXPROCS=2", "GODEBUG=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	m, err := record.ReadManifest(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintln(m.Command, m.Demo.Name, m.Demo.Parameters); got != "[tracekit record increment --threads=5] increment map[threads:5 unit:100ms window:0]\n" {
		t.Errorf("recorded %s", got)
	}
	if m.GOMAXPROCS != 2 || m.Env["GOGC"] != "77" || m.GoVersion != runtime.Version() || m.OS != runtime.GOOS || m.Arch != runtime.GOARCH || m.CPUs != runtime.NumCPU() {
		t.Errorf("manifest is %+v", m)
	}
	if m.WallNS <= 0 || time.Since(m.Start) > time.Hour || m.Exit.Text != "exit status 0" || m.Trace.File != "x.trace" {
		t.Errorf("manifest is %+v", m)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n, err := io.Copy(io.Discard, f); err != nil || n != m.Trace.Bytes {
		t.Errorf("the trace has %d bytes, the manifest says %d", n, m.Trace.Bytes)
	}
}
