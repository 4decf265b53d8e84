package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"tracekit/analyze"
)

// scenarioFlags are the flags that say in what a run is to be another one. All together
// are one scenario.
type scenarioFlags struct {
	drop        []string
	hold, speed factors
	procs       int
	gc, latency string

	asked bool // any of them was given
}

func (s *scenarioFlags) add(flags *pflag.FlagSet) {
	s.hold.like, s.speed.like = "PLACE", "FUNC"
	flags.StringArrayVar(&s.drop, "drop", nil, "nobody waits at this `place`, or for the lock that it is of")
	flags.Var(&s.hold, "hold", "the lock of this `PLACE=FACTOR` is held for so many times as long, as 0.5x")
	flags.Var(&s.speed, "speed", "the function of this `FUNC=FACTOR` takes so many times as long, as 0.8x")
	flags.IntVar(&s.procs, "procs", 0, "there are `N` processors")
	flags.StringVar(&s.gc, "gc", asItWas, "the time of the garbage collector: `0` is none, 1 as it was")
	flags.StringVar(&s.latency, "latency", asItWas, "the time until who can run does so, where a processor is free: `0` is none, 1 as it was")
}

// The values of flags that take part of what the run does away.
const (
	asItWas = "1"
	nothing = "0"
)

// mostProcs is more than the processors of any machine.
const mostProcs = 1 << 16

// check refuses what is no scenario.
func (s *scenarioFlags) check(flags *pflag.FlagSet) error {
	for _, name := range []string{"drop", "hold", "speed", "procs", "gc", "latency"} {
		s.asked = s.asked || flags.Changed(name)
	}
	for _, place := range s.drop {
		if err := checkPlace(place); err != nil {
			return fmt.Errorf("--drop is %q: %w", place, err)
		}
	}
	switch {
	case flags.Changed("procs") && (s.procs < 1 || s.procs > mostProcs):
		return fmt.Errorf("--procs is %d; it can be from 1 to %d", s.procs, mostProcs)
	case s.gc != nothing && s.gc != asItWas:
		return fmt.Errorf("--gc is %q; it can be 0, for a garbage collector that takes no time, or 1, as it was", s.gc)
	case s.latency != nothing && s.latency != asItWas:
		return fmt.Errorf("--latency is %q; it can be 0, for none, or 1, as it was", s.latency)
	}
	return analyze.CheckScenarios(s.scenario())
}

func (s *scenarioFlags) scenario() analyze.Scenario {
	return analyze.Scenario{
		Name: s.name(), Drop: s.drop, Hold: s.hold.byPlace(), Speed: s.speed.byPlace(),
		Procs: s.procs, NoGC: s.gc == nothing, NoLatency: s.latency == nothing,
	}
}

// name is a phrase that what the run takes can be said behind.
func (s *scenarioFlags) name() string {
	var parts []string
	if len(s.drop) > 0 {
		parts = append(parts, "without waits at "+strings.Join(s.drop, " and "))
	}
	for _, f := range s.hold.list {
		parts = append(parts, fmt.Sprintf("with the lock of %s held %s times as long", f.place, f.text()))
	}
	for _, f := range s.speed.list {
		parts = append(parts, fmt.Sprintf("with %s at %s of its time", f.place, f.text()))
	}
	if s.procs > 0 {
		parts = append(parts, "on "+counted(s.procs, "processor", "processors"))
	}
	if s.gc == nothing {
		parts = append(parts, "with no time for the garbage collector")
	}
	if s.latency == nothing {
		parts = append(parts, "with no sched latency")
	}
	if len(parts) == 0 {
		return "as it was"
	}
	return strings.Join(parts, ", ")
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// factors is a flag with places, and by what something of each is multiplied.
type factors struct {
	list []factor
	like string // what a place is called in errors
}

type factor struct {
	place string
	by    float64
}

// text writes it as one would type it.
func (f factor) text() string { return strconv.FormatFloat(f.by, 'g', -1, 64) }

// Set implements pflag.Value. It adds to what there is.
func (f *factors) Set(s string) error {
	place, text, ok := strings.Cut(s, "=")
	if !ok {
		return fmt.Errorf("it is written %s=FACTOR, as main.get=0.5x", f.like)
	}
	if err := checkPlace(place); err != nil {
		return err
	}
	by, err := strconv.ParseFloat(strings.TrimSuffix(text, "x"), 64)
	if err != nil || !(by >= 0 && by < mostFactor) { // NaN is neither
		return fmt.Errorf("%q is no factor, as 0.5x, from 0 to below a million", text)
	}
	for _, g := range f.list {
		if g.place == place {
			return fmt.Errorf("%s has a factor already", place)
		}
	}
	f.list = append(f.list, factor{place, math.Abs(by)}) // there is a -0
	return nil
}

// mostFactor is more than a factor can be: it is a million.
const mostFactor = 1e6

// String implements pflag.Value.
func (f *factors) String() string {
	words := make([]string, len(f.list))
	for i, v := range f.list {
		words[i] = v.place + "=" + v.text() + "x"
	}
	return strings.Join(words, " ")
}

// Type implements pflag.Value.
func (f *factors) Type() string { return f.like + "=FACTOR" }

// byPlace returns nil for none.
func (f *factors) byPlace() map[string]float64 {
	if len(f.list) == 0 {
		return nil
	}
	m := make(map[string]float64)
	for _, v := range f.list {
		m[v.place] = v.by
	}
	return m
}

// checkPlace refuses what cannot be the name of a place. The number of a lock could be
// mistaken for one.
func checkPlace(name string) error {
	_, err := strconv.Atoi(name)
	switch {
	case name == "":
		return errors.New("it names no place")
	case err == nil:
		return errors.New("a place is named by its function, and line, and not by a lock's number")
	case strings.ContainsRune(name, '='):
		return errors.New("a place has no =")
	}
	return nil
}
