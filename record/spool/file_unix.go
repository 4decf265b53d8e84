//go:build unix

package spool

import "syscall"

// spoolFile is a file as the system knows it, and what it is: a program that closes
// all descriptors may have another file under the same one later.
type spoolFile struct {
	fd       int
	dev, ino uint64
}

var spoolNone = spoolFile{fd: -1}

// spoolCreate creates a file, which must not be there yet.
func spoolCreate(name string) (spoolFile, error) {
	fd, err := syscall.Open(name, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_EXCL|syscall.O_APPEND|syscall.O_CLOEXEC, 0o666)
	if err != nil {
		return spoolNone, err
	}
	if high, ok := spoolDup(spoolFile{fd: fd}); ok {
		syscall.Close(fd)
		fd = int(high)
	}
	f := spoolFile{fd: fd}
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		syscall.Close(fd)
		return spoolNone, err
	}
	f.dev, f.ino = uint64(st.Dev), uint64(st.Ino)
	return f, nil
}

// ours reports whether the descriptor is still that of the file.
func (f spoolFile) ours() bool {
	var st syscall.Stat_t
	return f.fd >= 0 && syscall.Fstat(f.fd, &st) == nil && uint64(st.Dev) == f.dev && uint64(st.Ino) == f.ino
}

// spoolDup duplicates a descriptor to one that no program is likely to close, as
// high as its limit allows.
func spoolDup(f spoolFile) (fd uintptr, ok bool) {
	for _, lowest := range []uintptr{500, 200, 100} {
		fd, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(f.fd), syscall.F_DUPFD_CLOEXEC, lowest)
		if errno == 0 {
			return fd, true
		}
	}
	return 0, false
}

func spoolWrite(f spoolFile, p []byte) error {
	if !f.ours() {
		return syscall.EBADF
	}
	for len(p) > 0 {
		n, err := syscall.Write(f.fd, p)
		if err != nil && err != syscall.EINTR {
			return err
		}
		p = p[max(n, 0):]
	}
	return nil
}

func spoolClose(f spoolFile) {
	if f.ours() {
		syscall.Close(f.fd)
	}
}

func spoolRemove(name string) { syscall.Unlink(name) }
