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
	// last holds, for each goroutine, the stack of its last lock wait as long
	// as it has done nothing since that shows in the trace. If it blocks with
	// the same stack again, it may be for the same acquisition.
	last map[*timeline.Goroutine]timeline.StackID
}

func newTurns() turns { return turns{last: make(map[*timeline.Goroutine]timeline.StackID)} }

// margin is by how much one has to come before another for it to be certain: a
// goroutine enters the queue shortly before the trace says that it blocked.
const margin = int64(time.Millisecond)

// anew reports whether a wait that begins is for another acquisition than the
// goroutine's last one.
func (t turns) anew(w *timeline.Wait) bool {
	last, ok := t.last[w.G]
	return !ok || last != w.Stack || w.Kind.HandsOver()
}

// done notes a lock wait that is over.
func (t turns) done(w *timeline.Wait) { t.last[w.G] = w.Stack }

// acted notes that a goroutine did something else, and so has its last lock.
func (t turns) acted(g *timeline.Goroutine) { delete(t.last, g) }

// outOfTurn reports whether waking w before the oldest waiter shows that they
// wait for different locks.
func outOfTurn(oldest, w *waiter) bool {
	kind := w.wait.Kind
	return w.anew && !w.late && (kind == timeline.Mutex || kind.OfChannels()) && oldest.wait.Kind == kind &&
		oldest.wait.Start+margin <= w.wait.Start
}
