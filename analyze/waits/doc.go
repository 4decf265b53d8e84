// Package waits finds where goroutines wait, on what, for how long, and who
// ended it.
//
// The way of the data: [Waits] listens to the timeline. A wait for a lock goes
// to that lock, any other to its site, one of a worker that has nothing to do
// ([idleWaits]) and one of a goroutine of the runtime or the tracer to a total
// apart. [Waits.Report] sorts what was gathered and puts it into the words of
// the report.
//
// # Blame
//
// A wait is as long as the holds that others have meanwhile. Its blocked time
// is cut at each wake of the same lock that falls into it, and each piece is
// charged to the release that ended it. With wakes at u1 < u2 < … < uk, and the
// wait itself ended by uk, release i is charged the time from u(i-1), or from
// the start of the wait, to u(i). Blame over the releases of a lock is
// therefore equal to blocked time over its acquires, to the nanosecond. The
// runtime's mutex profile charges the whole wait to the last release instead,
// or an average (golang.org/issue/24877, golang.org/issue/73760).
//
// A waiter that gives up, because a context is done, had no lock: the piece since
// the last release is charged to what ended its wait, and the waits of all others
// are not cut there. What is left of a wait that the trace's end cuts is charged
// to no site.
//
// # Chains
//
// A wait is also counted by its stack together with that of the wake that ended
// it: who waited until whom. That is the last release alone, and not blame.
//
// # What it cannot know
//
// Acquisitions that did not have to wait leave no trace: a release is seen only
// when it wakes somebody. That the goroutine which released a lock had held it
// since the wake before is an inference. Two locks that are taken at the same
// sites are one here; see package timeline.
package waits
