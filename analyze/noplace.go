package analyze

import (
	"cmp"
	"fmt"
	"slices"

	"tracekit/analyze/critpath"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// PlaceError is the error for a scenario that names a place of which the trace shows
// nothing. It is an ErrNoPlace.
type PlaceError struct {
	Use   string // what was to be done there: "drop", "hold" or "speed"
	Place string
	// Known are names that could be given instead: of what was waited for longest, or,
	// where a function was named, of those that goroutines which ran longest began with.
	// There are five at most.
	Known []string
}

// Error names the place.
func (e *PlaceError) Error() string {
	return fmt.Sprintf("the trace shows nothing that %s could be about", critpath.Unused{Use: e.Use, Place: e.Place})
}

// Unwrap returns ErrNoPlace.
func (e *PlaceError) Unwrap() error { return ErrNoPlace }

func noPlace(rep *report.Report, u critpath.Unused) error {
	const most = 5
	var names []string
	switch u.Use {
	case "speed":
		names = ranGroups(rep)
	case "hold":
		names = waitedFor(rep, false)
	default:
		names = waitedFor(rep, true)
	}
	return &PlaceError{Use: u.Use, Place: u.Place, Known: names[:min(len(names), most)]}
}

// waitedFor names the locks, and if so asked the other places of sync waits, by the time
// that was waited. Waits that did not end tell a replay nothing.
func waitedFor(rep *report.Report, others bool) []string {
	type place struct {
		name string
		ns   int64
	}
	var list []place
	for _, l := range rep.Waits.Locks {
		if l.Waits > l.OpenWaits {
			list = append(list, place{l.Name, l.BlockedNS})
		}
	}
	for _, s := range rep.Waits.Sites {
		if others && s.Site >= 0 && canDrop(s.Kind) && s.Waits > s.OpenWaits {
			list = append(list, place{placeName(rep, s.Site), s.BlockedNS})
		}
	}
	slices.SortFunc(list, func(a, b place) int { return cmp.Or(cmp.Compare(b.ns, a.ns), cmp.Compare(a.name, b.name)) })
	return namesOf(list, func(p place) string { return p.name })
}

// canDrop reports whether a kind of waits is one that a scenario can be without.
func canDrop(kind string) bool {
	for k := range timeline.Kinds {
		if k.String() == kind {
			return critpath.MayDrop(k)
		}
	}
	return false
}

// ranGroups names the functions that the program's goroutines began with, by how long
// these ran.
func ranGroups(rep *report.Report) []string {
	var list []report.Group
	for _, g := range rep.Parallel.Groups {
		if g.Class == report.ClassUser && g.Name != "" && g.RunningNS > 0 {
			list = append(list, g)
		}
	}
	return namesOf(list, func(g report.Group) string { return shortName(g.Name) })
}

// namesOf returns the names of things, each once.
func namesOf[T any](list []T, name func(T) string) []string {
	names := []string{}
	for _, v := range list {
		if n := name(v); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}
