// Package render turns a report into a reader's format. Each format has a file,
// or a package where it brings a dependency. It decides nothing: what is in the
// report is shown, and what is left out for want of room is counted.
package render

import (
	"encoding/json"
	"io"

	"tracekit/analyze/report"
)

// Formats lists the names of the formats, in the order for help.
func Formats() []string { return []string{"text", "json"} }

// Format returns the renderer of a format, nil for one that is not in Formats.
func Format(name string) func(io.Writer, *report.Report) error {
	switch name {
	case "text":
		return Text
	case "json":
		return JSON
	}
	return nil
}

// JSON writes the report as indented JSON.
func JSON(w io.Writer, r *report.Report) error { return encode(w, r) }

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
