package report

// The verdicts on the order of a lock.
const (
	Stable       = "stable"        // the same in all runs
	ArrivalOrder = "arrival-order" // that of arrival, which differs between runs
	Varies       = "varies"        // neither, and not random
	Random       = "random"        // as if drawn by lot in each run
	TooFewRuns   = "too few runs"  // to say any of it
)

// RunsOrder says how the order in which a lock was handed over differs between runs.
// The order of a run is that of the first acquisitions of its goroutines, of those
// that had to wait.
type RunsOrder struct {
	Lock    int    `json:"lock"`    // index into Runs.Locks
	Process string `json:"process"` // empty where runs have one
	Runs    []int  `json:"runs"`    // indexes into Runs.Runs: those in which several goroutines were handed the lock
	Items   int    `json:"items"`   // goroutines in any of them
	Ignored int    `json:"ignored"` // of Items, those that are compared with nothing: beyond the first 100

	Distinct   int     `json:"distinct"`    // orders
	ModalShare float64 `json:"modal_share"` // of the runs, those with the most frequent one
	Modal      []int   `json:"modal"`       // that order: indexes into Runs.Goroutines

	// Distance is the mean of the normalized Kendall distances of all pairs of
	// runs, over the goroutines that both have; null where there are none.
	// Low and High enclose it with 95 %, by bootstrap over the runs.
	Distance *float64 `json:"distance"`
	Low      *float64 `json:"low"`
	High     *float64 `json:"high"`
	// Jaccard is the mean share of the goroutines that two runs have in common, of
	// those that either has.
	Jaccard float64 `json:"jaccard"`
	Ties    bool    `json:"ties"` // some came at the same time: distances are tau-b

	// FromArrival is the mean distance of a run's order from that of the arrivals
	// of the same goroutines, null for none; Overtaken counts the acquisitions
	// before which one was served that came at least 10 µs later.
	FromArrival *float64 `json:"from_arrival"`
	Overtaken   int      `json:"overtaken"`

	// EntropyBits is the entropy of who is handed the lock k-th, for the first
	// hand-overs; its most is the logarithm of the number of runs.
	EntropyBits []float64 `json:"entropy_bits"`
	// FirstDifference is the first hand-over, from 1 on, at which any two runs
	// differ; 0 where none do.
	FirstDifference int `json:"first_difference"`

	Verdict string `json:"verdict"`
	// P is what the verdict rests on: PArrival for ArrivalOrder, at least PRandom for
	// Stable, else PRandom. Null where no two runs can be compared.
	P *float64 `json:"p"`
	// PRandom is how likely orders as close to each other would be if they were random,
	// PArrival how likely they would be as close to the arrivals if they had nothing to
	// do with these, by permutation tests.
	PRandom  *float64 `json:"p_random"`
	PArrival *float64 `json:"p_arrival"`
	Enough   int      `json:"enough"` // how many runs the verdict takes, or would take, about

	Swaps []Swap `json:"swaps"` // pairs of sites of which now the one, now the other comes first
}

// Swap is a pair of acquire sites, and how often pairs of goroutines that waited
// there came in one order in one run and in the other in another.
type Swap struct {
	A          int   `json:"a"` // places
	B          int   `json:"b"`
	Inversions int64 `json:"inversions"`
	Pairs      int64 `json:"pairs"` // of goroutines, and of runs, that were compared
}
