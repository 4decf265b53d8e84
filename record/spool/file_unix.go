//go:build unix

package spool

import "syscall"

// spoolFile is a file as the system knows it.
type spoolFile int

const spoolNone spoolFile = -1

// spoolCreate creates a file, which must not be there yet.
func spoolCreate(name string) (spoolFile, error) {
	fd, err := syscall.Open(name, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_EXCL|syscall.O_APPEND|syscall.O_CLOEXEC, 0o666)
	if err != nil {
		return spoolNone, err
	}
	if high, ok := spoolDup(spoolFile(fd)); ok {
		syscall.Close(fd)
		fd = int(high)
	}
	return spoolFile(fd), nil
}

// spoolDup duplicates a descriptor to one that no program is likely to close.
func spoolDup(f spoolFile) (fd uintptr, ok bool) {
	const lowest = 500
	fd, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(f), syscall.F_DUPFD_CLOEXEC, lowest)
	return fd, errno == 0
}

func spoolWrite(f spoolFile, p []byte) error {
	for len(p) > 0 {
		n, err := syscall.Write(int(f), p)
		if err != nil && err != syscall.EINTR {
			return err
		}
		p = p[max(n, 0):]
	}
	return nil
}

func spoolClose(f spoolFile) { syscall.Close(int(f)) }

func spoolRemove(name string) { syscall.Unlink(name) }
