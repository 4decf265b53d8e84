// Package critpath finds what set the length of the run, and how long it would take in
// other circumstances.
//
// The critical path is found by going back from the end of main: what a goroutine did
// before is what it had to do; where it was woken, what counts is what the goroutine
// did that woke it, up to there; where it was created, what its creator did. Waits that
// no goroutine ended (timers, the network) are on the path themselves, as is the time
// from a wake until the goroutine runs. So the path has no hole, and its parts add up to
// its length.
//
// The way of the data, in one pass and forwards:
//
//  1. [Critpath] listens to the timeline. It knows for each goroutine that is alive
//     the path that leads to it, added up by what it is made of.
//  2. The paths stand in a tree, the goroutines at its leaves. Who wakes another one
//     becomes a branching: the path of the woken is that of the waker up to there, and
//     what it had itself falls away. What leads to no goroutine any more is dropped, and
//     a node with one way on is put together with the next. So memory grows with the
//     goroutines alive, times the places of the trace, and not with its length.
//  3. At the same time the run takes place again in package replay, on virtual clocks:
//     unchanged, with processors for all, and once for each lock without which it may be
//     shorter. Locks are given a scenario when what was waited for them is worth it.
//  4. Where the path is to be shown itself, or that of the instances of a task or
//     region, [Trail] keeps its steps.
//
// What it cannot know: dependencies that no wait shows. Who finds what it needs does not
// wait; when something else is faster, it may have to. Some are inferred, and used in
// predictions alone: who receives from a full channel needs what its sender sends, who
// waits for a sync.WaitGroup needs all whom it has created, and who breaks a barrier
// needs all who have come before. Which lock is held is inferred, too: from a hand-over
// up to the goroutine's own next release that wakes. What was held without a wait does
// not show, nor for how long a goroutine spun for a lock before it waited: that is
// running time, with the lock and without.
package critpath
