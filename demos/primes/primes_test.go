package primes

import "testing"

// TestParts: the parts make the whole, whatever their number.
func TestParts(t *testing.T) {
	// The numbers of primes below the powers of ten are well known.
	for limit, want := range map[int]int{-1: 0, 0: 0, 2: 0, 3: 1, 10: 4, 1000: 168, 10_000: 1229, 100_000: 9592} {
		if got := Below(limit); got != want {
			t.Errorf("%d primes below %d, want %d", got, limit, want)
		}
		for _, parts := range []int{1, 2, 3, 7} {
			primes, numbers := 0, 0
			for i := range parts {
				for k := range Part(i, parts, limit) {
					numbers++
					if Is(k) {
						primes++
					}
				}
			}
			if primes != want || numbers != max(limit, 0) {
				t.Errorf("%d parts: %d primes of %d numbers below %d, want %d", parts, primes, numbers, limit, want)
			}
		}
	}
	n := 0
	for limit := range 2000 {
		if got := Below(limit); got != n {
			t.Fatalf("%d primes below %d, want %d", got, limit, n)
		}
		if Is(limit) {
			n++
		}
	}
	for k := range Part(0, 1, 10) {
		if k == 5 {
			break
		}
	}
}
