// Package parallel finds how many goroutines run, and how many could.
//
// The way of the data: [Parallel] listens to the timeline and counts the user
// goroutines that are running and runnable. Each change of the count closes a
// stretch of time with the old one. The spans of each goroutine are added up
// and go to its group when it ends, for only then is its name certain.
//
// Running means that a goroutine had a processor of the Go scheduler. What it
// cannot know: whether the operating system gave that processor a core all the
// time. Time in system calls is not running, also where the call computes.
package parallel

import (
	"cmp"
	"slices"

	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// Parallel is an Observer of a timeline that follows how many run.
type Parallel struct {
	timeline.Ignore
	count      count   // of user goroutines, now
	at         []int64 // ns, by the number running
	runnableNS int64   // sum over goroutines
	first, now int64   // ns: the first event; since when the numbers hold
	procs      int64   // GOMAXPROCS now; 0: not stated yet
	procsSince int64
	procsNS    int64 // sum of GOMAXPROCS over time from procsFrom to procsSince
	procsFrom  int64
	procsLost  int64 // ns of gaps since procsFrom
	changed    bool
	started    bool
	groups     [timeline.Classes][]*report.Group // by GroupID
}

// count is a number of goroutines that are running, and runnable in the upper
// half: each span changes both in one addition.
type count uint64

var counted = [timeline.States]count{timeline.Running: 1, timeline.Runnable: 1 << 32}

func (c count) running() int    { return int(uint32(c)) }
func (c count) runnable() int64 { return int64(c >> 32) }

// New returns a Parallel that has seen nothing.
func New() *Parallel {
	return &Parallel{
		at: make([]int64, 1), // time before the first event is time with nobody running
	}
}

// Born implements timeline.Observer.
func (p *Parallel) Born(g *timeline.Goroutine) {
	p.begin(g.Since)
	p.advance(g.Since)
	if g.Class == timeline.User {
		p.count += counted[g.State]
	}
}

// Span implements timeline.SpanObserver.
func (p *Parallel) Span(g *timeline.Goroutine, was timeline.State, _ int64) {
	if g.Class == timeline.User {
		p.advance(g.Since)
		p.count += counted[g.State] - counted[was]
	}
}

// begin notes the time of the first event.
func (p *Parallel) begin(t int64) {
	if !p.started {
		p.started = true
		p.first, p.now = t, t
	}
}

// advance closes the stretch of time up to t.
func (p *Parallel) advance(t int64) {
	ns := t - p.now
	if ns <= 0 {
		return
	}
	running := p.count.running()
	for len(p.at) <= running {
		p.at = append(p.at, 0)
	}
	p.at[running] += ns
	p.runnableNS += p.count.runnable() * ns
	p.now = t
}

// Procs implements timeline.Observer.
func (p *Parallel) Procs(t, n int64) {
	p.begin(t)
	p.advance(t)
	p.advanceProcs(t)
	if p.procs == 0 {
		p.procsFrom = t
	} else if p.procs != n {
		p.changed = true
	}
	p.procs = n
}

// advanceProcs closes the stretch of time up to t with one GOMAXPROCS.
func (p *Parallel) advanceProcs(t int64) {
	p.procsNS += p.procs * (t - p.procsSince)
	p.procsSince = t
}

// Gap implements timeline.Observer.
func (p *Parallel) Gap(from, to int64) {
	p.advance(from)
	p.advanceProcs(from)
	p.now, p.procsSince = max(p.now, to), to
	if p.procs > 0 {
		p.procsLost += to - from
	}
}

// Died implements timeline.Observer: it adds up a goroutine that has ended.
func (p *Parallel) Died(g *timeline.Goroutine) {
	groups := &p.groups[g.Class]
	for len(*groups) <= int(g.Group) {
		*groups = append(*groups, nil)
	}
	group := (*groups)[g.Group]
	if group == nil {
		group = &report.Group{Name: g.Name, Class: classNames[g.Class]}
		(*groups)[g.Group] = group
	}
	group.Goroutines++
	group.RunningNS += g.Spent[timeline.Running]
	group.RunnableNS += g.Spent[timeline.Runnable]
	group.BlockedNS += g.Spent[timeline.Waiting]
	group.SyscallNS += g.Spent[timeline.Syscall]
}

var classNames = map[timeline.Class]string{
	timeline.User:    report.ClassUser,
	timeline.Runtime: report.ClassRuntime,
	timeline.Tracer:  report.ClassTracer,
}

// GOMAXPROCS returns the value at the end of the trace, 0 where it was not
// stated, and whether it changed.
func (p *Parallel) GOMAXPROCS() (n int64, changed bool) { return p.procs, p.changed }

// Report returns the result for a trace of this extent.
func (p *Parallel) Report(e timeline.Extent) report.Parallel {
	p.begin(e.Start) // where there was no goroutine
	p.advance(e.End)
	p.advanceProcs(e.End)
	r := report.Parallel{At: []report.At{}, Groups: []report.Group{}}
	for k, ns := range p.at {
		if k == 0 {
			ns += p.first - e.Start // nobody was there yet
		}
		r.At = append(r.At, report.At{Running: k, NS: ns})
		r.WorkNS += int64(k) * ns
	}
	if wall := float64(e.Wall()); wall > 0 {
		r.RunningAvg = float64(r.WorkNS) / wall
		r.DemandAvg = float64(r.WorkNS+p.runnableNS) / wall
	}
	if known := float64(e.End - p.procsFrom - p.procsLost); known > 0 && p.procs > 0 {
		r.GOMAXPROCSAvg = float64(p.procsNS) / known
		r.Utilization = r.RunningAvg / r.GOMAXPROCSAvg
	}
	for _, g := range slices.Concat(p.groups[:]...) {
		if g != nil {
			r.Groups = append(r.Groups, *g)
		}
	}
	slices.SortFunc(r.Groups, compareGroups)
	r.SystemRunningAvg = systemRunning(r.Groups, e.Wall())
	return r
}

func systemRunning(groups []report.Group, wall int64) float64 {
	sum := int64(0)
	for _, g := range groups {
		if g.Class != report.ClassUser {
			sum += g.RunningNS
		}
	}
	if wall <= 0 {
		return 0
	}
	return float64(sum) / float64(wall)
}

var classRank = map[string]int{report.ClassUser: 0, report.ClassRuntime: 1, report.ClassTracer: 2}

func compareGroups(a, b report.Group) int {
	return cmp.Or(
		cmp.Compare(classRank[a.Class], classRank[b.Class]),
		cmp.Compare(b.RunningNS, a.RunningNS),
		cmp.Compare(b.BlockedNS, a.BlockedNS),
		cmp.Compare(a.Name, b.Name))
}
