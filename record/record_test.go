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
		hook.SetOutcome(hook.Outcome{Name: "n", Got: 1, Want: 2})
	case "fails":
		stop()
		return 3
	case "panics":
		panic("on purpose")
	case "waits":
		time.Sleep(time.Minute)
	case "environment":
		fmt.Println("in the environment:", os.Getenv(hook.TraceEnv))
	case "twice":
		if _, err := hook.Start(); err != nil {
			return 8
		}
		hook.SetOutcome(hook.Outcome{Name: "n", Got: 2, Want: 2})
		stop()
		stop()
	}
	return 0
}

// run records the program in a role.
func run(t *testing.T, ctx context.Context, r string) (m *Manifest, path, stdout string, err error) {
	t.Helper()
	return runTo(t, ctx, r, filepath.Join(t.TempDir(), "x.trace"))
}

func runTo(t *testing.T, ctx context.Context, r, trace string) (m *Manifest, path, stdout string, err error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(role, r)
	var out bytes.Buffer
	m, err = Run(ctx, Program{Path: self, Stdout: &out}, trace)
	return m, trace, out.String(), err
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
		outcome *hook.Outcome
	}{
		{"returns", 0, nil},
		{"outcome", 0, &hook.Outcome{Name: "n", Got: 1, Want: 2}},
		{"fails", 3, nil},
		{"panics", 2, nil},
		{"twice", 0, &hook.Outcome{Name: "n", Got: 2, Want: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.role, func(t *testing.T) {
			t.Setenv("GOGC", "50")
			m, path, out, err := run(t, t.Context(), tt.role)
			if err != nil {
				t.Fatal(err)
			}
			if m.Exit.Code != tt.code || m.Exit.Signal != "" || m.Interrupted || out != "hello\n" {
				t.Errorf("exit is %+v, interrupted %v, output %q", m.Exit, m.Interrupted, out)
			}
			if (m.Outcome == nil) != (tt.outcome == nil) || m.Outcome != nil && *m.Outcome != *tt.outcome {
				t.Errorf("outcome is %+v, want %+v", m.Outcome, tt.outcome)
			}
			if m.WallNS <= 0 || m.GOMAXPROCS < 1 || m.CPUs < 1 || m.OS == "" || m.Arch == "" || m.GoVersion == "" || m.Tracekit == "" || m.Env["GOGC"] != "50" {
				t.Errorf("manifest is %+v", m)
			}
			if info, err := os.Stat(path); err != nil || info.Size() != m.Trace.Bytes {
				t.Errorf("the manifest says %d bytes, the file is %v, %v", m.Trace.Bytes, info, err)
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
	trace := filepath.Join(t.TempDir(), "x.trace")
	go func() { // once the trace has begun
		for ctx.Err() == nil {
			if info, err := os.Stat(trace); err == nil && info.Size() > 0 {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	m, path, _, err := runTo(t, ctx, "waits", trace)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Interrupted || m.Exit.Code == 0 || runtime.GOOS != "windows" && m.Exit.Signal != "terminated" {
		t.Errorf("manifest is %+v", m)
	}
	if n := readable(t, path); n < 10 {
		t.Errorf("%d events", n)
	}
}

// TestNotForGrandchildren has the hook take its variable out of the
// environment, so that what the program starts does not write to its trace.
func TestNotForGrandchildren(t *testing.T) {
	_, _, out, err := run(t, t.Context(), "environment")
	if err != nil || !strings.Contains(out, "in the environment: \n") {
		t.Errorf("output is %q, error %v", out, err)
	}
}

func TestNoTrace(t *testing.T) {
	if _, _, _, err := run(t, t.Context(), "no hook"); err == nil {
		t.Error("a program without the hook was recorded")
	}
	_, err := Run(t.Context(), Program{Path: filepath.Join(t.TempDir(), "nothing")}, "x.trace")
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error for a program that is not there is %v", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(role, "returns")
	var stderr bytes.Buffer
	nowhere := filepath.Join(t.TempDir(), "no", "such", "folder")
	if _, err := Run(t.Context(), Program{Path: self, Stderr: &stderr}, nowhere); err == nil {
		t.Error("a trace was written to a folder that is not there")
	}
	if !strings.Contains(stderr.String(), "open the trace") {
		t.Errorf("the hook says %q", stderr.String())
	}
}

func TestManifestRoundTrip(t *testing.T) {
	m, path, _, err := run(t, t.Context(), "outcome")
	if err != nil {
		t.Fatal(err)
	}
	m.Command = []string{"x", "y z"}
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ManifestPath(path), data, 0o666); err != nil {
		t.Fatal(err)
	}
	again, err := ReadManifest(path)
	if err != nil || again.Trace != m.Trace || *again.Outcome != *m.Outcome || again.Exit != m.Exit || len(again.Command) != 2 {
		t.Errorf("read %+v, %v; wrote %+v", again, err, m)
	}
}

func TestBadManifests(t *testing.T) {
	for _, data := range []string{"", "{", "[]", "null", `{"schema": "tracekit.recording/9"}`, `{"schema": 1}`} {
		if m, err := ParseManifest([]byte(data)); err == nil {
			t.Errorf("%q is read as %+v", data, m)
		}
	}
	if _, err := ReadManifest(filepath.Join(t.TempDir(), "x.trace")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error for none is %v", err)
	}
}

func FuzzParseManifest(f *testing.F) {
	data, err := newManifest().Encode()
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
