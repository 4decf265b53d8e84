package compare

import (
	"fmt"
	"slices"

	"tracekit/analyze/compare/stats"
	"tracekit/analyze/report"
)

// runsCaveats are those on what several runs have in common.
func runsCaveats(r *report.Runs) (list []report.Caveat) {
	add := func(code, about, text, remedy string) {
		list = append(list, report.Caveat{Code: code, About: about, Text: text, Remedy: remedy})
	}
	if n := len(r.Runs); n < sameNeeds {
		add("few-runs", "measures", fmt.Sprintf("%s too few for an interval of 95 %%: there are medians and extremes only", counted(n, "run is", "runs are")),
			fmt.Sprintf("record at least %d", sameNeeds))
	}
	if text := drift(r.Runs); text != "" {
		add("drift", "measures", text, "record again, or compare runs that were made in turns")
	}
	if len(r.Procs) > 1 {
		add("mixed-procs", "measures", "the runs are of several GOMAXPROCS, and these numbers are of all of them", "see the scaling of each; record with one setting")
	}
	if severalProcesses(r.Runs) {
		add("several-processes", "measures", "runs have several processes: times are sums over them, and no times of a clock", "")
	}
	if len(r.Orders) > 0 {
		add("first-acquisitions", "orders", "an order is that in which goroutines acquired the lock for the first time, of those that had to wait: a trace shows no others; a goroutine is the same one in two runs when the same parent created it at the same site as the same one in number", "")
	}
	if len(r.Orders) > 1 {
		add("single-verdicts", "orders", "a verdict is on its lock alone: of 20 locks whose order is random, about one is called otherwise by chance", "")
	}
	for _, o := range r.Orders {
		if o.Ignored > 0 {
			add("order-sampled", "orders", fmt.Sprintf("of more than %d goroutines, the order of those is compared that are in most runs and come first", maxItems), "")
			break
		}
	}
	return list
}

// sameCaveats tell of runs that came more than once.
func (g *Gathering) sameCaveats() []report.Caveat {
	if g.again == 0 {
		return nil
	}
	return []report.Caveat{{
		Code: "same-runs", About: aboutSource, Remedy: "name each once",
		Text: counted(g.again, "run is the same as one before, to the nanosecond: it counts once", "runs are the same as ones before, to the nanosecond: they count once"),
	}}
}

// drift says so when the second half of the runs took longer than the first, or less:
// runs are no fair sample then. It is empty when nothing is seen of it, or they are of
// several sources, which do not say in what order they were made.
func drift(runs []report.Run) string {
	for _, r := range runs {
		if r.Source != runs[0].Source {
			return ""
		}
	}
	walls := wall.values(runs)
	half := len(walls) / 2
	test := stats.MannWhitney(walls[:half], walls[half:])
	if test.P > level {
		return ""
	}
	return fmt.Sprintf("wall times differ between the first half of the runs and the second (p = %.3f): what changed was the machine, or what a run leaves to the next", test.P)
}

// tornCaveats are on what runs lack, or the sums lack of runs.
func tornCaveats(all, used []report.Run) []report.Caveat {
	c := report.Caveat{Code: "torn-runs", About: aboutSource, Remedy: "record again"}
	switch n := len(all) - len(used); {
	case n > 0:
		c.Text = fmt.Sprintf("%d of %d runs are left out: a part of their traces cannot be read", n, len(all))
	case len(used) > 0 && used[0].Torn:
		c.Text = "of each run a part of the trace cannot be read: what is said of them is too little"
	default:
		return nil
	}
	return []report.Caveat{c}
}

// aboutRuns says what of Runs a caveat on a Report is about; nothing, where it is about
// percentiles, which runs have not.
var aboutRuns = map[string]string{
	"trace": "runs", "trace.lost_bytes": "runs", "recording": "runs",
	"waits.kinds": "sites", "waits.locks": "locks", "order": "orders", "order.locks": "orders",
	"parallel": "measures", "parallel.utilization": "measures",
	"critpath": "critpath", "critpath.path_ns": "critpath", "critpath.span_ns": "critpath",
	"critpath.work_ns": "critpath", "critpath.segments": "critpath", "critpath.locks": "critpath",
}

// traceCaveats are those on single runs, each told once.
func traceCaveats(runs []report.Run) (list []report.Caveat) {
	texts := make(map[string][]string) // of each code, by run
	for _, r := range runs {
		for _, c := range r.Caveats {
			about, ok := aboutRuns[c.About]
			if !ok {
				continue
			}
			if texts[c.Code] == nil {
				c.About = about
				list = append(list, c)
			}
			texts[c.Code] = append(texts[c.Code], c.Text)
		}
	}
	for i := range list {
		list[i].Text = ofRuns(texts[list[i].Code], len(runs))
	}
	return list
}

// ofRuns says what is said of some of so many runs, in the words that are said of the
// first one.
func ofRuns(texts []string, runs int) string {
	same := len(slices.Compact(slices.Clone(texts))) == 1
	switch n := len(texts); {
	case n == runs && same:
		return texts[0]
	case same:
		return fmt.Sprintf("in %d of %d runs: %s", n, runs, texts[0])
	default:
		return fmt.Sprintf("in %d of %d runs, as in the first of these: %s", n, runs, texts[0])
	}
}

func severalProcesses(runs []report.Run) bool {
	for _, r := range runs {
		if r.Processes > 1 {
			return true
		}
	}
	return false
}

// caveats are those on a diff.
func (d *differ) caveats(r *report.Diff) []report.Caveat {
	list := slices.Concat(ofSide("old", d.old.caveats), ofSide("new", d.new.caveats),
		d.sampleCaveats(r), d.settingCaveats(r), d.pathCaveats(), d.matchCaveats(r))
	for _, c := range traceCaveats(slices.Concat(d.old.runs, d.new.runs)) {
		if c.About == "orders" { // of which fifo and the distance are, here with the locks
			c.About = "locks"
		}
		list = append(list, c)
	}
	return list
}

// sampleCaveats are on how far the runs are a fair sample.
func (d *differ) sampleCaveats(r *report.Diff) (list []report.Caveat) {
	add := func(code, text, remedy string) {
		list = append(list, report.Caveat{Code: code, About: "measures", Text: text, Remedy: remedy})
	}
	switch least := min(r.Old.Runs, r.New.Runs); {
	case least == 1:
		add("one-run", "of one side there is one run only, which says nothing about chance: any two runs differ", "record at least 10 runs of each: tracekit record --runs 10")
	case r.Tests == 0:
		add("few-runs", fmt.Sprintf("%d and %d runs are too few for any change to be significant among so many comparisons", r.Old.Runs, r.New.Runs),
			fmt.Sprintf("record at least %d of each", needs(len(d.tests.samples))))
	case apart(d.old.runs, d.new.runs) || apart(d.new.runs, d.old.runs):
		add("apart", "what the machine did otherwise when the new runs were made looks like a change, too", inTurns)
	}
	for _, s := range []struct {
		name string
		runs []report.Run
	}{{"old", d.old.runs}, {"new", d.new.runs}} {
		if text := drift(s.runs); text != "" {
			add("drift", s.name+": "+text, inTurns)
		}
	}
	if n := d.common(); n > 0 {
		add("both-sides", counted(n, "run is on both sides", "runs are on both sides")+": what is compared with itself does not change", "")
	}
	if severalProcesses(d.old.runs) || severalProcesses(d.new.runs) {
		add("several-processes", "runs have several processes: times are sums over them, and no times of a clock", "")
	}
	return list
}

// inTurns is what makes drift fall on both sides.
const inTurns = "record in turns: some runs of each side, and more of each with --resume"

// apart reports whether all of some runs were made before all others, as far as is known.
func apart(first, then []report.Run) bool {
	for _, a := range first {
		for _, b := range then {
			if a.Started != nil && b.Started != nil && !a.Started.Before(*b.Started) {
				return false
			}
		}
	}
	return true
}

// settingCaveats are on what else than the program differs.
func (d *differ) settingCaveats(r *report.Diff) (list []report.Caveat) {
	add := func(code, text, remedy string) {
		list = append(list, report.Caveat{Code: code, About: "measures", Text: text, Remedy: remedy})
	}
	switch a, b := r.Old.GOMAXPROCS, r.New.GOMAXPROCS; {
	case a != b || a == 0 && (len(procsOf(d.old.runs)) > 1 || len(procsOf(d.new.runs)) > 1):
		add("gomaxprocs", fmt.Sprintf("no GOMAXPROCS is that of runs on both sides: those of %v are compared with those of %v", procsOf(d.old.runs), procsOf(d.new.runs)), "record both with the same --procs")
	case r.Old.LeftOut+r.New.LeftOut > 0:
		add("one-setting", fmt.Sprintf("only the runs with GOMAXPROCS %d are compared: %d old and %d new ones are not", a, r.Old.LeftOut, r.New.LeftOut), "--procs N chooses another setting")
	}
	if r.Old.GoVersion != r.New.GoVersion {
		add("go-version", fmt.Sprintf("the old runs are of %s, the new ones of %s: what changed may be Go's doing", r.Old.GoVersion, r.New.GoVersion), "")
	}
	return list
}

// matchCaveats are on what was found again, and how, and what was not.
func (d *differ) matchCaveats(r *report.Diff) (list []report.Caveat) {
	add := func(code, about, text string) {
		list = append(list, report.Caveat{Code: code, About: about, Text: text})
	}
	has := func(match string) bool {
		return slices.ContainsFunc(r.Sites, func(s report.SiteDiff) bool { return s.Match == match })
	}
	if has(report.Renamed) {
		add("renamed", "sites", "a site that is marked as renamed was found by what is left of its stack, or by its place among the function literals: it may be another one")
	}
	if has(report.Guessed) {
		add("guessed", "sites", "a site that is marked as guessed is one of several of its function that neither lines nor stacks tell apart: it may be another one")
	}
	if slices.ContainsFunc(r.Locks, func(l report.LockDiff) bool { return l.Distance != nil }) {
		add("order-distance", "locks", "the order distance is a mean over pairs of runs, 0 for the same order and 1 for the reverse, and its p that of a permutation test")
	}
	for _, k := range d.options.Known {
		if !slices.ContainsFunc(d.numbers, func(n number) bool { return n.is(k.subject) }) {
			add("known-nothing", "checks", "a finding that is known is of nothing in these runs: "+k.subject.String())
		}
	}
	return list
}

// common counts the runs that are on both sides: to the nanosecond, no two are the same.
func (d *differ) common() (n int) {
	key := func(r report.Run) string { return fmt.Sprint(r.WallNS, r.Parallelism, r.Demand, r.AllWaits) }
	olds := make(map[string]bool)
	for _, r := range d.old.runs {
		olds[key(r)] = true
	}
	for _, r := range d.new.runs {
		if olds[key(r)] {
			n++
		}
	}
	return n
}

// ofSide says of which side caveats are.
func ofSide(name string, list []report.Caveat) []report.Caveat {
	out := slices.Concat([]report.Caveat{}, list)
	for i := range out {
		out[i].Text = name + ": " + out[i].Text
	}
	return out
}
