package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"tracekit/analyze/report"
)

// simulated is a program of many sites whose times have long tails, and which are not
// all seen in each run.
type simulated struct {
	rng   *rand.Rand
	sites []simulatedSite
}

type simulatedSite struct {
	place  report.Place
	scale  float64 // ns
	spread float64 // of the logarithm
	seen   float64 // in this share of the runs
}

// numberOfSites is that of a simulated program; the first one is in each run, with a
// spread of 8 %, and an outlier now and then.
const numberOfSites = 50

func newSimulated(seed uint64) *simulated {
	s := &simulated{rng: rand.New(rand.NewPCG(seed, 6))}
	for i := range numberOfSites {
		site := simulatedSite{
			place:  report.Place{Kind: "mutex", Frame: report.Frame{Func: fmt.Sprintf("main.f%d", i), File: "f.go", Line: i}},
			scale:  1e5 * math.Pow(10, 3*s.rng.Float64()),
			spread: 0.05 + 0.55*s.rng.Float64(),
			seen:   1,
		}
		if i == 0 {
			site.spread = 0.08
		} else if i%2 == 0 {
			site.seen = s.rng.Float64()
		}
		s.sites = append(s.sites, site)
	}
	return s
}

// total draws the time that is blocked at a site in a run: one in fifty is an outlier,
// of a distribution without a variance.
func (s *simulated) total(site simulatedSite) float64 {
	if s.rng.Float64() >= site.seen {
		return 0
	}
	t := site.scale * math.Exp(site.spread*s.rng.NormFloat64())
	if s.rng.IntN(50) == 0 {
		t *= math.Pow(1-s.rng.Float64(), -1/1.5)
	}
	return t
}

// runs draws runs, in which the first site takes a factor as long. Two sites next to
// each other are one lock.
func (s *simulated) runs(n int, factor float64) *report.Runs {
	var g Gathering
	g.Source(report.Source{Path: "simulated"})
	for i := range n {
		drift := math.Exp(0.02 * s.rng.NormFloat64()) // of the machine
		r := report.Run{Number: i + 1, GOMAXPROCS: 2, Processes: 1}
		for k, site := range s.sites {
			t := drift * s.total(site)
			if k == 0 {
				t *= factor
			}
			if t == 0 {
				continue
			}
			place := g.place(site.place)
			r.Waits = append(r.Waits, report.RunWaits{Place: place, Tally: report.Tally{
				Waits: int64(t/1e4) + 1, BlockedNS: int64(t), SchedNS: int64(t * 0.1 * math.Exp(0.3*s.rng.NormFloat64())),
			}})
			r.WallNS += int64(t)
		}
		r.Parallelism, r.Demand = 1+0.1*s.rng.Float64(), 1.5+0.1*s.rng.Float64()
		r.Utilization = r.Parallelism / 2
		for k := 0; k+1 < len(r.Waits); k += 2 {
			r.Locks = append(r.Locks, report.RunLock{Acquires: []int{r.Waits[k].Place}, Pairs: 100, Overtaken: int64(s.rng.IntN(20))})
		}
		g.runs = append(g.runs, r)
	}
	return g.Vary()
}

// findings counts what is significant.
func findings(d *report.Diff) (n int) {
	count := func(changes ...report.Change) {
		for _, c := range changes {
			if c.Significant {
				n++
			}
		}
	}
	for _, m := range d.Measures {
		count(m.Change)
	}
	for _, s := range d.Sites {
		count(s.Blocked, s.Sched, s.Waits)
	}
	for _, l := range d.Locks {
		count(l.Blocked, l.Sched, l.Waits)
		if l.Fifo != nil {
			count(*l.Fifo)
		}
	}
	return n
}

func diffOf(t *testing.T, old, new *report.Runs, o Options) *report.Diff {
	t.Helper()
	d, err := Diff(old, new, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestFalseAlarms diffs two sets of runs of one program: the level is that of any
// finding at all.
func TestFalseAlarms(t *testing.T) {
	diffs := 200
	if testing.Short() {
		diffs = 20
	}
	tests := []struct {
		old, new int
		holm     bool
	}{{10, 10, false}, {10, 10, true}, {60, 6, false}, {7, 25, false}}
	for _, tt := range tests {
		alarms := 0
		for seed := range uint64(diffs) { // a constant seed each
			s := newSimulated(seed)
			if findings(diffOf(t, s.runs(tt.old, 1), s.runs(tt.new, 1), Options{Holm: tt.holm})) > 0 {
				alarms++
			}
		}
		t.Logf("%+v: %d of %d diffs of the same raise a finding", tt, alarms, diffs)
		if alarms > diffs/10 {
			t.Errorf("%+v: %d of %d diffs raise a finding", tt, alarms, diffs)
		}
	}
}

// TestPlanted has one of 50 sites take 30 % longer.
func TestPlanted(t *testing.T) {
	diffs, enough := 200, 160
	if testing.Short() {
		diffs, enough = 50, 30
	}
	found, others, covered := 0, 0, 0
	for seed := range uint64(diffs) {
		s := newSimulated(seed)
		d := diffOf(t, s.runs(10, 1), s.runs(10, 1.3), Options{})
		for _, site := range d.Sites {
			switch {
			case site.New == nil || site.New.Func != "main.f0":
				if site.Blocked.Significant {
					others++
				}
			default:
				if site.Blocked.Significant {
					found++
				}
				truth := 0.3 * s.sites[0].scale
				if *site.Blocked.Low <= truth && truth <= *site.Blocked.High {
					covered++
				}
			}
		}
	}
	t.Logf("found %d of %d, %d times another site; the interval covers the truth %d times", found, diffs, others, covered)
	if found < enough {
		t.Errorf("found %d of %d", found, diffs)
	}
	if covered < diffs*9/10 {
		t.Errorf("the interval of 95 %% covers the truth %d times of %d", covered, diffs)
	}
}
