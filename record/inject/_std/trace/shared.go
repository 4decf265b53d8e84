package trace

import "sync/atomic"

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
	tracing.removingSubscriber() // when it returns, what belongs to the trace is written
	tracekitDone.Store(true)
	tracing.removedSubscriber()
}

// tracekitDone is set when what the tracer still gives out is for others.
var tracekitDone atomic.Bool

func tracekitWrite(p []byte) {
	if s := tracekitSpool.Load(); s != nil && !s.NoteOnly && !tracekitDone.Load() {
		s.Write(p)
	}
}
