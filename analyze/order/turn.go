package order

import (
	"time"

	"tracekit/analyze/timeline"
)

// turns tells acquisitions that are tried again from those that begin, and finds
// hand-overs that no single lock makes.
//
// The waiters of one sync.Mutex are woken in the order in which they came, with
// two exceptions. Who was woken, found the mutex taken and blocks again goes to
// the front. And so does one that came while another was woken and did not run
// yet: it can take the semaphore before that one, and find the mutex taken. When
// any other goroutine that came anew is woken before one that had long been
// waiting, the two waited for different mutexes, which are taken at the same
// sites. Locks that are built of channels have no such exceptions.
type turns struct {
	last []turn // by Goroutine.Slot
}

// turn is the last lock wait of a goroutine.
type turn struct {
	known bool
	stack timeline.StackID
	acts  uint32 // of the goroutine when it was over
}

// of returns the last turn of a goroutine.
func (t *turns) of(g *timeline.Goroutine) *turn {
	for len(t.last) <= g.Slot {
		t.last = append(t.last, turn{})
	}
	return &t.last[g.Slot]
}

// margin is by how much one has to come before another for it to be certain: a
// goroutine enters the queue shortly before the trace says that it blocked.
const margin = int64(time.Millisecond)

// anew reports whether a wait that begins is for another acquisition than the
// goroutine's last one. It is not where it has the same stack, and the goroutine
// has done nothing since that shows in the trace.
func (t *turns) anew(w *timeline.Wait) bool {
	last := t.of(w.G)
	return !last.known || last.stack != w.Stack || last.acts != w.G.Acts || w.Kind.HandsOver()
}

// done notes a lock wait that is over.
func (t *turns) done(w *timeline.Wait) { *t.of(w.G) = turn{true, w.Stack, w.G.Acts} }

// forget drops a goroutine that has ended.
func (t *turns) forget(g *timeline.Goroutine) { *t.of(g) = turn{} }

// outOfTurn reports whether waking w before the oldest waiter shows that they
// wait for different locks.
func outOfTurn(oldest, w *waiter) bool {
	kind := w.wait.Kind
	return w.anew && !w.late && (kind == timeline.Mutex || kind.OfChannels()) && oldest.wait.Kind == kind &&
		oldest.wait.Start+margin <= w.wait.Start
}
