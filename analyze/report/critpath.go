package report

import "errors"

// Critpath says what set the length of the run: the chain of running and waiting, each
// link of which could begin only when the one before had ended, from the beginning of
// the trace to the end of main; and how long the run would take without one of its
// locks.
//
// All that is on the path adds up to PathNS, to the nanosecond.
type Critpath struct {
	FromNS int64 `json:"from_ns"` // since the beginning of what is reported on: where the path begins
	PathNS int64 `json:"path_ns"` // its length
	// End is where it ends: EndMain, or EndLast where main does not end in the trace.
	End       string `json:"end"`
	Goroutine string `json:"goroutine"` // the group on which it ends; "" where nobody ran

	// WorkNS is all running time of user goroutines up to the end of the path, T1.
	WorkNS int64 `json:"work_ns"`
	// SpanNS is the length of the longest chain of dependent running and waiting, T∞:
	// how long the run takes with processors for all. Sched latency is not in it.
	SpanNS      int64   `json:"span_ns"`
	Parallelism float64 `json:"parallelism"` // WorkNS over SpanNS; 0 where that is 0
	// With P processors the run takes at least the larger of T1/P and T∞, and, where no
	// processor is idle while a goroutine is runnable, at most T1/P + T∞ (Brent 1974).
	// Both are 0 where GOMAXPROCS is not stated.
	LeastNS int64 `json:"least_ns"`
	MostNS  int64 `json:"most_ns"`

	Segments []Segment `json:"segments"` // by time, then count and content

	// ReplayNS is how long the run takes when its dependencies are replayed unchanged
	// on the same number of processors, and ReplayError by how much of PathNS that is
	// wrong: no prediction is better.
	ReplayNS    int64   `json:"replay_ns"`
	ReplayError float64 `json:"replay_error"`

	Locks []CriticalLock `json:"locks"` // by what the run takes without them, then time on the path, then number
	// Sites are those of other sync waits, as Locks.
	Sites []CriticalSite `json:"sites"`

	// Instances are those of a task or region that was asked for; nil: none was.
	Instances []Instances `json:"instances,omitempty"`
}

// ErrNoCritpath is the error for a report without a critical path, where that is wanted.
var ErrNoCritpath = errors.New("it is a report of before tracekit kept what set the length of the run")

// Where a path ends.
const (
	EndMain = "main" // where main ends
	EndLast = "last" // where the last user goroutine stops running
)

// The kinds of segments beside the kinds of waits, which stand for waits that no
// goroutine ended.
const (
	SegRunning  = "running"
	SegSyscall  = "syscall"
	SegSched    = "sched"      // runnable: sched latency, or its processor was taken away
	SegAssist   = "gc-assist"  // running, but for the garbage collector
	SegStopped  = "stop-world" // the runtime stopped the world, or waited for it to stop
	SegBefore   = "before"     // what the goroutine did is not in the trace
	SegHandOver = "hand-over"  // a wake by a goroutine: the path goes on from the one that woke
	SegBirth    = "birth"      // the path goes on from the one that created
)

// Segment is what the path does in one way at one place.
type Segment struct {
	Kind  string `json:"kind"`
	Group string `json:"group"` // of the goroutine; of a hand-over, of the one that was woken
	// Site is where it ran, by CPU samples, or waited, or, for SegSched, where the wait
	// was that it follows; -1: the trace does not say.
	Site  int    `json:"site"`
	Lock  int    `json:"lock"`  // index into Waits.Locks, of a hand-over and the sched latency behind it; -1: none
	Wait  string `json:"wait"`  // the kind of that wait, "" for none
	NS    int64  `json:"ns"`    // 0 for SegHandOver and SegBirth
	Count int64  `json:"count"` // how many there are; of SegRunning with a site, the samples
}

// Dropped says how long the run would take if nobody waited at a place.
type Dropped struct {
	WallNS int64 `json:"drop_wall_ns"`
	// LowNS and HighNS are the bounds of what can be claimed.
	LowNS  int64 `json:"drop_low_ns"`
	HighNS int64 `json:"drop_high_ns"`
}

// CriticalLock is a lock, in so far as it set the length of the run (Chen and
// Stenström, "Critical Lock Analysis: Diagnosing Critical Section Bottlenecks in
// Multithreaded Applications", SC'12).
type CriticalLock struct {
	Lock int `json:"lock"` // index into Waits.Locks
	// PathNS is how much of the path is between a hand-over of the lock and the next
	// release by the same goroutine; Visits is how often the path goes through a
	// hand-over of it.
	PathNS int64 `json:"path_ns"`
	Visits int64 `json:"visits"`
	WaitNS int64 `json:"wait_ns"` // as BlockedNS of the lock
	// ContendedNS is the blocked time of the waits that those hand-overs ended.
	ContendedNS int64 `json:"contended_ns"`
	*Dropped          // nil, and not in JSON: it is not worth it
}

// CriticalSite is as CriticalLock a site of sync waits for other than locks.
type CriticalSite struct {
	Kind        string `json:"kind"`
	Site        int    `json:"site"`
	Visits      int64  `json:"visits"`
	WaitNS      int64  `json:"wait_ns"`
	ContendedNS int64  `json:"contended_ns"`
	*Dropped           // nil, and not in JSON: it is not worth it
}

// Instances are the instances of the tasks or regions of one name. The path of an
// instance ends where it ends, on the goroutine that ends it, and goes back to when it
// began, on whatever goroutine.
type Instances struct {
	Type  string `json:"type"` // "task" or "region"
	Name  string `json:"name"`
	Count int64  `json:"count"` // whole ones
	// Open are those that begin and do not end, or, of regions, not on the goroutine that
	// began them; in no other number. Those that begin before are not counted.
	Open int64 `json:"open"`
	Spread
	// Median and Slow are the means over those around the median and over the slowest.
	Median Composition `json:"median"`
	Slow   Composition `json:"slow"`
}

// Composition is what the path of an instance is made of, as the mean over several. The
// counts of its segments are sums over them.
type Composition struct {
	Count    int64     `json:"count"`   // how many it is the mean over
	PathNS   int64     `json:"path_ns"` // the mean length
	Segments []Segment `json:"segments"`
}

// WhatIfSchema names the shape of a WhatIf.
const WhatIfSchema = "tracekit.whatif/1"

// WhatIf says how long a run would take in other circumstances.
type WhatIf struct {
	Schema string `json:"schema"`
	Trace  Trace  `json:"trace"`
	// WallNS is how long what is replayed took, from the beginning of the trace to the
	// end of the path; ReplayNS how long it takes when it is replayed unchanged, and
	// ReplayError the difference over WallNS.
	WallNS      int64      `json:"wall_ns"`
	ReplayNS    int64      `json:"replay_ns"`
	ReplayError float64    `json:"replay_error"`
	Scenarios   []Scenario `json:"scenarios"` // as asked for; else by what they predict
	Caveats     []Caveat   `json:"caveats"`
}

// Scenario is the run in other circumstances.
type Scenario struct {
	Name        string `json:"name"`
	PredictedNS int64  `json:"predicted_ns"`
	LowNS       int64  `json:"low_ns"`
	HighNS      int64  `json:"high_ns"`
}
