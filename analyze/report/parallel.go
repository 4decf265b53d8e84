package report

// Parallel says how many goroutines run, and how many could.
type Parallel struct {
	GOMAXPROCSAvg float64 `json:"gomaxprocs_avg"` // over time; 0: not stated
	RunningAvg    float64 `json:"running_avg"`    // the parallelism achieved
	Utilization   float64 `json:"utilization"`    // RunningAvg over GOMAXPROCSAvg; 0 where that is 0
	DemandAvg     float64 `json:"demand_avg"`     // goroutines running or runnable
	// SystemRunningAvg is the average number of goroutines of the runtime and
	// the tracer that ran. They are in no other number here but in Groups.
	SystemRunningAvg float64 `json:"system_running_avg"`
	At               []At    `json:"at"`      // for each number from 0 on; adds up to the wall time
	WorkNS           int64   `json:"work_ns"` // all running time
	Groups           []Group `json:"groups"`  // by class, running, blocked time, then name
}

// At is the time during which so many goroutines ran.
type At struct {
	Running int   `json:"running"`
	NS      int64 `json:"ns"`
}

// The classes of groups, in the order in which they are listed.
const (
	ClassUser    = "user"
	ClassRuntime = "runtime"
	ClassTracer  = "tracer"
)

// Group is the goroutines that started with the same function.
type Group struct {
	Name       string `json:"name"`
	Class      string `json:"class"`
	Goroutines int    `json:"goroutines"`
	RunningNS  int64  `json:"running_ns"`
	RunnableNS int64  `json:"runnable_ns"`
	BlockedNS  int64  `json:"blocked_ns"`
	SyscallNS  int64  `json:"syscall_ns"`
}
