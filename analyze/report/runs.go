package report

import "time"

// RunsSchema names the shape of Runs.
const RunsSchema = "tracekit.runs/1"

// Runs is what is known of several runs of a program: the facts of each, and what
// follows from all of them.
type Runs struct {
	Schema     string   `json:"schema"`
	Recordings []Source `json:"recordings"` // that the runs are of
	Runs       []Run    `json:"runs"`       // the facts, in the order in which they were given
	Places     []Place  `json:"places"`     // that Runs name by index
	Goroutines []Named  `json:"goroutines"` // that Runs name by index
	Procs      []int    `json:"procs"`      // GOMAXPROCS of the runs, each once, ascending; 0: not known

	Outcomes []OutcomeCount `json:"outcomes"` // that the runs stated, by name and number
	Measures []Measure      `json:"measures"` // of the whole program
	Locks    []RunsLock     `json:"locks"`    // by the mean of the blocked time, then place
	Sites    []RunsSite     `json:"sites"`    // all that wait, those of locks too, by the same
	Orders   []RunsOrder    `json:"orders"`   // of the locks that were handed to several goroutines
	Scaling  *Scaling       `json:"scaling"`  // null unless there are runs of several GOMAXPROCS
	Caveats  []Caveat       `json:"caveats"`
}

// Source is what runs come from: a recording, or the file of a trace or of a report.
type Source struct {
	Path    string   `json:"path"`    // as it was given
	Command []string `json:"command"` // with which it can be made again; empty where it is not known
	Wanted  int      `json:"wanted"`  // runs that it was to have; 0: no more than it has
}

// Run is what happened in one run, all its processes together.
type Run struct {
	Source     int        `json:"source"`     // index into Runs.Recordings
	Number     int        `json:"number"`     // in its recording, from 1 on
	Started    *time.Time `json:"started"`    // null: not known
	GOMAXPROCS int        `json:"gomaxprocs"` // 0: not known, or processes differ
	GoVersion  string     `json:"go_version"`
	Processes  int        `json:"processes"`
	Ended      string     `json:"ended"`   // as "exit status 0"; empty: not known
	Outcome    *Outcome   `json:"outcome"` // null when the program stated none
	// WallNS is the length of the trace; of several processes, the sum.
	WallNS      int64   `json:"wall_ns"`
	Parallelism float64 `json:"parallelism"` // goroutines running, on average
	Utilization float64 `json:"utilization"` // that over GOMAXPROCS; 0: not known
	Demand      float64 `json:"demand"`      // goroutines running or runnable, on average
	// LockWait adds up the waits for locks, AllWaits all but the idle ones, and those of
	// a program at its exit for its recorder, which are nowhere here. Fifo is
	// that of all locks together, null where no two waited at once. They follow from
	// what is below.
	LockWait Tally    `json:"lock_wait"`
	AllWaits Tally    `json:"all_waits"`
	Fifo     *float64 `json:"fifo"`
	Critpath *RunPath `json:"critpath"` // null where a report of it is of before it was kept

	Waits    []RunWaits   `json:"waits"`    // by place
	Releases []RunRelease `json:"releases"` // by place
	Locks    []RunLock    `json:"locks"`
	Torn     bool         `json:"torn"`    // a part of a trace could not be read
	Caveats  []Caveat     `json:"caveats"` // those of its reports, each code once
}

// RunPath is the critical path of a run; of several processes, the sum.
type RunPath struct {
	PathNS int64         `json:"path_ns"`
	WorkNS int64         `json:"work_ns"` // up to its end
	SpanNS int64         `json:"span_ns"`
	Kinds  []RunPathKind `json:"kinds"` // by name; they add up to PathNS
}

// RunPathKind is how much of a path is segments of one kind.
type RunPathKind struct {
	Kind string `json:"kind"`
	NS   int64  `json:"ns"`
}

// RunWaits are the waits of a run at one place.
type RunWaits struct {
	Place int `json:"place"` // index into Runs.Places
	Tally
}

// RunRelease is what a place made others wait.
type RunRelease struct {
	Place   int   `json:"place"`
	Wakes   int64 `json:"wakes"`
	BlameNS int64 `json:"blame_ns"`
}

// RunLock is a lock of one process of a run.
type RunLock struct {
	Process   string `json:"process"`  // empty where a run has one
	Acquires  []int  `json:"acquires"` // places, ascending
	Releases  []int  `json:"releases"`
	Pairs     int64  `json:"pairs"` // as in LockOrder
	Overtaken int64  `json:"overtaken_pairs"`
	PathNS    int64  `json:"path_ns"` // as of a CriticalLock; 0 where the run has no critical path
	// Woken names the goroutines to which the lock was handed, in this order:
	// the first ones, and LeftOut is how many come after. First has the first
	// acquisition of each.
	Woken    []int32   `json:"woken"`
	LeftOut  int64     `json:"left_out"`
	First    []RunTurn `json:"first"`
	FirstOut int64     `json:"first_out"`
}

// RunTurn is the first acquisition of a lock by a goroutine, as a Turn is.
type RunTurn struct {
	Goroutine int   `json:"goroutine"` // index into Runs.Goroutines
	Place     int   `json:"place"`     // where it waited
	ArrivedNS int64 `json:"arrived_ns"`
	WokenNS   int64 `json:"woken_ns"`
}

// Place is a site with what was waited on there, or, for one that releases, with no
// kind.
type Place struct {
	Kind string `json:"kind"` // empty for a release
	Idle bool   `json:"idle"` // its waits are those of workers for work
	Frame
	// Chain are the functions of the stack that waited there longest in the run
	// that names it first, from the site outward.
	Chain []string `json:"chain"`
}

// Series sums up one number of each run.
type Series struct {
	N      int     `json:"n"` // runs that have the number
	Median float64 `json:"median"`
	// Low and High enclose the median of all such runs with a probability of at
	// least 95 %. They are null with fewer than six runs.
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
	Min  float64  `json:"min"`
	Max  float64  `json:"max"`
}

// Measure is a number of the whole program.
type Measure struct {
	Name string `json:"name"` // as "wall"
	Unit string `json:"unit"` // "ns", or empty
	Series
}

// RunsLock is a lock over all runs: the sites that any run shows to be of one.
type RunsLock struct {
	ID       int      `json:"id"` // its index
	Name     string   `json:"name"`
	Kinds    []string `json:"kinds"`
	Runs     int      `json:"runs"`       // in which it was waited for
	Acquires []int    `json:"acquires"`   // places
	Releases []int    `json:"releases"`   // places, by blame
	Blocked  Series   `json:"blocked_ns"` // 0 in runs without it, as all that follows
	Sched    Series   `json:"sched_ns"`
	Waits    Series   `json:"waits"`
	Fifo     *Series  `json:"fifo"` // of the runs that have pairs; null for none
}

// RunsSite is a site over all runs.
type RunsSite struct {
	Place   int    `json:"place"`
	Lock    int    `json:"lock"` // index into Runs.Locks; -1 for none
	Runs    int    `json:"runs"`
	Blocked Series `json:"blocked_ns"`
	Sched   Series `json:"sched_ns"`
	Waits   Series `json:"waits"`
}

// OutcomeCount is how many runs stated an outcome.
type OutcomeCount struct {
	Outcome
	Runs int `json:"runs"`
}
