package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tracekit/record/spool"
)

// Process is one process of a recording.
type Process struct {
	Run        int        `json:"run"`  // index into Manifest.Runs, where there are several
	Path       string     `json:"path"` // of its package: "example.com/x", "example.com/x.test" for its tests
	Args       []string   `json:"args"` // its name first
	Dir        string     `json:"dir"`  // that it was started in
	PID        int        `json:"pid"`
	ParentPID  int        `json:"parent_pid"`
	GoVersion  string     `json:"go_version"` // that it was built with
	GOMAXPROCS int        `json:"gomaxprocs"` // at its start
	Start      time.Time  `json:"start"`      // of the recording in it
	End        *time.Time `json:"end"`        // null when it is not known
	Ended      Ending     `json:"ended"`
	// Exit is what is known of it. After a panic and a fatal error it is taken to be
	// what the runtime exits with unless GOTRACEBACK is crash.
	Exit    Exit     `json:"exit"`
	Lost    string   `json:"lost"`    // why the rest of the trace could not be written; empty: it was
	Outcome *Outcome `json:"outcome"` // null when the program stated none
	Trace   Trace    `json:"trace"`

	base string               // what the names of its files begin with, with the folder
	got  map[string]time.Time // when each signal came last, by its number
}

// Ending is a way in which a process ends.
type Ending string

// The ways. Nothing of the trace is lost but for fatal and unknown, where it is the
// generation that was being written. Of one that still runs, the trace goes on.
const (
	EndedByExit   Ending = "exit"   // it returned from main, or called os.Exit
	EndedBySignal Ending = "signal" // one that Go programs can catch
	EndedByPanic  Ending = "panic"
	EndedByFatal  Ending = "fatal"   // an error of the runtime: deadlock, concurrent map writes, out of memory
	EndedUnknown  Ending = "unknown" // it was killed, or ended past the runtime, as by syscall.Exit
	EndedNot      Ending = "running" // when the recording ended
)

// Outcome is what a program says of its result: a number that it got, and the
// one that it should have got.
type Outcome struct {
	Name string `json:"name"`
	Got  int64  `json:"got"`
	Want int64  `json:"want"`
}

// collect returns the processes that left their notes in a folder, by their start,
// and takes the notes away. Rings are joined to one trace.
func collect(dir string) ([]Process, error) {
	processes, err := noted(dir)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool)
	joined := []Process{}
	for _, p := range processes {
		if seen[p.base] {
			continue // another segment of a ring
		}
		seen[p.base] = true
		if p.Ended != EndedNot {
			tail := p.Trace.Tail
			if err := errors.Join(joinRing(p.base), os.Remove(p.base+".note")); err != nil {
				return nil, err
			}
			p.Trace = traceAt(p.base + ".trace")
			p.Trace.Tail = tail
		}
		joined = append(joined, p)
	}
	return joined, nil
}

// noted returns the processes that left their notes in a folder, by their start:
// of a ring, one for each segment.
func noted(dir string) ([]Process, error) {
	notes, err := filepath.Glob(filepath.Join(quoteGlob(dir), "*.note"))
	if err != nil {
		return nil, err
	}
	processes := []Process{}
	for _, name := range notes {
		p, err := processOf(name)
		if err != nil {
			continue // it ended before it could say who it is
		}
		segments, err := segmentsOf(p.base)
		if err != nil {
			return nil, err
		}
		tail := len(segments) > 0 && segmentNumber(segments[0]) > 0
		if len(segments) == 0 {
			segments = []string{p.base + ".trace"}
		}
		for _, s := range segments {
			p.Trace = traceAt(s)
			p.Trace.Tail = tail
			processes = append(processes, *p)
		}
	}
	slices.SortStableFunc(processes, func(a, b Process) int { return a.Start.Compare(b.Start) })
	return processes, nil
}

// Holds reports whether a file of that name is a part of a recording that is a
// folder. The path of a package may have ".trace" in it, too.
func Holds(name string) bool {
	if name == manifestFile || name == manifestFile+".part" || strings.HasSuffix(name, ".note") {
		return true
	}
	i := strings.LastIndex(name, ".trace")
	if i <= 0 {
		return false
	}
	number, segment := strings.CutPrefix(name[i+len(".trace"):], ".")
	_, err := strconv.Atoi(number)
	return segment && err == nil || !segment && number == ""
}

// traceAt returns the trace in a file, which may not be there.
func traceAt(name string) Trace {
	t := Trace{File: filepath.Base(name)}
	if info, err := os.Stat(name); err == nil {
		t.Bytes = info.Size()
	}
	return t
}

// quoteGlob returns a pattern that matches a name as it is.
func quoteGlob(name string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}

// processOf reads a note.
func processOf(name string) (*Process, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	note, err := spool.ParseNote(data)
	if err != nil {
		return nil, err
	}
	p := &Process{
		Ended: EndedUnknown, Exit: unknownExit,
		base: strings.TrimSuffix(name, ".note"), got: make(map[string]time.Time),
	}
	for _, r := range note.Records {
		p.learn(r)
	}
	if p.PID == 0 {
		return nil, errors.New("the note has no beginning")
	}
	switch {
	case p.End != nil:
	case note.Crash != "":
		p.Ended, p.Exit = EndedByFatal, Exit{Code: 2, Text: "exit status 2"}
		if strings.HasPrefix(note.Crash, "panic: ") {
			p.Ended = EndedByPanic
		}
		if info, err := os.Stat(name); err == nil { // the last thing that it wrote
			end := info.ModTime()
			p.End = &end
		}
	case alive(p.PID, name):
		p.Ended, p.Exit.Text = EndedNot, "still running"
	}
	return p, nil
}

// unknownExit is for processes whose parent was not tracekit.
var unknownExit = Exit{Code: -1, Text: "an unknown exit status"}

// learn takes over what a record says.
func (p *Process) learn(r spool.Record) {
	switch f := r.Fields; {
	case r.What == "start" && len(f) >= 6:
		p.PID, _ = strconv.Atoi(f[0])
		p.ParentPID, _ = strconv.Atoi(f[1])
		p.GoVersion = f[2]
		p.GOMAXPROCS, _ = strconv.Atoi(f[3])
		p.Path, p.Dir, p.Args = f[4], f[5], f[6:]
		p.Start = r.Time
	case r.What == "exit" && len(f) == 1:
		p.End, p.Ended = &r.Time, EndedByExit
		if code, err := strconv.Atoi(f[0]); err == nil {
			p.Exit = Exit{Code: code, Text: fmt.Sprintf("exit status %d", code)}
		}
	case r.What == "stop":
		p.End, p.Ended = &r.Time, EndedByExit
	case r.What == "got" && len(f) == 1:
		p.got[f[0]] = r.Time
	case r.What == "signal" && len(f) == 1:
		n, _ := strconv.Atoi(f[0])
		sig := syscall.Signal(n).String()
		p.End, p.Ended = &r.Time, EndedBySignal
		p.Exit = Exit{Code: -1, Signal: sig, Text: "signal: " + sig}
		if n == int(syscall.SIGQUIT) { // the runtime prints its stacks and exits
			p.Exit = Exit{Code: 2, Signal: sig, Text: "exit status 2"}
		}
	case r.What == "lost" && len(f) == 1:
		p.Lost = f[0]
	case r.What == "outcome" && len(f) == 3:
		got, _ := strconv.ParseInt(f[1], 10, 64)
		want, _ := strconv.ParseInt(f[2], 10, 64)
		p.Outcome = &Outcome{f[0], got, want}
	}
}

// alive reports whether the process of a note runs. Where the system tells, that is
// so when it has the note open: its number alone may be another's by now.
func alive(pid int, note string) bool {
	if real, err := filepath.EvalSymlinks(note); err == nil {
		note = real
	}
	fds := fmt.Sprintf("/proc/%d/fd", pid)
	if entries, err := os.ReadDir(fds); err == nil {
		return slices.ContainsFunc(entries, func(e os.DirEntry) bool {
			file, err := os.Readlink(filepath.Join(fds, e.Name()))
			return err == nil && file == note
		})
	}
	p, err := os.FindProcess(pid)
	return err == nil && p.Signal(syscall.Signal(0)) == nil
}

// segmentsOf returns the files of a ring, the oldest first.
func segmentsOf(base string) ([]string, error) {
	segments, err := filepath.Glob(quoteGlob(base) + ".trace.*")
	slices.SortFunc(segments, func(a, b string) int { return segmentNumber(a) - segmentNumber(b) })
	return segments, err
}

func segmentNumber(name string) int {
	n, _ := strconv.Atoi(name[strings.LastIndexByte(name, '.')+1:])
	return n
}

// joinRing makes one trace of the segments of a ring: the header once, and what
// follows it in each. A segment is removed when it is joined, so that the disk
// holds hardly more than the ring; if that is broken off, what is left is a trace
// and segments.
func joinRing(base string) error {
	segments, err := segmentsOf(base)
	if err != nil || len(segments) == 0 {
		return err
	}
	if err := os.Rename(segments[0], base+".trace"); err != nil {
		return err
	}
	out, err := os.OpenFile(base+".trace", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer out.Close()
	for _, name := range segments[1:] {
		if err := appendSegment(out, name); err != nil {
			return err
		}
	}
	return out.Close()
}

func appendSegment(out io.Writer, name string) error {
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	header := make([]byte, 16)
	if _, err := io.ReadFull(in, header); err == nil && bytes.HasPrefix(header, []byte("go 1.")) {
		if _, err := io.Copy(out, in); err != nil {
			return err
		}
	}
	return os.Remove(name)
}
