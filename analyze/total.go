package analyze

import (
	"cmp"
	"slices"

	"tracekit/analyze/report"
)

// Total adds up the reports of processes. Locks of one name are taken to be the
// same code, in whatever process.
func Total(processes []report.Process) report.Total {
	t := report.Total{Kinds: []report.Kind{}, Locks: []report.TotalLock{}}
	kinds := make(map[string]report.Tally)
	locks := make(map[string]*report.TotalLock)
	for i, p := range processes {
		if p.Report == nil {
			continue
		}
		addReport(&t, p.Report)
		for _, k := range p.Report.Waits.Kinds {
			sum := kinds[k.Kind]
			sum.Add(k.Tally)
			kinds[k.Kind] = sum
		}
		for _, l := range p.Report.Waits.Locks {
			addLock(locks, i, l)
		}
	}
	for name, sum := range kinds {
		t.Kinds = append(t.Kinds, report.Kind{Kind: name, Tally: sum})
	}
	for _, l := range locks {
		slices.Sort(l.Kinds)
		t.Locks = append(t.Locks, *l)
	}
	slices.SortFunc(t.Kinds, func(a, b report.Kind) int {
		return cmp.Or(cmp.Compare(b.BlockedNS, a.BlockedNS), cmp.Compare(a.Kind, b.Kind))
	})
	slices.SortFunc(t.Locks, func(a, b report.TotalLock) int {
		return cmp.Or(cmp.Compare(b.BlockedNS, a.BlockedNS), cmp.Compare(a.Name, b.Name))
	})
	return t
}

func addReport(t *report.Total, r *report.Report) {
	t.Processes++
	t.Bytes += r.Trace.Bytes
	t.Events += r.Trace.Events
	t.Goroutines += r.Trace.Goroutines
	t.WallNS += r.Trace.WallNS
	t.WorkNS += r.Parallel.WorkNS
	t.IdleNS += r.Waits.IdleNS
	t.IdleWaits += r.Waits.IdleWaits
	t.SystemNS += r.Waits.SystemNS
	t.TracerNS += r.Waits.TracerNS
}

// addLock adds a lock of the process with index i.
func addLock(locks map[string]*report.TotalLock, i int, l report.Lock) {
	sum := locks[l.Name]
	if sum == nil {
		sum = &report.TotalLock{Name: l.Name, Kinds: []string{}, Processes: []int{}}
		locks[l.Name] = sum
	}
	for _, k := range l.Kinds {
		if !slices.Contains(sum.Kinds, k) {
			sum.Kinds = append(sum.Kinds, k)
		}
	}
	if !slices.Contains(sum.Processes, i) {
		sum.Processes = append(sum.Processes, i)
	}
	sum.Add(l.Tally)
	sum.MaxNS = max(sum.MaxNS, l.MaxNS)
}
