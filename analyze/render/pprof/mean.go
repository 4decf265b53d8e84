package pprof

import (
	"io"

	"github.com/google/pprof/profile"

	"tracekit/analyze/report"
)

// Mean makes the profile of a run, on the average of many: two such can be compared by
// go tool pprof -diff_base, however many runs each is of. Its values are rounded; a
// stack that waited less than once in two runs may be left out of the waits.
type Mean struct {
	By    By
	whole sum
	torn  sum // of runs of which a part could not be read: they count if all are such
}

// sum adds up profiles.
type sum struct {
	p     *profile.Profile // nil: of none
	parts int
}

// Add adds a run: the reports of its processes.
func (m *Mean) Add(reports []*report.Report) error {
	to := &m.whole
	for _, r := range reports {
		if r.Trace.LostBytes > 0 {
			to = &m.torn
		}
	}
	for _, r := range reports {
		if err := to.add(r, m.By); err != nil {
			return err
		}
	}
	return nil
}

func (s *sum) add(r *report.Report, by By) error {
	p, err := Profile(r, by)
	if s.parts++; err != nil || s.parts == 1 {
		s.p = p
		return err
	}
	s.p, err = profile.Merge([]*profile.Profile{s.p, p})
	return err
}

// Write writes the profile of one of so many runs, compressed as go tool pprof expects
// it, with the caveats on them. That of one report is as Profile has it. There is at
// least one.
func (m *Mean) Write(w io.Writer, runs int, caveats []report.Caveat) error {
	s := m.whole
	if s.parts == 0 {
		s = m.torn
	}
	if s.parts > 1 {
		s.p.Scale(1 / float64(runs))
		s.p.DurationNanos /= int64(runs)
		s.p.Comments = comments(caveats)
	}
	return s.p.Write(w)
}
