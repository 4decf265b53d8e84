package compare

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tracekit/analyze/report"
)

// Gathering collects the facts of runs. The zero value has none.
type Gathering struct {
	runs       []report.Run
	sources    []report.Source
	places     []report.Place
	placeIDs   map[placeKey]int
	goroutines []report.Named
	names      map[string]int // by ID
	caveats    []report.Caveat
	seen       map[string]bool // what makes a run known again
	again      int             // how many came again
}

// placeKey is what makes two places the same one, in runs of the same program.
type placeKey struct {
	kind  string
	idle  bool
	frame report.Frame
}

// Source begins a new source, which the runs that are added next are of.
func (g *Gathering) Source(s report.Source) {
	if s.Command == nil {
		s.Command = []string{}
	}
	g.sources = append(g.sources, s)
}

// Caution adds a caveat on what is gathered.
func (g *Gathering) Caution(c report.Caveat) { g.caveats = append(g.caveats, c) }

// Process is the report of one process of a run.
type Process struct {
	Name   string // the path of its package, or what else tells it from others; the same in all runs
	Report *report.Report
}

// Made says how a run was made.
type Made struct {
	Number  int        // in its source, from 1 on
	Procs   int        // the GOMAXPROCS that was asked for; 0: that of the processes
	Started *time.Time // nil: not known
	Ended   string     // as "exit status 0"; empty: not known
}

// Add adds a run, unless it is there already.
func (g *Gathering) Add(m Made, processes []Process) (added bool) {
	r := report.Run{
		Source: len(g.sources) - 1, Number: m.Number, GOMAXPROCS: m.Procs, Started: m.Started, Ended: m.Ended, Processes: len(processes),
		Waits: []report.RunWaits{}, Releases: []report.RunRelease{}, Locks: []report.RunLock{}, Caveats: []report.Caveat{},
	}
	b := runBuilder{g: g, run: &r, waits: make(map[int]int), releases: make(map[int]int), asked: m.Procs > 0}
	seen := make(map[string]int)
	for _, p := range processes {
		name := ""
		if len(processes) > 1 {
			seen[p.Name]++
			name = fmt.Sprintf("%s#%d", p.Name, seen[p.Name])
		}
		b.add(p.Report, name)
	}
	b.finish()
	return g.keep(r)
}

// keep takes a run, unless it is there already: to the nanosecond, no two are the same.
func (g *Gathering) keep(r report.Run) bool {
	key := fmt.Sprint(r.WallNS, r.Processes, r.Waits, r.Releases, r.Parallelism, r.Demand)
	if g.seen[key] {
		g.again++
		return false
	}
	if g.seen == nil {
		g.seen = make(map[string]bool)
	}
	g.seen[key] = true
	g.runs = append(g.runs, r)
	return true
}

// place returns the number of a place.
func (g *Gathering) place(p report.Place) int {
	key := placeKey{p.Kind, p.Idle, p.Frame}
	id, ok := g.placeIDs[key]
	if !ok {
		if g.placeIDs == nil {
			g.placeIDs = make(map[placeKey]int)
		}
		id = len(g.places)
		g.places = append(g.places, p)
		g.placeIDs[key] = id
	}
	return id
}

// goroutine returns the number of a goroutine.
func (g *Gathering) goroutine(n report.Named) int {
	id, ok := g.names[n.ID]
	if !ok {
		if g.names == nil {
			g.names = make(map[string]int)
		}
		id = len(g.goroutines)
		g.goroutines = append(g.goroutines, n)
		g.names[n.ID] = id
	}
	return id
}

// AddRuns adds the runs of another result, with their sources.
func (g *Gathering) AddRuns(r *report.Runs) {
	base := len(g.sources)
	for _, s := range r.Recordings {
		g.Source(s)
	}
	places := make([]int, len(r.Places))
	for i, p := range r.Places {
		places[i] = g.place(p)
	}
	names := make([]int, len(r.Goroutines))
	for i, n := range r.Goroutines {
		names[i] = g.goroutine(n)
	}
	for _, run := range r.Runs {
		run.Source += base
		g.keep(renumbered(run, places, names))
	}
	for _, c := range r.Caveats {
		if c.About == aboutSource {
			g.Caution(c)
		}
	}
}

// renumbered returns a run with other numbers of its places and goroutines.
func renumbered(r report.Run, places, names []int) report.Run {
	waits := slices.Clone(r.Waits)
	for i := range waits {
		waits[i].Place = places[waits[i].Place]
	}
	releases := slices.Clone(r.Releases)
	for i := range releases {
		releases[i].Place = places[releases[i].Place]
	}
	locks := slices.Clone(r.Locks)
	for i := range locks {
		l := &locks[i]
		l.Acquires, l.Releases = mapped(l.Acquires, places), mapped(l.Releases, places)
		woken, first := slices.Clone(l.Woken), slices.Clone(l.First)
		for j := range woken {
			woken[j] = int32(names[woken[j]])
		}
		for j := range first {
			first[j].Goroutine, first[j].Place = names[first[j].Goroutine], places[first[j].Place]
		}
		l.Woken, l.First = woken, first
	}
	r.Waits, r.Releases, r.Locks = waits, releases, locks
	return r
}

func mapped(list, to []int) []int {
	out := make([]int, len(list))
	for i, v := range list {
		out[i] = to[v]
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// runBuilder makes a Run of the reports of its processes.
type runBuilder struct {
	g        *Gathering
	run      *report.Run
	waits    map[int]int // places to indexes into run.Waits
	releases map[int]int
	work     float64 // ns that goroutines ran, in sum
	demand   float64
	procs    float64 // GOMAXPROCS by time
	asked    bool    // GOMAXPROCS is as it was asked for
	mixed    bool    // it is not the same in all processes
	path     runPath
}

func (b *runBuilder) add(r *report.Report, process string) {
	wall := float64(r.Trace.WallNS)
	b.run.WallNS += r.Trace.WallNS
	b.work += r.Parallel.RunningAvg * wall
	b.demand += r.Parallel.DemandAvg * wall
	b.procs += r.Parallel.GOMAXPROCSAvg * wall
	b.run.Torn = b.run.Torn || r.Trace.LostBytes > 0
	for _, c := range r.Caveats {
		if !slices.ContainsFunc(b.run.Caveats, func(d report.Caveat) bool { return d.Code == c.Code }) {
			b.run.Caveats = append(b.run.Caveats, c)
		}
	}
	if b.run.GoVersion == "" {
		b.run.GoVersion = r.Trace.GoVersion
	}
	switch n := int(r.Trace.GOMAXPROCS); {
	case b.asked:
	case b.run.GOMAXPROCS == 0 && !b.mixed:
		b.run.GOMAXPROCS = n
	case b.run.GOMAXPROCS != n:
		b.run.GOMAXPROCS, b.mixed = 0, true
	}
	if rec := r.Recording; rec != nil && rec.Outcome != nil && b.run.Outcome == nil {
		o := *rec.Outcome
		b.run.Outcome = &o
	}
	b.path.add(r.Critpath)
	b.sites(r, r.Waits.Sites, false)
	b.sites(r, r.Waits.Idle, true)
	for i := range r.Waits.Locks {
		b.lock(r, i, process)
	}
}

func (b *runBuilder) finish() {
	if wall := float64(b.run.WallNS); wall > 0 {
		b.run.Parallelism, b.run.Demand = b.work/wall, b.demand/wall
	}
	if b.procs > 0 {
		b.run.Utilization = b.work / b.procs
	}
	b.path.finish(b.run)
	slices.SortFunc(b.run.Waits, func(x, y report.RunWaits) int { return cmp.Compare(x.Place, y.Place) })
	slices.SortFunc(b.run.Releases, func(x, y report.RunRelease) int { return cmp.Compare(x.Place, y.Place) })
}

func (b *runBuilder) sites(r *report.Report, sites []report.Site, idle bool) {
	for _, s := range sites {
		if s.Kind == forRecorder {
			continue
		}
		for _, a := range s.Stacks {
			b.wait(r, a, idle)
		}
	}
}

// forRecorder is the kind of waits that are the recorder's doing: what differs there is
// not the program's.
const forRecorder = "recording"

// wait adds the waits of a stack to those of its place, and returns that.
func (b *runBuilder) wait(r *report.Report, a report.Acquire, idle bool) int {
	p := b.g.place(report.Place{Kind: a.Kind, Idle: idle, Frame: frameOf(r, a.Site), Chain: chainOf(r, a.Stack, a.Site)})
	i, ok := b.waits[p]
	if !ok {
		i = len(b.run.Waits)
		b.waits[p] = i
		b.run.Waits = append(b.run.Waits, report.RunWaits{Place: p})
	}
	b.run.Waits[i].Add(a.Tally)
	return p
}

func (b *runBuilder) release(r *report.Report, rel report.Release) int {
	p := b.g.place(report.Place{Frame: frameOf(r, rel.Site), Chain: chainOf(r, rel.Stack, rel.Site)})
	i, ok := b.releases[p]
	if !ok {
		i = len(b.run.Releases)
		b.releases[p] = i
		b.run.Releases = append(b.run.Releases, report.RunRelease{Place: p})
	}
	b.run.Releases[i].Wakes += rel.Wakes
	b.run.Releases[i].BlameNS += rel.BlameNS
	return p
}

func (b *runBuilder) lock(r *report.Report, i int, process string) {
	l := report.RunLock{Process: process, Acquires: []int{}, Releases: []int{}, Woken: []int32{}, First: []report.RunTurn{}}
	for _, a := range r.Waits.Locks[i].Acquires {
		l.Acquires = append(l.Acquires, b.wait(r, a, false))
	}
	for _, rel := range r.Waits.Locks[i].Releases {
		p := b.release(r, rel)
		if rel.Site >= 0 { // what was not released says nothing of which lock it is
			l.Releases = append(l.Releases, p)
		}
	}
	l.Acquires, l.Releases = sorted(l.Acquires), sorted(l.Releases)
	l.Pairs, l.Overtaken = r.Order.Locks[i].Pairs, r.Order.Locks[i].OvertakenPairs
	l.PathNS = lockPath(r.Critpath, i)
	if i < len(r.Order.Sequences) {
		b.sequence(&l, r, r.Order.Sequences[i])
	}
	b.run.Locks = append(b.run.Locks, l)
}

func (b *runBuilder) sequence(l *report.RunLock, r *report.Report, s report.LockSequence) {
	l.LeftOut, l.FirstOut = s.LeftOut, s.FirstOut
	for _, n := range s.Woken {
		l.Woken = append(l.Woken, int32(b.g.goroutine(r.Order.Goroutines[n])))
	}
	seen := make(map[int]bool)
	for _, t := range s.First {
		by := b.g.goroutine(r.Order.Goroutines[t.Goroutine])
		if seen[by] { // two that nothing tells apart
			l.FirstOut++
			continue
		}
		seen[by] = true
		place := b.g.place(report.Place{Kind: t.Kind, Frame: frameOf(r, t.Site)})
		l.First = append(l.First, report.RunTurn{Goroutine: by, Place: place, ArrivedNS: t.ArrivedNS, WokenNS: t.WokenNS})
	}
}

func sorted(list []int) []int {
	slices.Sort(list)
	return slices.Compact(list)
}

// frameOf returns a site of a report, an empty one for none.
func frameOf(r *report.Report, site int) report.Frame {
	if site < 0 {
		return report.Frame{}
	}
	return r.Sites[site]
}

// chainOf returns the functions of a stack from its site outward.
func chainOf(r *report.Report, stack, site int) []string {
	chain := []string{}
	if stack < 0 {
		return chain
	}
	begun := false
	for _, f := range r.Stacks[stack] {
		if begun = begun || site >= 0 && r.Frames[f] == r.Sites[site]; begun {
			chain = append(chain, r.Frames[f].Func)
		}
	}
	return chain
}
