package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"tracekit/record"
)

// needSignals skips a test where there are no signals to end a program by.
func needSignals(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there are no such signals on Windows")
	}
}

// TestTerminatedInBackground ends a recording that a shell started in the
// background, where SIGINT is ignored: the program has the time to end its trace.
func TestTerminatedInBackground(t *testing.T) {
	needSignals(t)
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", `trap "" INT; exec tracekit record sleeper --unit 1m --quiet`)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	awaitTrace(t, dir)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	m, err := record.ReadManifest(filepath.Join(dir, "sleeper.trace"))
	if err != nil || m.Exit.Signal != "terminated" {
		t.Errorf("manifest is %+v, %v", m, err)
	}
}

// TestInterruptedTwice has an impatient user: the trace is kept all the same.
func TestInterruptedTwice(t *testing.T) {
	needSignals(t)
	dir := t.TempDir()
	cmd, stderr := start(t, dir, "record", "sleeper", "--unit", "1m")
	awaitTrace(t, dir)
	for range 3 {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Microsecond) // two at once would be one
	}
	err := cmd.Wait()
	names, _ := filepath.Glob(filepath.Join(dir, "sleeper.trace*"))
	if len(names) != 2 {
		t.Errorf("kept %v; ended with %v: %s", names, err, stderr)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".tracekit-*")); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// TestStuckOutput interrupts an analysis whose report nobody reads. The first
// signal has it end, if it can; the second one ends it.
func TestStuckOutput(t *testing.T) {
	needSignals(t)
	cmd := exec.Command("tracekit", "analyze", "-f", "json", "../../testdata/traces/mixed-1.26.8.trace")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(stdout, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := cmd.Process.Wait()
		ended <- err
	}()
	for range 3000 { // a minute
		cmd.Process.Signal(os.Interrupt)
		select {
		case err := <-ended:
			rest, _ := io.Copy(io.Discard, stdout)
			if err != nil || rest > 70_000 { // more than what a pipe holds
				t.Errorf("%v, %d bytes were left to read", err, rest)
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	cmd.Process.Kill()
	t.Error("it cannot be interrupted")
}
