// Package replay lets a run take place again on virtual clocks, in several scenarios
// at once.
//
// Each goroutine has a clock for each scenario, which tells when it would have come as
// far as it has come in the trace. The caller goes through the trace once and tells
// what goroutines do; each step moves clocks:
//
//   - To run takes a processor ([Replay.Run]). Where all are taken, the goroutine goes
//     on when one is free.
//   - To wait for what no goroutine does takes as long as it took ([Replay.Pass]).
//   - Who is woken goes on no sooner than the one that woke it has come to that point
//     ([Replay.Wake]), but in the scenarios in which nobody waits there.
//   - Where two meet, neither goes on before the other has come ([Replay.Meet]).
//
// This is the replay of a graph of dependencies that Dimemas does for messages
// (Labarta, Girona, Pillet, Cortes, Gregoris, "DiP: A parallel program development
// environment", Euro-Par 1996), in one pass: the trace's order is one in which all that
// a step depends on comes before it, so that nothing of it need be kept.
//
// Processors are kept as the time that they have left, in slices of time: a
// goroutine takes the first that is left from its clock on. Within a slice it is not
// said when; between slices it is. There are 16384 slices, from the beginning to as far
// as any clock has come. Goroutines get processors in the order of the trace, and not of
// their clocks: one that is earlier on its clock and later in the trace takes what is
// left.
//
// What it cannot know: who would take a lock first if they came otherwise than they
// did. Each hand-over that is not dropped remains one between the same two.
package replay
