package decode

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// HeaderSize is the length of the header of a trace.
const HeaderSize = 16

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

// FormatName returns the release that writes the format with the given number in
// the header, as "go1.26". A format lives on until a release changes it: Go 1.24
// writes that of go1.23.
func FormatName(minor int) string { return formats[minor] }

// ReadHeader reads the 16 bytes "go 1.NN trace" with three zeros. The error says
// what r holds instead when it is not a trace that can be read; ErrEmpty,
// ErrNotTrace and ErrVersion tell these cases apart.
func ReadHeader(r io.Reader) (minor int, err error) {
	header := make([]byte, HeaderSize)
	n, err := io.ReadFull(r, header)
	switch {
	case err == io.EOF:
		return 0, ErrEmpty
	case err == io.ErrUnexpectedEOF:
		return 0, fmt.Errorf("%w: it has %d bytes, less than a header", ErrNotTrace, n)
	case err != nil:
		return 0, err
	}
	text, padded := bytes.CutSuffix(header, []byte("\x00\x00\x00"))
	if _, err := fmt.Sscanf(string(text), "go 1.%d trace", &minor); err != nil || !padded {
		return 0, fmt.Errorf("%w: it begins with %q", ErrNotTrace, header)
	}
	if formats[minor] == "" {
		return 0, fmt.Errorf("%w: Go 1.%d", ErrVersion, minor)
	}
	return minor, nil
}
