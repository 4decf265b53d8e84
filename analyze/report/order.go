package report

// Order says in what order locks are handed over.
type Order struct {
	Locks     []LockOrder    `json:"locks"`     // in the order of Waits.Locks
	Sequences []LockSequence `json:"sequences"` // of the same locks
	// Goroutines are those that were handed a lock, in the order of Sequences.
	Goroutines []Named `json:"goroutines"`
}

// LockSequence says to whom a lock was handed, one after the other.
type LockSequence struct {
	Lock     int    `json:"lock"`      // index into Waits.Locks
	Woken    []int  `json:"woken"`     // indexes into Order.Goroutines, the first hand-overs
	LeftOut  int64  `json:"left_out"`  // hand-overs that come after these
	First    []Turn `json:"first"`     // of each goroutine the first acquisition, by the time of its hand-over
	FirstOut int64  `json:"first_out"` // goroutines that First leaves out; one may count more than once
}

// MaxSequence is how many hand-overs of a lock, and goroutines, a LockSequence
// holds.
const MaxSequence = 10_000

// Turn is the first acquisition of a lock by a goroutine, of those that had to
// wait. Its hand-over is the last one before the goroutine waits for something else:
// those that it had to retry do not count.
type Turn struct {
	Goroutine int    `json:"goroutine"`  // index into Order.Goroutines
	Site      int    `json:"site"`       // where it waited; -1: not known
	Kind      string `json:"kind"`       // of the wait
	ArrivedNS int64  `json:"arrived_ns"` // when it blocked, from the start of the trace
	WokenNS   int64  `json:"woken_ns"`   // when it was handed the lock
}

// Named is a goroutine by what is the same in another run of the program: who
// created it, where, and the how many-th it was there.
type Named struct {
	// ID stands for all that. Two goroutines of one run that have the same were
	// told apart by nothing.
	ID   string `json:"id"`
	Name string `json:"name"` // for people: "main.worker.func1#3"
}

// LockOrder describes the hand-overs of one lock.
type LockOrder struct {
	Lock      int   `json:"lock"`      // index into Waits.Locks
	Handovers int64 `json:"handovers"` // wakes of its waiters
	// Retries counts hand-overs to a goroutine that, as far as the trace shows,
	// had been woken for the same acquisition before, had found the lock taken
	// and blocked again. Its place in the queue is not the one of its block:
	// Overtakes and Pairs leave such waits out.
	Retries   int64 `json:"retries"`
	Overtakes int64 `json:"overtakes"` // hand-overs while one that blocked earlier still waited
	// Pairs counts the pairs of waiters of which one was woken while the other
	// still waited, and OvertakenPairs those where it was the later one.
	Pairs          int64 `json:"pairs"`
	OvertakenPairs int64 `json:"overtaken_pairs"`
	// OutOfTurn counts hand-overs that one sync.Mutex does not make: to a
	// goroutine that came anew, at least 1 ms after one that still waits.
	// They show that several locks are taken at the sites of this one.
	OutOfTurn int64 `json:"out_of_turn"`
	// Fifo is 1 - OvertakenPairs/Pairs: 1 is first come first served, 0 is
	// last come first served. It is null when there was no pair.
	Fifo *float64 `json:"fifo"`
	// LongestPassedOverNS is the longest time from the moment when a waiter
	// was first overtaken to its own wake, or the end of the trace.
	LongestPassedOverNS int64 `json:"longest_passed_over_ns"`
}
