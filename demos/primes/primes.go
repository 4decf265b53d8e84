// Package primes is the work of the demos that are about processors: it computes
// and does nothing else, can be divided into equal parts, and has a result that
// can be known otherwise.
package primes

import "iter"

// block is how many numbers in a row belong to one part.
const block = 500

// Part returns the numbers below limit that are part i of n: blocks of them,
// dealt out in turn, so that the parts are about the same work.
func Part(i, n, limit int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for from := i * block; from < limit; from += n * block {
			for k := from; k < min(from+block, limit); k++ {
				if !yield(k) {
					return
				}
			}
		}
	}
}

// Is reports whether k is a prime, by trial division.
func Is(k int) bool {
	if k < 4 {
		return k > 1
	}
	if k%2 == 0 {
		return false
	}
	for d := 3; d*d <= k; d += 2 {
		if k%d == 0 {
			return false
		}
	}
	return true
}

// Below returns how many primes there are below limit, by the sieve of
// Eratosthenes: in another way than Is, and much faster.
func Below(limit int) (n int) {
	if limit > 2 {
		n = 1 // for 2; the sieve has the odd numbers
	}
	composite := make([]bool, max(limit, 0)/2)
	for k := 3; k < limit; k += 2 {
		if composite[k/2] {
			continue
		}
		n++
		for m := k * k; m < limit; m += 2 * k {
			composite[m/2] = true
		}
	}
	return n
}
