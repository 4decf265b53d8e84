package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"tracekit/analyze/report"
)

// How many rows of Runs are shown.
const (
	topSources  = 8
	topOutcomes = 10
	topOrders   = 10
)

func runsText(w io.Writer, r *report.Runs) error {
	t := newText(r.Caveats)
	runsPage{t, r}.write()
	return t.flush(w)
}

func runsMarkdown(w io.Writer, r *report.Runs) error {
	m := newMarkdown(r.Caveats)
	m.lead(runsSummary(r))
	runsPage{m, r}.write()
	return m.flush(w)
}

// runsSummary says in a line what the runs came to.
func runsSummary(r *report.Runs) string {
	verdicts := make(map[string]int)
	for _, o := range r.Orders {
		verdicts[o.Verdict]++
	}
	var parts []string
	for _, v := range []string{report.Stable, report.ArrivalOrder, report.Varies, report.Random, report.TooFewRuns} {
		if n := verdicts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	line := fmt.Sprintf("%s; %s waited for", plural(len(r.Runs), "run", "runs"), plural(len(r.Locks), "lock", "locks"))
	if len(parts) > 0 {
		line += "; orders: " + strings.Join(parts, ", ")
	}
	return line
}

// runsPage is Runs on a page.
type runsPage struct {
	page
	r *report.Runs
}

func (p runsPage) write() {
	p.headline()
	p.outcomes()
	p.measures()
	p.locks()
	p.sites()
	p.orders()
	p.scaling()
	p.rest()
}

func (p runsPage) headline() {
	for i, s := range p.r.Recordings {
		if i == topSources {
			p.say("… %s more, with -f json", number(len(p.r.Recordings)-i))
			break
		}
		n := 0
		for _, run := range p.r.Runs {
			if run.Source == i {
				n++
			}
		}
		p.say("%s: %s", sourceName(p, s), runsOf(n, s.Wanted))
	}
	p.facts(plural(len(p.r.Runs), "run", "runs"), procsList(p.r.Procs), p.plain(versions(p.r.Runs)))
	p.caveats(aboutRuns...)
}

// sourceName names a source by its command, where that is known, and its path.
func sourceName(p page, s report.Source) string {
	if len(s.Command) == 0 {
		return p.name(s.Path)
	}
	return p.name(strings.Join(s.Command, " ")) + " (" + p.name(s.Path) + ")"
}

// runsOf counts runs, of those that there were to be.
func runsOf(n, wanted int) string {
	if wanted > n {
		return fmt.Sprintf("%s of %s", number(n), plural(wanted, "run", "runs"))
	}
	return plural(n, "run", "runs")
}

func procsList(procs []int) string {
	var list []string
	for _, n := range procs {
		list = append(list, procsName(n))
	}
	if len(list) == 0 {
		return ""
	}
	return "GOMAXPROCS " + strings.Join(list, ", ")
}

func procsName(n int) string {
	if n == 0 {
		return "not known"
	}
	return number(n)
}

// versions names each release of Go once.
func versions(runs []report.Run) string {
	var list []string
	for _, r := range runs {
		if r.GoVersion != "" && !slices.Contains(list, r.GoVersion) {
			list = append(list, r.GoVersion)
		}
	}
	return strings.Join(list, ", ")
}

func (p runsPage) outcomes() {
	p.section("outcomes")
	tab := new(table)
	tab.row("runs", "outcome")
	stated := 0
	for i, o := range p.r.Outcomes {
		if stated += o.Runs; i < topOutcomes {
			tab.row(number(o.Runs), p.plain(outcome(o.Outcome)))
		}
	}
	tab.more(len(p.r.Outcomes) - topOutcomes)
	switch left := len(p.r.Runs) - stated; {
	case stated == 0:
		p.say("no run stated one")
	case left > 0:
		tab.row(number(left), "(stated none)")
		fallthrough
	default:
		p.table(tab)
	}
	p.ends()
	p.caveats("outcomes")
}

// ends counts the runs that did not end well.
func (p runsPage) ends() {
	var ways []string
	counts := make(map[string]int)
	for _, r := range p.r.Runs {
		if r.Ended == "" || r.Ended == "exit status 0" {
			continue
		}
		if counts[r.Ended]++; counts[r.Ended] == 1 {
			ways = append(ways, r.Ended)
		}
	}
	for i, way := range ways {
		if i == topOutcomes {
			p.say("… and in %s more, with -f json", plural(len(ways)-i, "way", "ways"))
			break
		}
		p.say("%s ended with %s", plural(counts[way], "run", "runs"), p.plain(way))
	}
}

func (p runsPage) measures() {
	p.section("measures")
	tab := &table{left: 1}
	tab.row("measure", "runs", "median", "95 %", "min..max", "")
	for _, m := range p.r.Measures {
		seriesRow(tab, p.plain(m.Name), m.Unit, m.Series)
	}
	if len(p.r.Measures) == 0 {
		p.say("no run has any")
	} else {
		p.table(tab)
	}
	p.caveats("measures", "critpath")
}

// seriesRow adds a row with a name to the left.
func seriesRow(tab *table, name, unit string, s report.Series) {
	if s.N == 0 {
		tab.row(name, "0", "-", "-", "-", "")
		return
	}
	write := func(v float64) string { return value(unit, v) }
	tab.row(name, number(s.N), write(s.Median), between(s.Low, s.High, write), between(&s.Min, &s.Max, write), "")
}

func (p runsPage) scaling() {
	s := p.r.Scaling
	if s == nil {
		p.caveats("scaling")
		return
	}
	p.section("scaling")
	tab := new(table)
	tab.row("GOMAXPROCS", "runs", "wall", "speedup", "95 %", "efficiency", "serial fraction", "achieved", "lock wait", "")
	for _, step := range s.Steps {
		serial := "-"
		if step.SerialFraction != nil {
			serial = value("", *step.SerialFraction)
		}
		tab.row(procsName(step.GOMAXPROCS), number(step.Wall.N), value("ns", step.Wall.Median), ratio(step.Speedup),
			between(step.Low, step.High, ratio), share(step.Efficiency), serial,
			ratio(step.Parallelism.Median), value("ns", step.LockWait.Median), "")
	}
	p.table(tab)
	if s.USL != nil {
		p.usl(s)
	}
	p.caveats("scaling")
}

// ratio writes how many times as many.
func ratio(x float64) string { return fmt.Sprintf("%.2f", x) }

func (p runsPage) usl(s *report.Scaling) {
	var list []string
	for i, x := range s.USL.Residuals {
		list = append(list, fmt.Sprintf("%+.1f %% at %s", 100*x, procsName(at(s.Steps, i).GOMAXPROCS)))
	}
	p.say("Universal Scalability Law: sigma (contention) %.4g, kappa (coherency) %.4g; residuals %s",
		s.USL.Sigma, s.USL.Kappa, strings.Join(list, ", "))
}
