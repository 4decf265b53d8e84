package folded

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"tracekit/analyze/report"
)

// Mean makes the folded stacks of a run, on the average of many. Its numbers are
// rounded; a stack with less than half a nanosecond is left out.
type Mean struct {
	Wakes bool // with who ended the waits
	whole sum
	torn  sum // of runs of which a part could not be read: they count if all are such
}

// sum adds up reports.
type sum struct {
	lines   lines
	reports int
	caveats []report.Caveat // of the last one
}

// Add adds a run: the reports of its processes. With Wakes, the error can be
// report.ErrNoChains.
func (m *Mean) Add(reports []*report.Report) error {
	to := &m.whole
	if slices.ContainsFunc(reports, func(r *report.Report) bool { return r.Trace.LostBytes > 0 }) {
		to = &m.torn
	}
	for _, r := range reports {
		if m.Wakes && r.Waits.Chains == nil {
			return report.ErrNoChains
		}
		to.add(r, m.Wakes)
	}
	return nil
}

func (s *sum) add(r *report.Report, wakes bool) {
	if s.reports++; s.reports == 1 {
		s.lines = make(lines)
	}
	s.caveats = r.Caveats
	if wakes {
		s.lines.chains(r)
	} else {
		s.lines.waiters(r)
	}
}

func (m *Mean) counted() sum {
	if m.whole.reports == 0 {
		return m.torn
	}
	return m.whole
}

// Write writes the lines of one of so many runs, sorted. Those of one report are as it
// has them. There is at least one run.
func (m *Mean) Write(w io.Writer, runs int) error {
	s := m.counted()
	if s.reports == 1 {
		runs = 1
	}
	b := bufio.NewWriter(w)
	for _, line := range slices.Sorted(maps.Keys(s.lines)) {
		if ns := (s.lines[line] + int64(runs)/2) / int64(runs); ns > 0 {
			fmt.Fprintf(b, "%s %d\n", line, ns)
		}
	}
	return b.Flush()
}

// Caveats returns those that qualify what is written: on what was recorded and read,
// and on waits that are cut. Those on the runs are given.
func (m *Mean) Caveats(runs []report.Caveat) (list []report.Caveat) {
	s := m.counted()
	if s.reports == 1 {
		runs = s.caveats
	}
	for _, c := range runs {
		key, _, _ := strings.Cut(c.About, ".")
		if slices.Contains([]string{"recording", "recordings", "runs", "trace"}, key) || c.About == "waits.kinds" {
			list = append(list, c)
		}
	}
	return list
}
