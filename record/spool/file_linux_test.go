package spool

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestHigh has descriptors that no program is likely to close.
func TestHigh(t *testing.T) {
	s, _ := open(t, "x")
	if s.trace.fd < 500 || s.note.fd < 500 {
		t.Errorf("descriptors are %v and %v", s.trace, s.note)
	}
}

// TestClosed has a program close all descriptors, and open a file of its own under
// the same one: nothing is written to that.
func TestClosed(t *testing.T) {
	s, dir := open(t, "x")
	list := batches("go 1.26", 3, 2)
	s.Write(list[0])
	own, err := os.Create(filepath.Join(dir, "own"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []spoolFile{s.trace, s.note} {
		if err := syscall.Dup3(int(own.Fd()), f.fd, 0); err != nil {
			t.Fatal(err)
		}
		defer syscall.Close(f.fd)
	}
	for _, b := range list[1:] {
		s.Write(b)
	}
	s.Note("exit", "0")
	if s.Err() != syscall.EBADF {
		t.Errorf("the error is %v", s.Err())
	}
	if info, err := own.Stat(); err != nil || info.Size() > 0 {
		t.Errorf("%d bytes were written to it, %v", info.Size(), err)
	}
}
