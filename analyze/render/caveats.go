package render

import (
	"slices"
	"strings"

	"tracekit/analyze/report"
)

// The keys of what qualifies all numbers of a trace, and all those of runs.
var (
	aboutTrace = []string{"recording", "trace"}
	aboutRuns  = []string{"recordings", "runs"}
)

// caveats are those of a report. A document tells each once; a table for programs has
// it in each row that it qualifies.
type caveats struct {
	list []report.Caveat
	told []bool
}

func newCaveats(list []report.Caveat) caveats {
	return caveats{list, make([]bool, len(list))}
}

// about returns those on one of the keys that are not told yet.
func (c *caveats) about(keys ...string) []string {
	return c.tell(func(i int) bool { return !c.told[i] && qualifies(c.list[i].About, keys) })
}

// all returns those on one of the keys, be they told or not.
func (c *caveats) all(keys ...string) []string {
	return c.tell(func(i int) bool { return qualifies(c.list[i].About, keys) })
}

// rest returns those that are not told yet.
func (c *caveats) rest() []string {
	return c.tell(func(i int) bool { return !c.told[i] })
}

func (c *caveats) tell(these func(i int) bool) (list []string) {
	for i, v := range c.list {
		if these(i) {
			c.told[i] = true
			list = append(list, sentence(v))
		}
	}
	return list
}

// qualifies reports whether what a caveat is about is one of the keys, a part of it, or
// what it is a part of.
func qualifies(about string, keys []string) bool {
	return slices.ContainsFunc(keys, func(key string) bool {
		return strings.HasPrefix(about+".", key+".") || strings.HasPrefix(key, about+".")
	})
}

// sentence writes a caveat with its remedy.
func sentence(c report.Caveat) string {
	if c.Remedy == "" {
		return c.Text
	}
	return c.Text + "; remedy: " + c.Remedy
}
