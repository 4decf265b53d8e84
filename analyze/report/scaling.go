package report

// Scaling says what more processors do: the runs of each GOMAXPROCS beside those of
// the smallest one.
type Scaling struct {
	Steps []Step `json:"steps"` // by GOMAXPROCS, ascending
	USL   *USL   `json:"usl"`   // null where the points do not support it, which a caveat says
}

// Step is one GOMAXPROCS.
type Step struct {
	GOMAXPROCS  int    `json:"gomaxprocs"`
	Wall        Series `json:"wall_ns"`
	Parallelism Series `json:"parallelism"`
	LockWait    Series `json:"lock_wait_ns"`
	// Speedup is how many times as long the first step took: the median of the rounds of
	// a recording, of which each has a run of both, else the ratio of the medians.
	// Efficiency is that over how many times as many processors these are.
	Speedup    float64 `json:"speedup"`
	Efficiency float64 `json:"efficiency"`
	// Low and High enclose the speedup with 95 %. They are null with fewer than six
	// rounds.
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
	// SerialFraction is what Karp and Flatt (1990) determine of the speedup: of the time
	// with one processor, what is done by one alone. Null for the first step, and where
	// it would be no share.
	SerialFraction *float64 `json:"serial_fraction"`
}

// USL is the Universal Scalability Law (Gunther 1993), fitted to the medians of the
// steps: with n times the processors, a program is n / (1 + Sigma (n-1) + Kappa n (n-1))
// times as fast.
type USL struct {
	Sigma     float64   `json:"sigma"`     // contention
	Kappa     float64   `json:"kappa"`     // coherency
	Residuals []float64 `json:"residuals"` // by step: measured over fitted time, less 1
}
