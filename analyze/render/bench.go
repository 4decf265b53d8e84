package render

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

// The benchmark format is that of https://go.dev/design/14313-benchmark-format, for
// benchstat. A line of configuration, by which benchstat would take two recordings for
// two things that cannot be compared, tells the sides of a diff apart and nothing else:
// caveats, and what came of checks, are in comments, which it skips.

// better says of which quantities more is better or worse; of the others neither is.
var better = map[string]string{
	"wall": "lower", "parallelism": "higher", "utilization": "higher",
	"lock-wait": "lower", "blocked": "lower", "sched": "lower", "waits": "lower",
	"path": "lower", "span": "lower",
}

// aboutResults are the keys of what qualifies any result: it stands before all of them.
var aboutResults = slices.Concat(aboutRuns, []string{"measures", "critpath", "outcomes", "locks", "sites", "orders"})

// maxComment is how many characters a line of a comment has; a reader takes 65536 bytes.
const maxComment = 10_000

func benchRuns(w io.Writer, r *report.Runs) error {
	b := newBench(r.Caveats)
	b.caveats(aboutResults...)
	places := make([]report.Place, len(r.Sites))
	for i, s := range r.Sites {
		places[i] = at(r.Places, s.Place)
	}
	sites := make([]benchSite, len(r.Sites))
	for i, name := range siteNames(places) {
		sites[i] = benchSite{name, r.Sites[i].Place}
	}
	b.runs(r.Runs, sites)
	return b.end(w)
}

// Sides writes, for benchstat -col side, those runs of both sides that d compares, in
// which its sites have the same names on both. What came of its checks stands before.
func Sides(w io.Writer, d *report.Diff, old, new *report.Runs) error {
	b := newBench(d.Caveats)
	for _, c := range d.Checks {
		b.check(c)
	}
	b.caveats("checks")
	if perOf(d) != "" {
		b.comment("the checks are of " + perWhat(d.Per) + ", the results of numbers per run")
	}
	b.caveats(aboutResults...)
	places := make([]report.Place, len(d.Sites))
	for i, s := range d.Sites {
		places[i] = report.Place{Kind: s.Kind, Idle: s.Idle, Frame: placeOf(s)}
	}
	names := siteNames(places)
	b.side("old")
	b.runs(compared(d.Old, old.Runs), sideSites(d, names, old.Places, func(s report.SiteDiff) *report.Frame { return s.Old }))
	b.side("new")
	b.runs(compared(d.New, new.Runs), sideSites(d, names, new.Places, func(s report.SiteDiff) *report.Frame { return s.New }))
	return b.end(w)
}

// compared returns the runs of a side but for those that it left out.
func compared(s report.Side, runs []report.Run) []report.Run {
	return slices.DeleteFunc(slices.Clone(runs), func(r report.Run) bool {
		return r.GOMAXPROCS != s.GOMAXPROCS && (s.GOMAXPROCS > 0 || s.LeftOut > 0)
	})
}

// benchSite is a site with the name that its results have.
type benchSite struct {
	name  string
	place int // index into Runs.Places; -1 for one that a side lacks
}

// sideSites finds the sites of a Diff among the places of a side.
func sideSites(d *report.Diff, names []string, places []report.Place, frame func(report.SiteDiff) *report.Frame) []benchSite {
	type key struct {
		kind string
		idle bool
		report.Frame
	}
	index := make(map[key]int)
	for i, p := range places {
		index[key{p.Kind, p.Idle, p.Frame}] = i
	}
	sites := make([]benchSite, len(names))
	for i, s := range d.Sites {
		sites[i] = benchSite{names[i], -1}
		if f := frame(s); f != nil {
			if p, ok := index[key{s.Kind, s.Idle, *f}]; ok {
				sites[i].place = p
			}
		}
	}
	return sites
}

// bench is benchmark results in the making.
type bench struct {
	out   strings.Builder
	units map[string]bool // that are declared
	notes caveats
}

func newBench(list []report.Caveat) *bench {
	return &bench{units: make(map[string]bool), notes: newCaveats(list)}
}

// side begins the results of a side.
func (b *bench) side(name string) { fmt.Fprintf(&b.out, "side: %s\n", name) }

// runs writes a result of each run for the whole program, and for each site: zeros
// where a run has no waits there, so that all samples are of all runs.
func (b *bench) runs(runs []report.Run, sites []benchSite) {
	waits := make([]map[int]report.Tally, len(runs))
	for i := range runs {
		waits[i] = waitsOf(&runs[i])
		b.result("Program", runs[i].GOMAXPROCS, runQuantities(&runs[i]))
	}
	for _, s := range sites {
		for i := range runs {
			b.result(s.name, runs[i].GOMAXPROCS, waitQuantities(waits[i][s.place]))
		}
	}
}

// result writes a line with those of the quantities that are known.
func (b *bench) result(name string, gomaxprocs int, list []quantity) {
	if gomaxprocs > 0 {
		name = fmt.Sprintf("%s-%d", name, gomaxprocs)
	}
	line := "Benchmark" + name + " 1"
	for _, q := range list {
		if q.value != "" {
			q = inSeconds(q)
			line += " " + q.value + " " + b.unit(q)
		}
	}
	b.out.WriteString(line + "\n")
}

// inSeconds turns ns into seconds. So does benchstat, but not with zeros: a site where
// some runs did not wait would be in a table of seconds, and in one of ns.
func inSeconds(q quantity) quantity {
	if ns, err := strconv.ParseFloat(q.value, 64); q.unit == "ns" && err == nil {
		q.unit, q.value = "sec", decimal(ns/1e9)
	}
	return q
}

// unit returns the unit of a quantity, of which benchstat makes a table, and declares
// it before the first result that has it.
func (b *bench) unit(q quantity) string {
	unit := q.name
	if q.unit != "" {
		unit += "-" + q.unit
	}
	unit = word(unit)
	if !b.units[unit] {
		b.units[unit] = true
		line := "Unit " + unit + " assume=nothing"
		if better[q.name] != "" {
			line += " better=" + better[q.name]
		}
		b.out.WriteString(line + "\n")
	}
	return unit
}

// check writes what came of an expression, for each number that it is about.
func (b *bench) check(c report.Check) {
	expression := c.Expression
	if c.Budget != "" {
		expression += " in " + c.Budget
	}
	switch result := checkResult(c); {
	case result == undecided:
		b.comment(fmt.Sprintf("%s %s: %s", result, expression, c.Undecided))
	case len(c.Findings) == 0:
		b.comment(fmt.Sprintf("%s %s: it is about nothing that the runs have", result, expression))
	default:
		for _, f := range c.Findings {
			b.comment(fmt.Sprintf("%s %s: %s", findingWord(f), expression, findingLine(f)))
		}
	}
}

// findingLine writes a finding in a line.
func findingLine(f report.Finding) string {
	place := "the whole program"
	if f.Place != "" {
		place = function(f.Place)
	}
	line := fmt.Sprintf("%s: %s, bound %s, p %s", place, held(f), heldValue(f, f.Bound), adjusted(f.P))
	if f.Known != "" {
		line += ": " + f.Known
	}
	return line
}

// caveats writes those on what stands next to it that are not written yet.
func (b *bench) caveats(about ...string) { b.warn(b.notes.about(about...)) }

func (b *bench) warn(list []string) {
	for _, text := range list {
		b.comment("caveat: " + text)
	}
}

func (b *bench) comment(text string) {
	for part := range slices.Chunk([]rune(safe.Printable(text)), maxComment) {
		fmt.Fprintf(&b.out, "# %s\n", string(part))
	}
}

func (b *bench) end(w io.Writer) error {
	b.warn(b.notes.rest())
	_, err := io.WriteString(w, b.out.String())
	return err
}
