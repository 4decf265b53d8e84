package trace

// The trace beside whatever the program traces itself: tracekitSpool gets every
// buffer that the runtime gives out, whoever else subscribes.

func tracekitBegin(s *Spool) error {
	tracing.Lock()
	defer tracing.Unlock()
	tracekitSpool = s
	return tracing.addedSubscriber()
}

func tracekitEnd() {
	tracing.Lock()
	defer tracing.Unlock()
	tracing.removingSubscriber()
	tracing.removedSubscriber()
}

func tracekitWrite(p []byte) {
	if tracekitSpool != nil {
		tracekitSpool.Write(p)
	}
}
