// Package perfetto writes what a timeline tells in the trace format of Perfetto,
// for its viewer and its SQL.
//
// The way of the data:
//
//  1. [Exporter] is an Observer of a timeline. Each span becomes a slice on the track
//     of its goroutine when it closes, each wake an instant on the track of the waker
//     with a flow to the next slice of whoever was woken, and each change of how many
//     run a value of a counter.
//  2. holds infers who held which lock.
//  3. The critical path is known when the run is over: [Exporter.Path] writes it then,
//     as slices on a track of its own.
//  4. packets interns names and stacks, and writes.
//
// Packets are written as things close, not in the order of their times; who reads the
// format sorts them. Memory grows with the goroutines alive, the stacks, the sites
// and the locks, and not with the length of the trace.
//
// Times are those of the trace, in ns on its own clock, which on most systems is the
// monotonic one. The format has no negative ones: a trace that begins before 0, as
// those of Go 1.21 do by 1 ns, is moved to begin at 0.
//
// What it cannot know: a goroutine's track is named, for good, when its first slice is
// written, which for one that was not named by then is "G7". A running slice has no
// stack, as the trace says where a goroutine stops, not where it goes on: the
// slice behind it has that. Holds are no more than inferred; see holds for how.
package perfetto
