// Package safe makes texts fit to be shown. Names in a trace are anybody's: those of
// functions, files and commands can hold what steers a terminal, or what a spreadsheet
// takes for a formula.
package safe

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Printable replaces what would steer a terminal.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

// Cell is Printable for a cell of a table. A spreadsheet takes one that begins as a
// formula for one, unless an apostrophe comes first; the wide signs are the same to it.
func Cell(s string) string {
	s = Printable(s)
	for _, sign := range "=+-@＝＋－＠" {
		if strings.HasPrefix(s, string(sign)) {
			return "'" + s
		}
	}
	return s
}
