package render

import (
	"slices"

	"tracekit/analyze/report"
)

// caveats are those of a report, of which each is told once.
type caveats struct {
	list []report.Caveat
	told []bool
}

func newCaveats(list []report.Caveat) caveats {
	return caveats{list, make([]bool, len(list))}
}

// about returns those on one of the keys that are not told yet.
func (c *caveats) about(keys ...string) (list []string) {
	return c.take(func(about string) bool { return slices.Contains(keys, about) })
}

// rest returns those that no section has told.
func (c *caveats) rest() []string {
	return c.take(func(string) bool { return true })
}

func (c *caveats) take(these func(about string) bool) (list []string) {
	for i, v := range c.list {
		if !c.told[i] && these(v.About) {
			c.told[i] = true
			list = append(list, sentence(v))
		}
	}
	return list
}
