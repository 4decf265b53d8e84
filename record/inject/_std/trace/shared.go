package trace

import "sync/atomic"

// The trace beside whatever the program traces itself: tracekitSpool gets every
// buffer that the runtime gives out, whoever else subscribes.

// tracekitBegin has the spool get what comes. Where the tracer runs already, by an
// init function of the program's, that is from the next generation on, behind the
// header that was given out before.
func tracekitBegin(s *Spool) error {
	tracing.Lock()
	defer tracing.Unlock()
	if tracing.enabled.Load() {
		s.Write(tracekitHeader)
		tracekitState.Store(tracekitWaits)
	}
	tracekitSpool.Store(s)
	return tracing.addedSubscriber()
}

func tracekitEnd() {
	tracing.Lock()
	defer tracing.Unlock()
	tracing.removingSubscriber() // when it returns, what belongs to the trace is written
	tracekitState.Store(tracekitDone)
	tracing.removedSubscriber()
}

// tracekitState says what of the runtime's buffers is for the spool.
var tracekitState atomic.Int32

const (
	tracekitAll   = iota
	tracekitWaits // nothing until the next generation
	tracekitDone  // nothing any more
)

// tracekitHeader is the header of the trace, which the runtime gives out once.
var tracekitHeader []byte

func tracekitFirst(header []byte) {
	tracekitHeader = append([]byte{}, header...)
	tracekitWrite(header)
}

func tracekitWrite(p []byte) {
	s := tracekitSpool.Load()
	if s == nil || s.NoteOnly {
		return
	}
	switch tracekitState.Load() {
	case tracekitAll:
		s.Write(p)
	case tracekitWaits:
		if len(p) == 1 { // the mark at the end of one
			tracekitState.Store(tracekitAll)
		}
	}
}
