package analyze

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tracekit/analyze/report"
)

// splitLocks returns a caveat where locks may be one. Only wakes make sites one
// lock, for only they are facts. But a function that waits for one lock and
// releases another one probably has a single mutex, of which no wake has joined
// these two sites yet.
func splitLocks(r *report.Report) []report.Caveat {
	const examples = 3
	acquires, releases := lockFunctions(r)
	var ties []string
	for _, name := range slices.Sorted(maps.Keys(acquires)) {
		waited := without(acquires[name], releases[name])
		released := without(releases[name], acquires[name])
		if len(waited) > 0 && len(released) > 0 {
			ties = append(ties, fmt.Sprintf("%s waits for lock %d and releases lock %d", name, waited[0], released[0]))
		}
	}
	if len(ties) == 0 {
		return nil
	}
	more := ""
	if n := len(ties) - examples; n > 0 {
		more = fmt.Sprintf(", and so do %d more", n)
		ties = ties[:examples]
	}
	return []report.Caveat{{
		Code:   "lock-split",
		About:  "waits.locks",
		Text:   strings.Join(ties, ", ") + more + ": these may be one lock, whose blame and order are not told as one",
		Remedy: "lock and unlock in a method of their own, whose sites all callers share",
	}}
}

// lockFunctions returns the locks that each function waits for and releases.
func lockFunctions(r *report.Report) (acquires, releases map[string][]int) {
	acquires, releases = make(map[string][]int), make(map[string][]int)
	add := func(m map[string][]int, site, id int) {
		if site >= 0 && !slices.Contains(m[r.Sites[site].Func], id) {
			m[r.Sites[site].Func] = append(m[r.Sites[site].Func], id)
		}
	}
	for _, l := range r.Waits.Locks {
		for _, a := range l.Acquires {
			add(acquires, a.Site, l.ID)
		}
		for _, rel := range l.Releases {
			add(releases, rel.Site, l.ID)
		}
	}
	return acquires, releases
}

// without returns the elements of a that are not in b.
func without(a, b []int) []int {
	return slices.DeleteFunc(slices.Clone(a), func(id int) bool { return slices.Contains(b, id) })
}
