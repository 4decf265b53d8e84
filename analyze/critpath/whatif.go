package critpath

import (
	"fmt"

	"tracekit/analyze/report"
)

// Predict returns how long the path takes in the scenarios that New was given. The
// second result tells what in them was not found in the trace.
func (c *Critpath) Predict() ([]report.Scenario, []Unused) {
	list := []report.Scenario{}
	_, found := c.ends.found(c)
	for i, s := range c.rules.scenarios {
		rep := report.Scenario{Name: s.Name}
		if found {
			rep.PredictedNS, rep.LowNS, rep.HighNS = c.predict(first+i, 0)
		}
		list = append(list, rep)
	}
	var unused []Unused
	for _, rule := range c.rules.list {
		if rule.used == 0 {
			unused = append(unused, Unused{c.scenarioOf(&rule), uses[rule.use], rule.place})
		}
	}
	return list, unused
}

var uses = map[use]string{drop: "drop", scale: "hold", speed: "speed"}

// scenarioOf returns the index of the scenario of a rule.
func (c *Critpath) scenarioOf(r *rule) int {
	for i := range c.rules.scenarios {
		if r.in.Has(first + i) {
			return i
		}
	}
	return -1
}

// Unused is a place that a scenario names, and at which nothing happened that it is
// about.
type Unused struct {
	Scenario int    // its index
	Use      string // "drop", "hold" or "speed"
	Place    string
}

// String returns it as it would be typed.
func (u Unused) String() string { return fmt.Sprintf("--%s %s", u.Use, u.Place) }
