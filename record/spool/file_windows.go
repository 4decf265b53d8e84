package spool

import "syscall"

// spoolFile is a file as the system knows it.
type spoolFile syscall.Handle

const spoolNone = spoolFile(syscall.InvalidHandle)

// spoolCreate creates a file, which must not be there yet.
func spoolCreate(name string) (spoolFile, error) {
	h, err := syscall.Open(name, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_EXCL|syscall.O_APPEND|syscall.O_CLOEXEC, 0o666)
	if err == syscall.ERROR_FILE_EXISTS {
		err = syscall.EEXIST
	}
	return spoolFile(h), err
}

// spoolDup does not duplicate: a crash is not noted here.
func spoolDup(spoolFile) (fd uintptr, ok bool) { return 0, false }

func spoolWrite(f spoolFile, p []byte) error {
	for len(p) > 0 {
		n, err := syscall.Write(syscall.Handle(f), p)
		if err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

func spoolClose(f spoolFile) { syscall.Close(syscall.Handle(f)) }

func spoolRemove(name string) {
	if p, err := syscall.UTF16PtrFromString(name); err == nil {
		syscall.DeleteFile(p)
	}
}
