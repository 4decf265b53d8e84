// Package rewrite writes traces out again: a window of one, what is whole of one, one
// with an analysis in it, one without names.
//
// The way of the data:
//
//  1. package wire goes through the generations of the file as it does for an analysis,
//     and so finds what is whole, and what is going on where each begins.
//  2. A generation that stays as it is is copied, byte by byte. Of one that does not,
//     the events that change are written anew, thread by thread, each with its time on
//     the clock; strings and stacks that it lacks are added to its tables.
//  3. The result is a trace for any tool that reads the one that it was made of.
//
// What it cannot do: write traces of Go 1.21 and before, whose format is another one.
// And a time is not all that orders events: those of different threads that the clock
// puts at one tick may come in another order once others are there, or are not, which
// moves them by a few ns.
package rewrite
