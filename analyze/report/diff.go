package report

// DiffSchema names the shape of a Diff.
const DiffSchema = "tracekit.diff/1"

// The corrections of a Diff for its many tests.
const (
	BenjaminiHochberg = "benjamini-hochberg"
	Holm              = "holm"
)

// What numbers of a Diff are of.
const (
	PerRun     = "run"     // a run
	PerWall    = "wall"    // a second of the wall time
	PerOutcome = "outcome" // a unit of the outcome that the run stated
)

// Diff is what differs between two sets of runs of a program.
type Diff struct {
	Schema     string  `json:"schema"`
	Old        Side    `json:"old"`
	New        Side    `json:"new"`
	Per        string  `json:"per"`        // one of PerRun, PerWall, PerOutcome
	Level      float64 `json:"level"`      // of significance, as 0.05, for all tests together
	Correction string  `json:"correction"` // BenjaminiHochberg or Holm
	Tests      int     `json:"tests"`      // comparisons that were tested

	Measures []MeasureDiff `json:"measures"` // of the whole program
	Critpath *PathDiff     `json:"critpath"` // null where one side has no run whose reports have it
	Locks    []LockDiff    `json:"locks"`    // by the size of the shift of the blocked time, then place
	Sites    []SiteDiff    `json:"sites"`    // by the same
	Checks   []Check       `json:"checks"`   // expressions that were held against all this, as they were given
	Caveats  []Caveat      `json:"caveats"`
}

// Side is one of the two sets.
type Side struct {
	Recordings []Source       `json:"recordings"`
	Runs       int            `json:"runs"`       // that were compared
	LeftOut    int            `json:"left_out"`   // those of another GOMAXPROCS
	GOMAXPROCS int            `json:"gomaxprocs"` // of those compared; 0: not known, or not one
	GoVersion  string         `json:"go_version"` // of the first one
	Outcomes   []OutcomeCount `json:"outcomes"`
}

// Change is how a number differs. Where the numbers are per something other than a
// run, so is all here.
type Change struct {
	Old Series `json:"old"`
	New Series `json:"new"`
	// Ratio is Shift over the median of Old; null where that is 0.
	Ratio *float64 `json:"ratio"`
	// Shift is by how much New is above Old: the median of all differences between a
	// run of one and a run of the other (Hodges and Lehmann 1963). Low and High
	// enclose it with 95 %; they are null where the runs are too few.
	Shift float64  `json:"shift"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
	// P is that of the exact Mann-Whitney test, as benchstat has it; null where one
	// side has one run. Adjusted is P corrected for all tests of the diff; null where
	// the runs are too few for any result to be significant.
	P           *float64 `json:"p"`
	Adjusted    *float64 `json:"p_adjusted"`
	Significant bool     `json:"significant"` // Adjusted is at most Level
	// Least is a change that such runs show in about four cases of five, null where
	// they show none, or it is not known.
	Least *float64 `json:"least"`
}

// MeasureDiff is a Measure of both sides.
type MeasureDiff struct {
	Name string `json:"name"`
	Unit string `json:"unit"`
	Change
}

// How the parts of a Diff are found in both sides.
const (
	Same     = "same"
	Moved    = "moved"    // to another line
	Renamed  = "renamed"  // or inlined: found by the rest of its stack, or a function literal with another number
	Guessed  = "guessed"  // one of several of its function, by their order
	New      = "new"      // only in the new runs
	Vanished = "vanished" // only in the old ones
)

// SiteDiff is a site of both sides, or of one.
type SiteDiff struct {
	Kind    string `json:"kind"`
	Idle    bool   `json:"idle"`
	Match   string `json:"match"` // one of Same, Moved, Renamed, Guessed, New, Vanished
	Old     *Frame `json:"old"`   // null for a new one
	New     *Frame `json:"new"`   // null for one that vanished
	Lock    int    `json:"lock"`  // index into Diff.Locks; -1 for none
	Blocked Change `json:"blocked_ns"`
	Sched   Change `json:"sched_ns"`
	Waits   Change `json:"waits"`
}

// LockDiff is a lock of both sides, or of one: its sites are those of Diff.Sites that
// name it.
type LockDiff struct {
	ID      int      `json:"id"` // its index
	Name    string   `json:"name"`
	Kinds   []string `json:"kinds"`
	Match   string   `json:"match"` // Same, New or Vanished
	Blocked Change   `json:"blocked_ns"`
	Sched   Change   `json:"sched_ns"`
	Waits   Change   `json:"waits"`
	Fifo    *Change  `json:"fifo"` // null where one side has no pairs
	// Distance is the mean normalized Kendall distance of the orders of two runs, which
	// stands for the median here, with the P of a permutation test; null where one side
	// has no two runs that can be compared.
	Distance *Change `json:"order_distance"`
}

// PathDiff is what the critical paths of both sides are made of.
type PathDiff struct {
	// Kinds are those of segments. Locks are another part of the same path: what is
	// between their hand-overs and the next release is running, for the most part.
	Kinds []PathPart `json:"kinds"` // by the share of both sides, then name
	Locks []PathPart `json:"locks"` // by the same, then number; those that a path goes through
}

// PathPart is how much of the path is of one kind, or of one lock.
type PathPart struct {
	Kind string `json:"kind"` // of segments; empty for a lock
	Lock int    `json:"lock"` // index into Diff.Locks; -1 for a kind
	// OldShare and NewShare are of the paths of all runs of a side together.
	OldShare float64 `json:"old_share"`
	NewShare float64 `json:"new_share"`
	Path     Change  `json:"path_ns"` // of the runs that have a path
}

// Check is what came of an expression.
type Check struct {
	Expression string    `json:"expression"`
	Budget     string    `json:"budget"` // the file that has it; empty for none
	Failed     bool      `json:"failed"` // a finding of it is true, and not known
	Findings   []Finding `json:"findings"`
	// Undecided says why the expression could not have come true; empty where it
	// could.
	Undecided string `json:"undecided"`
}

// Finding is one number that an expression is about.
type Finding struct {
	Place string  `json:"place"` // site or lock; empty for the whole program
	Unit  string  `json:"unit"`
	Old   float64 `json:"old"` // medians
	New   float64 `json:"new"`
	// Value is what is held against Bound: the shift, the shift as a share of the old
	// median, or the new median, as Of says. It is null for a share of nothing: then
	// any change is beyond.
	Of    string   `json:"of"` // "change", "ratio" or "new"
	Value *float64 `json:"value"`
	Bound float64  `json:"bound"`
	// Beyond says that Value is beyond Bound, and P how likely the new runs would be as
	// far beyond by chance, if they lay on it: by a one-sided test, corrected for all
	// that the expressions are about.
	Beyond bool     `json:"beyond"`
	P      *float64 `json:"p"`
	Failed bool     `json:"failed"` // beyond, significantly, and not known
	Known  string   `json:"known"`  // why it is let pass, and until when; or since when no more
}
