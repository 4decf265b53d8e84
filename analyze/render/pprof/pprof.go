// Package pprof turns the waits of a report into a profile for go tool pprof.
//
// Each stack that waited is a sample with three values: blocked and sched
// nanoseconds, and the number of waits. By release, blocked time is charged to
// the stacks that ended the waits instead: to the releases of a lock by blame,
// to the wakers of anything else by the waits that they ended. By chain, a sample
// has the stack that waited and the stack that ended the waits, see [Chain]. The
// totals are those of the report, and each caveat of the report is a comment of the
// profile.
//
// Samples carry labels: kind, what was waited on; lock, its name in the report;
// goroutine, the group of the goroutine whose stack it is; by chain, waker, the group
// of the one that ended the wait.
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
	// Chain charges waits to both, in one stack: that of the waiter, from its root
	// to where it blocks, and on top of it that of the waker upside down, from where
	// it ended the wait to its root, with a frame between them that says so. It is
	// what off-wake flame graphs show (Brendan Gregg).
	Chain By = "chain"
)

// Ways lists the values of By.
func Ways() []string { return []string{string(Waiter), string(Release), string(Chain)} }

// Profile returns the waits of a report as a profile. By Chain, the error can be
// report.ErrNoChains.
func Profile(r *report.Report, by By) (*profile.Profile, error) {
	b := newBuilder(r)
	switch by {
	case Waiter:
		b.waiters()
	case Release:
		b.releases()
	case Chain:
		if r.Waits.Chains == nil {
			return nil, report.ErrNoChains
		}
		b.chains()
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
	locations map[int]*profile.Location       // by frame, or one of the negative numbers of words
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
	kinds                  []string
	lock, goroutine, waker string
}

// sample adds the sample of a stack.
func (b *builder) sample(stack int, values []int64, l labels) { b.add(b.frames(stack), values, l) }

// add adds a sample with these frames, leaf first.
func (b *builder) add(frames []int, values []int64, l labels) {
	s := &profile.Sample{Value: values, Label: map[string][]string{"kind": l.kinds}}
	for key, value := range map[string]string{"lock": l.lock, "goroutine": l.goroutine, "waker": l.waker} {
		if value != "" {
			s.Label[key] = []string{value}
		}
	}
	for _, f := range frames {
		s.Location = append(s.Location, b.location(f))
	}
	b.p.Sample = append(b.p.Sample, s)
}

// What stands in a stack and is no frame. What no goroutine did, or no stack shows,
// still has to stand somewhere for the totals to be right.
const (
	noStack = -1 - iota
	wokenBy
	wokenByNobody
	notWoken
)

var words = map[int]string{
	noStack:       "(no goroutine's stack)",
	wokenBy:       "(woken by)",
	wokenByNobody: "(woken by nobody)",
	notWoken:      "(not woken in the trace)",
}

// frames returns those of a stack, leaf first.
func (b *builder) frames(stack int) []int {
	if stack < 0 {
		return []int{noStack}
	}
	return b.r.Stacks[stack]
}

// location returns that of a frame, or of what stands for one.
func (b *builder) location(frame int) *profile.Location {
	if loc := b.locations[frame]; loc != nil {
		return loc
	}
	f := report.Frame{Func: words[frame]}
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
