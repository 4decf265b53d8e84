//go:build unix

package record

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/exp/trace"
)

// The programs that these tests record are those of testdata/programs/endings,
// named in every way that a go command knows.

// flush is the length of a generation in these tests.
const flush = 50 * time.Millisecond

// place is a folder with the sources of a program, and how to run it there.
type place struct {
	name string
	dir  string
	args []string // the program's own argument follows
	path string   // of the package, as the recording is to have it
}

// sources returns the program's files by name.
func sources(t *testing.T) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for _, name := range []string{"main.go", "flight.go", "old.go"} {
		data, err := os.ReadFile(filepath.Join("../testdata/programs/endings", name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(data)
	}
	return files
}

// in returns files in a folder of that slashed name.
func in(dir string, files map[string]string) map[string]string {
	moved := make(map[string]string)
	for name, text := range files {
		moved[path.Join(dir, name)] = text
	}
	return moved
}

// with returns files and one more.
func with(files map[string]string, name, text string) map[string]string {
	files = in(".", files)
	files[name] = text
	return files
}

// module is a go.mod that every Go tried here can build.
const module = "module example.com/endings\n\ngo 1.23\n"

// inModule is the program as the only package of a module.
func inModule(t *testing.T) place {
	dir := write(t, t.TempDir(), with(sources(t), "go.mod", module))
	return place{"module", dir, []string{"go", "run", "."}, "example.com/endings"}
}

// ending is what comes of a run.
type ending struct {
	exit   Exit
	output []string // its lines, without what varies from run to run
	ticks  int      // the last one printed
}

// varies is what differs in what Go prints of crashes, and where go run puts the
// program.
var varies = regexp.MustCompile(`0x[0-9a-f]+|\+0x|goroutine \d+|^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d|pc=\S+`)

// endingOf reads what a command printed. Of a crash, its first line is looked at:
// what goroutines there are is another thing with a tracer.
func endingOf(exit Exit, out string) ending {
	e := ending{exit: exit}
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if n, ok := strings.CutPrefix(line, "tick "); ok {
			e.ticks, _ = strconv.Atoi(n)
			continue
		}
		if strings.HasPrefix(line, "goroutine ") || strings.HasPrefix(line, "[signal ") || strings.HasPrefix(line, "SIGQUIT") || strings.HasPrefix(line, "fatal error: ") {
			e.output = append(e.output, varies.ReplaceAllString(strings.Fields(line)[0], "…"))
			break
		}
		if line != "" && !strings.HasPrefix(line, "go: downloading ") {
			e.output = append(e.output, varies.ReplaceAllString(line, "…"))
		}
	}
	return e
}

// plain runs a command without tracekit.
func plain(t *testing.T, p place, arg string) ending {
	t.Helper()
	cmd := exec.Command(p.args[0], append(p.args[1:], arg)...)
	cmd.Dir = p.dir
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return endingOf(exitOf(cmd.ProcessState), string(out))
}

// recorded runs a command with tracekit.
func recordedAt(t *testing.T, p place, arg string, deep bool) (*Manifest, string, ending) {
	t.Helper()
	t.Chdir(p.dir)
	dir := t.TempDir()
	var out bytes.Buffer
	m, err := Run(t.Context(), Command{
		Args: append(slices.Clone(p.args), arg), Inject: true, Deep: deep, Flush: flush,
		Stdout: &out, Stderr: &out,
	}, dir)
	if err != nil {
		t.Fatal(err)
	}
	return m, dir, endingOf(m.Exit, out.String())
}

// lastTick returns the number of the last tick in a trace, and how its reading
// ended.
func lastTick(t *testing.T, name string) (last int, err error) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := trace.NewReader(f)
	if err != nil {
		return 0, err
	}
	for {
		ev, err := r.ReadEvent()
		if err == io.EOF {
			return last, nil
		}
		if err != nil {
			return last, err
		}
		if ev.Kind() == trace.EventLog && ev.Log().Category == "tick" {
			last, _ = strconv.Atoi(ev.Log().Message)
		}
	}
}

// endOfGeneration is the last byte of a whole trace, from Go 1.26 on.
const endOfGeneration = 0x34

func lastByte(t *testing.T, name string) byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) == 0 {
		return 0
	}
	return data[len(data)-1]
}

// check compares a recorded run with a plain one, and the trace with what the
// program printed: the end of it must be there, but where lossy allows for the
// generation that was being written.
func check(t *testing.T, p place, arg string, deep, lossy bool) Process {
	t.Helper()
	want := plain(t, p, arg)
	m, dir, got := recordedAt(t, p, arg, deep)
	if got.exit != want.exit || !slices.Equal(got.output, want.output) {
		t.Errorf("it ended\n%+v\nwithout tracekit\n%+v", got, want)
	}
	if len(m.Processes) != 1 {
		t.Fatalf("%d processes were recorded: %+v; it ended %+v, without tracekit %+v", len(m.Processes), m.Processes, got, want)
	}
	process := m.Processes[0]
	if process.Path != p.path || process.Lost != "" {
		t.Errorf("process is %+v, want path %q", process, p.path)
	}
	last, err := lastTick(t, filepath.Join(dir, process.Trace.File))
	if err != nil && !lossy {
		t.Errorf("the trace is torn: %v", err)
	}
	if end := lastByte(t, filepath.Join(dir, process.Trace.File)); !lossy && process.GoVersion >= "go1.26" && end != endOfGeneration {
		t.Errorf("the trace ends with %#x, and with no generation", end)
	}
	switch {
	case arg == "blocked":
	case got.ticks == 0 || last == 0:
		t.Errorf("%d ticks were printed, the last one traced is %d", got.ticks, last)
	case last != got.ticks && !lossy:
		t.Errorf("the trace ends with tick %d of %d", last, got.ticks)
	case last < got.ticks/2: // with generations of a tenth of the run, that is far more than two
		t.Errorf("the trace ends with tick %d of %d", last, got.ticks)
	}
	return process
}

// How processes end by their own word, for each ending.
var words = []struct {
	arg   string
	ended Ending
	code  int // of the process, -1 for none
	lossy bool
}{
	{"return", EndedByExit, 0, false},
	{"exit0", EndedByExit, 0, false},
	{"exit3", EndedByExit, 3, false},
	{"fatal", EndedByExit, 1, false},
	{"panic", EndedByPanic, 2, false},
	{"nil", EndedByPanic, 2, false},
	{"panic-g", EndedByPanic, 2, false},
	{"INT", EndedBySignal, -1, false},
	{"TERM", EndedBySignal, -1, false},
	{"HUP", EndedBySignal, -1, false},
	{"QUIT", EndedBySignal, 2, false},
	{"handled", EndedByExit, 0, false},
	{"ignored", EndedByExit, 0, false},
	{"stopped", EndedBySignal, -1, false},
	{"reset", EndedBySignal, -1, false},
	{"own", EndedByExit, 0, false},
	{"flight", EndedByExit, 0, false},
	{"blocked", EndedByExit, 4, true}, // nobody reads the trace on
	{"throw", EndedByFatal, 2, true},
	{"KILL", EndedUnknown, -1, true},
	{"syscall.Exit", EndedUnknown, -1, true},
}

// TestTwoEndings has a program exit and get a signal at once: whichever ends it, the
// trace is whole.
func TestTwoEndings(t *testing.T) {
	p := inModule(t)
	for range 10 {
		m, dir, got := recordedAt(t, p, "both", false)
		if len(m.Processes) != 1 || m.Exit.Code != 1 {
			t.Fatalf("processes are %+v; it ended %+v", m.Processes, got)
		}
		file := filepath.Join(dir, m.Processes[0].Trace.File)
		if last, err := lastTick(t, file); last != got.ticks || err != nil || lastByte(t, file) != endOfGeneration && m.Processes[0].GoVersion >= "go1.26" {
			t.Errorf("the trace ends with tick %d of %d, %v", last, got.ticks, err)
		}
	}
}

// TestEndings records each way in which a program can end.
func TestEndings(t *testing.T) {
	p := inModule(t)
	for _, tt := range words {
		t.Run(tt.arg, func(t *testing.T) {
			process := check(t, p, tt.arg, false, tt.lossy)
			if process.Ended != tt.ended || process.Exit.Code != tt.code {
				t.Errorf("the process ended by %s with %+v, want %s with %d", process.Ended, process.Exit, tt.ended, tt.code)
			}
		})
	}
}
