// Package order finds in what order locks are handed over.
//
// The way of the data: [Order] listens to the timeline and keeps, for each
// lock, a queue of those who wait for it, by the time when they blocked. Each
// wake of a lock is a hand-over, unless the waiter gave up because a context was
// done: it takes the woken goroutine out of the queue.
// Those who stand before it have been overtaken. Each pair of goroutines that
// wait at the same time is decided when the first of the two is woken, so
//
//	fifo = 1 - overtaken pairs / pairs
//
// is 1 for a lock that serves in the order of arrival, and 0 for one that
// always serves the last to come. It is the normalized Kendall distance between
// the orders of blocking and waking, over the pairs that met.
//
// A wake is not yet an acquisition. The woken goroutine may find the lock taken by
// one that never waited and block again; a sync.Mutex then puts it to the front
// of its queue, which the trace does not say. Such a hand-over is a retry: it is
// told by the goroutine blocking where it was just woken, with nothing else in
// between that the trace shows. Retries are counted, and in no pair: the orders
// compared are those of first blocking and first waking. Of a sync.Mutex,
// hand-overs less retries are the acquisitions that waited.
//
// What it cannot know: whether a goroutine that seems to try again had the lock
// in between without anybody waiting. Acquisitions that did not wait leave no
// trace.
package order
