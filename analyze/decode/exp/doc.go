// Package exp reads traces of all versions with golang.org/x/exp/trace.
//
// It is for the versions that package wire does not know, and it is the oracle
// for that: from the same file, both must hand on the same events with the same
// times. No type of golang.org/x/exp/trace leaves it.
//
// The bytes of a file pass through a scanner of frames on their way, which follows
// the headers of batches and notes where each generation ends: x/exp/trace does
// not tell, and a report has to say what could not be read.
package exp
