package report

import "fmt"

// SetSchema names the shape of a Set.
const SetSchema = "tracekit.reports/1"

// Set is the report of a recording of several processes: that of each, and their
// total.
type Set struct {
	Schema    string    `json:"schema"`
	Path      string    `json:"path"`      // of the recording
	Command   []string  `json:"command"`   // with which it can be made again
	Ended     string    `json:"ended"`     // how the command ended, as "exit status 0"
	WallNS    int64     `json:"wall_ns"`   // of the command, building included
	Dropped   int       `json:"dropped"`   // processes that were recorded and not kept
	Processes []Process `json:"processes"` // by their start
	Total     Total     `json:"total"`
	Caveats   []Caveat  `json:"caveats"` // on the recording; those on a process are in its report
}

// Process is one process of a Set.
type Process struct {
	Path   string   `json:"path"` // of its package
	Args   []string `json:"args"` // its name first
	PID    int      `json:"pid"`
	Ended  string   `json:"ended"`  // the way: exit, signal, panic, fatal, unknown or running
	Exit   string   `json:"exit"`   // as "exit status 0"
	Trace  string   `json:"trace"`  // the file of its trace, in the recording's folder
	Report *Report  `json:"report"` // null when nothing of the trace can be read
	Error  string   `json:"error"`  // why not
}

// Total adds up the processes of a Set. Its times are of several processes, which
// may have run at the same time: they are no times of a clock.
type Total struct {
	Processes  int         `json:"processes"` // those with a report
	Bytes      int64       `json:"bytes"`
	Events     int64       `json:"events"`
	Goroutines int         `json:"goroutines"`
	WallNS     int64       `json:"wall_ns"`
	WorkNS     int64       `json:"work_ns"`
	Kinds      []Kind      `json:"kinds"` // by blocked time, then name
	IdleNS     int64       `json:"idle_ns"`
	IdleWaits  int64       `json:"idle_waits"`
	SystemNS   int64       `json:"system_ns"`
	TracerNS   int64       `json:"tracer_ns"`
	Locks      []TotalLock `json:"locks"` // by blocked time, then name
}

// TotalLock adds up the locks of one name, which processes of the same code have
// in common.
type TotalLock struct {
	Name      string   `json:"name"`
	Kinds     []string `json:"kinds"`     // that any of them has, sorted
	Processes []int    `json:"processes"` // indexes into Set.Processes, ascending
	Tally
	MaxNS int64 `json:"max_ns"` // the longest wait
}

// Check returns the first thing in s that cannot be, as that of a Report does.
func (s *Set) Check() error {
	if s.Schema != SetSchema {
		return fmt.Errorf("schema is %q, not %q", s.Schema, SetSchema)
	}
	c := &checker{}
	var events, blocked, waits int64
	n := 0
	for i, p := range s.Processes {
		c.that((p.Report == nil) == (p.Error != ""), "processes[%d] has a report and an error, or neither", i)
		if p.Report == nil {
			continue
		}
		if err := p.Report.Check(); err != nil {
			return fmt.Errorf("processes[%d]: %w", i, err)
		}
		n++
		events += p.Report.Trace.Events
		for _, k := range p.Report.Waits.Kinds {
			waits += k.Waits
		}
		for _, l := range p.Report.Waits.Locks {
			blocked += l.BlockedNS
		}
	}
	for _, l := range s.Total.Locks {
		blocked -= l.BlockedNS
	}
	for _, k := range s.Total.Kinds {
		waits -= k.Waits
	}
	c.equal("total.kinds", waits, 0)
	c.equal("total.processes", int64(n), int64(s.Total.Processes))
	c.equal("total.events", events, s.Total.Events)
	c.equal("total.locks", blocked, 0)
	return c.err
}
