package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// viewing is a view that goes on in a process of its own.
type viewing struct {
	*exec.Cmd
	url    string
	temp   string // where its temporary files are
	stdout *bufio.Reader
	stderr *strings.Builder
}

// startView starts a view and waits for its URL.
func startView(t *testing.T, args ...string) *viewing {
	t.Helper()
	needSignals(t)
	v := &viewing{Cmd: exec.Command("tracekit", append([]string{"view"}, args...)...), temp: t.TempDir(), stderr: &strings.Builder{}}
	v.Env = append(os.Environ(), "TMPDIR="+v.temp)
	v.Stderr = v.stderr
	out, err := v.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Process.Kill() })
	v.stdout = bufio.NewReader(out)
	line, err := v.stdout.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "http://127.0.0.1:") {
		t.Fatalf("%v said %q, %v: %s", args, line, v.Wait(), v.stderr)
	}
	v.url = strings.TrimSpace(line)
	return v
}

// get returns a page.
func (v *viewing) get(t *testing.T, path string) string {
	t.Helper()
	answer, err := http.Get(v.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%s: %s, %v: %.200s", path, answer.Status, err, body)
	}
	return string(body)
}

// holds has a page hold all of some texts.
func (v *viewing) holds(t *testing.T, path string, texts ...string) {
	t.Helper()
	page := v.get(t, path)
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("%s lacks %q:\n%.3000s", path, text, page)
		}
	}
}

// end ends the view by a signal: nothing of it is left.
func (v *viewing) end(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := v.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(v.stdout)
	if err := v.Wait(); err != nil {
		t.Errorf("after %v: %v\n%s%s", sig, err, rest, v.stderr)
	}
	v.gone(t)
	if names, _ := os.ReadDir(v.temp); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// gone waits until nobody listens any more.
func (v *viewing) gone(t *testing.T) {
	t.Helper()
	for range 1000 {
		c, err := net.Dial("tcp", strings.TrimPrefix(v.url, "http://"))
		if err != nil {
			return
		}
		c.Close()
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("somebody still listens at " + v.url)
}

// recordLock records the demo lock.
func recordLock(t *testing.T) (trace string) {
	t.Helper()
	trace = filepath.Join(t.TempDir(), "lock.trace")
	if out, err := exec.Command("tracekit", "record", "lock", "--unit", "10ms", "-q", "-o", trace).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return trace
}

func needGo(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command")
	}
}

// TestView looks at what go tool trace shows of a recording.
func TestView(t *testing.T) {
	needGo(t)
	v := startView(t, recordLock(t))
	v.holds(t, "/", "User-defined tasks", "User-defined regions")
	v.holds(t, "/usertasks", "lock 0 lock.(*counter).add", "waits: sleep lock.(*counter).add lock.go")
	v.holds(t, "/userregions", "wait lock lock.(*counter).add lock.go", "&lt;- lock.(*counter).add")
	page := v.get(t, "/usertasks")
	_, name, _ := strings.Cut(page, "<td>lock 0 ")
	name, _, _ = strings.Cut(name, "<")
	task := "/usertask?type=" + url.QueryEscape("lock 0 "+name)
	v.holds(t, task, "task &#34;lock 0 ", "region &#34;wait lock ", `log &#34;g`, " lock.run.func1 at lock.(*counter).add lock.go:")
	v.holds(t, "/jsontrace?view=proc", "[woken by] g")
	_, link, _ := strings.Cut(v.get(t, task), `"/trace?taskid=`)
	id, _, _ := strings.Cut(link, "#")
	v.holds(t, "/trace?taskid="+id, "jsontrace")
	v.holds(t, "/jsontrace?taskid="+id, "wait lock lock.(*counter).add", "[woken by] g")
	v.end(t, os.Interrupt)
}

// TestViewWindow ends by another signal.
func TestViewWindow(t *testing.T) {
	needGo(t)
	v := startView(t, "--from", "10ms", "--to", "30ms", recordLock(t))
	v.holds(t, "/usertasks", "lock 0 lock.(*counter).add")
	v.end(t, syscall.SIGTERM)
}

// TestViewOld opens a trace that has no room for waits.
func TestViewOld(t *testing.T) {
	needGo(t)
	v := startView(t, "../../testdata/traces/mixed-1.21.13.trace")
	v.holds(t, "/", "Goroutine analysis")
	v.end(t, os.Interrupt)
	if !strings.Contains(v.stderr.String(), "the waits are not shown in it: ") {
		t.Errorf("said %s", v.stderr)
	}
}

// TestViewLarge has a trace that is too large: a part is shown, and it is said which.
func TestViewLarge(t *testing.T) {
	for name, says := range map[string]string{
		"generations-1.26.8": "around the end of the longest wait for a lock, 7.588ms; --from",
		"corners-1.24.9":     "MB, about 0.0 are shown",
	} {
		data, err := os.ReadFile("../../testdata/traces/" + name + ".trace")
		if err != nil {
			t.Fatal(err)
		}
		files, err := newViewFiles()
		if err != nil {
			t.Fatal(err)
		}
		defer files.remove()
		var said strings.Builder
		p := &preparation{view: &view{}, limit: int64(len(data)) / 10, files: files, stderr: &said}
		if err := p.write(bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		p.tell()
		info, err := files.shown.Stat()
		if err != nil || info.Size() > int64(len(data))/2 || !strings.Contains(said.String(), says) {
			t.Errorf("of %d bytes, %d are shown: %s", len(data), info.Size(), said.String())
		}
		if code, _, stderr := call("analyze", "--verify", files.shown.Name()); code != 0 {
			t.Error(stderr)
		}
	}
}

// TestViewUnseen has waits of which the trace has no event: that they are not shown is
// said.
func TestViewUnseen(t *testing.T) {
	code, _, stderr := call("export", "gotrace", "../../testdata/traces/mixed-1.24.9.trace", "-o", filepath.Join(t.TempDir(), "out"))
	if want := "not shown: 7 waits from before the trace until behind it"; code != 0 || !strings.Contains(stderr, want) {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// TestViewKilled kills tracekit, which cannot do anything about it.
func TestViewKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the system does not end children with their parents")
	}
	needGo(t)
	v := startView(t, "../../testdata/traces/mixed-1.26.8.trace")
	v.Process.Kill()
	v.Wait()
	v.gone(t)
}

// TestViewPprof looks at the pages of pprof.
func TestViewPprof(t *testing.T) {
	trace := recordLock(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	for by, text := range map[string]string{
		"waiter": "threading.(*Lock).Acquire", "release": "threading.(*Lock).Release", "chain": "(woken by)",
	} {
		v := startView(t, "--pprof", "--by", by, trace)
		v.holds(t, "/", text, "flamegraph")
		v.holds(t, "/top", text)
		v.holds(t, "/download")
		if answer, err := http.Get(v.url + "/saveconfig?config=x"); err != nil || answer.StatusCode != http.StatusNotFound {
			t.Errorf("settings are saved: %v, %v", answer, err)
		}
		v.end(t, os.Interrupt)
	}
	if names, _ := os.ReadDir(home); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// TestViewPprofRuns looks at many runs as one.
func TestViewPprofRuns(t *testing.T) {
	v := startView(t, "--pprof", "../../testdata/traces/mixed-1.25.4.trace", "../../testdata/traces/mixed-1.26.8.trace")
	v.holds(t, "/top", "main.")
	v.end(t, syscall.SIGTERM)
}

// TestViewFails has errors of each kind.
func TestViewFails(t *testing.T) {
	needGo(t)
	ln, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	const good = "../../testdata/traces/mixed-1.26.8.trace"
	text := filepath.Join(t.TempDir(), "future")
	if err := os.WriteFile(text, []byte("go 1.99 trace\x00\x00\x00"), 0o666); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args []string
		code int
		says string
	}{
		{nil, 2, "view takes a trace, and was given none"},
		{[]string{good, good}, 2, "without --pprof, view takes one trace"},
		{[]string{"--http", "8080", good}, 2, `--http is "8080"; it takes HOST:PORT`},
		{[]string{"--by", "chain", good}, 2, "--by is for --pprof"},
		{[]string{"--pprof", "--by", "color", good}, 2, `--by is "color"; it can be`},
		{[]string{"--pprof", "--from", "1ms", good}, 2, "--pprof shows whole traces"},
		{[]string{"--from", "2s", "--to", "1s", good}, 2, "--to 1s is not behind --from 2s"},
		{[]string{"--http", ln.Addr().String(), good}, 1, "address already in use\nhint: without --http, a free port"},
		{[]string{"--pprof", "--http", ln.Addr().String(), good}, 1, "address already in use\nhint: "},
		{[]string{"missing.trace"}, 1, "view missing.trace: no such file or directory"},
		{[]string{"--pprof", "missing.trace"}, 1, "view missing.trace: no such file or directory"},
		{[]string{"main.go"}, 1, "view main.go: not a Go execution trace"},
		{[]string{"--from", "1h", good}, 1, "the trace ends before that window"},
		{[]string{text}, 1, "go tool trace ended: "},
	}
	for _, tt := range tests {
		code, stdout, stderr := call(append([]string{"view"}, tt.args...)...)
		if code != tt.code || stdout != "" || !strings.Contains(stderr, tt.says) {
			t.Errorf("view %q: exit code %d, stdout %q, stderr %q", tt.args, code, stdout, stderr)
		}
	}
}

// TestViewWithoutGo has no go command at hand.
func TestViewWithoutGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	code, _, stderr := call("view", "../../testdata/traces/mixed-1.26.8.trace")
	if code != 1 || !strings.Contains(stderr, "there is no go command in the PATH") || !strings.Contains(stderr, "hint: ") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// TestViewerLog has the viewer say things in pieces.
func TestViewerLog(t *testing.T) {
	var to strings.Builder
	l := &viewerLog{to: &to, url: make(chan string, 1)}
	for _, piece := range []string{"Prepar", "ing\nOpening browser. Trace viewer is listening on http://127.0.0.1:1\nlis", "tening on http://x\nfailed: ", "it"} {
		l.Write([]byte(piece))
	}
	if url, last := <-l.url, l.last(); url != "http://127.0.0.1:1" || last != "failed: it" || to.String() != "Preparing\nlistening on http://x\n" {
		t.Errorf("url %s, last %q, passed on %q", url, last, to.String())
	}
}

// TestViewerHints names a newer toolchain where the viewer is too old.
func TestViewerHints(t *testing.T) {
	l := &viewerLog{to: io.Discard, url: make(chan string, 1)}
	l.Write([]byte("failed to create trace reader: unknown or unsupported trace version go 1.99\n"))
	code := new(strings.Builder)
	fail(code, (&viewer{trace: "x.trace"}).failed(context.Background(), l, nil))
	if want := "hint: GOTOOLCHAIN=go1.99.0 tracekit view x.trace"; !strings.Contains(code.String(), want) {
		t.Errorf("said %s", code)
	}
}
