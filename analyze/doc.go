// Package analyze reads an execution trace into a report.
//
//	trace file -> decode -> timeline -> waits, order, parallel -> report.Report
//
// What timeline tells goes out as a trace for another tool, too: see
// analyze/rewrite.
//
// One pass, in one direction. Each step is a package of its own, and each
// question of the report has one of its own name; see there for methods and
// limits. For [Table], rewrite/table listens to the timeline, too.
package analyze
