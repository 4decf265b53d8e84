package decode

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const headerSize = 16

// What can be wrong with an input as a whole.
var (
	ErrEmpty    = errors.New("the file is empty")
	ErrNotTrace = errors.New("not a Go execution trace")
	ErrVersion  = errors.New("a trace of a version that this tracekit cannot read")
	ErrDamaged  = errors.New("no part of the trace is whole")
)

// formats lists the versions of the format that x/exp/trace reads, by the
// number in the header, with the Go releases that write them.
var formats = map[int]string{
	11: "go1.11", 19: "go1.19", 21: "go1.21",
	22: "go1.22", 23: "go1.23", 25: "go1.25", 26: "go1.26",
}

// readHeader reads the 16 bytes "go 1.NN trace" with three zeros.
func readHeader(r io.Reader) (minor int, header []byte, err error) {
	header = make([]byte, headerSize)
	n, err := io.ReadFull(r, header)
	switch {
	case err == io.EOF:
		return 0, nil, ErrEmpty
	case err == io.ErrUnexpectedEOF:
		return 0, nil, fmt.Errorf("%w: it has %d bytes, less than a header", ErrNotTrace, n)
	case err != nil:
		return 0, nil, err
	}
	if bytes.HasPrefix(header, []byte("\x1f\x8b")) {
		return 0, nil, fmt.Errorf("%w: it is compressed by gzip, as a profile is", ErrNotTrace)
	}
	text, padded := bytes.CutSuffix(header, []byte("\x00\x00\x00"))
	if _, err := fmt.Sscanf(string(text), "go 1.%d trace", &minor); err != nil || !padded {
		return 0, nil, fmt.Errorf("%w: it begins with %q", ErrNotTrace, header)
	}
	if formats[minor] == "" {
		return 0, nil, fmt.Errorf("%w: Go 1.%d", ErrVersion, minor)
	}
	return minor, header, nil
}
