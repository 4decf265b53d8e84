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
//     Of one that is to be anonymous, the strings are written anew, and nothing else.
//  3. The result is a trace for any tool that reads the one that it was made of.
//
// Pseudonyms are numbers in the order in which the file has the names first, and so the
// same in all generations, and whenever the same file is made anonymous. They are not
// derived from the names: a hash can be undone by who guesses what it was made of. What
// a stranger still learns is in the numbers that stay: how long what took, how often,
// on which lines of how many files, at which addresses of the program; and, from Go 1.25
// on, when the trace was made.
//
// What it cannot do: write traces of Go 1.21 and before, whose format is another one.
// And a time is not all that orders events: those of different threads that the clock
// puts at one tick may come in another order once others are there, or are not, which
// moves them by a few ns.
package rewrite
