//go:build !go1.25

package main

// fly does nothing: there is no flight recorder before Go 1.25.
func fly([]string) (stop func()) { return func() {} }
