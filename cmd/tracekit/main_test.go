package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the test binary the program tracekit, which lies in the PATH of
// the tests under that name.
func TestMain(m *testing.M) {
	// Under the race detector every program sleeps for a second when it exits,
	// and here are many.
	if os.Getenv("GORACE") == "" {
		os.Setenv("GORACE", "atexit_sleep_ms=0")
	}
	testscript.Main(m, map[string]func(){"tracekit": main, "readevents": readEvents})
}

func TestScripts(t *testing.T) {
	traces, err := filepath.Abs("../../testdata/traces")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("TRACES", traces)
			// The go command of a test needs its caches.
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "HOME", "GORACE"} {
				e.Setenv(name, goEnv(name))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"head": head, "gzip": packWith(packGzip), "zstd": packWith(packZstd), "checkwhatif": checkWhatIf,
		},
	})
}

func goEnv(name string) string {
	if name == "HOME" || name == "GORACE" {
		return os.Getenv(name)
	}
	out, _ := exec.Command("go", "env", name).Output()
	return strings.TrimSpace(string(out))
}

// head cuts a file: head FROM BYTES TO.
func head(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: head FROM BYTES TO")
	}
	data := ts.ReadFile(args[0])
	var n int
	for _, digit := range args[1] {
		n = 10*n + int(digit-'0')
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(data)[:n], 0o666))
}

// call runs a command line in this process.
func call(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = execute(context.Background(), args, &out, &err)
	return code, out.String(), err.String()
}

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const good = "../../testdata/traces/generations-1.26.8.trace"
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	torn := write("torn.trace", string(data[:len(data)/2]))
	tests := []struct {
		args []string
		code int
		says string // on stderr; "" is nothing
	}{
		{[]string{"analyze", good}, 0, ""},
		{[]string{"analyze", "-f", "json", good}, 0, ""},
		{[]string{"analyze", "--verify", good}, 0, "verified: "},
		{[]string{"analyze", torn}, 0, ""},
		{[]string{"help"}, 0, ""},
		{[]string{"help", "record", "lock"}, 0, ""},
		{[]string{"--version"}, 0, ""},
		{[]string{"export"}, 0, ""},
		{[]string{"demos"}, 0, ""},
		{[]string{"demos", "-f", "json"}, 0, ""},
		{[]string{"demos", "-f", "xml"}, 2, `there is no format "xml"; there is text and json`},
		{[]string{"demos", "lock"}, 2, "takes no arguments"},
		{[]string{"analyze", filepath.Join(dir, "missing")}, 1, "missing: no such file or directory"},
		{[]string{"analyze", t.TempDir()}, 1, "there is no trace in it"},
		{[]string{"analyze", good, filepath.Join(dir, "missing")}, 1, "missing: no such file or directory"},
		{[]string{"analyze", good, "main.go"}, 1, "not a Go execution trace"},
		{[]string{"analyze", write("empty", "")}, 1, "the file is empty"},
		{[]string{"analyze", write("text", "package main\n\nimport \"fmt\"\n")}, 1, "not a Go execution trace"},
		{[]string{"analyze", write("future", "go 1.99 trace\x00\x00\x00")}, 1, "Go 1.99"},
		{[]string{"analyze", write("header", "go 1.26 trace\x00\x00\x00")}, 1, "no part of the trace is whole"},
		{[]string{"analyze", write("stub", string(data[:1000]))}, 1, "no part of the trace is whole"},
		{[]string{"analyze", "-o", torn, torn}, 1, "it is the input"},
		{[]string{"analyze", "-o", dir, good}, 1, "it is a directory"},
		{[]string{"analyze", "-o", filepath.Join(dir, "no", "such"), good}, 1, "no such"},
		{[]string{"export", "pprof", filepath.Join(dir, "missing")}, 1, "missing"},
		{[]string{"analyze"}, 2, "takes traces, reports, or folders of them, and was given none"},
		{[]string{"analyze", good, good}, 0, ""},
		{[]string{"analyze", "-f", "xml", good}, 2, `there is no format "xml"`},
		{[]string{"analyze", "--color", good}, 2, "unknown flag: --color"},
		{[]string{"help", "nothing"}, 2, "there is no command"},
		{[]string{"analize"}, 2, "did you mean tracekit analyze?"},
		{[]string{"nothing-like-it"}, 2, `unknown command "nothing-like-it"`},
		{[]string{"record", "lokc"}, 2, "did you mean tracekit record lock?"},
		{[]string{"record", "lock", "extra"}, 2, "takes no arguments"},
		{[]string{"record", "lock", "--threads", "0"}, 2, `invalid argument "0" for "--threads" flag: it must be a number from 1 to 10000`},
		{[]string{"record", "lock", "--unit", "fast"}, 2, "invalid argument"},
		{[]string{"record", "lock", "-o", dir}, 1, "it is a directory"},
		{[]string{"analyze", "--task", "a", good, good}, 2, "are for one trace, and there are 2"},
		{[]string{"analyze", "--region", "", good}, 2, "--task and --region take a name"},
		{[]string{"analyze", "--task", "a", "-f", "csv", good}, 2, "-f csv has no tasks and regions"},
		{[]string{"analyze", "--task", "a", good}, 0, ""},
		{[]string{"whatif", good}, 0, ""},
		{[]string{"whatif", torn}, 0, ""},
		{[]string{"whatif"}, 2, "whatif takes one trace, or its report, and was given none"},
		{[]string{"whatif", good, good}, 2, "whatif takes one trace, or its report, and was given"},
		{[]string{"whatif", "-f", "csv", good}, 2, `there is no format "csv"; there is text and json`},
		{[]string{"whatif", "--procs", "0", good}, 2, "--procs is 0"},
		{[]string{"whatif", "--gc", "off", good}, 2, `--gc is "off"`},
		{[]string{"whatif", "--hold", "main.f", good}, 2, "it is written PLACE=FACTOR"},
		{[]string{"whatif", "--drop", "0", good}, 2, "not by a lock's number"},
		{[]string{"whatif", "--to", "-1s", good}, 2, "which are not negative"},
		{[]string{"whatif", "--decoder", "fast", good}, 2, `there is no decoder "fast"`},
		{[]string{"whatif", "--drop", "main.nothing", good}, 1, "nothing that --drop main.nothing could be about"},
		{[]string{"whatif", filepath.Join(dir, "missing")}, 1, "missing: no such file or directory"},
		{[]string{"export", "chrome"}, 2, `unknown command "chrome"`},
		{[]string{"export", "pprof", "--by", "color", good}, 2, `--by is "color"`},
	}
	for _, tt := range tests {
		code, stdout, stderr := call(tt.args...)
		line := strings.Join(tt.args, " ")
		if code != tt.code || !strings.Contains(stderr, tt.says) || tt.says == "" && stderr != "" {
			t.Errorf("%s: exit code %d, want %d; stderr %q, want %q", line, code, tt.code, stderr, tt.says)
		}
		if code != 0 {
			checkSpeech(t, line, stderr)
		}
		if (stdout == "") != (code != 0) {
			t.Errorf("%s: exit code %d with stdout %q", line, code, stdout)
		}
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".tracekit-*")); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// checkSpeech holds an error to the rules of speech.
func checkSpeech(t *testing.T, line, stderr string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	if len(lines) > 2 || !strings.HasPrefix(lines[0], "tracekit: ") || strings.HasSuffix(lines[0], ".") ||
		len(lines) == 2 && !strings.HasPrefix(lines[1], "hint: ") {
		t.Errorf("%s says %q", line, stderr)
	}
}

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{
		"": "''", "-o": "./-o", "lock.trace": "lock.trace", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "a/b-c_d=e": "a/b-c_d=e",
	} {
		if got := quote(word); got != want {
			t.Errorf("quote(%s) = %s, want %s", word, got, want)
		}
	}
}

// TestHints has an error name what to type.
func TestHints(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	escape := filepath.Join(dir, "a\x1b[31mb")
	for line, want := range map[string]string{
		"analyze " + empty:       "hint: a program writes its trace",
		"analyze main.go":        "hint: tracekit record lock",
		"analyze --color x":      "hint: tracekit analyze --help",
		"record lock --unit 0s":  "hint: tracekit record lock --help",
		"exprot":                 "hint: did you mean tracekit export?",
		"analyze " + t.TempDir(): "hint: tracekit record --runs 10 lock",
		"record nothing-like":    "hint: tracekit demos lists them",
		"analyze " + escape:      "a?[31mb",
	} {
		code, _, stderr := call(strings.Fields(line)...)
		if code == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, %q; want %q", line, code, stderr, want)
		}
	}
}

// TestFailedOutput has an analysis fail: an older output stays as it was.
func TestFailedOutput(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "report.json")
	if err := os.WriteFile(old, []byte("older"), 0o640); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := call("analyze", "-o", old, filepath.Join(dir, "missing")); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if data, err := os.ReadFile(old); err != nil || string(data) != "older" {
		t.Errorf("the output is now %q, %v", data, err)
	}
	if code, _, stderr := call("analyze", "-o", old, "../../testdata/traces/mixed-1.26.8.trace"); code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	info, err := os.Stat(old)
	if err != nil || info.Mode().Perm() != 0o640 || info.Size() < 100 {
		t.Errorf("the output is %v, %v", info, err)
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

// TestOutputToPipe writes to what is no regular file, and leaves it one.
func TestOutputToPipe(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if out, err := exec.Command("mkfifo", fifo).CombinedOutput(); err != nil {
		t.Skipf("mkfifo: %v %s", err, out)
	}
	got := make(chan []byte)
	go func() {
		data, _ := os.ReadFile(fifo)
		got <- data
	}()
	code, _, stderr := call("analyze", "-o", fifo, "../../testdata/traces/mixed-1.26.8.trace")
	if data := <-got; code != 0 || !bytes.Contains(data, []byte("parallel")) {
		t.Errorf("exit code %d: %s; read %q", code, stderr, data)
	}
	if info, err := os.Lstat(fifo); err != nil || info.Mode().IsRegular() {
		t.Errorf("it is now %v, %v", info, err)
	}
}

// TestInterruptedAnalysis cancels before the trace is read.
func TestInterruptedAnalysis(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, err bytes.Buffer
	code := execute(ctx, []string{"analyze", "../../testdata/traces/mixed-1.26.8.trace"}, &out, &err)
	if code != 1 || out.Len() != 0 || !strings.Contains(err.String(), "interrupted") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, out.String(), err.String())
	}
}

// packWith returns the script command that compresses a file: FROM TO.
func packWith(pack func(io.Writer) io.WriteCloser) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 2 {
			ts.Fatalf("usage: FROM TO")
		}
		var b bytes.Buffer
		w := pack(&b)
		_, err := w.Write([]byte(ts.ReadFile(args[0])))
		ts.Check(errors.Join(err, w.Close(), os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o666)))
	}
}

func packGzip(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }

func packZstd(w io.Writer) io.WriteCloser {
	z, err := zstd.NewWriter(w)
	if err != nil {
		panic(err)
	}
	return z
}
