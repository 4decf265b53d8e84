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
	tracekitState.Store(tracekitEnds)
	tracing.removingSubscriber() // when it returns, the generation that it was called in is written
	tracekitState.Store(tracekitDone)
	tracing.removedSubscriber()
}

// tracekitState says what of the runtime's buffers is for the spool.
var tracekitState atomic.Int32

const (
	tracekitAll   = iota
	tracekitWaits // nothing until the next generation
	tracekitEnds  // the rest of this generation, and whole ones
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
	mark := len(p) == 1 // of the end of a generation
	switch tracekitState.Load() {
	case tracekitAll:
		s.Write(p)
	case tracekitWaits:
		if mark {
			tracekitState.CompareAndSwap(tracekitWaits, tracekitAll)
		}
	case tracekitEnds:
		tracekitWhole(s, p, mark)
	}
}

var (
	tracekitHolds bool     // the generation is one that is written when it is whole
	tracekitHeld  [][]byte // what there is of it
)

// tracekitWhole writes the rest of a generation, and those behind it only when they
// are whole: the tracer goes on when others read, and the trace is to end with one.
// It is called by the tracer's goroutine alone.
func tracekitWhole(s *Spool, p []byte, mark bool) {
	if !tracekitHolds {
		s.Write(p)
		tracekitHolds = mark
		return
	}
	tracekitHeld = append(tracekitHeld, append([]byte{}, p...))
	if !mark {
		return
	}
	for _, b := range tracekitHeld {
		s.Write(b)
	}
	tracekitHeld = nil
}
