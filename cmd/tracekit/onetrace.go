package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tracekit/record"
)

// oneTrace returns the file that a path names, or, of the folder of a recording, the one
// trace in it. Where there are several, it is an error.
func (a *analysis) oneTrace(path string) (string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return path, nil // to be opened, with its errors
	}
	m, err := record.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", hint(fmt.Errorf("%s %s: it is a folder, and no recording", a.doing(), path), "name a trace in it")
	case err != nil:
		return "", fmt.Errorf("%s %s: the manifest in it: %w", a.doing(), path, err)
	case m.Plan != nil || len(m.Processes) != 1:
		return "", hint(fmt.Errorf("%s %s: it is not the recording of one trace", a.doing(), path), "name one of the traces in it")
	}
	trace := filepath.Join(path, filepath.Base(m.Processes[0].Trace.File))
	if info, err := os.Stat(trace); err == nil && !info.Mode().IsRegular() { // it would be waited for
		return "", fmt.Errorf("%s %s: it is no regular file", a.doing(), trace)
	}
	return trace, nil
}
