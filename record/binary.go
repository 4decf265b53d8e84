package record

import (
	"bytes"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"tracekit/record/spool"
)

// Binary is an executable file as far as it matters to a recording of it.
type Binary struct {
	Path    string // of the package that it was built from
	Version string // of its module; empty when that is not known
	Module  string // the path of its module
	Hooked  bool   // a part of tracekit is in it
	Test    bool   // it is a test binary, which can trace itself
	// Starts is whether it can start other programs. One that can may well be there
	// to build and run what is to be recorded.
	Starts bool
}

// ErrNotGo is the error for a file that is no executable built by Go.
var ErrNotGo = errors.New("not built by Go")

// ReadBinary reads what is to be known of an executable from its file.
func ReadBinary(path string) (*Binary, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, ErrNotGo)
	}
	b := &Binary{Path: info.Path, Module: info.Main.Path, Test: strings.HasSuffix(info.Path, ".test")}
	if v := info.Main.Version; v != "(devel)" && !strings.Contains(v, "+dirty") {
		b.Version = v
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found, err := contains(f, spool.SpoolDirEnv, "os/exec.(*Cmd).Start")
	b.Hooked, b.Starts = found[0], found[1]
	return b, err
}

// contains reports which of the words occur in what r reads.
func contains(r io.Reader, words ...string) ([]bool, error) {
	const overlap = 64 // more than a word has
	found := make([]bool, len(words))
	buf := make([]byte, 1<<20)
	kept := 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		part := buf[:kept+n]
		for i, w := range words {
			found[i] = found[i] || bytes.Contains(part, []byte(w))
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return found, nil
		}
		if err != nil {
			return found, err
		}
		kept = copy(buf, part[len(part)-overlap:])
	}
}
