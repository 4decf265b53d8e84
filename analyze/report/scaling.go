package report

// Scaling says what more processors do: the runs of each GOMAXPROCS beside those of
// the smallest one, where the numbers of runs differ, of as many of each.
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
	// Speedup is the median wall time of the first step over that of this one, and
	// Efficiency that over how many times as many processors these are.
	Speedup    float64 `json:"speedup"`
	Efficiency float64 `json:"efficiency"`
	// Low and High enclose the speedup with 95 %, by the rounds of the recording:
	// of each, the ratio of its two runs. They are null with fewer than six.
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
	// SerialFraction is what Karp and Flatt (1990) determine of the speedup: of the
	// work, what is done by one processor alone. Null for the first step.
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
