// Package spool is what a program under record writes into its recording: its
// trace, whole or as a ring of its last generations, and a note that says who
// the program is and how it ended.
//
// The way of the data: the program's tracer hands each of its buffers to
// [Spool.Write], which puts it into the file <name>-<pid>.trace of the folder
// that the environment names. What happens to the process goes, record by
// record, to <name>-<pid>.note beside it; [ParseNote] reads that when the process
// is gone. Both are files and never pipes, for a reader that stalls would hold up
// the program; both are open on a high descriptor, out of the way of programs
// that close the ones that they know.
//
// The same source serves twice: package hook imports it, and package inject
// copies it into packages of the standard library, below which there is nothing
// but syscall. Hence its imports, and names that collide with none there.
//
// What it cannot know: the end of a process that is killed, or that ends without
// Go's runtime having a say.
package spool

import (
	"runtime"
	"syscall"
)

// The environment by which a recorder talks to the programs that it records.
const (
	// SpoolDirEnv names the folder of the recording. Nothing is recorded without.
	SpoolDirEnv = "TRACEKIT_DIR"
	// SpoolRingEnv is the most bytes of trace to keep of each process; the oldest
	// are given up. Unset or 0: all are kept.
	SpoolRingEnv = "TRACEKIT_RING"
	// SpoolNoteEnv, set to anything, has processes leave their note and no trace.
	SpoolNoteEnv = "TRACEKIT_NOTE_ONLY"
)

// spoolSegments is how many files a ring consists of at least: so much of it
// goes at once when it is full.
const spoolSegments = 8

// Spool takes the trace of this process. One goroutine writes to it.
type Spool struct {
	NoteOnly bool // no trace is asked for

	base  string // the files' path without its ending
	trace spoolFile
	note  spoolFile

	header     [16]byte // of the trace
	marksEnds  bool     // of generations, by a byte of its own: Go 1.26 and later
	generation uint64   // the one being written, 0 before the first
	held       []byte   // its first buffer, if that is a small one
	written    int      // 0: the header is still to come

	err error // that ended the trace

	ring  int64   // the most bytes to keep; 0: all
	first int     // number of the oldest segment
	sizes []int64 // of the segments, oldest first
}

// OpenSpool opens the files of this process, whose package is path and whose
// arguments are args, if the environment asks for a recording; else it returns
// nil. The error is for a folder that cannot be written to.
func OpenSpool(path string, args []string) (*Spool, error) {
	dir, ok := syscall.Getenv(SpoolDirEnv)
	if !ok || dir == "" {
		return nil, nil
	}
	s := &Spool{trace: spoolNone, note: spoolNone}
	if v, ok := syscall.Getenv(SpoolRingEnv); ok {
		s.ring = spoolParse(v)
	}
	if v, ok := syscall.Getenv(SpoolNoteEnv); ok && v != "" {
		s.NoteOnly = true
	}
	name := path
	if (name == "" || name == "command-line-arguments") && len(args) > 0 { // go run x.go
		name = spoolBase(args[0])
	}
	if err := s.claim(dir + "/" + spoolName(name) + "-" + spoolItoa(int64(syscall.Getpid()))); err != nil {
		return nil, err
	}
	if !s.NoteOnly {
		if err := s.open(); err != nil {
			return nil, err
		}
	}
	s.start(path, args)
	return s, nil
}

// claim creates the note under the first name that is free: a process that
// executes another program keeps its number.
func (s *Spool) claim(base string) (err error) {
	for n := int64(1); n < 1000; n++ {
		s.base = base
		if n > 1 {
			s.base += "-" + spoolItoa(n)
		}
		s.note, err = spoolCreate(s.base + ".note")
		if err == nil || err != syscall.EEXIST {
			break
		}
	}
	return err
}

// start notes who the process is.
func (s *Spool) start(path string, args []string) {
	dir, _ := syscall.Getwd()
	fields := append([]string{path, dir}, args...)
	s.Note("start", append([]string{
		spoolItoa(int64(syscall.Getpid())), spoolItoa(int64(syscall.Getppid())),
		runtime.Version(), spoolItoa(int64(runtime.GOMAXPROCS(0))),
	}, fields...)...)
}

// Note adds a record to the note: what happened, now, and what there is to say
// of it.
func (s *Spool) Note(what string, fields ...string) {
	var tv syscall.Timeval
	syscall.Gettimeofday(&tv)
	n := int64(tv.Sec)*1e9 + int64(tv.Usec)*1e3
	record := spoolRecord + what + "\x00" + spoolItoa(n) + "\x00" + spoolItoa(int64(len(fields))) + "\x00"
	for _, f := range fields {
		record += f + "\x00"
	}
	spoolWrite(s.note, []byte(record))
}

// spoolRecord begins each record of a note; what is between records is the
// runtime's word on a crash.
const spoolRecord = "\x00tracekit\x00"

// CrashFile returns the descriptor of the note, for the runtime to write to when
// the program crashes: a duplicate, which may be closed.
func (s *Spool) CrashFile() (fd uintptr, ok bool) { return spoolDup(s.note) }

// Write implements io.Writer for the tracer, whose buffers are whole batches of
// one generation each. It does not fail: when the disk is full the trace ends,
// and the program goes on.
func (s *Spool) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	switch {
	case s.written < len(s.header):
		n := copy(s.header[s.written:], p)
		s.written += n
		if s.written == len(s.header) {
			s.marksEnds = string(s.header[:7]) >= "go 1.26"
		}
		s.put(p)
	case len(p) == 1 && !s.marksEnds: // the tracer tells its own readers only
	case s.enters(spoolGeneration(p)) && len(p) < spoolSmall:
		s.held = append(s.held, p...)
	default:
		s.put(s.held)
		s.held = s.held[:0]
		s.put(p)
	}
	return len(p), nil
}

// spoolSmall is more than the clock has that each generation begins with. It is
// written with what follows: a process that ends between the two, as by a panic,
// ends its trace with a whole generation.
const spoolSmall = 256

// enters notes that a generation begins, 0 for none, and has a ring move on.
func (s *Spool) enters(generation uint64) bool {
	if generation == 0 || generation == s.generation {
		return false
	}
	s.put(s.held)
	s.held = s.held[:0]
	before := s.generation
	s.generation = generation
	if before != 0 && s.ring > 0 && s.sizes[len(s.sizes)-1] >= s.ring/spoolSegments {
		s.rotate()
	}
	return true
}

// rotate begins a segment and gives up the oldest that there is no room for. Where
// none can be begun, the trace goes on in the old one.
func (s *Spool) rotate() {
	old := s.trace
	if err := s.open(); err != nil {
		s.trace, s.sizes = old, s.sizes[:len(s.sizes)-1]
		return
	}
	spoolClose(old)
	total := s.ring / spoolSegments // what the new one will have
	for _, n := range s.sizes {
		total += n
	}
	for len(s.sizes) > 1 && total > s.ring {
		spoolRemove(s.segment(s.first))
		total -= s.sizes[0]
		s.sizes = s.sizes[1:]
		s.first++
	}
	s.put(s.header[:])
}

// open creates the file that the trace goes to next.
func (s *Spool) open() (err error) {
	name := s.base + ".trace"
	if s.ring > 0 {
		name = s.segment(s.first + len(s.sizes))
		s.sizes = append(s.sizes, 0)
	}
	s.trace, err = spoolCreate(name)
	return err
}

func (s *Spool) segment(n int) string { return s.base + ".trace." + spoolItoa(int64(n)) }

func (s *Spool) put(p []byte) {
	if len(p) == 0 || s.trace == spoolNone {
		return
	}
	if err := spoolWrite(s.trace, p); err != nil {
		s.fail(err)
	}
	if s.ring > 0 {
		s.sizes[len(s.sizes)-1] += int64(len(p))
	}
}

// fail ends the trace, with a word on why.
func (s *Spool) fail(err error) {
	spoolClose(s.trace)
	s.trace = spoolNone
	s.err = err
	s.Note("lost", err.Error())
}

// Err returns the error of writing that ended the trace early, nil for none. It
// is for when the tracer has stopped.
func (s *Spool) Err() error { return s.err }

// spoolGeneration returns the generation of a buffer of the tracer, 0 for none:
// batches begin 1 generation, experimental ones 0x31 experiment generation.
func spoolGeneration(p []byte) (generation uint64) {
	switch {
	case len(p) > 1 && p[0] == 1:
		p = p[1:]
	case len(p) > 2 && p[0] == 0x31:
		p = p[2:]
	default:
		return 0
	}
	for i, b := range p {
		if i == 10 {
			break
		}
		generation |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			return generation
		}
	}
	return 0
}

// spoolBase returns the last element of a file's path.
func spoolBase(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' || path[i] == '\\' {
			return path[i+1:]
		}
	}
	return path
}

// spoolName makes the name of a file out of the path of a package: of its end,
// when it is too long for a file.
func spoolName(path string) string {
	const longest = 180
	b := []byte(path)
	if len(b) > longest {
		b = b[len(b)-longest:]
	}
	for i, c := range b {
		if c == '/' || c == '\\' || c < ' ' || c == ':' {
			b[i] = '_'
		}
	}
	if len(b) == 0 {
		return "unknown"
	}
	return string(b)
}

func spoolItoa(n int64) string {
	if n < 0 {
		return "-" + spoolItoa(-n)
	}
	if n < 10 {
		return string('0' + byte(n))
	}
	return spoolItoa(n/10) + string('0'+byte(n%10))
}

// spoolParse reads a number; 0 for what is none.
func spoolParse(s string) (n int64) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || n > 1<<58 {
			return 0
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n
}
