package render

import (
	"fmt"
	"path"
	"strings"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

// maxName is how many characters a part of the name of a result has.
const maxName = 500

// siteNames names sites so that a name stays the same when other lines move: it has a
// line only where function and kind do not tell sites apart, and a number where not
// even that does.
func siteNames(sites []report.Place) []string {
	names := make([]string, len(sites))
	count := make(map[string]int)
	for i, s := range sites {
		names[i] = siteName(s, "")
		count[names[i]]++
	}
	seen := make(map[string]int)
	for i, s := range sites {
		if count[names[i]] == 1 {
			continue
		}
		line := fmt.Sprintf(":%s:%d", path.Base(strings.ReplaceAll(s.File, `\`, "/")), s.Line)
		names[i] = siteName(s, line)
		if seen[names[i]]++; seen[names[i]] > 1 {
			names[i] = siteName(s, fmt.Sprintf("%s#%d", line, seen[names[i]]))
		}
	}
	return names
}

func siteName(s report.Place, line string) string {
	benchmark, name := "Waits", function(s.Func)
	if s.Idle {
		benchmark = "Idle"
	}
	if name == "" {
		name = "(not known)"
	}
	return fmt.Sprintf("%s/site=%s/kind=%s", benchmark, segment(name+line), segment(s.Kind))
}

// segment writes a part of the name of a benchmark.
func segment(s string) string { return strings.ReplaceAll(word(s), "/", "_") }

// word writes what benchstat takes for one word.
func word(s string) string { return strings.ReplaceAll(cutFront(safe.Printable(s), maxName), " ", "_") }
