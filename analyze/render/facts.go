package render

import (
	"strconv"

	"tracekit/analyze/report"
)

// quantity is a number of a run, for programs: one that is not known has no value.
type quantity struct {
	name  string
	unit  string
	value string
	about []string // the keys of what qualifies it
}

// runQuantities returns the numbers of the whole program, by the names of the measures.
func runQuantities(r *report.Run) []quantity {
	name, got, want := "", "", ""
	if o := r.Outcome; o != nil {
		name, got, want = o.Name, integer(o.Got), integer(o.Want)
	}
	utilization := ""
	if r.Utilization > 0 {
		utilization = decimal(r.Utilization)
	}
	measures, waits := []string{"measures"}, []string{"measures", "sites"}
	return append([]quantity{
		{"wall", "ns", integer(r.WallNS), measures},
		{"parallelism", "", decimal(r.Parallelism), measures},
		{"utilization", "", utilization, measures},
		{"demand", "", decimal(r.Demand), measures},
		{"lock-wait", "ns", integer(r.LockWait.BlockedNS), []string{"measures", "locks"}},
		{"blocked", "ns", integer(r.AllWaits.BlockedNS), waits},
		{"sched", "ns", integer(r.AllWaits.SchedNS), waits},
		{"waits", "", integer(r.AllWaits.Waits), waits},
		{"fifo", "", orEmpty(r.Fifo), []string{"measures", "orders"}},
		{"outcome", name, got, []string{"outcomes"}},
		{"outcome-want", name, want, []string{"outcomes"}},
	}, pathQuantities(r.Critpath)...)
}

// pathQuantities returns the numbers of the critical path of a run, which may have none.
func pathQuantities(p *report.RunPath) []quantity {
	path, span, parallelism := "", "", ""
	if p != nil {
		path, span = integer(p.PathNS), integer(p.SpanNS)
		if p.SpanNS > 0 {
			parallelism = decimal(float64(p.WorkNS) / float64(p.SpanNS))
		}
	}
	about := []string{"measures", "critpath"}
	return []quantity{{"path", "ns", path, about}, {"span", "ns", span, about}, {"path-parallelism", "", parallelism, about}}
}

// waitQuantities returns the numbers of a site.
func waitQuantities(t report.Tally, about ...string) []quantity {
	return []quantity{
		{"blocked", "ns", integer(t.BlockedNS), about},
		{"sched", "ns", integer(t.SchedNS), about},
		{"waits", "", integer(t.Waits), about},
	}
}

// releaseQuantities returns the numbers of a site that makes others wait.
func releaseQuantities(r report.RunRelease, about ...string) []quantity {
	return []quantity{
		{"blame", "ns", integer(r.BlameNS), about},
		{"wakes", "", integer(r.Wakes), about},
	}
}

// waitsOf returns the waits of a run by place. A place that it has not is one where
// nothing waited, which is a number too: what is left out is missing in a median.
func waitsOf(r *report.Run) map[int]report.Tally {
	waits := make(map[int]report.Tally)
	for _, w := range r.Waits {
		waits[w.Place] = w.Tally
	}
	return waits
}

// releasesOf returns the releases of a run by place.
func releasesOf(r *report.Run) map[int]report.RunRelease {
	releases := make(map[int]report.RunRelease)
	for _, rel := range r.Releases {
		releases[rel.Place] = rel
	}
	return releases
}

// at returns an element, or for an index that stands for none, an empty one.
func at[T any](list []T, i int) (none T) {
	if i < 0 || i >= len(list) {
		return none
	}
	return list[i]
}

func integer(n int64) string { return strconv.FormatInt(n, 10) }

// decimal writes all digits of x, and no exponent, which not all programs read.
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func orEmpty(x *float64) string {
	if x == nil {
		return ""
	}
	return decimal(*x)
}
