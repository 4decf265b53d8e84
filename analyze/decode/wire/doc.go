// Package wire reads the format of traces that Go 1.22 brought, in the versions
// of Go 1.22, 1.23, 1.25 and 1.26, several generations at once.
//
// The way of the data:
//
//  1. The scanner follows the headers of batches through the file and finds where
//     each generation begins and ends. It decodes nothing. Of a file, the batches
//     are read later, by their offsets; those of a stream are kept.
//  2. A worker decodes a generation by itself. It reads the tables of strings,
//     stacks and the clock. Then it merges the streams of events of all threads,
//     always taking the earliest event that can be next by what the goroutines
//     and processors are doing and by the sequence numbers: clocks alone do not
//     order what threads do. The goroutines' transitions are packed on the way, and
//     so are marks.
//  3. The generations are joined in their order. What one says to have found must
//     be what the one before has left; where the one before reaches over, events
//     are moved to keep times in order.
//  4. [Reader.Next] hands the generations out. The first one that is not whole, or
//     does not fit, ends the trace, and [Reader.Loss] says what is missing.
//
// For traces that are written again there is more: [Raw.Walk] shows the events of a
// generation once more, in that order and as they stand in the file; [Standing] follows
// what a trace tells once and not again with each generation, as the tasks that are
// open and what goroutines wait for; [Reader.Waits] says where waits stand; and batches
// of events, strings and stacks are encoded.
//
// Memory is that of the generations in flight, and of the goroutines alive.
//
// The order of events, and their times to the nanosecond, are those of
// golang.org/x/exp/trace.
package wire
