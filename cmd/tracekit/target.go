package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"tracekit/record"
)

// target is a command that is to be recorded.
type target struct {
	args    []string // as it is run
	notices []string // what the user should know before
	traced  string   // the trace that a test binary was told to write; empty: none
	binary  *record.Binary
}

// uncovered are builders that the injection does not reach, with the reason.
var uncovered = map[string]string{
	"bazel":    "Bazel builds by rules of its own, which Go's flags do not reach",
	"bazelisk": "Bazel builds by rules of its own, which Go's flags do not reach",
	"tinygo":   "TinyGo has a runtime of its own, without the execution tracer",
	"gccgo":    "gccgo has a runtime of its own, without the execution tracer",
	"gopherjs": "GopherJS has a runtime of its own, without the execution tracer",
	"docker":   "what a container runs is out of reach from here",
	"podman":   "what a container runs is out of reach from here",
}

// hookHint is what always works.
const hookHint = `import _ "tracekit/record/hook" in the program`

// chooseTarget finds out what a command is, and refuses one of which is known that
// it would be run for nothing.
func chooseTarget(args []string) (target, error) {
	t := target{args: args}
	name := commandName(args)
	if why, ok := uncovered[name]; ok {
		return t, hint(fmt.Errorf("record %s: %s", name, why), "%s", hookHint)
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		return t, commandError(args[0], err)
	}
	if name == "go" {
		return t, nil
	}
	t.binary, err = record.ReadBinary(path)
	switch {
	case err != nil: // not Go's: a shell, make, a script
		t.binary = nil
		return t, nil
	case t.binary.Hooked:
		return t, nil
	case t.binary.Test:
		return t.traceTest(), nil
	case t.binary.Path == "cmd/go", strings.HasPrefix(t.binary.Path, "golang.org/dl/"):
		return t, nil
	case t.binary.Starts:
		t.notices = append(t.notices, fmt.Sprintf("%s is not recorded itself, for it was built without tracekit's hook; what it builds and runs is. To record it: %s",
			args[0], rebuild(t.binary, args[1:])))
		return t, nil
	}
	return t, hint(fmt.Errorf("record %s: it was built without tracekit's hook, and a trace cannot be had of a program that is built already", args[0]),
		"%s", rebuild(t.binary, args[1:]))
}

func commandError(name string, err error) error {
	var e *exec.Error
	if errors.As(err, &e) {
		err = e.Err
	}
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		err = errors.New("there is no such command")
	}
	return fmt.Errorf("record %s: %w", name, err)
}

// rebuild is the command that records the program of a binary.
func rebuild(b *record.Binary, args []string) string {
	pkg := b.Path
	where := ""
	switch {
	case b.Version != "":
		pkg += "@" + b.Version
	case b.Module != "":
		where = "   (in the source of module " + b.Module + ")"
	}
	return joinWords(append([]string{"tracekit", "record", "--", "go", "run", pkg}, args...)) + where
}

// traceTest has a test binary write its trace by its own means.
func (t target) traceTest() target {
	t.traced = filepath.Base(t.binary.Path) + ".trace"
	t.notices = append(t.notices, "the test binary was built without tracekit's hook: its trace is that of -test.trace, from the first test to the last")
	return t
}

// in returns the arguments for a recording in a folder.
func (t target) in(dir string) []string {
	if t.traced == "" {
		return t.args
	}
	args := []string{t.args[0], "-test.trace=" + filepath.Join(dir, t.traced)}
	return append(args, t.args[1:]...)
}

// claim adds the process of a test binary that traced itself to the manifest.
func (t target) claim(m *record.Manifest, dir string) {
	if t.traced == "" {
		return
	}
	info, err := os.Stat(filepath.Join(dir, t.traced))
	if err != nil {
		return
	}
	end := m.Start.Add(time.Duration(m.WallNS))
	p := record.Process{
		Path: t.binary.Path, Args: t.args, Start: m.Start, End: &end,
		Ended: record.EndedByExit, Exit: m.Exit,
		Trace: record.Trace{File: t.traced, Bytes: info.Size()},
	}
	if m.Exit.Signal != "" {
		p.Ended = record.EndedBySignal
	}
	m.Processes = append([]record.Process{p}, m.Processes...)
}

// noTrace says why nothing was recorded, as far as can be told, and what to type
// instead.
func noTrace(m *record.Manifest, args []string, deep bool) error {
	err := fmt.Errorf("record %s: %s", joinWords(args), whyNoTrace(m, args))
	p := &problem{err: err, hint: noTraceHint(m, args, deep), code: exitFailed}
	if status := m.Exit.Status(); status != 0 {
		p.code = status
	}
	return p
}

func whyNoTrace(m *record.Manifest, args []string) string {
	name := commandName(args)
	switch {
	case m.Interrupted:
		return fmt.Sprintf("it was interrupted before a Go program ran that could be recorded (%s)", m.Exit.Text)
	case m.TimedOut:
		return "--timeout ended it before a Go program ran that could be recorded"
	case m.Exit.Code != 0:
		return fmt.Sprintf("it ended with %s before a Go program ran that could be recorded", m.Exit.Text)
	case name == "go" && len(args) > 1 && !runsPrograms(args[1]):
		return fmt.Sprintf("go %s runs no program", args[1])
	case name == "go" && len(args) > 1 && args[1] == "test":
		return "no test binary was run"
	}
	return "no Go program that it ran was one that it had built"
}

func commandName(args []string) string { return strings.TrimSuffix(filepath.Base(args[0]), ".exe") }

// runsPrograms reports whether a verb of the go command runs what it builds.
func runsPrograms(verb string) bool {
	return verb == "run" || verb == "test" || verb == "tool" || verb == "generate" || strings.HasPrefix(verb, "-")
}

func noTraceHint(m *record.Manifest, args []string, deep bool) string {
	name := commandName(args)
	switch {
	case m.Interrupted || m.TimedOut:
		return ""
	case m.Exit.Code != 0 && name == "go": // which has said why
		return ""
	case name == "go" && len(args) > 1 && !runsPrograms(args[1]):
		return "tracekit record -- go run PACKAGE   (or record the command that runs what was built)"
	case !deep:
		return "--deep reaches programs of other modules, too; for what was built before, or by a script that sets GOFLAGS, or by another go than that of PATH: " + hookHint
	}
	return "for what was built before, or by a script that sets GOFLAGS, or by another go than that of PATH: " + hookHint
}
