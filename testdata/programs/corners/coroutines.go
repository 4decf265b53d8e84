//go:build !go1.23

package main

// coroutines does nothing: there are none before Go 1.23.
func coroutines() {}
