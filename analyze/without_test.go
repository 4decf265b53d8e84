package analyze

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze/report"
)

func TestWithoutEach(t *testing.T) {
	rep := &report.Report{
		Trace: report.Trace{Path: "shop.trace", GoVersion: "go1.26"},
		Waits: report.Waits{Locks: []report.Lock{{Name: "shop.Sell:41"}, {Name: "shop.Get:17"}, {Name: "shop.Put:9"}}},
		Sites: []report.Frame{{Func: "example.com/shop.feed", Line: 12}},
		Critpath: &report.Critpath{
			PathNS: 1000, ReplayNS: 990, ReplayError: 0.01,
			Locks: []report.CriticalLock{
				{Lock: 1, Dropped: &report.Dropped{WallNS: 500, LowNS: 400, HighNS: 510}},
				{Lock: 0, Dropped: &report.Dropped{WallNS: 700, LowNS: 690, HighNS: 710}},
				{Lock: 2},
			},
			Sites: []report.CriticalSite{
				{Kind: "chan-send", Site: 0, Dropped: &report.Dropped{WallNS: 600, LowNS: 590, HighNS: 610}},
				{Kind: "chan-send", Site: -1, Dropped: &report.Dropped{WallNS: 700, LowNS: 690, HighNS: 710}},
				{Kind: "waitgroup", Site: 0},
			},
		},
		Caveats: []report.Caveat{{Code: "a", About: "trace.lost_bytes"}, {Code: "b", About: "waits.locks"}, {Code: "c", About: "waits.kinds"},
			{Code: "d", About: "critpath.replay_error"}, {Code: "e", About: "critpath"}, {Code: "f", About: "order.locks"}},
	}
	got, err := WithoutEach(rep)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Check(); err != nil {
		t.Error(err)
	}
	want := []report.Scenario{
		{Name: "without lock 1 shop.Get:17", PredictedNS: 500, LowNS: 400, HighNS: 510},
		{Name: "without the wait at shop.feed:12 (chan-send)", PredictedNS: 600, LowNS: 590, HighNS: 610},
		{Name: "without lock 0 shop.Sell:41", PredictedNS: 700, LowNS: 690, HighNS: 710},
		{Name: "without the wait at a place that is not known (chan-send)", PredictedNS: 700, LowNS: 690, HighNS: 710},
	}
	if !slices.Equal(got.Scenarios, want) {
		t.Errorf("scenarios are %+v", got.Scenarios)
	}
	if got.WallNS != 1000 || got.ReplayNS != 990 || got.ReplayError != 0.01 || got.Trace != rep.Trace {
		t.Errorf("it is of %+v", got)
	}
	if about := abouts(got.Caveats); !slices.Equal(about, []string{"a trace.lost_bytes", "b scenarios", "d replay_error", "e scenarios"}) {
		t.Errorf("caveats are %q", about)
	}
	rep.Critpath.Locks = rep.Critpath.Locks[2:] // without a prediction
	if got, _ := WithoutEach(rep); slices.Contains(codes(got.Caveats), "b") || len(got.Scenarios) != 2 {
		t.Errorf("without locks, it is %+v", got)
	}
	rep.Critpath = nil
	if _, err := WithoutEach(rep); !errors.Is(err, report.ErrNoCritpath) {
		t.Errorf("of an older report: %v", err)
	}
}

func abouts(list []report.Caveat) (words []string) {
	for _, c := range list {
		words = append(words, c.Code+" "+c.About)
	}
	return words
}

// TestNoPlace has a scenario name places that the trace does not have: what it has of
// that sort is named, and is known when it is typed.
func TestNoPlace(t *testing.T) {
	data, err := os.ReadFile("../testdata/traces/mixed-1.26.8.trace")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(s Scenario) error {
		s.Name = "so"
		_, err := WhatIf(bytes.NewReader(data), "mixed", Options{}, s)
		return err
	}
	as := map[string]func(string) Scenario{
		"drop":  func(place string) Scenario { return Scenario{Drop: []string{place}} },
		"hold":  func(place string) Scenario { return Scenario{Hold: map[string]float64{place: 0.5}} },
		"speed": func(place string) Scenario { return Scenario{Speed: map[string]float64{place: 0.5}} },
	}
	for use, scenario := range as {
		var none *PlaceError
		err := ask(scenario("main.nothing"))
		if !errors.As(err, &none) || !errors.Is(err, ErrNoPlace) || !strings.Contains(err.Error(), "--"+use+" main.nothing") {
			t.Errorf("%s: %v", use, err)
			continue
		}
		if none.Use != use || none.Place != "main.nothing" || len(none.Known) == 0 || len(none.Known) > 5 {
			t.Errorf("%s: %+v", use, none)
		}
		for _, place := range none.Known {
			if err := ask(scenario(place)); err != nil {
				t.Errorf("--%s %s, as was named: %v", use, place, err)
			}
		}
	}
}
