package render

import "tracekit/analyze/report"

// topChecks is how many expressions are shown, and topFindings how many numbers of
// each.
const (
	topChecks   = 20
	topFindings = 8
)

// What comes of an expression.
const (
	failed    = "FAILED"
	undecided = "undecided"
	passed    = "passed"
)

func (p diffPage) checks() {
	if len(p.d.Checks) == 0 {
		p.caveats("checks")
		return
	}
	p.section("checks")
	of := make(map[string][]report.Check)
	for _, c := range p.d.Checks {
		of[checkResult(c)] = append(of[checkResult(c)], c)
	}
	p.checkParts(of[failed])
	p.checkParts(of[undecided])
	p.fold(plural(len(of[passed]), "check", "checks")+" passed", func() { p.checkParts(of[passed]) })
	p.caveats("checks")
}

func (p diffPage) checkParts(list []report.Check) {
	for i, c := range list {
		if i == topChecks {
			p.say("… %s more, with -f json", plural(len(list)-i, "check", "checks"))
			break
		}
		title := checkResult(c) + "  " + p.name(c.Expression)
		if c.Budget != "" {
			title += "  in " + p.name(c.Budget)
		}
		p.part(title, func() { p.check(c) })
	}
}

func findingRank(f report.Finding) int {
	switch {
	case f.Failed:
		return 0
	case f.Beyond || f.Known != "":
		return 1
	}
	return 2
}

func checkResult(c report.Check) string {
	switch {
	case c.Failed:
		return failed
	case c.Undecided != "":
		return undecided
	}
	return passed
}

func (p diffPage) check(c report.Check) {
	if c.Undecided != "" {
		p.say("why: %s", p.plain(c.Undecided))
	}
	if len(c.Findings) == 0 {
		p.say("it is about nothing that the runs have")
		return
	}
	tab := &table{tall: true}
	tab.row("old", "new", "value", "bound", "p", "result", "of")
	list := byRank(c.Findings, findingRank)
	for i, f := range list {
		if i == topFindings {
			tab.more(len(list) - i)
			break
		}
		p.finding(tab, f)
	}
	p.table(tab)
}

func (p diffPage) finding(tab *table, f report.Finding) {
	name := "the whole program"
	if f.Place != "" {
		name = p.name(function(f.Place))
	}
	if f.Known != "" {
		name += ": " + p.plain(f.Known)
	}
	tab.row(value(f.Unit, f.Old), value(f.Unit, f.New), p.plain(held(f)), heldValue(f, f.Bound), adjusted(f.P), findingResult(f), name)
}

// held writes what is held against the bound.
func held(f report.Finding) string {
	if f.Value == nil {
		return "from nothing"
	}
	return f.Of + " " + heldValue(f, *f.Value)
}

// heldValue writes a number as a bound is.
func heldValue(f report.Finding, v float64) string {
	switch f.Of {
	case "ratio":
		return signedShare(v)
	case "change":
		return signed(f.Unit, v)
	}
	return value(f.Unit, v)
}

// findingWord says what a finding means for its check.
func findingWord(f report.Finding) string {
	switch {
	case f.Failed: // also what is known no more
		return failed
	case f.Known != "":
		return "known"
	}
	return passed
}

func findingResult(f report.Finding) string {
	switch {
	case f.Failed:
		return "failed"
	case f.Known != "":
		return "known"
	case f.Beyond:
		return "not significant"
	}
	return "not beyond"
}
