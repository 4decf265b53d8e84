package trace

// The trace beside whatever the program traces itself: tracekitSpool gets every
// buffer that the runtime gives out, whoever else subscribes.

func tracekitBegin(*Spool) error {
	tracing.Lock()
	defer tracing.Unlock()
	return tracing.addedSubscriber()
}

func tracekitEnd() {
	tracing.Lock()
	defer tracing.Unlock()
	tracing.removingSubscriber()
	tracing.removedSubscriber()
}

func tracekitWrite(p []byte) {
	if s := tracekitSpool.Load(); s != nil && !s.NoteOnly {
		s.Write(p)
	}
}
