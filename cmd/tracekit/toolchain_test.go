package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

// TestToolchainReads has go tool trace read, to the end, what the commands write that
// write traces, of each fixture of a version that can be written.
func TestToolchainReads(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs many processes")
	}
	needGo(t)
	viewer, err := findViewer(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("../../testdata/traces/*.trace")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d traces, error %v", len(names), err)
	}
	for _, name := range names {
		if strings.Contains(name, "-1.21.") {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			torn := tear(t, name)
			for _, line := range [][]string{
				{"export", "gotrace", name},
				{"export", "gotrace", "--min", "0", name},
				{"cut", name, "--from", "1ms", "--to", "3ms"},
				{"cut", name, "--from", "2ms"},
				{"cut", name, "--to", "2ms"},
				{"cut", name, "--from", "1ms", "--to", "1001us"},
				{"cut", name, "--to", "5ms", "--generations"},
				{"repair", name},
				{"repair", torn},
			} {
				checkReadable(t, viewer, line)
			}
		})
	}
}

// tear returns a trace without its last bytes. What is left has a generation that is
// whole, where there are several.
func tear(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(name, "generations-") {
		data = data[:len(data)-1000]
	}
	torn := filepath.Join(t.TempDir(), "torn.trace")
	if err := os.WriteFile(torn, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return torn
}

// checkReadable has go tool trace read what a command writes: print its events, which
// an error ends, and make a profile of it.
func checkReadable(t *testing.T, viewer string, line []string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.trace")
	if code, _, stderr := call(append(line, "-o", out)...); code != 0 {
		t.Errorf("%q: %s", line, stderr)
		return
	}
	if printed := runViewer(t, line, viewer, "-d=parsed", out); bytes.Count(printed, []byte("\n")) < 10 {
		t.Errorf("%q: go tool trace finds no events: %q", line, printed)
	}
	if _, err := profile.ParseData(runViewer(t, line, viewer, "-pprof=sync", out)); err != nil {
		t.Errorf("%q: the profile that go tool trace makes: %v", line, err)
	}
}

func runViewer(t *testing.T, line []string, viewer string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(viewer, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Errorf("%q: go tool trace %s: %v: %s", line, args[0], err, said.String())
	}
	return out
}
