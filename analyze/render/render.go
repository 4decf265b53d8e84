// Package render turns a report into a reader's format. Each format has its files,
// or a package where it brings a dependency. It decides nothing: what is in the
// report is shown, and what is left out for want of room is counted.
//
// Text and Markdown of several runs are written by the same code, on a [page].
package render

import (
	"encoding/json"
	"io"

	"tracekit/analyze/report"
)

// Formats lists the names of the formats of reports, in the order for help.
func Formats() []string { return []string{"text", "json", "markdown", "csv", "bench"} }

// PerRun reports whether a format is a table of runs, which Runs alone has.
func PerRun(format string) bool { return format == "csv" || format == "bench" }

// Format returns the renderer of a format for the report of one trace, nil for one
// that is not in Formats, or PerRun.
func Format(name string) func(io.Writer, *report.Report) error {
	return choose(name, Text, reportMarkdown, nil, nil)
}

// Set returns the renderer of a format for a recording of several processes, nil
// for one that is not in Formats, or PerRun.
func Set(name string) func(io.Writer, *report.Set) error {
	return choose(name, setText, setMarkdown, nil, nil)
}

// Runs returns the renderer of a format for several runs, nil for one that is not in
// Formats.
func Runs(name string) func(io.Writer, *report.Runs) error {
	return choose(name, runsText, runsMarkdown, csvRuns, benchRuns)
}

// Diff returns the renderer of a format for two sets of runs, nil for one that is not
// in Formats, and for bench: [Sides] is for that, which takes the runs too.
func Diff(name string) func(io.Writer, *report.Diff) error {
	return choose(name, diffText, diffMarkdown, csvDiff, nil)
}

// JSON writes the report as indented JSON.
func JSON(w io.Writer, r *report.Report) error { return encode(w, r) }

// choose returns the renderer of a format; JSON is the same for all data.
func choose[T any](name string, text, markdown, csv, bench func(io.Writer, T) error) func(io.Writer, T) error {
	switch name {
	case "text":
		return text
	case "json":
		return func(w io.Writer, v T) error { return encode(w, v) }
	case "markdown":
		return markdown
	case "csv":
		return csv
	case "bench":
		return bench
	}
	return nil
}

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
