package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/exp/trace"

	"tracekit/record/hook"
)

// The test binary is also the program that the tests record: this variable says
// what it is to do.
const role = "TRACEKIT_TEST_ROLE"

func TestMain(m *testing.M) {
	if r := os.Getenv(role); r != "" {
		os.Exit(recorded(r))
	}
	os.Exit(m.Run())
}

// recorded is the program.
func recorded(role string) int {
	if role == "no hook" {
		return 0
	}
	stop, err := hook.Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 9
	}
	defer stop()
	fmt.Println("hello")
	switch role {
	case "outcome":
		hook.SetOutcome("n", 1, 2)
	case "fails":
		stop()
		return 3
	case "panics":
		panic("on purpose")
	case "waits":
		time.Sleep(time.Minute)
	case "twice":
		if _, err := hook.Start(); err != nil {
			return 8
		}
		hook.SetOutcome("n", 2, 2)
		stop()
		stop()
	}
	return 0
}

// record runs the program in a role.
func record(t *testing.T, ctx context.Context, r string) (m *Manifest, dir, stdout string, err error) {
	t.Helper()
	dir = t.TempDir()
	m, stdout, err = recordIn(t, ctx, r, dir)
	return m, dir, stdout, err
}

func recordIn(t *testing.T, ctx context.Context, r, dir string) (m *Manifest, stdout string, err error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	m, err = Run(ctx, Command{
		Args: []string{self}, Stdout: &out, Stderr: &out,
		Env: []string{role + "=" + r, hook.HoldEnv + "=1"},
	}, dir)
	return m, out.String(), err
}

// write writes files below a folder, by their slashed names.
func write(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o777)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// readable reads a trace to its end and returns the number of events.
func readable(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := trace.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		if _, err := r.ReadEvent(); err == io.EOF {
			return n
		} else if err != nil {
			t.Fatalf("event %d: %v", n, err)
		}
	}
}

func TestRun(t *testing.T) {
	tests := []struct {
		role    string
		code    int
		outcome *Outcome
	}{
		{"returns", 0, nil},
		{"outcome", 0, &Outcome{Name: "n", Got: 1, Want: 2}},
		{"fails", 3, nil},
		{"panics", 2, nil},
		{"twice", 0, &Outcome{Name: "n", Got: 2, Want: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.role, func(t *testing.T) {
			t.Setenv("GOGC", "50")
			m, dir, out, err := record(t, t.Context(), tt.role)
			if err != nil {
				t.Fatal(err)
			}
			if m.Exit.Code != tt.code || m.Exit.Signal != "" || m.Interrupted || !m.Complete || !strings.HasPrefix(out, "hello\n") {
				t.Errorf("exit is %+v, interrupted %v, output %q", m.Exit, m.Interrupted, out)
			}
			if m.WallNS <= 0 || m.CPUs < 1 || m.OS == "" || m.Arch == "" || m.Tracekit == "" || m.Env["GOGC"] != "50" || len(m.Processes) != 1 {
				t.Fatalf("manifest is %+v", m)
			}
			p := m.Processes[0]
			if p.GOMAXPROCS < 1 || p.GoVersion != runtime.Version() || p.PID == 0 || p.Exit != m.Exit || p.Start.Before(m.Start.Truncate(time.Microsecond)) {
				t.Errorf("process is %+v", p)
			}
			if (p.Outcome == nil) != (tt.outcome == nil) || p.Outcome != nil && *p.Outcome != *tt.outcome {
				t.Errorf("outcome is %+v, want %+v", p.Outcome, tt.outcome)
			}
			path := filepath.Join(dir, p.Trace.File)
			if info, err := os.Stat(path); err != nil || info.Size() != p.Trace.Bytes {
				t.Errorf("the manifest says %d bytes, the file is %v, %v", p.Trace.Bytes, info, err)
			}
			if n := readable(t, path); n < 10 {
				t.Errorf("%d events", n)
			}
		})
	}
}

// TestInterrupted cancels while the program waits: it is told to end, and its
// trace is whole.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir := t.TempDir()
	go func() { // once the trace has begun
		for ctx.Err() == nil {
			traces, _ := filepath.Glob(filepath.Join(dir, "*.trace"))
			if len(traces) > 0 && traceAt(traces[0]).Bytes > 0 {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	m, _, err := recordIn(t, ctx, "waits", dir)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Interrupted || m.Exit.Code == 0 || runtime.GOOS != "windows" && (m.Exit.Signal != "terminated" || m.Processes[0].Ended != EndedBySignal) {
		t.Errorf("manifest is %+v", m)
	}
	if n := readable(t, filepath.Join(dir, m.Processes[0].Trace.File)); n < 10 {
		t.Errorf("%d events", n)
	}
}

func TestNoTrace(t *testing.T) {
	if m, _, _, err := record(t, t.Context(), "no hook"); err != nil || len(m.Processes) != 0 {
		t.Errorf("a program without the hook was recorded: %+v, %v", m, err)
	}
	_, err := Run(t.Context(), Command{Args: []string{filepath.Join(t.TempDir(), "nothing")}}, t.TempDir())
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error for a program that is not there is %v", err)
	}
	dir := filepath.Join(t.TempDir(), "no", "such", "folder")
	if _, _, err := recordIn(t, t.Context(), "returns", dir); err == nil {
		t.Error("a trace was written to a folder that is not there")
	}
}

func TestManifestRoundTrip(t *testing.T) {
	m, dir, _, err := record(t, t.Context(), "outcome")
	if err != nil {
		t.Fatal(err)
	}
	m.Command = []string{"x", "y z"}
	if err := m.Write(dir); err != nil {
		t.Fatal(err)
	}
	for _, of := range []string{dir, filepath.Join(dir, m.Processes[0].Trace.File)} {
		again, err := ReadManifest(of)
		if err != nil || len(again.Processes) != 1 || len(again.Command) != 2 {
			t.Fatalf("read %+v, %v; wrote %+v", again, err, m)
		}
		p, q := again.Processes[0], m.Processes[0]
		if p.Trace != q.Trace || *p.Outcome != *q.Outcome || p.Exit != q.Exit || !p.End.Equal(*q.End) {
			t.Errorf("read %+v; wrote %+v", p, q)
		}
	}
}

func TestBadManifests(t *testing.T) {
	for _, data := range []string{"", "{", "[]", "null", `{"schema": "tracekit.recording/1"}`, `{"schema": 1}`} {
		if m, err := ParseManifest([]byte(data)); err == nil {
			t.Errorf("%q is read as %+v", data, m)
		}
	}
	if _, err := ReadManifest(filepath.Join(t.TempDir(), "x.trace")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error for none is %v", err)
	}
}

func FuzzParseManifest(f *testing.F) {
	data, err := NewManifest().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseManifest(data)
		if err == nil && m.Schema != ManifestSchema {
			t.Errorf("schema is %q", m.Schema)
		}
	})
}
