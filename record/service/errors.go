package service

import (
	"errors"
	"fmt"
	"strings"
)

// Error is what went wrong in one line of lower case with no full stop: what was
// being done, to what, what was wrong.
type Error struct {
	Err  error
	Hint string // what the user can do about it; empty for nothing
}

// Error returns the line.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the error below.
func (e *Error) Unwrap() error { return e.Err }

// ErrInterrupted says that the context was done before the trace was whole.
var ErrInterrupted = errors.New("interrupted")

func badTarget(s string, err error) error {
	if strings.ContainsAny(s, "@?#") { // may be secret
		err = fmt.Errorf("read the address of a service: %w", err)
	} else {
		err = fmt.Errorf("read %q as the address of a service: %w", s, err)
	}
	return &Error{err, "http://localhost:6060 is one, and localhost:6060, https://example.com/prefix, unix:///run/service.sock"}
}
