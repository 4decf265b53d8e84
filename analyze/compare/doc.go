// Package compare sets runs of a program beside one another: several of one program,
// to see what varies, and those of before a change beside those of after it.
//
// The way of the data: a [Gathering] takes the reports of each run, one after the
// other, and keeps the facts that runs have in common, by places and names instead of
// indexes and ids; of the rest of a report it holds nothing. Its result is a
// [report.Runs], with [Gathering.Facts] for a diff; [Gathering.Vary] works out what varies,
// too: the order in which locks are handed over, and how the program scales. [Diff]
// matches the places of two such results, tests what differs, all tests corrected for
// how many they are, and holds expressions against it. The mathematics is in package
// stats.
//
// What it cannot know: whether the runs are a fair sample. Runs made one after the
// other share the state of the machine, and a difference between two recordings may be
// that of the hours at which they were made.
package compare
