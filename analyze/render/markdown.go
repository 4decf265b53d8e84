package render

import (
	"fmt"
	"html"
	"io"
	"strings"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

const (
	// maxMarkdown is how many bytes are written: a comment on GitHub takes 65,536.
	maxMarkdown = 60_000
	// maxCaveats is the part of it that is kept for caveats, so that neither they nor
	// the numbers find no room for all the others; reserve is for the last sentence.
	maxCaveats = 12_000
	reserve    = 200
	// longest is how many characters of a name are shown, and longestWords of a
	// sentence.
	longest      = 200
	longestWords = 2_000
)

// markdown is a page for a comment on GitHub, of blocks between which a line is
// empty.
type markdown struct {
	blocks []block
	notes  caveats
}

// block is a paragraph, a table, or what is folded.
type block struct {
	text   string
	caveat bool
}

func newMarkdown(list []report.Caveat) *markdown { return &markdown{notes: newCaveats(list)} }

// flush writes the blocks, and how many of them find no room.
func (m *markdown) flush(w io.Writer) error {
	var b strings.Builder
	left := 0
	room := map[bool]int{true: maxCaveats, false: maxMarkdown - maxCaveats - reserve}
	for _, block := range m.blocks {
		s := block.text + "\n\n"
		if room[block.caveat] < len(s) {
			left++
			continue
		}
		room[block.caveat] -= len(s)
		b.WriteString(s)
	}
	if left > 0 {
		fmt.Fprintf(&b, "> **!** a comment has no room for %s more, see them with -f json\n", plural(left, "part", "parts"))
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

// name writes a code span. One that has a pipe would end the cell of a table.
func (m *markdown) name(s string) string {
	s = strings.TrimSpace(cutFront(safe.Printable(s), longest))
	switch {
	case s == "":
		return ""
	case strings.Contains(s, "|"):
		return "<code>" + m.plain(s) + "</code>"
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		s = " " + s + " "
	}
	return fence + s + fence
}

// escaper takes the meaning from what Markdown, and GitHub, give one.
var escaper = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "#", `\#`,
	"|", "&#124;", "<", "&lt;", ">", "&gt;", "&", "&amp;", "@", "@<!-- -->")

func (m *markdown) plain(s string) string {
	return escaper.Replace(cutBack(safe.Printable(s), longestWords))
}

func (m *markdown) block(s string) { m.blocks = append(m.blocks, block{text: s}) }

// lead writes the line that a reader sees first.
func (m *markdown) lead(s string) { m.block("**" + s + "**") }

func (m *markdown) section(title string) { m.block("### " + title) }

func (m *markdown) part(title string, body func()) {
	m.block("#### " + title)
	body()
}

func (m *markdown) fold(summary string, body func()) {
	outer := m.blocks
	m.blocks = nil
	body()
	inner := m.blocks
	m.blocks = outer
	if len(inner) == 0 {
		return
	}
	text := "<details><summary>" + html.EscapeString(summary) + "</summary>\n\n"
	for _, b := range inner {
		text += b.text + "\n\n"
	}
	m.block(text + "</details>")
}

func (m *markdown) say(format string, args ...any) { m.block(fmt.Sprintf(format, args...)) }

func (m *markdown) facts(list ...string) {
	var known []string
	for _, f := range list {
		if f != "" {
			known = append(known, f)
		}
	}
	m.block(strings.Join(known, " · "))
}

// table writes the rows. What is a line of its own in text stands below them.
func (m *markdown) table(t *table) {
	var b strings.Builder
	var below []string
	columns := t.columns()
	for i, row := range t.rows {
		if len(row) == 1 {
			below = append(below, strings.TrimSpace(row[0]))
			continue
		}
		b.WriteString("| " + strings.Join(row[:min(columns, len(row))], " | ") + " |\n")
		if i == 0 {
			b.WriteString(t.alignment(columns))
		}
	}
	if b.Len() > 0 {
		m.block(strings.TrimSuffix(b.String(), "\n"))
	}
	for _, s := range below {
		m.block(s)
	}
}

// columns counts those that any row has something in.
func (t *table) columns() (n int) {
	for _, row := range t.rows {
		for i, cell := range row {
			if cell != "" && len(row) > 1 {
				n = max(n, i+1)
			}
		}
	}
	return n
}

// alignment is the line below the header: numbers go to the right.
func (t *table) alignment(columns int) string {
	line := "|"
	for i := range columns {
		if i < t.left || i == len(t.rows[0])-1 {
			line += " --- |"
		} else {
			line += " ---: |"
		}
	}
	return line + "\n"
}

func (m *markdown) caveats(keys ...string) { m.warn(m.notes.about(keys...)) }

func (m *markdown) rest() { m.warn(m.notes.rest()) }

// warn makes one quotation of each: two in one would flow together.
func (m *markdown) warn(list []string) {
	for _, s := range list {
		m.blocks = append(m.blocks, block{"> **!** " + m.plain(s), true})
	}
}
