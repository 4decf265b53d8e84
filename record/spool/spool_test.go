package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// open opens a spool in a folder of its own, with what the environment may say.
func open(t *testing.T, path string, env ...string) (s *Spool, dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv(SpoolDirEnv, dir)
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
	s, err := OpenSpool(path, []string{"/somewhere/prog", "-x", ""})
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

// batches returns a trace as the tracer hands it out: the header, then buffers,
// with a mark at the end of each generation.
func batches(header string, generations, perGeneration int) [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	list := [][]byte{[]byte(header + " trace\x00\x00\x00")}
	for g := 1; g <= generations; g++ {
		for i := range perGeneration {
			b := []byte{1}
			if i == 1 {
				b = []byte{0x31, 7}
			}
			b = append(b, byte(g&0x7f|0x80), byte(g>>7))
			list = append(list, append(b, bytes.Repeat([]byte{byte(g)}, r.IntN(5000))...))
		}
		list = append(list, []byte{0x34})
	}
	return list
}

// files returns the content of the files with an ending, by name.
func files(t *testing.T, dir, pattern string) (names []string, content []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	number := func(name string) int {
		n, _ := strconv.Atoi(name[strings.LastIndexByte(name, '.')+1:])
		return n
	}
	slices.SortFunc(names, func(a, b string) int { return number(a) - number(b) })
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		content = append(content, string(data))
	}
	return names, content
}

func TestOff(t *testing.T) {
	t.Setenv(SpoolDirEnv, "")
	if s, err := OpenSpool("x", nil); s != nil || err != nil {
		t.Errorf("got %v, %v", s, err)
	}
	t.Setenv(SpoolDirEnv, filepath.Join(t.TempDir(), "missing"))
	if _, err := OpenSpool("x", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error for a folder that is not there is %v", err)
	}
}

// TestWhole has all of a trace in one file. The mark at the end of a generation is
// a part of the format from Go 1.26 on, and not before.
func TestWhole(t *testing.T) {
	for _, header := range []string{"go 1.23", "go 1.25", "go 1.26", "go 1.30"} {
		s, dir := open(t, "example.com/x")
		var want string
		for _, b := range batches(header, 5, 4) {
			if n, err := s.Write(b); n != len(b) || err != nil {
				t.Fatalf("wrote %d, %v", n, err)
			}
			if len(b) > 1 || header >= "go 1.26" {
				want += string(b)
			}
		}
		names, got := files(t, dir, "*.trace")
		if len(names) != 1 || got[0] != want {
			t.Errorf("%s: %v differ from what was written", header, names)
		}
		if base := fmt.Sprintf("example.com_x-%d.trace", os.Getpid()); filepath.Base(names[0]) != base {
			t.Errorf("its name is %s, want %s", names[0], base)
		}
	}
}

// TestHeld has a trace that is cut behind the clock of a generation end before that.
func TestHeld(t *testing.T) {
	s, dir := open(t, "x")
	s.Write([]byte("go 1.26 trace\x00\x00\x00"))
	for g := byte(1); g < 4; g++ {
		s.Write([]byte{1, g, 's', 'y', 'n', 'c'})
		if g < 3 {
			s.Write([]byte{1, g, 'x'})
			s.Write([]byte{0x34})
		}
	}
	_, got := files(t, dir, "*.trace")
	if want := "go 1.26 trace\x00\x00\x00\x01\x01sync\x01\x01x4\x01\x02sync\x01\x02x4"; got[0] != want {
		t.Errorf("the trace is %q", got[0])
	}
}

// TestRing has the last generations of a trace, whole, in no more room than was
// given, but for what a generation more takes.
func TestRing(t *testing.T) {
	const ring, largest = 100_000, 4 * 5010
	s, dir := open(t, "x", SpoolRingEnv+"="+strconv.Itoa(ring))
	var whole string
	for i, b := range batches("go 1.26", 300, 4) {
		s.Write(b)
		if i == 0 {
			continue
		}
		whole += string(b)
		_, segments := files(t, dir, "*.trace.*")
		kept := ""
		for _, segment := range segments {
			header, rest := segment[:16], segment[16:]
			if !strings.HasPrefix(header, "go 1.26 trace") {
				t.Fatalf("a segment begins %q", header)
			}
			kept += rest
		}
		whole := whole[:len(whole)-len(s.held)]
		if !strings.HasSuffix(whole, kept) {
			t.Fatalf("after %d writes, what is kept is not the end of the trace", i)
		}
		if len(kept) < len(whole) && (kept[0] != 1 || strings.IndexByte(whole, kept[1]) < 0 || len(kept) < ring/2) {
			t.Fatalf("after %d writes, %d bytes are kept, and begin %q", i, len(kept), kept[:4])
		}
		if len(kept) > ring+2*largest {
			t.Fatalf("after %d writes, %d bytes are kept of %d", i, len(kept), ring)
		}
		if at := len(whole) - len(kept); at > 0 && whole[at-1] != 0x34 {
			t.Fatalf("after %d writes, what is kept begins within a generation", i)
		}
	}
}

// TestFull ends the trace when it cannot be written, and says why; the program goes
// on.
func TestFull(t *testing.T) {
	s, dir := open(t, "x")
	list := batches("go 1.26", 2, 2)
	s.Write(list[0])
	spoolClose(s.trace)
	for _, b := range list[1:] {
		if n, err := s.Write(b); n != len(b) || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
	}
	if s.Err() == nil {
		t.Error("no error is kept")
	}
	_, notes := files(t, dir, "*.note")
	n, err := ParseNote([]byte(notes[0]))
	if err != nil || len(n.Records) != 2 || n.Records[1].What != "lost" || n.Records[1].Fields[0] != s.Err().Error() {
		t.Errorf("note is %+v, %v", n, err)
	}
}

// TestNames has a name for each package, and for a process that executes another
// program under its own number.
func TestNames(t *testing.T) {
	long := strings.Repeat("x", 500)
	tests := []struct{ path, want string }{
		{"example.com/x", "example.com_x"},
		{"", "prog"},
		{"command-line-arguments", "prog"},
		{"a:b\\c\nd", "a_b_c_d"},
		{long, long[:180]},
	}
	for _, tt := range tests {
		_, dir := open(t, tt.path)
		if _, err := OpenSpool(tt.path, []string{"prog"}); err != nil {
			t.Fatal(err)
		}
		for i, suffix := range []string{"", "-2"} {
			names, _ := files(t, dir, "*.note")
			want := fmt.Sprintf("%s-%d%s.note", tt.want, os.Getpid(), suffix)
			if len(names) != 2 || !slices.Contains(names, filepath.Join(dir, want)) {
				t.Errorf("%q, opened %d times, is noted in %v, want %s", tt.path, i+1, names, want)
			}
		}
	}
}

func TestNoteOnly(t *testing.T) {
	s, dir := open(t, "x", SpoolNoteEnv+"=1")
	for _, b := range batches("go 1.26", 2, 2) {
		s.Write(b)
	}
	s.Note("exit", "0")
	if names, _ := files(t, dir, "*"); len(names) != 1 {
		t.Errorf("left %v", names)
	}
}

// TestNote reads back what was noted, with what the runtime wrote in between.
func TestNote(t *testing.T) {
	s, dir := open(t, "example.com/x")
	s.Note("outcome", "some name", "-1", "2")
	crash, ok := s.CrashFile()
	if ok {
		f := os.NewFile(crash, "crash")
		fmt.Fprint(f, "panic: on purpose\n\ngoroutine 1 [running]:\n")
		f.Close()
	}
	s.Note("exit", "")
	_, notes := files(t, dir, "*.note")
	n, err := ParseNote([]byte(notes[0]))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range n.Records {
		got = append(got, fmt.Sprint(r.What, len(r.Fields)))
		if r.Time.Year() < 2020 {
			t.Errorf("the time of %+v", r)
		}
	}
	if fmt.Sprint(got) != "[start9 outcome3 exit1]" {
		t.Errorf("records are %v", got)
	}
	if f := n.Records[0].Fields; f[0] != strconv.Itoa(os.Getpid()) || f[4] != "example.com/x" || f[6] != "/somewhere/prog" || f[8] != "" {
		t.Errorf("the start is %q", f)
	}
	if ok != strings.HasPrefix(n.Crash, "panic: on purpose\n") {
		t.Errorf("the crash is %q", n.Crash)
	}
}

func FuzzParseNote(f *testing.F) {
	f.Add([]byte("\x00tracekit\x00start\x00123\x002\x00a\x00b\x00panic: x\n\x00tracekit\x00exit\x005\x001\x000\x00"))
	f.Add([]byte("\x00tracekit\x00start\x00123\x00999999999999\x00a\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := ParseNote(data)
		if err != nil {
			return
		}
		size := len(n.Crash)
		for _, r := range n.Records {
			for _, field := range r.Fields {
				size += len(field)
			}
		}
		if size > len(data) {
			t.Errorf("%d bytes came of %d", size, len(data))
		}
	})
}
