package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"

	"tracekit/record"
)

// writeResult has a result written to the file that -o names, or to stdout for
// "-". Like a compiler's, an output file replaces an older one; but not the input
// that it was made from, nor a part of any recording.
func writeResult(stdout io.Writer, path string, inputs []string, binary bool, write func(io.Writer) error) error {
	if path == "-" || isStdout(path, stdout) {
		if f, ok := stdout.(*os.File); ok && binary && isTerminal(f) {
			return errTerminal
		}
		return write(stdout)
	}
	if slices.ContainsFunc(inputs, func(in string) bool { return same(path, in) || isIn(path, in) }) {
		return fmt.Errorf("write %s: it is the input", path)
	}
	if what := ofRecording(path); what != "" {
		return fmt.Errorf("write %s: it is %s; %w", path, what, errRecorded)
	}
	return writeFile(path, binary, write)
}

// errRecorded is the rest of the error for an output that is of a recording.
var errRecorded = errors.New("remove it if it is of no use")

// writeFile has a result written to a file, which replaces an older one.
func writeFile(path string, binary bool, write func(io.Writer) error) error {
	o, err := create(path, true)
	if err != nil {
		return err
	}
	defer o.abort()
	if binary && isTerminal(o.File) {
		return errTerminal
	}
	if err := write(o); err != nil {
		return outputError(o, path, err)
	}
	if err := o.commit(); err != nil {
		return outputError(o, path, err)
	}
	return nil
}

// isStdout reports whether a name as /dev/stdout stands for stdout. To open that
// anew would write to its file from the beginning.
func isStdout(path string, stdout io.Writer) bool {
	f, ok := stdout.(*os.File)
	if !ok {
		return false
	}
	named, err := os.Stat(path)
	if err != nil || !special(path, named) {
		return false
	}
	info, err := f.Stat()
	return err == nil && os.SameFile(named, info)
}

// ofRecording says what a file is of a recording, "" for nothing.
func ofRecording(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if isTrace(path) {
		return "a trace"
	}
	trace, ok := strings.CutSuffix(path, record.ManifestPath(""))
	info, err := os.Stat(trace)
	folder := err == nil && info.IsDir() // which has its own in it
	switch _, err := record.ReadManifest(trace); {
	case !ok || folder:
		return ""
	case err == nil:
		return "the manifest of a recording"
	case isTrace(trace):
		return "where the manifest of a trace would be"
	}
	return ""
}

// isTrace reports whether a file begins as a trace does.
func isTrace(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	start := make([]byte, 5)
	_, err = io.ReadFull(f, start)
	return err == nil && string(start) == "go 1."
}

var errTerminal = hint(errors.New("this is binary data, and the output is a terminal"), "-o FILE names a file for it")

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// outputError names the output where an error is about its file, and leaves
// alone what went wrong before anything was written to it.
func outputError(o *output, path string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) && p.Path == o.Name() {
		return writeError(path, err)
	}
	return err
}

// isIn reports whether a file is one of those in a folder that are read: it is there
// already, or all that is there is read.
func isIn(path, dir string) bool {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() || !same(filepath.Dir(path), dir) {
		return false
	}
	_, there := os.Lstat(path)
	_, recording := os.Lstat(record.ManifestPath(dir))
	return there == nil || recording != nil
}

// same reports whether two names are of one file.
func same(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
