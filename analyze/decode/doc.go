// Package decode says what a reader of execution traces hands on: the transitions
// of goroutines and marks, one generation at a time.
//
// There are two readers, package wire for the format of Go 1.22 and later, and
// package exp, on golang.org/x/exp/trace, for all versions. What follows does
// not know which one it was. The way of the data:
//
//  1. [ReadHeader] looks at the 16-byte header and refuses what is not a trace,
//     or is one of a version that cannot be read.
//  2. A reader decodes and orders the events. What concerns goroutines and
//     GOMAXPROCS is an [Event], and so are marks: CPU samples, tasks and regions,
//     help for the garbage collector, and stops of the world. Its stack is interned
//     by content into [Symbols], because the number that it has in the file means
//     nothing after the generation it came from.
//  3. A [Source] hands out a [Generation] when all of its events were read. One
//     that breaks in the middle is not handed out at all: what crosses into the
//     analyses is whole, and a [Loss] says what is missing.
//  4. The events of a generation are packed into [Events], and read with a
//     [Cursor].
//
// What it cannot know: whether a byte that was flipped without breaking the
// format is wrong (a trace has no checksums), and anything of a generation
// whose end was never written, since the names of its stacks come last.
package decode
