package analyze_test

import (
	"bytes"
	"errors"
	"testing"

	"tracekit/analyze"
)

// neutral are scenarios that change nothing.
var neutral = []analyze.Scenario{
	{Name: "as it was"},
	{Name: "sped up by nothing", Speed: map[string]float64{"main.main": 1}},
	{Name: "held as long", Hold: map[string]float64{"main.main": 1}},
}

// TestNeutral has each fixture predicted to take as long as it took where nothing is
// supposed, and holds its path to what holds for all.
func TestNeutral(t *testing.T) {
	for name, data := range fixtures(t) {
		r := verified(t, data, name)
		p := r.Critpath
		said, err := analyze.WhatIf(bytes.NewReader(data), name, analyze.Options{}, neutral[0])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s := said.Scenarios[0]; s.PredictedNS != p.PathNS || said.WallNS != p.PathNS {
			t.Errorf("%s: %+v, the path is %d", name, s, p.PathNS)
		}
		if p.SpanNS > p.PathNS {
			t.Errorf("%s: the span is %d, the path %d", name, p.SpanNS, p.PathNS)
		}
		if procs := r.Trace.GOMAXPROCS; procs > 0 && p.WorkNS/procs > p.PathNS {
			t.Errorf("%s: %d ns of work in %d on %d processors", name, p.WorkNS, p.PathNS, procs)
		}
		for _, s := range neutral[1:] {
			said, err := analyze.WhatIf(bytes.NewReader(data), name, analyze.Options{}, s)
			if errors.Is(err, analyze.ErrNoPlace) {
				continue // main.main is on no stack of it
			}
			if err != nil || said.Scenarios[0].PredictedNS != p.PathNS {
				t.Errorf("%s, %s: %+v, error %v; the path is %d", name, s.Name, said, err, p.PathNS)
			}
		}
	}
}
