package trace

// The trace of a release whose tracer has one taker: the program cannot trace
// itself meanwhile.

func tracekitBegin(s *Spool) error {
	tracekitSpool.Store(s)
	return Start(s)
}

func tracekitEnd() { Stop() }
