package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"tracekit/analyze"
	"tracekit/analyze/render"
	"tracekit/analyze/report"
	"tracekit/record"
)

// material is what comes of reading what the user named: the report of one trace, of
// the processes of one recording, or of many runs. One of the three is not nil.
type material struct {
	report *report.Report
	set    *report.Set
	runs   *report.Runs

	saved    bool // it was a report already
	verified analyze.Verification
}

// render writes it in a format.
func (m material) render(w io.Writer, format string) error {
	switch {
	case m.runs != nil:
		return render.Runs(format)(w, m.runs)
	case m.set != nil:
		return render.Set(format)(w, m.set)
	}
	return render.Format(format)(w, m.report)
}

// asRuns takes it for a number of runs. What follows from those that were saved is
// worked out anew.
func (m material) asRuns() (*report.Runs, error) {
	g := &gathering{analysis: &analysis{}, ctx: context.Background()}
	path := ""
	switch {
	case m.set != nil:
		path = m.set.Path
	case m.report != nil:
		path = m.report.Trace.Path
	}
	if err := g.take(path, m); err != nil {
		return nil, err
	}
	if g.runs == 0 {
		return nil, g.empty([]string{path})
	}
	return g.Vary(), nil
}

// errForeign is the error for a file that is nothing that could be reported on, and
// errManifest for one that is the manifest of a recording.
var (
	errForeign  = errors.New("it is neither a trace nor a report")
	errManifest = fmt.Errorf("%w, but the manifest of a recording", errForeign)
)

// torn reports whether a report says that a part of a trace could not be read.
func (m material) torn() bool {
	switch {
	case m.report != nil:
		return m.report.Trace.LostBytes > 0
	case m.runs != nil:
		return slices.ContainsFunc(m.runs.Runs, func(r report.Run) bool { return r.Torn })
	}
	return slices.ContainsFunc(m.set.Processes, func(p report.Process) bool {
		return p.Report == nil || p.Report.Trace.LostBytes > 0
	})
}

// isJSON reports whether an input begins as JSON does, and returns one that gives all
// of it.
func isJSON(in io.Reader) (bool, io.Reader) {
	const first = 512
	start := make([]byte, first)
	if at, ok := in.(io.ReaderAt); ok {
		n, _ := at.ReadAt(start, 0)
		start = start[:n]
	} else {
		b := bufio.NewReader(in)
		start, _ = b.Peek(first)
		in = b
	}
	return bytes.HasPrefix(bytes.TrimLeft(start, " \t\r\n\ufeff"), []byte("{")), in
}

// maxSaved is more than the size of any report, in bytes.
const maxSaved = 256 << 20

// readSaved reads a report that was saved as JSON.
func readSaved(in io.Reader) (m material, err error) {
	data, err := io.ReadAll(io.LimitReader(in, maxSaved+1))
	switch {
	case err != nil:
		return m, err
	case len(data) > maxSaved:
		return m, fmt.Errorf("%w: it is JSON of more than 256 MB", errForeign)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		if bytes.Contains(data[:min(len(data), 200)], []byte(`"tracekit.`)) {
			return m, fmt.Errorf("the report is damaged: %w", err)
		}
		return m, fmt.Errorf("%w: %w", errForeign, err)
	}
	var checked interface{ Check() error }
	switch head.Schema {
	case report.Schema:
		m.report = new(report.Report)
		checked = m.report
	case report.SetSchema:
		m.set = new(report.Set)
		checked = m.set
	case report.RunsSchema:
		m.runs = new(report.Runs)
		checked = m.runs
	default:
		return m, wrongSchema(head.Schema)
	}
	if err := json.Unmarshal(data, checked); err != nil {
		return m, fmt.Errorf("it is no report: %w", err)
	}
	if err := checked.Check(); err != nil {
		return m, fmt.Errorf("it is no report that tracekit makes: %w", err)
	}
	return m, nil
}

// wrongSchema says what JSON is that is none of the reports that can be read.
func wrongSchema(name string) error {
	switch name {
	case "":
		return errForeign
	case record.ManifestSchema:
		return errManifest
	case report.DiffSchema:
		return errors.New("it is a diff, which is the last there is: name the recordings that it is of")
	}
	return hint(fmt.Errorf("its schema is %q, which this tracekit does not know", name), "a newer tracekit may; this one is %s, and reads %s, %s and %s",
		record.Version(), report.Schema, report.SetSchema, report.RunsSchema)
}
