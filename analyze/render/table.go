package render

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// width is that of the text report, in columns.
const width = 100

// table lays rows out in columns: numbers to the right, and the last column, a
// name, to the left, cut at its front to what is left of the width.
type table struct {
	indent int
	left   int // number of columns at the front that are names too
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
	var widths []int
	for _, row := range t.rows {
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
	for _, row := range t.rows {
		b.WriteString(strings.TrimRight(t.line(row, widths), " "))
		b.WriteByte('\n')
	}
	return b.String()
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
			return line + cutFront(cell, width-len(line))
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

// wrap breaks a sentence into lines of the width, behind an indent.
func wrap(indent, s string) string {
	var b strings.Builder
	line := indent
	for word := range strings.FieldsSeq(s) {
		if line != indent && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			b.WriteString(line + "\n")
			line = strings.Repeat(" ", utf8.RuneCountInString(indent))
			indent = line
		}
		if strings.TrimSpace(line) != "" && line != indent {
			line += " "
		}
		line += word
	}
	b.WriteString(line + "\n")
	return b.String()
}
