// Package pprof turns the waits of a report into a profile for go tool pprof.
//
// Each stack that waited is a sample with three values: blocked and sched
// nanoseconds, and the number of waits. By release, blocked time is charged to
// the stacks that ended the waits instead: to the releases of a lock by blame,
// to the wakers of anything else by the waits that they ended. The totals are
// those of the report, and each caveat of the report is a comment of the
// profile.
//
// Samples carry labels: kind, what was waited on; lock, its name in the report;
// goroutine, the group of the goroutine whose stack it is.
package pprof

import (
	"fmt"

	"github.com/google/pprof/profile"

	"tracekit/analyze/report"
)

// By says whose stacks a profile shows.
type By string

// The ways to charge waits.
const (
	Waiter  By = "waiter"  // to who waited
	Release By = "release" // to who ended the wait
)

// Ways lists the values of By.
func Ways() []string { return []string{string(Waiter), string(Release)} }

// Profile returns the waits of a report as a profile.
func Profile(r *report.Report, by By) (*profile.Profile, error) {
	b := newBuilder(r)
	switch by {
	case Waiter:
		b.waiters()
	case Release:
		b.releases()
	default:
		return nil, fmt.Errorf("no way to charge waits is called %q", by)
	}
	if err := b.p.CheckValid(); err != nil {
		return nil, fmt.Errorf("the profile does not hold: %w", err)
	}
	return b.p, nil
}

// builder makes a profile.
type builder struct {
	r         *report.Report
	p         *profile.Profile
	functions map[[2]string]*profile.Function // by name and file
	locations map[int]*profile.Location       // by frame; -1: nobody
}

func newBuilder(r *report.Report) *builder {
	// One mapping which has all names, so that no tool looks for binaries.
	m := &profile.Mapping{ID: 1, HasFunctions: true, HasFilenames: true, HasLineNumbers: true}
	p := &profile.Profile{
		SampleType: []*profile.ValueType{
			{Type: "blocked", Unit: "nanoseconds"},
			{Type: "sched", Unit: "nanoseconds"},
			{Type: "waits", Unit: "count"},
		},
		DefaultSampleType: "blocked",
		PeriodType:        &profile.ValueType{Type: "waits", Unit: "count"},
		Period:            1,
		DurationNanos:     r.Trace.WallNS,
		Mapping:           []*profile.Mapping{m},
		Comments:          comments(r.Caveats),
	}
	return &builder{
		r: r, p: p,
		functions: make(map[[2]string]*profile.Function),
		locations: make(map[int]*profile.Location),
	}
}

// comments tells caveats.
func comments(list []report.Caveat) (out []string) {
	for _, c := range list {
		comment := c.About + ": " + c.Text
		if c.Remedy != "" {
			comment += "; remedy: " + c.Remedy
		}
		out = append(out, comment)
	}
	return out
}

// waiters charges waits to the stacks that waited.
func (b *builder) waiters() {
	for _, l := range b.r.Waits.Locks {
		for _, a := range l.Acquires {
			b.waiter(a, l.Name)
		}
	}
	for _, s := range b.r.Waits.Sites {
		for _, a := range s.Stacks {
			b.waiter(a, "")
		}
	}
}

func (b *builder) waiter(a report.Acquire, lock string) {
	b.sample(a.Stack, []int64{a.BlockedNS, a.SchedNS, a.Waits}, labels{
		kinds: []string{a.Kind}, lock: lock, goroutine: a.Goroutine,
	})
}

// releases charges waits to the stacks that ended them. Sched latency is
// nobody's doing, and is left out.
func (b *builder) releases() {
	for _, l := range b.r.Waits.Locks {
		for _, rel := range l.Releases {
			b.sample(rel.Stack, []int64{rel.BlameNS, 0, rel.Wakes}, labels{
				kinds: l.Kinds, lock: l.Name, goroutine: rel.Goroutine,
			})
		}
	}
	for _, s := range b.r.Waits.Sites {
		for _, w := range s.Wakers {
			b.sample(w.Stack, []int64{w.BlockedNS, 0, w.Wakes}, labels{
				kinds: []string{s.Kind}, goroutine: w.Goroutine,
			})
		}
	}
}

// labels are those of a sample. Empty ones are left out.
type labels struct {
	kinds           []string
	lock, goroutine string
}

func (b *builder) sample(stack int, values []int64, l labels) {
	s := &profile.Sample{Value: values, Label: map[string][]string{"kind": l.kinds}}
	if l.lock != "" {
		s.Label["lock"] = []string{l.lock}
	}
	if l.goroutine != "" {
		s.Label["goroutine"] = []string{l.goroutine}
	}
	if stack < 0 {
		s.Location = []*profile.Location{b.location(-1)}
	} else {
		for _, f := range b.r.Stacks[stack] {
			s.Location = append(s.Location, b.location(f))
		}
	}
	b.p.Sample = append(b.p.Sample, s)
}

// location returns that of a frame.
func (b *builder) location(frame int) *profile.Location {
	if loc := b.locations[frame]; loc != nil {
		return loc
	}
	// What no goroutine did, or no stack shows, still has to stand somewhere
	// for the totals to be right.
	f := report.Frame{Func: "(no goroutine's stack)"}
	if frame >= 0 {
		f = b.r.Frames[frame]
	}
	id := uint64(len(b.p.Location) + 1)
	loc := &profile.Location{
		ID:      id,
		Mapping: b.p.Mapping[0],
		Line:    []profile.Line{{Function: b.function(f), Line: int64(f.Line)}},
	}
	b.locations[frame] = loc
	b.p.Location = append(b.p.Location, loc)
	return loc
}

func (b *builder) function(f report.Frame) *profile.Function {
	key := [2]string{f.Func, f.File}
	if fn := b.functions[key]; fn != nil {
		return fn
	}
	fn := &profile.Function{
		ID:         uint64(len(b.p.Function) + 1),
		Name:       f.Func,
		SystemName: f.Func,
		Filename:   f.File,
	}
	b.functions[key] = fn
	b.p.Function = append(b.p.Function, fn)
	return fn
}
