package record

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// note makes a note of records, each a word and its fields.
func note(records ...[]string) string {
	var b strings.Builder
	for i, r := range records {
		if len(r) == 1 && strings.Contains(r[0], "\n") { // the runtime's word
			b.WriteString(r[0])
			continue
		}
		fmt.Fprintf(&b, "\x00tracekit\x00%s\x00%d\x00%d\x00", r[0], int64(1e18)+int64(i), len(r)-1)
		for _, f := range r[1:] {
			b.WriteString(f + "\x00")
		}
	}
	return b.String()
}

// begun is how the note of a process begins. There is no process of that number.
func begun(pid int) []string {
	return []string{"start", fmt.Sprint(pid), "1", "go1.26.8", "4", "example.com/x", "/dir", "x", "-flag"}
}

// gone is a number that no process has.
const gone = 1 << 30

// TestProcesses reads from notes how processes ended.
func TestProcesses(t *testing.T) {
	tests := []struct {
		name  string
		note  string
		ended Ending
		exit  string
	}{
		{"exit", note(begun(gone), []string{"exit", "0"}), EndedByExit, "exit status 0"},
		{"code", note(begun(gone), []string{"exit", "77"}), EndedByExit, "exit status 77"},
		{"no code", note(begun(gone), []string{"exit", ""}), EndedByExit, "an unknown exit status"},
		{"signal", note(begun(gone), []string{"signal", "15"}), EndedBySignal, "signal: terminated"},
		{"quit", note(begun(gone), []string{"signal", "3"}, []string{"SIGQUIT: quit\n"}), EndedBySignal, "exit status 2"},
		{"panic", note(begun(gone), []string{"panic: on purpose\n\ngoroutine 1\n"}), EndedByPanic, "exit status 2"},
		{"error", note(begun(gone), []string{"\ngoroutine 1 [running]:\n"}), EndedByFatal, "exit status 2"},
		{"killed", note(begun(gone)), EndedUnknown, "an unknown exit status"},
		{"stopped", note(begun(gone), []string{"stop"}), EndedByExit, "an unknown exit status"},
		{"running", note(begun(os.Getpid())), EndedNot, "still running"},
		{"another's number", note(begun(os.Getpid())), EndedUnknown, "an unknown exit status"},
		{"cut", note(begun(gone), []string{"exit", "0"})[:len(note(begun(gone)))+20], EndedUnknown, "an unknown exit status"},
	}
	for _, tt := range tests {
		if tt.name == "another's number" && runtime.GOOS != "linux" {
			continue // the system does not tell
		}
		dir := t.TempDir()
		write(t, dir, map[string]string{"x-1.note": tt.note, "x-1.trace": "four", "other": ""})
		if tt.ended == EndedNot { // who runs has its note open
			f, err := os.Open(filepath.Join(dir, "x-1.note"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
		}
		processes, err := collect(dir)
		if err != nil || len(processes) != 1 {
			t.Fatalf("%s: %+v, %v", tt.name, processes, err)
		}
		p := processes[0]
		if p.Ended != tt.ended || p.Exit.Text != tt.exit || p.Path != "example.com/x" || !slices.Equal(p.Args, []string{"x", "-flag"}) {
			t.Errorf("%s: %+v", tt.name, p)
		}
		if p.Trace != (Trace{File: "x-1.trace", Bytes: 4}) || p.GOMAXPROCS != 4 || p.ParentPID != 1 || p.Dir != "/dir" {
			t.Errorf("%s: %+v", tt.name, p)
		}
		_, err = os.Stat(filepath.Join(dir, "x-1.note"))
		if kept := err == nil; kept != (tt.ended == EndedNot) {
			t.Errorf("%s: the note is kept: %v", tt.name, kept)
		}
	}
}

// TestStrangeNotes has files that are no notes: they are no processes, and stay.
func TestStrangeNotes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.note": "", "b.note": "hello", "c.note": note([]string{"exit", "0"})})
	processes, err := collect(dir)
	if err != nil || len(processes) != 0 {
		t.Errorf("%+v, %v", processes, err)
	}
	if names, _ := os.ReadDir(dir); len(names) != 3 {
		t.Errorf("left %v", names)
	}
}

// TestRing joins the segments of a ring in the order of their numbers.
func TestRing(t *testing.T) {
	const header = "go 1.26 trace\x00\x00\x00"
	dir := t.TempDir()
	files := map[string]string{"x-1.note": note(begun(gone), []string{"exit", "0"})}
	want := header
	for i := 8; i < 12; i++ {
		files[fmt.Sprintf("x-1.trace.%d", i)] = header + fmt.Sprint("part", i)
		want += fmt.Sprint("part", i)
	}
	files["x-1.trace.12"] = "go 1.26" // it was killed when it had begun that
	write(t, dir, files)
	before, err := noted(dir)
	if err != nil || len(before) != 5 {
		t.Errorf("before, there are %d processes, %v", len(before), err)
	}
	processes, err := collect(dir)
	if err != nil || len(processes) != 1 || processes[0].Trace != (Trace{File: "x-1.trace", Bytes: int64(len(want)), Tail: true}) {
		t.Fatalf("%+v, %v", processes, err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "x-1.trace"))
	if err != nil || string(data) != want {
		t.Errorf("joined to %q, %v", data, err)
	}
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("left %v", names)
	}
}

// TestNamed has packages whose path looks like the ending of a trace.
func TestNamed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"my.tracer.trace-1.note": note(begun(gone), []string{"exit", "0"}), "my.tracer.trace-1.trace": "four"})
	processes, err := collect(dir)
	if err != nil || len(processes) != 1 || processes[0].Trace != (Trace{File: "my.tracer.trace-1.trace", Bytes: 4}) {
		t.Errorf("%+v, %v", processes, err)
	}
	for name, want := range map[string]bool{
		"x-1.trace": true, "x-1.trace.12": true, "my.tracer-1.trace": true, "my.trace.x-1.trace.0": true,
		"x-1.note": true, "manifest.json": true, "manifest.json.part": true,
		".trace": false, "x.traces": false, "x.trace.": false, "x.trace.a": false, "x.trace.json": false, "notes.txt": false,
	} {
		if Holds(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestPatterns(t *testing.T) {
	tests := []struct {
		pattern string
		yes, no string
	}{
		{"example.com/x", "example.com/x", "example.com/x/y example.com example.com/xy"},
		{"example.com/x/...", "example.com/x example.com/x/y/z", "example.com/xy example.com"},
		{"example.com/x...", "example.com/x example.com/xy/z", "example.com"},
		{"...", "a b/c", ""},
		{".../y", "x/y a/b/y", "y x/y/z"},
		{"a.b/c", "a.b/c", "axb/c"},
	}
	for _, tt := range tests {
		for path := range strings.FieldsSeq(tt.yes) {
			if !Matches([]string{"other", tt.pattern}, path) {
				t.Errorf("%s does not match %s", tt.pattern, path)
			}
		}
		for path := range strings.FieldsSeq(tt.no) {
			if Matches([]string{tt.pattern}, path) {
				t.Errorf("%s matches %s", tt.pattern, path)
			}
		}
	}
}

// TestEnvironment adds to what is set, and takes nothing away.
func TestEnvironment(t *testing.T) {
	c := Command{Flush: 50 * time.Millisecond, Ring: 5}
	got := c.environment([]string{"GODEBUG=a=1", "X=y", "GODEBUG=b=2"}, "/rec")
	want := []string{"TRACEKIT_DIR=/rec", "TRACEKIT_RING=5", "TRACEKIT_NOTE_ONLY=", "GODEBUG=b=2,traceadvanceperiod=50000000"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	want = []string{"TRACEKIT_DIR=/rec", "TRACEKIT_RING=0", "TRACEKIT_NOTE_ONLY=1"}
	if got := (&Command{NoTrace: true}).environment([]string{"GODEBUG=a=1"}, "/rec"); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestOverhead(t *testing.T) {
	o := overhead([]float64{1.2, 1.0, 1.1, 0.9})
	if o.Pairs != 4 || o.Low != 0.9 || o.High != 1.2 || o.Ratio != 1.05 || o.Confidence != 0.875 {
		t.Errorf("got %+v", o)
	}
	if o := overhead([]float64{1, 3, 2}); o.Ratio != 2 || o.Confidence != 0.75 {
		t.Errorf("got %+v", o)
	}
}
