//go:build unix && !go1.25

package main

func flight() {} // there is none
