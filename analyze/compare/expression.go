package compare

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tracekit/analyze/report"
)

// Expression says what must not come true of a diff: "lock-wait > +10%",
// "blocked[main.(*Cache).Get] > +5ms", "parallelism < -5%", "fifo < 0.9". A bound with a
// sign is one of the change, absolute or as a share of the old median; one without is of
// the new runs themselves. In [ ] stands a function, with :line or without, or * for
// each site or lock.
type Expression struct {
	Text   string
	Budget string // the file that has it; empty for none
	subject
	greater bool
	of      string // "change", "ratio" or "new", as in report.Finding
	bound   float64
}

// subject is what an expression is about.
type subject struct {
	quantity string
	selector string // empty: the whole program
}

func (s subject) String() string {
	if s.selector == "" {
		return s.quantity
	}
	return s.quantity + "[" + s.selector + "]"
}

// placeQuantities are those that sites have, or locks.
var placeQuantities = []string{"blocked", "sched", "waits", "fifo", "order-distance"}

// isTime reports whether a quantity is one.
func isTime(name string) bool {
	return slices.ContainsFunc(quantities, func(q quantity) bool { return q.name == name && q.unit == "ns" })
}

// ParseExpression reads an expression. The error names the column, from 1 on, and what
// was expected there.
func ParseExpression(text string) (Expression, error) {
	p := &parser{text: text}
	e := Expression{Text: text}
	e.subject = p.subject()
	e.greater = p.operator()
	p.bound(&e)
	p.end()
	return e, p.err
}

// parser reads an expression from left to right, up to the first error.
type parser struct {
	text string
	at   int // in bytes
	err  error
}

// fail says what was expected at a place.
func (p *parser) fail(at int, expected string) {
	if p.err != nil {
		return
	}
	found := "the end"
	if rest := p.text[at:]; rest != "" {
		found = strconv.Quote(rest)
	}
	p.err = fmt.Errorf("%q: column %d: expected %s, found %s", p.text, utf8.RuneCountInString(p.text[:at])+1, expected, found)
}

// next skips spaces and takes what a pattern finds there.
func (p *parser) next(pattern *regexp.Regexp) (at int, found string) {
	p.at = len(p.text) - len(strings.TrimLeft(p.text[p.at:], " \t\r\n"))
	at = p.at
	found = pattern.FindString(p.text[at:])
	p.at += len(found)
	return at, found
}

var (
	wordPattern     = regexp.MustCompile(`^[a-z]+(-[a-z]+)*`)
	selectorPattern = regexp.MustCompile(`^\[(.*)\]`) // names may have brackets, too
	operatorPattern = regexp.MustCompile(`^[<>]`)
	numberPattern   = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)`)
	unitPattern     = regexp.MustCompile(`^(%|ns|us|µs|ms|s|m|h)`)
)

func (p *parser) subject() (s subject) {
	var at int
	at, s.quantity = p.next(wordPattern)
	var known []string
	for _, q := range quantities {
		known = append(known, q.name)
	}
	known = append(known, "order-distance")
	if !slices.Contains(known, s.quantity) {
		p.fail(at, "one of "+strings.Join(known, ", "))
		return s
	}
	from := p.at
	if at, in := p.next(selectorPattern); in != "" {
		s.selector = strings.TrimSpace(in[1 : len(in)-1])
		switch {
		case !slices.Contains(placeQuantities, s.quantity):
			p.fail(at, "no [ ]: "+s.quantity+" is of the whole program")
		case s.selector == "":
			p.fail(at+1, "a function, or * for each place")
		}
		return s
	}
	if s.quantity == "order-distance" {
		p.fail(from, "[LOCK], or [*]: order-distance is that of a lock")
	}
	return s
}

func (p *parser) operator() bool {
	at, op := p.next(operatorPattern)
	if op == "" {
		p.fail(at, "> or <")
	}
	return op == ">"
}

// units in ns, and as shares.
var units = map[string]float64{"%": 0.01, "ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9}

func (p *parser) bound(e *Expression) {
	at, number := p.next(numberPattern)
	if number == "" {
		p.fail(at, "a number, as +10%, +5ms or 0.9")
		return
	}
	e.bound, _ = strconv.ParseFloat(number, 64)
	e.of = "new"
	if strings.HasPrefix(number, "+") || strings.HasPrefix(number, "-") {
		e.of = "change"
	}
	unitAt, unit := p.next(unitPattern)
	switch {
	case unit == "%" && e.of == "new":
		p.fail(at, "a sign before a share of the old value, as +10%")
	case unit == "%":
		e.of = "ratio"
	case unit != "" && !isTime(e.quantity):
		p.fail(unitAt, "no unit but %: "+e.quantity+" is no time")
	case unit == "" && isTime(e.quantity):
		p.fail(unitAt, "a unit, as ms or %: "+e.quantity+" is a time")
	}
	if unit != "" {
		e.bound *= units[unit]
	}
	if math.IsInf(e.bound, 0) {
		p.fail(at, "a number that is not as large")
	}
}

func (p *parser) end() {
	if at, _ := p.next(wordPattern); p.err == nil && at < len(p.text) {
		p.fail(at, "the end")
	}
}

// beyond reports whether a value is.
func (e *Expression) beyond(v float64) bool {
	if e.greater {
		return v > e.bound
	}
	return v < e.bound
}

// selects reports whether a selector is about a place.
func (s subject) selects(f report.Frame) bool {
	short := f.Func[strings.LastIndexByte(f.Func, '/')+1:]
	return s.selector == "*" || slices.Contains([]string{
		f.Func, short, fmt.Sprintf("%s:%d", f.Func, f.Line), fmt.Sprintf("%s:%d", short, f.Line),
	}, s.selector)
}
