package render

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

// text is a page for a terminal of 100 columns.
type text struct {
	r      *report.Report // nil where it is of something else
	b      strings.Builder
	notes  caveats
	indent string
	opened int // where the text of the last section begins
}

func newText(list []report.Caveat) *text { return &text{notes: newCaveats(list)} }

func (t *text) flush(w io.Writer) error {
	_, err := io.WriteString(w, t.b.String())
	return err
}

func (t *text) name(s string) string  { return s }
func (t *text) plain(s string) string { return s }

// line writes what is one line, cut to the width.
func (t *text) line(format string, args ...any) {
	s := safe.Printable(fmt.Sprintf(format, args...))
	t.b.WriteString(cutBack(strings.TrimRight(s, " "), width) + "\n")
}

func (t *text) section(title string) {
	t.line("")
	t.line("%s", title)
	t.indent = "  "
	t.opened = t.b.Len()
}

func (t *text) part(title string, body func()) {
	if t.b.Len() > t.opened {
		t.line("")
	}
	t.line("%s%s", t.indent, title)
	outer := t.indent
	t.indent += "  "
	body()
	t.indent = outer
}

// fold shows what it is about: nothing unfolds on a terminal.
func (t *text) fold(_ string, body func()) { body() }

func (t *text) say(format string, args ...any) {
	t.b.WriteString(wrap(t.indent, safe.Printable(fmt.Sprintf(format, args...))))
}

func (t *text) facts(list ...string) {
	const gap = "   "
	line := ""
	for _, f := range list {
		if line != "" && f != "" && utf8.RuneCountInString(t.indent+line+gap+f) > width {
			t.line("%s%s", t.indent, line)
			line = ""
		}
		if line != "" && f != "" {
			line += gap
		}
		line += f
	}
	t.line("%s%s", t.indent, line)
}

func (t *text) table(tab *table) {
	tab.indent = len(t.indent)
	for line := range strings.Lines(tab.String()) {
		t.b.WriteString(safe.Printable(strings.TrimSuffix(line, "\n")) + "\n")
	}
}

func (t *text) caveats(keys ...string) { t.warn(t.notes.about(keys...)) }

func (t *text) rest() {
	t.indent = ""
	t.warn(t.notes.rest())
}

func (t *text) warn(list []string) {
	for _, s := range list {
		t.b.WriteString(wrap(t.indent+"! ", safe.Printable(s)))
	}
}
