//go:build unix

package record

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The module whose tests are recorded. Of its packages, a has two tests and a
// benchmark and fails when it is asked to, b has a TestMain that exits by itself
// and a test that executes its binary again, f a fuzz target, none has no test.
var tested = map[string]string{
	"go.mod":         "module example.com/m\n\ngo 1.23\n",
	"none/none.go":   "package none\n",
	"cmd/main.go":    "package main\n\nfunc main() {}\n",
	"tick/tick.go":   tick,
	"a/a_test.go":    testA,
	"b/b_test.go":    testB,
	"f/fuzz_test.go": testF,
}

const tick = `// Package tick leaves ticks in the trace.
package tick

import (
	"context"
	"fmt"
	"runtime/trace"
)

// Tick leaves the tick of a number.
func Tick(n int) {
	trace.Log(context.Background(), "tick", fmt.Sprint(n))
}
`

const testA = `package a

import (
	"os"
	"testing"

	"example.com/m/tick"
)

func TestOne(t *testing.T) { tick.Tick(1) }

func TestTwo(t *testing.T) {
	tick.Tick(2)
	switch os.Getenv("WAY") {
	case "fail":
		t.Fatal("on purpose")
	case "panic":
		panic("on purpose")
	case "exit":
		os.Exit(7)
	}
}

func BenchmarkX(b *testing.B) {
	for i := 0; i < b.N; i++ {
		tick.Tick(3)
	}
}
`

const testB = `package b

import (
	"os"
	"os/exec"
	"testing"

	"example.com/m/tick"
)

func TestMain(m *testing.M) {
	if os.Getenv("CHILD") != "" {
		tick.Tick(4)
		os.Exit(0)
	}
	code := m.Run()
	tick.Tick(5)
	os.Exit(code)
}

func TestAgain(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CHILD=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
`

const testF = `package f

import (
	"testing"

	"example.com/m/tick"
)

func FuzzX(f *testing.F) {
	f.Add("x")
	f.Fuzz(func(t *testing.T, s string) { tick.Tick(6) })
}
`

// TestGoTest records tests in the ways in which they are run: a process for each
// test binary, with the same result as without tracekit, and the last tick of each
// in its trace.
func TestGoTest(t *testing.T) {
	if testing.Short() {
		t.Skip("builds many programs, in processes of their own")
	}
	dir := write(t, t.TempDir(), tested)
	tests := []struct {
		args  string
		way   string
		ticks string // the last tick of each process, by its package, sorted
	}{
		{"./a", "", "a:2"},
		{"./...", "", "a:2 b:4 b:5 f:6"},
		{"-run TestOne ./a ./b", "", "a:1 b:5"},
		{"-count=2 -v ./a", "", "a:2"},
		{"-bench . -benchtime 10x ./a", "", "a:3"},
		{"-race ./b", "", "b:4 b:5"},
		{"-cover ./...", "", "a:2 b:4 b:5 f:6"},
		{"./a -args -overlay x -compiler gccgo", "", "a:0"}, // of which it knows none
		{"-json ./a", "", "a:2"},
		{"-trace own.trace ./a", "", "a:2"},
		{"./...", "fail", "a:2 b:4 b:5 f:6"},
		{"./a", "panic", "a:2"},
		{"./a", "exit", "a:2"},
		{"-fuzz . -fuzztime 50x -parallel 1 ./f", "", "f:0 f:6"}, // the one that hands out the work, and its worker
	}
	for _, tt := range tests {
		t.Run(tt.args+" "+tt.way, func(t *testing.T) {
			t.Setenv("WAY", tt.way)
			args := append([]string{"go", "test"}, strings.Fields(tt.args)...)
			p := place{dir: dir, args: args[:len(args)-1]}
			last := args[len(args)-1]
			if strings.Contains(tt.args, "-race") {
				withC(t)
			}
			want := plain(t, p, last)
			m, recording, got := recordedAt(t, p, last, false)
			if got.exit != want.exit {
				t.Errorf("it ended with %+v, without tracekit %+v; it printed %q", got.exit, want.exit, got.output)
			}
			var ticks []string
			for _, process := range m.Processes {
				tick, err := lastTick(t, filepath.Join(recording, process.Trace.File))
				if err != nil {
					t.Errorf("%s: %v", process.Path, err)
				}
				name := strings.TrimSuffix(strings.TrimPrefix(process.Path, "example.com/m/"), ".test")
				ticks = append(ticks, fmt.Sprintf("%s:%d", name, tick))
			}
			slices.Sort(ticks)
			if got := strings.Join(ticks, " "); got != tt.ticks {
				t.Errorf("last ticks are %s, want %s", got, tt.ticks)
			}
		})
	}
}
