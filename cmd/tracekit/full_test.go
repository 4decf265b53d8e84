package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoRoom has each command that writes a file from a trace fail where there is no
// room for it: the error says so, and the trace is what it was.
func TestNoRoom(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skipf("no disk that is full: %v", err)
	}
	dir := t.TempDir()
	trace := filepath.Join(dir, "x.trace")
	data, err := os.ReadFile("../../testdata/traces/mixed-1.26.8.trace")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(trace, data, 0o444); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"cut --from 1ms", "cut --to 1ms --generations", "repair", "anonymise",
		"export gotrace", "export perfetto", "export csv", "export csv --table spans", "export folded", "export pprof --by chain",
	} {
		args := append(strings.Fields(line), trace, "-o", full)
		out, err := exec.Command("tracekit", args...).CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("tracekit: write /dev/full: no space left on device\n")) {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
		args[len(args)-1] = trace
		out, err = exec.Command("tracekit", args...).CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("it is the input")) {
			t.Errorf("%s, to its input: %v\n%s", line, err, out)
		}
		args[len(args)-1] = filepath.Join(dir, "none", "x")
		out, err = exec.Command("tracekit", args...).CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("x: no such file or directory\n")) {
			t.Errorf("%s, to a folder that is not there: %v\n%s", line, err, out)
		}
	}
	if after, err := os.ReadFile(trace); err != nil || !bytes.Equal(after, data) {
		t.Errorf("the trace was changed, error %v", err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 1 {
		t.Errorf("left behind: %v, error %v", names, err)
	}
}
