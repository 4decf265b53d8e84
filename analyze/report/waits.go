package report

import "errors"

// Waits says where goroutines wait, on what, for how long, and who ended it.
//
// Blocked time is that up to the wake, sched that from there until the
// goroutine ran. A wait that the start or the end of the trace cuts is an open
// wait: it is counted in Waits and OpenWaits and its visible part in the
// times, but percentiles and maxima are over whole waits only.
type Waits struct {
	Kinds []Kind `json:"kinds"` // by blocked time, then name
	Locks []Lock `json:"locks"` // by blocked time, then number of waits and place
	Sites []Site `json:"sites"` // waits for other than locks, by blocked time, then number, kind and place
	// Chains say which stack waited until which other one ended the wait. They
	// have all waits that Locks and Sites have. They are null in reports of before
	// they were kept, see ErrNoChains.
	Chains []Chain `json:"chains"` // by blocked time, then number, lock and stacks
	// Idle are the sync waits of workers that wait for work, IdleNS is their
	// blocked time and IdleWaits their number. They are in no other number
	// here.
	Idle      []Site `json:"idle"` // by blocked time, then kind and place
	IdleNS    int64  `json:"idle_ns"`
	IdleWaits int64  `json:"idle_waits"`
	// SystemNS is the blocked time of the goroutines of the runtime and the
	// tracer; TracerNS is the tracer's part of it. It is in no other number
	// here.
	SystemNS int64 `json:"system_ns"`
	TracerNS int64 `json:"tracer_ns"`
}

// Kind totals the waits of one kind.
type Kind struct {
	Kind string `json:"kind"`
	Tally
}

// Tally counts waits and their times.
type Tally struct {
	Waits     int64 `json:"waits"`      // open ones included
	OpenWaits int64 `json:"open_waits"` // those cut by an end of the trace
	BlockedNS int64 `json:"blocked_ns"`
	SchedNS   int64 `json:"sched_ns"`
}

// Add adds the counts of another Tally.
func (t *Tally) Add(u Tally) {
	t.Waits += u.Waits
	t.OpenWaits += u.OpenWaits
	t.BlockedNS += u.BlockedNS
	t.SchedNS += u.SchedNS
}

// Spread describes the blocked times of whole waits. The percentiles are the
// nearest rank's, to a relative error of at most 0.4 %; Max is exact. All are 0
// when there is no whole wait.
type Spread struct {
	P50NS int64 `json:"p50_ns"`
	P90NS int64 `json:"p90_ns"`
	P99NS int64 `json:"p99_ns"`
	MaxNS int64 `json:"max_ns"`
}

// Longest is the longest of the whole waits at a place, up to the wake.
type Longest struct {
	StartNS   int64  `json:"start_ns"` // since the beginning of what is reported on
	BlockedNS int64  `json:"blocked_ns"`
	SchedNS   int64  `json:"sched_ns"`
	ID        int64  `json:"id"`        // the runtime's number of the goroutine
	Goroutine string `json:"goroutine"` // its group
}

// Around returns when to begin and to end, in ns since the same beginning, to see the
// wait with some of what is around it.
func (l *Longest) Around() (from, to int64) {
	const least, most = 100e3, 10e6 // ns
	margin := min(max(l.BlockedNS/10, least), most)
	return max(l.StartNS-margin, 0), l.StartNS + l.BlockedNS + l.SchedNS + margin
}

// Lock is a connected component of acquire and release sites.
type Lock struct {
	ID    int      `json:"id"` // its index in Waits.Locks
	Name  string   `json:"name"`
	Kinds []string `json:"kinds"`
	Tally
	DelayNS int64 `json:"delay_ns"` // blocked and sched
	Spread
	Longest *Longest `json:"longest,omitempty"` // nil: no wait is whole, or the report is an older one
	Waiters int      `json:"waiters"`           // goroutines that waited
	// GaveUp is how many waits were ended not by a release but by a context
	// that was done. Who was handed a semaphore at the same moment, and gave
	// it back, is not among them.
	GaveUp int64 `json:"gave_up"`
	// JoinedLateNS is how much of BlockedNS had been charged to releases when
	// the last of its sites turned out to belong to it. Up to there, blame and
	// order are those of its parts, and who waited at several of them and
	// ended counts as so many waiters.
	JoinedLateNS int64 `json:"joined_late_ns"`
	// Inferred is set where not wakes alone say that its sites are of one
	// lock, but also that readers queued behind a waiting writer.
	Inferred bool      `json:"inferred"`
	Acquires []Acquire `json:"acquires"` // by blocked time, then place
	Releases []Release `json:"releases"` // by blame, then place; blame adds up to BlockedNS
}

// Acquire is a stack that waited for a lock.
type Acquire struct {
	Site      int    `json:"site"`
	Stack     int    `json:"stack"`
	Kind      string `json:"kind"`
	Goroutine string `json:"goroutine"` // the group of the waiters
	Tally
}

// Release is a stack that released a lock on which others waited.
type Release struct {
	Site      int    `json:"site"` // -1: the lock was not seen to be released again
	Stack     int    `json:"stack"`
	Goroutine string `json:"goroutine"` // the group of the releasers
	Wakes     int64  `json:"wakes"`     // hand-overs: 0 for what made waiters give up
	BlameNS   int64  `json:"blame_ns"`
}

// Site is a place that waits for something other than a lock.
type Site struct {
	Kind  string `json:"kind"`
	Site  int    `json:"site"`
	Stack int    `json:"stack"` // the one of Stacks that was blocked longest
	Tally
	Spread
	Longest *Longest  `json:"longest,omitempty"` // as of a Lock
	Waiters int       `json:"waiters"`           // goroutines that waited
	Stacks  []Acquire `json:"stacks"`            // by blocked time, then place
	Wakers  []Waker   `json:"wakers"`            // by blocked time, then place
}

// Waker is a stack that ended waits.
type Waker struct {
	Site      int    `json:"site"` // -1: no goroutine did: a timer, the network, the end of the trace
	Stack     int    `json:"stack"`
	Goroutine string `json:"goroutine"` // the group of the wakers
	Wakes     int64  `json:"wakes"`
	BlockedNS int64  `json:"blocked_ns"` // of the waits that it ended
}

// Chain is a stack that waited and the stack that ended its waits: by the wake that
// made the goroutine runnable, and not by blame. Releases before that one may have
// made it wait longer.
type Chain struct {
	Lock        int    `json:"lock"` // index into Waits.Locks; -1: it is for no lock
	Kind        string `json:"kind"`
	Stack       int    `json:"stack"`
	Goroutine   string `json:"goroutine"`    // the group of the waiters
	By          string `json:"by"`           // what ended the waits: ByGoroutine, ByNobody or ByEnd
	ByStack     int    `json:"by_stack"`     // -1 unless a goroutine did, and the trace has its stack
	ByGoroutine string `json:"by_goroutine"` // the group of the wakers
	Tally
}

// ErrNoChains is the error for a report without chains, where these are wanted.
var ErrNoChains = errors.New("it is a report of before tracekit kept who waited for whom")

// What ends a wait.
const (
	ByGoroutine = "goroutine"
	ByNobody    = "nobody" // a timer, the network, the runtime
	ByEnd       = "end"    // nothing: the trace ended first
)
