// Package stats has the statistics of package compare: of two samples, of many
// orders, of many comparisons at once, and of how a program scales.
//
// Each function stands for a method of the literature, which its comment names. None
// assumes a distribution: times of concurrent programs have long tails and many
// zeros. Tests by simulation are seeded, so that the same runs give the same report.
//
// What they cannot know: whether runs are independent of one another. A machine that
// warms up, or that others use, makes them look alike.
package stats
