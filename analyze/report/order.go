package report

// Order says in what order locks are handed over.
type Order struct {
	Locks []LockOrder `json:"locks"` // in the order of Waits.Locks
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
