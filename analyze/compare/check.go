package compare

import (
	"fmt"
	"math"
	"slices"
	"time"

	"tracekit/analyze/compare/stats"
	"tracekit/analyze/report"
)

// number is something that an expression can be about.
type number struct {
	quantity string
	frames   []report.Frame // where it is; none: of the whole program
	name     string         // of the place
	unit     string
	old, new []float64
	change   *report.Change
}

// is reports whether a number is what a subject names.
func (n *number) is(s subject) bool {
	return n.quantity == s.quantity && (n.frames == nil) == (s.selector == "") &&
		(n.frames == nil || slices.ContainsFunc(n.frames, s.selects))
}

// checks holds expressions against the numbers of a diff. How sure a finding must be
// depends on how many there could be: all those of all expressions, each once.
func (d *differ) checks() []report.Check {
	h := &holder{d: d, index: make(map[question]int)}
	list := make([]report.Check, 0, len(d.options.Checks))
	for _, e := range d.options.Checks {
		c := report.Check{Expression: e.Text, Budget: e.Budget, Findings: []report.Finding{}}
		for i := range d.numbers {
			if d.numbers[i].is(e.subject) {
				c.Findings = append(c.Findings, h.finding(e, i))
			}
		}
		list = append(list, c)
	}
	h.decide(list)
	return list
}

// holder holds expressions against numbers.
type holder struct {
	d         *differ
	questions []question
	index     map[question]int
	tests     []stats.Test
	asked     []int // of each finding, the index of its question
}

// question is what an expression asks of a number; another one may ask the same.
type question struct {
	number  int
	greater bool
	of      string
	bound   float64
}

// finding holds a number against the bound.
func (h *holder) finding(e Expression, i int) report.Finding {
	n := &h.d.numbers[i]
	q := question{i, e.greater, e.of, e.bound}
	k, ok := h.index[q]
	if !ok {
		k = len(h.questions)
		h.index[q] = k
		h.questions, h.tests = append(h.questions, q), append(h.tests, e.test(n))
	}
	h.asked = append(h.asked, k)
	f := report.Finding{Place: n.name, Unit: n.unit, Old: n.change.Old.Median, New: n.change.New.Median, Of: e.of, Bound: e.bound}
	shift := n.change.Shift
	switch {
	case e.of == "change":
		f.Value = &shift
	case e.of == "new":
		f.Value = &f.New
	case n.change.Ratio != nil:
		ratio := *n.change.Ratio
		f.Value = &ratio
	}
	if f.Value != nil {
		f.Beyond = e.beyond(*f.Value)
	} else { // a share of nothing is beyond any
		f.Beyond = shift > 0 && e.greater || shift < 0 && !e.greater
	}
	return f
}

// test is how likely the new runs would lie as far beyond the bound by chance, if they
// lay on it: the old ones are moved there. Of one run, nothing can be said.
func (e *Expression) test(n *number) stats.Test {
	if e.of == "new" {
		k := 0
		for _, v := range n.new {
			if e.beyond(v) {
				k++
			}
		}
		return stats.Test{P: stats.SignTest(len(n.new), k), MinP: e.least(n)}
	}
	if len(n.old) < 2 || len(n.new) < 2 {
		return stats.Test{P: 1, MinP: 1}
	}
	moved := make([]float64, len(n.old))
	for i, v := range n.old {
		if moved[i] = v + e.bound; e.of == "ratio" {
			moved[i] = v * (1 + e.bound)
		}
	}
	if e.greater {
		return stats.Above(moved, n.new)
	}
	return stats.Above(n.new, moved)
}

// least is the smallest P that so many runs could have.
func (e *Expression) least(n *number) float64 {
	switch {
	case e.of == "new":
		return math.Pow(2, -float64(len(n.new)))
	case len(n.old) < 2 || len(n.new) < 2:
		return 1
	}
	return 1 / stats.Choose(len(n.old)+len(n.new), len(n.new))
}

// decide says of each finding whether it is significant, and of each check whether it
// failed.
func (h *holder) decide(list []report.Check) {
	adjusted := h.d.tests.adjust(h.tests)
	asked := h.asked
	for i := range list {
		c := &list[i]
		for j := range c.Findings {
			f, k := &c.Findings[j], asked[j]
			f.P = &adjusted[k]
			if f.Failed = f.Beyond && adjusted[k] <= level; f.Failed {
				h.d.forgive(f, &h.d.numbers[h.questions[k].number])
			}
			c.Failed = c.Failed || f.Failed
		}
		c.Undecided = h.undecided(&h.d.options.Checks[i], asked[:len(c.Findings)])
		asked = asked[len(c.Findings):]
	}
}

// forgive lets a finding pass that is known.
func (d *differ) forgive(f *report.Finding, n *number) {
	for _, k := range d.options.Known {
		switch {
		case !n.is(k.subject):
		case d.options.Today.Before(k.Until.AddDate(0, 0, 1)):
			f.Known, f.Failed = fmt.Sprintf("known until %s: %s", k.Until.Format(time.DateOnly), k.Reason), false
			return
		default:
			f.Known = fmt.Sprintf("was known until %s only: %s", k.Until.Format(time.DateOnly), k.Reason)
		}
	}
}

// undecided says why an expression could not have come true with so many runs, whatever
// had happened.
func (h *holder) undecided(e *Expression, asked []int) string {
	switch {
	case len(asked) == 0 && e.selector != "":
		return "no place is called " + e.selector + " in any run that is compared"
	case len(asked) == 0:
		return "the runs do not have it on both sides"
	}
	best := slices.Clone(h.tests)
	var n *number
	for _, k := range asked {
		n = &h.d.numbers[h.questions[k].number]
		best[k] = stats.Test{P: e.least(n), MinP: e.least(n)}
	}
	adjusted := h.d.tests.adjust(best)
	if slices.ContainsFunc(asked, func(k int) bool { return adjusted[k] <= level }) {
		return ""
	}
	share := level / float64(len(h.tests))
	if e.of == "new" {
		return fmt.Sprintf("%s too few to be sure of it; it takes %d", counted(len(n.new), "new number is", "new numbers are"), int(math.Ceil(-math.Log2(share))))
	}
	return fmt.Sprintf("%d old and %s too few to be sure of it; it takes %d of each",
		len(n.old), counted(len(n.new), "new number is", "new numbers are"), stats.Needed(2*share))
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
