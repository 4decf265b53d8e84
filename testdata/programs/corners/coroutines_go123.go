//go:build go1.23

package main

import "iter"

// coroutines pulls values out of iterators, to the end of one and not to that of
// the other.
func coroutines() {
	count := func(yield func(int) bool) {
		for i := 0; i < 20 && yield(i); i++ {
		}
	}
	next, stop := iter.Pull(count)
	for _, ok := next(); ok; _, ok = next() {
	}
	stop()
	next, stop = iter.Pull(count)
	next()
	stop()
}
