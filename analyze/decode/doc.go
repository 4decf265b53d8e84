// Package decode turns the bytes of a Go execution trace into the transitions
// of goroutines, one generation at a time.
//
// The way of the data:
//
//  1. Open looks at the 16-byte header and refuses what is not a trace, or is
//     one of a version that cannot be read.
//  2. The bytes pass through a frame scanner, which follows the batch headers
//     and notes where in the file each generation ends.
//  3. golang.org/x/exp/trace decodes and orders the events. What concerns
//     goroutines and GOMAXPROCS is translated into an [Event]; its stack is
//     interned by content into [Symbols], because a stack handle of
//     x/exp/trace means nothing after the generation it came from.
//  4. [Reader.Next] hands out a [Generation] when all of its events were read.
//     One that breaks in the middle is not handed out at all: what crosses
//     into the analyses is whole, and [Reader.Loss] says what is missing.
//
// No type of golang.org/x/exp/trace leaves this package.
//
// What it cannot know: whether a byte that was flipped without breaking the
// format is wrong (a trace has no checksums), and anything of a generation
// whose end was never written, since the names of its stacks come last.
package decode
