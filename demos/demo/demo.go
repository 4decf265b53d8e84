// Package demo is what a demo says of itself to who lists and runs it: a name,
// what it is about, its parameters, and what became of it.
package demo

import "io"

// Demo is a program that can be run.
type Demo struct {
	Name  string
	Short string // one line
	Long  string // what it does, and what its trace shows
	// Flags enters the parameters, with their defaults, and returns a function
	// that runs the demo with what they are by then.
	Flags func(*Flags) Run
}

// Run runs a demo once. What it prints goes to out. The error is for what kept
// it from running, such as a port that cannot be had.
type Run func(out io.Writer) (Outcome, error)

// Outcome is what a demo says of its result.
type Outcome struct {
	Name string // of the number
	Got  int    // what it became
	Want int    // what it should have become
}
