package render

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	width      = 100 // of the text report, in columns
	widestLeft = 20  // column of names that do not stand last
)

// table lays rows out in columns: numbers to the right, and the last column, a
// name, to the left, cut at its front to what is left of the width.
type table struct {
	indent int  // set by the text that it stands in
	left   int  // number of columns at the front that are names too
	tall   bool // the last column is too wide to stand in one: it goes above its row
	rows   [][]string
}

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

// more adds a line that counts what is left out.
func (t *table) more(n int) {
	if n > 0 {
		t.row(fmt.Sprintf("… %s more, with -f json", number(n)))
	}
}

func (t *table) String() string {
	rows := t.rows
	if t.tall {
		rows = t.split()
	}
	for _, row := range rows {
		for i := range min(t.left, len(row)-1) {
			row[i] = cutBack(row[i], widestLeft)
		}
	}
	var widths []int
	for _, row := range rows {
		if len(row) == 1 {
			continue
		}
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(cutBack(strings.TrimRight(t.line(row, widths), " "), width))
		b.WriteByte('\n')
	}
	return b.String()
}

// split puts the last column of a tall table into rows of their own, and the rest
// below it.
func (t *table) split() (rows [][]string) {
	for i, row := range t.rows {
		if len(row) == 1 {
			rows = append(rows, row)
			continue
		}
		last := len(row) - 1
		if i > 0 && row[last] != "" {
			for line := range strings.Lines(wrap(strings.Repeat(" ", t.indent), row[last])) {
				rows = append(rows, []string{strings.TrimSpace(line)})
			}
		}
		below := slices.Clone(row)
		below[0], below[last] = "  "+below[0], ""
		rows = append(rows, below)
	}
	return rows
}

func (t *table) line(row []string, widths []int) string {
	line := strings.Repeat(" ", t.indent)
	for i, cell := range row {
		if i > 0 {
			line += "  "
		}
		pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell)))
		switch {
		case len(row) == 1:
			name := strings.TrimLeft(cell, " ")
			line += cell[:len(cell)-len(name)]
			return line + cutFront(name, width-len(line))
		case i == len(widths)-1:
			line += cutFront(cell, width-utf8.RuneCountInString(line))
		case i < t.left:
			line += cell + pad
		default:
			line += pad + cell
		}
	}
	return line
}

// cutFront shortens s to n columns; of a name, the end tells most.
func cutFront(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return "…" + string(runes[len(runes)-max(n-1, 0):])
}

// cutBack shortens s to n columns at its end.
func cutBack(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:max(n-1, 0)]) + "…"
}

// wrap breaks a sentence into lines of the width, all but the first indented as
// far as head reaches.
func wrap(head, s string) string {
	indent := strings.Repeat(" ", utf8.RuneCountInString(head))
	var b strings.Builder
	line, empty := head, true
	for word := range strings.FieldsSeq(s) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			b.WriteString(line + "\n")
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line += cutBack(word, width-len(indent))
		empty = false
	}
	return b.String() + line + "\n"
}
