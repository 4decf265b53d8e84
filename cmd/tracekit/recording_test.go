package main

import (
	"bytes"
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

	"tracekit/record"
)

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
	if err != nil || !m.Interrupted || m.Exit.Code == 0 || len(m.Processes) != 1 || m.Processes[0].Outcome != nil {
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
		if size > 0 { // of a demo's trace
			names, err = filepath.Glob(filepath.Join(dir, ".tracekit-*", "*.trace"))
		}
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
	if len(m.Processes) != 1 || !m.Complete {
		t.Fatalf("manifest is %+v", m)
	}
	p := m.Processes[0]
	if p.GOMAXPROCS != 2 || m.Env["GOGC"] != "77" || p.GoVersion != runtime.Version() || m.OS != runtime.GOOS || m.Arch != runtime.GOARCH || m.CPUs != runtime.NumCPU() {
		t.Errorf("manifest is %+v", m)
	}
	if m.WallNS <= 0 || time.Since(m.Start) > time.Hour || m.Exit.Text != "exit status 0" || p.Trace.File != "x.trace" {
		t.Errorf("manifest is %+v", m)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n, err := io.Copy(io.Discard, f); err != nil || n != p.Trace.Bytes {
		t.Errorf("the trace has %d bytes, the manifest says %d", n, p.Trace.Bytes)
	}
}
