package render

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"tracekit/analyze/report"
)

// The benchmark format is that of https://go.dev/design/14313-benchmark-format, for
// benchstat. It has no line of configuration, by which benchstat would take two
// recordings for two things that cannot be compared: what can differ between them,
// and caveats, are in comments, which it skips.

// better says of which quantities more is better or worse; of the others neither is.
var better = map[string]string{
	"wall": "lower", "parallelism": "higher", "utilization": "higher",
	"lock-wait": "lower", "blocked": "lower", "sched": "lower", "waits": "lower",
}

const (
	maxName    = 500    // characters of a name
	maxComment = 10_000 // of a line of a comment; a reader takes 65536 bytes
)

func benchReport(w io.Writer, r *report.Report) error {
	b := newBench(r.Caveats)
	b.facts(reportFacts(r, r.Trace.Path, ""))
	return b.end(w)
}

func benchSet(w io.Writer, s *report.Set) error {
	b := newBench(setCaveats(s))
	b.comment("the processes of the recording are one run: its times are sums over them, and no times of a clock")
	for i, p := range s.Processes {
		b.comment(fmt.Sprintf("process %d: %s", i, processName(p)))
	}
	b.facts(setFacts(s))
	return b.end(w)
}

func benchRuns(w io.Writer, r *report.Runs) error {
	b := newBench(r.Caveats)
	b.facts(runsFacts(r))
	return b.end(w)
}

// benchDiff writes the medians of both sides, which is all that a Diff has of them.
func benchDiff(w io.Writer, d *report.Diff) error {
	b := newBench(d.Caveats)
	b.comment(fmt.Sprintf("a line is the medians of %s, or of %s: benchstat can set them side by side with -col /side, and test nothing; to test, give it the runs",
		plural(d.Old.Runs, "old run", "old runs"), plural(d.New.Runs, "new run", "new runs")))
	b.caveats([]string{"measures"})
	b.sides(d, "Program", measureSides(d.Measures))
	keys := make([]siteKey, len(d.Sites))
	for i, s := range d.Sites {
		keys[i] = siteKey{roleWait, s.Kind, placeOf(s)}
		if s.Idle {
			keys[i].role = roleIdle
		}
	}
	for i, name := range siteNames(keys) {
		b.caveats(aboutDiffSite(d.Sites[i]))
		b.sides(d, name, siteSides(d.Sites[i], perOf(d)))
	}
	return b.end(w)
}

func aboutDiffSite(s report.SiteDiff) []string {
	if s.Lock < 0 {
		return []string{"sites"}
	}
	return []string{"sites", "locks"}
}

// measureSides returns the old and the new quantities of the whole program.
func measureSides(list []report.MeasureDiff) (sides [2][]quantity) {
	for _, m := range list {
		for i, s := range []report.Series{m.Old, m.New} {
			sides[i] = append(sides[i], quantity{name: m.Name, unit: m.Unit, value: medianOf(s)})
		}
	}
	return sides
}

// siteSides returns those of a site.
func siteSides(s report.SiteDiff, per string) (sides [2][]quantity) {
	pick := []func(report.Change) report.Series{
		func(c report.Change) report.Series { return c.Old },
		func(c report.Change) report.Series { return c.New },
	}
	for i, side := range pick {
		sides[i] = []quantity{
			{name: "blocked", unit: "ns" + per, value: medianOf(side(s.Blocked))},
			{name: "sched", unit: "ns" + per, value: medianOf(side(s.Sched))},
			{name: "waits", unit: per, value: medianOf(side(s.Waits))},
		}
	}
	return sides
}

// bench is benchmark results in the making.
type bench struct {
	units   []string // of the results
	results strings.Builder
	notes   caveats
}

func newBench(list []report.Caveat) *bench { return &bench{notes: newCaveats(list)} }

func (b *bench) facts(f *facts) {
	for _, r := range f.runs {
		for _, q := range r.whole {
			b.caveats(q.about)
		}
	}
	for _, r := range f.runs {
		b.result("Program", r.gomaxprocs, r.whole)
	}
	var keys []siteKey
	sites := slices.DeleteFunc(slices.Clone(f.sites), func(s *siteFacts) bool { return s.role == roleRelease })
	for _, s := range sites {
		keys = append(keys, s.siteKey)
	}
	for i, name := range siteNames(keys) {
		b.caveats(aboutSite[sites[i].role])
		for n, r := range f.runs {
			b.result(name, r.gomaxprocs, sites[i].quantities(n))
		}
	}
}

// sides writes a result for each side of a Diff.
func (b *bench) sides(d *report.Diff, name string, sides [2][]quantity) {
	b.result(name+"/side=old", d.Old.GOMAXPROCS, sides[0])
	b.result(name+"/side=new", d.New.GOMAXPROCS, sides[1])
}

// result writes a line with those of the quantities that are known.
func (b *bench) result(name string, gomaxprocs int, list []quantity) {
	line := ""
	for _, q := range list {
		if q.value != "" {
			q = inSeconds(q)
			line += " " + q.value + " " + b.unit(q)
		}
	}
	if line == "" {
		return // a line has to have one
	}
	if gomaxprocs > 0 {
		name = fmt.Sprintf("%s-%d", name, gomaxprocs)
	}
	fmt.Fprintf(&b.results, "Benchmark%s 1%s\n", name, line)
}

// inSeconds turns ns into seconds. So does benchstat, but not with zeros: a site where
// some runs did not wait would be in a table of seconds, and in one of ns.
func inSeconds(q quantity) quantity {
	per, ok := strings.CutPrefix(q.unit, "ns")
	ns, err := strconv.ParseFloat(q.value, 64)
	if ok && err == nil {
		q.unit, q.value = "sec"+per, decimal(ns/1e9)
	}
	return q
}

// unit returns the unit of a quantity, of which benchstat makes a table.
func (b *bench) unit(q quantity) string {
	unit := q.name
	if q.unit != "" && !strings.HasPrefix(q.unit, "/") {
		unit += "-"
	}
	unit = word(unit + q.unit)
	line := "Unit " + unit + " assume=nothing"
	if better[q.name] != "" {
		line += " better=" + better[q.name]
	}
	if !slices.Contains(b.units, line) {
		b.units = append(b.units, line)
	}
	return unit
}

// caveats writes those on the results that follow which are not written yet.
func (b *bench) caveats(about []string) {
	for _, text := range b.notes.fresh(about) {
		b.comment("caveat: " + text)
	}
}

func (b *bench) comment(text string) {
	for part := range slices.Chunk([]rune(printable(text)), maxComment) {
		fmt.Fprintf(&b.results, "# %s\n", string(part))
	}
}

func (b *bench) end(w io.Writer) error {
	for _, text := range b.notes.rest() {
		b.comment("caveat: " + text)
	}
	head := ""
	for _, u := range b.units {
		head += u + "\n"
	}
	_, err := io.WriteString(w, head+b.results.String())
	return err
}

// siteNames names sites so that a name stays the same when other lines move: it has a
// line only where function and kind do not tell sites apart, and a number where not
// even that does.
func siteNames(sites []siteKey) []string {
	names := make([]string, len(sites))
	for i, s := range sites {
		names[i] = siteName(s, "")
	}
	short, seen := count(names), make(map[string]int)
	for i, s := range sites {
		if short[names[i]] == 1 {
			continue
		}
		line := fmt.Sprintf(":%s:%d", path.Base(strings.ReplaceAll(s.File, `\`, "/")), s.Line)
		names[i] = siteName(s, line)
		if seen[names[i]]++; seen[names[i]] > 1 {
			names[i] = siteName(s, fmt.Sprintf("%s#%d", line, seen[names[i]]))
		}
	}
	return names
}

func siteName(s siteKey, line string) string {
	benchmark, name := "Waits", function(s.Func)
	if s.role == roleIdle {
		benchmark = "Idle"
	}
	if name == "" {
		name = "(not known)"
	}
	return fmt.Sprintf("%s/site=%s/kind=%s", benchmark, segment(name+line), segment(s.kind))
}

func count(names []string) map[string]int {
	n := make(map[string]int)
	for _, name := range names {
		n[name]++
	}
	return n
}

// segment writes a part of the name of a benchmark.
func segment(s string) string { return strings.ReplaceAll(word(s), "/", "_") }

// word writes what benchstat takes for one word.
func word(s string) string { return strings.ReplaceAll(cutFront(printable(s), maxName), " ", "_") }
