package main

import "syscall"

// apart has a child run in a process group of its own, which Ctrl-C does not reach, nor
// the browser that it opens; and end when this process does, in whatever way.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
