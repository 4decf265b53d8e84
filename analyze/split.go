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
		Text:   strings.Join(ties, ", ") + more + ": these may be one lock; then blame and order hold for none of its parts",
		Remedy: "lock and unlock in a method of their own, whose sites all callers share",
	}}
}

// severalLocks returns caveats about locks that are several: those with many
// hand-overs that no single mutex makes. A few there may be with one mutex, too:
// of 169,335 of a busy one, 80 were to a goroutine that had lost its processor
// between entering the queue and being traced as blocked.
func severalLocks(r *report.Report) []report.Caveat {
	const few, fewPercent = 3, 2
	var list []report.Caveat
	for _, o := range r.Order.Locks {
		if o.OutOfTurn < few || 100*o.OutOfTurn < fewPercent*o.Handovers {
			continue
		}
		for _, about := range []string{"waits.locks", "order.locks"} {
			list = append(list, report.Caveat{
				Code:  "several-locks",
				About: about,
				Text: fmt.Sprintf("lock %d is most likely several of a kind that share their sites: %d of its %d hand-overs were out of turn, as those of one are not; its blame and its order mix them, and neither holds for any one",
					o.Lock, o.OutOfTurn, o.Handovers),
				Remedy: "see which one it is with a region of runtime/trace around it, or give it a function of its own",
			})
		}
	}
	return list
}

// lateLocks returns caveats about locks whose sites were joined late.
func lateLocks(r *report.Report) []report.Caveat {
	const littlePercent = 1
	var list []report.Caveat
	for _, l := range r.Waits.Locks {
		if 100*l.JoinedLateNS > littlePercent*l.BlockedNS {
			list = append(list, report.Caveat{
				Code:   "joined-late",
				About:  "waits.locks",
				Text:   fmt.Sprintf("the sites of lock %d turned out to be of one lock after %.0f %% of its blocked time: blame, order and waiters before that are those of its parts", l.ID, 100*float64(l.JoinedLateNS)/float64(l.BlockedNS)),
				Remedy: "record for longer; with more waits, sites are joined sooner",
			})
		}
	}
	return list
}

// inferredLocks returns caveats about locks that may be two, one locked in the
// other, because the order of events joined them.
func inferredLocks(r *report.Report) []report.Caveat {
	var list []report.Caveat
	for _, l := range r.Waits.Locks {
		if l.Inferred {
			list = append(list, report.Caveat{
				Code:   "lock-inferred",
				About:  "waits.locks",
				Text:   fmt.Sprintf("that the sites of lock %d are of one RWMutex follows from readers that came while a writer waited for earlier ones; where a function holds one RWMutex for writing while it waits for another, they are two", l.ID),
				Remedy: "if there is such a function, lock the inner one in a function of its own",
			})
		}
	}
	return list
}

// lockFunctions returns the locks that each function waits for and releases, each
// list sorted.
func lockFunctions(r *report.Report) (acquires, releases map[string][]int) {
	acquires, releases = make(map[string][]int), make(map[string][]int)
	add := func(m map[string][]int, site, id int) {
		if site < 0 {
			return
		}
		name := r.Sites[site].Func
		if ids := m[name]; len(ids) == 0 || ids[len(ids)-1] != id {
			m[name] = append(ids, id)
		}
	}
	for _, l := range r.Waits.Locks {
		for _, a := range l.Acquires {
			add(acquires, a.Site, l.ID)
		}
		for _, rel := range l.Releases {
			if rel.Wakes > 0 { // and not what made waiters give up
				add(releases, rel.Site, l.ID)
			}
		}
	}
	return acquires, releases
}

// without returns the elements of a that are not in b. Both are sorted.
func without(a, b []int) []int {
	return slices.DeleteFunc(slices.Clone(a), func(id int) bool {
		_, found := slices.BinarySearch(b, id)
		return found
	})
}
