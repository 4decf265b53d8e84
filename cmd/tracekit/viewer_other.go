//go:build !unix

package main

import "syscall"

// apart leaves a child where it is.
func apart() *syscall.SysProcAttr { return nil }
