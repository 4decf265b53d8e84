package report

import (
	"math"
	"strings"
	"testing"
)

// TestCheckSeesCritpath breaks the sample's path in one place after the other.
func TestCheckSeesCritpath(t *testing.T) {
	tests := map[string]func(*Critpath){
		"critpath: a list is null":             func(p *Critpath) { p.Sites = nil },
		"critpath ends at \"\"":                func(p *Critpath) { p.End = "" },
		"critpath: negative":                   func(p *Critpath) { p.FromNS = -1 },
		"critpath: it is 1000000001 of a wall": func(p *Critpath) { p.PathNS = 1_000_000_001 },
		"of a wall time":                       func(p *Critpath) { p.SpanNS = 1_000_000_001 },
		"span is 970000001, and the path ends": func(p *Critpath) { p.SpanNS = 970_000_001 },
		"the parallelism is 3.1":               func(p *Critpath) { p.Parallelism = 3.1 },
		"work over span 0":                     func(p *Critpath) { p.SpanNS = 0 },
		"at least 735000001":                   func(p *Critpath) { p.LeastNS = 735_000_001 },
		"at least 420000000 and at most 9":     func(p *Critpath) { p.MostNS = 900_000_000 },
		"error of the replay is -0.1":          func(p *Critpath) { p.ReplayError = -0.1 },
		"error of the replay is NaN":           func(p *Critpath) { p.ReplayError = math.NaN() },
		"the error of the replay is 0.012, of": func(p *Critpath) { p.ReplayNS-- },
		"critpath.segments: the parts":         func(p *Critpath) { p.Segments[0].NS++ },
		"critpath.segments[6] is of no kind":   func(p *Critpath) { p.Segments[6].Kind = "" },
		"a gc-assist has lock 0":               func(p *Critpath) { p.Segments[4].Lock = 0 },
		"critpath.segments[1] is there twice":  func(p *Critpath) { p.Segments[1].Site = 2 },
		"critpath.locks[1].visits: the parts":  func(p *Critpath) { p.Segments[9].Count++ },
		"critpath.sites[1].visits: the parts":  func(p *Critpath) { p.Sites[1].Visits = 1 },
		"goes through 3 places, and 2":         func(p *Critpath) { p.Locks = p.Locks[1:] },
		"goes through 3 places, and 2 of":      func(p *Critpath) { p.Sites = p.Sites[1:] },
		"critpath.sites[0].wait_ns":            func(p *Critpath) { p.Sites[0].WaitNS++ },
		"critpath.segments[0]: site":           func(p *Critpath) { p.Segments[0].Site = 99 },
		"critpath.segments[0]: site -2":        func(p *Critpath) { p.Segments[0].Site = -2 },
		"critpath.segments[0]: lock 2":         func(p *Critpath) { p.Segments[0].Lock = 2 },
		"critpath.segments[0]: lock -2":        func(p *Critpath) { p.Segments[0].Lock = -2 },
		"critpath.segments[9]: negative":       func(p *Critpath) { p.Segments[9].Count = -1 },
		"critpath.segments[11]: negative":      func(p *Critpath) { p.Segments[11].NS = -1 },
		"a hand-over takes 5 ns":               func(p *Critpath) { p.Segments[9].NS = 5 },
		"a birth takes 5 ns":                   func(p *Critpath) { p.Segments[11].NS = 5 },
		"critpath.segments[1] is out":          func(p *Critpath) { p.Segments[0], p.Segments[1] = p.Segments[1], p.Segments[0] },
		"critpath.locks[0]: lock 2":            func(p *Critpath) { p.Locks[0].Lock = 2 },
		"critpath.locks[0]: lock -1":           func(p *Critpath) { p.Locks[0].Lock = -1 },
		"lock 1 of 2, or twice":                func(p *Critpath) { p.Locks[1].Lock, p.Locks[1].WaitNS = 1, 900 },
		"critpath.locks[0].wait_ns":            func(p *Critpath) { p.Locks[0].WaitNS++ },
		"critpath.locks[0]: negative":          func(p *Critpath) { p.Locks[0].Visits = -1 },
		"critpath.locks[0]: 950000001 of":      func(p *Critpath) { p.Locks[0].PathNS = 950_000_001 },
		"critpath.locks[0]: 560000000 ns are":  func(p *Critpath) { p.Locks[0].Dropped.LowNS = 560_000_001 },
		"critpath.locks[1]: 940000000 ns are":  func(p *Critpath) { p.Locks[1].Dropped.HighNS = 939_999_999 },
		"between -1 and 950000000":             func(p *Critpath) { p.Locks[1].Dropped.LowNS = -1 },
		"critpath.sites[0]: site":              func(p *Critpath) { p.Sites[0].Site = 99 },
		"chan-recv at site 5 is there twice":   func(p *Critpath) { p.Sites[1].Kind, p.Sites[1].Site = "chan-recv", 5 },
		"critpath.sites[0]: negative":          func(p *Critpath) { p.Sites[0].ContendedNS = -1 },
		"critpath.sites[0]: 1 ns are":          func(p *Critpath) { p.Sites[0].Dropped.WallNS = 1 },
		"critpath.instances[0] is of a":        func(p *Critpath) { p.Instances[0].Type = "log" },
		"critpath.instances[0]: negative":      func(p *Critpath) { p.Instances[0].Open = -1 },
		"critpath.instances[0]: percentiles":   func(p *Critpath) { p.Instances[0].P50NS = 1e9 },
		"median: a list is null":               func(p *Critpath) { p.Instances[0].Median.Segments = nil },
		"slow is of 91 of 90":                  func(p *Critpath) { p.Instances[0].Slow.Count = 91 },
		"median.segments: the parts":           func(p *Critpath) { p.Instances[0].Median.PathNS-- },
		"slow.segments[0]: site":               func(p *Critpath) { p.Instances[0].Slow.Segments[0].Site = 99 },
	}
	for says, breakIt := range tests {
		r := sample(t)
		breakIt(r.Critpath)
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error is %v, want one with %q", err, says)
		}
	}
}

// TestNoCritpath has reports hold of before it was kept, and such of which no scenario
// was replayed.
func TestNoCritpath(t *testing.T) {
	r := sample(t)
	r.Critpath.Locks[0].Dropped, r.Critpath.Instances = nil, nil
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	r.Critpath = nil
	if err := r.Check(); err != nil {
		t.Error(err)
	}
}

func TestCheckWhatIf(t *testing.T) {
	whatIf := func() *WhatIf {
		return &WhatIf{
			Schema: WhatIfSchema, WallNS: 100, ReplayNS: 99, ReplayError: 0.01, Caveats: []Caveat{},
			Scenarios: []Scenario{{Name: "without lock 0", PredictedNS: 50, LowNS: 40, HighNS: 60}},
		}
	}
	if err := whatIf().Check(); err != nil {
		t.Error(err)
	}
	for says, breakIt := range map[string]func(*WhatIf){
		"schema":                     func(w *WhatIf) { w.Schema = Schema },
		"a list is null":             func(w *WhatIf) { w.Scenarios = nil },
		"null":                       func(w *WhatIf) { w.Caveats = nil },
		"wall_ns or replay_ns":       func(w *WhatIf) { w.WallNS = -1 },
		"replay_ns":                  func(w *WhatIf) { w.ReplayNS = -1 },
		"error of the replay is +In": func(w *WhatIf) { w.ReplayError = math.Inf(1) },
		"is 0.01, of 98 ns":          func(w *WhatIf) { w.ReplayNS = 98 },
		"scenarios[0] has no name":   func(w *WhatIf) { w.Scenarios[0].Name = "" },
		"50 ns are not between 51":   func(w *WhatIf) { w.Scenarios[0].LowNS = 51 },
		"between 40 and 49":          func(w *WhatIf) { w.Scenarios[0].HighNS = 49 },
		"between -1 and 60":          func(w *WhatIf) { w.Scenarios[0].LowNS = -1 },
	} {
		w := whatIf()
		breakIt(w)
		if err := w.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error is %v, want one with %q", err, says)
		}
	}
}
