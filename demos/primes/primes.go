// Package primes is the work of the demos that are about processors: it computes
// and does nothing else, can be divided into equal parts, and has a result that
// can be known otherwise.
package primes

import (
	"iter"
	"math"
)

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

// Below returns how many primes there are below limit: in another way than Is, and
// much faster. It is Legendre's count in the form that is known as Lucy_Hedgehog's
// (projecteuler.net, problem 10): small[v] and large[n/v] begin as the number of
// all k from 2 to v, and for each prime p those that it divides first go out.
func Below(limit int) int {
	n := limit - 1
	if n < 2 {
		return 0
	}
	root := int(math.Sqrt(float64(n)))
	small, large := make([]int, root+1), make([]int, root+1)
	for v := 1; v <= root; v++ {
		small[v], large[v] = v-1, n/v-1
	}
	for p := 2; p <= root; p++ {
		before := small[p-1]
		if small[p] == before {
			continue // p is no prime
		}
		for v := 1; v <= min(root, n/(p*p)); v++ {
			if d := v * p; d <= root {
				large[v] -= large[d] - before
			} else {
				large[v] -= small[n/d] - before
			}
		}
		for v := root; v >= p*p; v-- {
			small[v] -= small[v/p] - before
		}
	}
	return large[1]
}
