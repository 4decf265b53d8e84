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
	test     stats.Test
}

// is reports whether a number is what a subject names.
func (n *number) is(s subject) bool {
	return n.quantity == s.quantity && (n.frames == nil) == (s.selector == "") &&
		(n.frames == nil || slices.ContainsFunc(n.frames, s.selects))
}

// checks holds expressions against the numbers of a diff. How sure a finding must be
// depends on how many there could be: all those of all expressions.
func (d *differ) checks() []report.Check {
	list := make([]report.Check, 0, len(d.options.Checks))
	var tests []stats.Test
	for _, e := range d.options.Checks {
		c := report.Check{Expression: e.Text, Budget: e.Budget, Findings: []report.Finding{}}
		for i := range d.numbers {
			if n := &d.numbers[i]; n.is(e.subject) {
				f, test := e.hold(n)
				c.Findings = append(c.Findings, f)
				tests = append(tests, test)
			}
		}
		list = append(list, c)
	}
	limit := level / float64(stats.FamilySize(tests, level))
	adjusted := d.tests.adjust(tests)
	k := 0
	for i := range list {
		from := k
		for j := range list[i].Findings {
			d.decide(&list[i], &list[i].Findings[j], adjusted[k], d.options.Checks[i].quantity)
			k++
		}
		list[i].Undecided = d.undecided(d.options.Checks[i], tests[from:k], limit)
	}
	return list
}

// hold holds a number against the bound.
func (e *Expression) hold(n *number) (report.Finding, stats.Test) {
	f := report.Finding{Place: n.name, Unit: n.unit, Old: n.change.Old.Median, New: n.change.New.Median, Of: e.of, Bound: e.bound}
	switch {
	case e.of == "change":
		f.Value = &n.change.Shift
	case e.of == "ratio":
		f.Value = n.change.Ratio
	default:
		f.Value = &n.change.New.Median
	}
	if f.Value != nil {
		f.Beyond = e.beyond(*f.Value)
	} else { // a share of nothing is beyond any
		f.Beyond = e.greater == (n.change.Shift > 0) && n.change.Shift != 0
	}
	if e.of != "new" {
		return f, n.test
	}
	k := 0
	for _, v := range n.new {
		if e.beyond(v) {
			k++
		}
	}
	return f, stats.Test{P: stats.SignTest(len(n.new), k), MinP: math.Pow(2, -float64(len(n.new)))}
}

// decide says whether a finding lets the check fail.
func (d *differ) decide(c *report.Check, f *report.Finding, p float64, quantity string) {
	f.P = &p
	f.Failed = f.Beyond && p <= level
	if !f.Failed {
		return
	}
	for _, k := range d.options.Known {
		if !slices.ContainsFunc(d.numbers, func(n number) bool { return n.quantity == quantity && n.name == f.Place && n.is(k.subject) }) {
			continue
		}
		if d.options.Today.Before(k.Until.AddDate(0, 0, 1)) {
			f.Known, f.Failed = fmt.Sprintf("known until %s: %s", k.Until.Format(time.DateOnly), k.Reason), false
			return
		}
		f.Known = fmt.Sprintf("was known until %s only: %s", k.Until.Format(time.DateOnly), k.Reason)
	}
	c.Failed = c.Failed || f.Failed
}

// undecided says why an expression could not have come true, whatever had happened.
func (d *differ) undecided(e Expression, tests []stats.Test, limit float64) string {
	if len(tests) == 0 && e.selector != "" {
		return "no place is called " + e.selector + " in any run that is compared"
	}
	if len(tests) == 0 {
		return "the runs do not have it on both sides"
	}
	if slices.ContainsFunc(tests, func(t stats.Test) bool { return t.MinP <= limit }) {
		return ""
	}
	return fmt.Sprintf("%d old and %d new runs are too few to be sure of it; about %d of each would do",
		len(d.old.runs), len(d.new.runs), stats.Needed(limit))
}
