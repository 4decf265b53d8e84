package render

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"tracekit/analyze/report"
)

// The roles of sites in tables for programs.
const (
	roleAcquire = "acquire" // waits for a lock
	roleRelease = "release" // makes others wait for one
	roleWait    = "wait"    // waits for something else
	roleIdle    = "idle"    // waits for work: in no number of the whole program
)

var roles = []string{roleAcquire, roleRelease, roleWait, roleIdle}

// aboutAll are the keys of what qualifies all numbers of a document.
var aboutAll = []string{"trace", "recording", "recordings", "runs"}

// aboutSite are the keys of what qualifies the numbers of a site, in a Report and in
// Runs, by its role.
var aboutSite = map[string][]string{
	roleAcquire: {"waits.locks", "locks", "sites"},
	roleRelease: {"waits.locks", "locks"},
	roleWait:    {"waits.sites", "sites"},
	roleIdle:    {"waits.idle", "sites"},
}

// facts are the numbers of runs, one by one, for tables that programs read.
type facts struct {
	runs  []runFacts
	sites []*siteFacts
	index map[siteKey]*siteFacts
}

// runFacts is a run, or one process of it.
type runFacts struct {
	source     string
	number     int // from 1 on
	gomaxprocs int // 0: not known
	process    string
	whole      []quantity // of the whole program
}

// quantity is a number, or one that is not known, which has no value.
type quantity struct {
	name  string
	unit  string
	value string
	about []string // the keys of what qualifies it
}

// siteKey tells sites apart.
type siteKey struct {
	role string
	kind string
	report.Frame
}

// siteFacts are the waits at a site by run, none where a run has none: what is left
// out would be missing in a median. Of a release they are the wakes, and the blame.
type siteFacts struct {
	siteKey
	tallies []report.Tally
}

func newFacts(runs ...runFacts) *facts {
	return &facts{runs: runs, index: make(map[siteKey]*siteFacts)}
}

func (f *facts) add(run int, key siteKey, t report.Tally) {
	s := f.index[key]
	if s == nil {
		s = &siteFacts{siteKey: key, tallies: make([]report.Tally, len(f.runs))}
		f.index[key] = s
		f.sites = append(f.sites, s)
	}
	s.tallies[run].Add(t)
}

// sort orders sites by role, blocked time and place.
func (f *facts) sort() {
	slices.SortStableFunc(f.sites, func(a, b *siteFacts) int {
		return cmp.Or(cmp.Compare(slices.Index(roles, a.role), slices.Index(roles, b.role)), cmp.Compare(b.blocked(), a.blocked()),
			strings.Compare(a.Func, b.Func), strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.kind, b.kind))
	})
}

func (s *siteFacts) blocked() (sum int64) {
	for _, t := range s.tallies {
		sum += t.BlockedNS
	}
	return sum
}

// quantities returns the numbers of the site in a run.
func (s *siteFacts) quantities(run int) []quantity {
	t, about := s.tallies[run], aboutSite[s.role]
	if s.role == roleRelease {
		return []quantity{{"blame", "ns", integer(t.BlockedNS), about}, {"wakes", "", integer(t.Waits), about}}
	}
	return []quantity{
		{"blocked", "ns", integer(t.BlockedNS), about},
		{"sched", "ns", integer(t.SchedNS), about},
		{"waits", "", integer(t.Waits), about},
	}
}

// whole is what a run says of the whole program, by the names and definitions of the
// measures of Runs.
type whole struct {
	wall                             int64
	parallelism, utilization, demand float64
	locks, all                       report.Tally // waits for locks, and all but idle ones
	pairs, overtaken                 int64
	outcome                          *report.Outcome
}

func (w whole) quantities() []quantity {
	utilization, fifo, name, got, want := "", "", "", "", ""
	if w.utilization > 0 {
		utilization = decimal(w.utilization)
	}
	if w.pairs > 0 {
		fifo = decimal(1 - float64(w.overtaken)/float64(w.pairs))
	}
	if o := w.outcome; o != nil {
		name, got, want = o.Name, integer(o.Got), integer(o.Want)
	}
	waits := []string{"waits.kinds", "measures"}
	return []quantity{
		{"wall", "ns", integer(w.wall), []string{"measures"}},
		{"parallelism", "", decimal(w.parallelism), []string{"parallel.running_avg", "measures"}},
		{"utilization", "", utilization, []string{"parallel.utilization", "measures"}},
		{"demand", "", decimal(w.demand), []string{"parallel.demand_avg", "measures"}},
		{"lock-wait", "ns", integer(w.locks.BlockedNS), []string{"waits.locks", "measures"}},
		{"blocked", "ns", integer(w.all.BlockedNS), waits},
		{"sched", "ns", integer(w.all.SchedNS), waits},
		{"waits", "", integer(w.all.Waits), waits},
		{"fifo", "", fifo, []string{"order.locks", "measures"}},
		{"outcome", name, got, []string{"outcomes"}},
		{"outcome-want", name, want, []string{"outcomes"}},
	}
}

// unknown returns the quantities of a program of which nothing is known.
func unknown() []quantity {
	list := whole{}.quantities()
	for i := range list {
		list[i].value = ""
	}
	return list
}

// reportFacts returns those of a report, as the first run.
func reportFacts(r *report.Report, source, process string) *facts {
	f := newFacts(runFacts{
		source: source, number: 1, gomaxprocs: int(r.Trace.GOMAXPROCS), process: process,
		whole: reportWhole(r).quantities(),
	})
	f.addReport(r)
	f.sort()
	return f
}

func reportWhole(r *report.Report) whole {
	p := r.Parallel
	w := whole{wall: r.Trace.WallNS, parallelism: p.RunningAvg, utilization: p.Utilization, demand: p.DemandAvg}
	for _, l := range r.Waits.Locks {
		w.locks.Add(l.Tally)
	}
	for _, k := range r.Waits.Kinds {
		w.all.Add(k.Tally)
	}
	for _, o := range r.Order.Locks {
		w.pairs += o.Pairs
		w.overtaken += o.OvertakenPairs
	}
	if r.Recording != nil {
		w.outcome = r.Recording.Outcome
	}
	return w
}

// addReport adds the sites of a report to the first run.
func (f *facts) addReport(r *report.Report) {
	acquires := func(role string, list []report.Acquire) {
		for _, a := range list {
			f.add(0, siteKey{role, a.Kind, at(r.Sites, a.Site)}, a.Tally)
		}
	}
	for _, l := range r.Waits.Locks {
		acquires(roleAcquire, l.Acquires)
		for _, rel := range l.Releases {
			f.add(0, siteKey{role: roleRelease, Frame: at(r.Sites, rel.Site)}, report.Tally{Waits: rel.Wakes, BlockedNS: rel.BlameNS})
		}
	}
	for _, s := range r.Waits.Sites {
		acquires(roleWait, s.Stacks)
	}
	for _, s := range r.Waits.Idle {
		acquires(roleIdle, s.Stacks)
	}
}

// setFacts takes the processes of a Set for one run, as Runs do.
func setFacts(s *report.Set) *facts {
	f := newFacts(runFacts{source: s.Path, number: 1, gomaxprocs: setProcs(s), whole: setWhole(s).quantities()})
	for _, p := range s.Processes {
		if p.Report != nil {
			f.addReport(p.Report)
		}
	}
	f.sort()
	return f
}

// setProcs returns the GOMAXPROCS of all processes, 0 where they differ.
func setProcs(s *report.Set) int {
	var all []int64
	for _, p := range s.Processes {
		if p.Report != nil {
			all = append(all, p.Report.Trace.GOMAXPROCS)
		}
	}
	if slices.Sort(all); len(slices.Compact(all)) != 1 {
		return 0
	}
	return int(all[0])
}

// setWhole adds up processes; averages are over the sum of their times.
func setWhole(s *report.Set) (sum whole) {
	var work, demand, procs float64
	for _, p := range s.Processes {
		if p.Report == nil {
			continue
		}
		w, wall := reportWhole(p.Report), float64(p.Report.Trace.WallNS)
		sum.wall += w.wall
		sum.locks.Add(w.locks)
		sum.all.Add(w.all)
		sum.pairs += w.pairs
		sum.overtaken += w.overtaken
		sum.outcome = cmp.Or(sum.outcome, w.outcome)
		work += w.parallelism * wall
		demand += w.demand * wall
		procs += p.Report.Parallel.GOMAXPROCSAvg * wall
	}
	if sum.wall > 0 {
		sum.parallelism, sum.demand = work/float64(sum.wall), demand/float64(sum.wall)
	}
	if procs > 0 {
		sum.utilization = work / procs
	}
	return sum
}

// runsFacts returns the facts of each run.
func runsFacts(r *report.Runs) *facts {
	ofLocks := acquirePlaces(r.Runs)
	var runs []runFacts
	for i := range r.Runs {
		run := &r.Runs[i]
		runs = append(runs, runFacts{
			source: at(r.Recordings, run.Source).Path, number: run.Number, gomaxprocs: run.GOMAXPROCS,
			whole: runWhole(run, r.Places, ofLocks).quantities(),
		})
	}
	f := newFacts(runs...)
	for i, run := range r.Runs {
		for _, w := range run.Waits {
			p := r.Places[w.Place]
			f.add(i, siteKey{roleOf(p, ofLocks[w.Place]), p.Kind, p.Frame}, w.Tally)
		}
		for _, rel := range run.Releases {
			f.add(i, siteKey{role: roleRelease, Frame: r.Places[rel.Place].Frame}, report.Tally{Waits: rel.Wakes, BlockedNS: rel.BlameNS})
		}
	}
	f.sort()
	return f
}

// acquirePlaces returns the places where any run waited for a lock.
func acquirePlaces(runs []report.Run) map[int]bool {
	of := make(map[int]bool)
	for _, r := range runs {
		for _, l := range r.Locks {
			for _, p := range l.Acquires {
				of[p] = true
			}
		}
	}
	return of
}

func roleOf(p report.Place, ofLock bool) string {
	switch {
	case p.Idle:
		return roleIdle
	case ofLock:
		return roleAcquire
	}
	return roleWait
}

func runWhole(r *report.Run, places []report.Place, ofLocks map[int]bool) whole {
	w := whole{wall: r.WallNS, parallelism: r.Parallelism, utilization: r.Utilization, demand: r.Demand, outcome: r.Outcome}
	for _, t := range r.Waits {
		role := roleOf(places[t.Place], ofLocks[t.Place])
		if role == roleAcquire {
			w.locks.Add(t.Tally)
		}
		if role != roleIdle {
			w.all.Add(t.Tally)
		}
	}
	for _, l := range r.Locks {
		w.pairs += l.Pairs
		w.overtaken += l.Overtaken
	}
	return w
}

// at returns an element, or for an index that stands for none, an empty one.
func at[T any](list []T, i int) (none T) {
	if i < 0 || i >= len(list) {
		return none
	}
	return list[i]
}

func integer(n int64) string { return strconv.FormatInt(n, 10) }

// decimal writes all digits of x, and no exponent, which not all programs read.
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// on returns what qualifies the numbers of some keys, be it told or not.
func (c *caveats) on(keys []string) (list []string) {
	for i, v := range c.list {
		if qualifies(v.About, keys) {
			c.told[i] = true
			list = append(list, sentence(v))
		}
	}
	return list
}

// fresh returns those of on that are not told yet.
func (c *caveats) fresh(keys []string) []string {
	return c.take(func(about string) bool { return qualifies(about, keys) })
}

// qualifies reports whether a caveat is on all numbers, or about one of the keys, a
// part of it, or what it is a part of.
func qualifies(about string, keys []string) bool {
	return slices.ContainsFunc(slices.Concat(aboutAll, keys), func(key string) bool {
		return strings.HasPrefix(about+".", key+".") || strings.HasPrefix(key, about+".")
	})
}

// sentence writes a caveat with its remedy.
func sentence(c report.Caveat) string {
	if c.Remedy == "" {
		return c.Text
	}
	return c.Text + "; remedy: " + c.Remedy
}
