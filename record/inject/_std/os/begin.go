package os

import (
	"internal/runtime/exithook"
	"runtime"
	"syscall"
	_ "unsafe" // go:linkname
)

// The trace of programs that link nothing else that could hold it: with what the
// runtime offers, below everything.
func init() {
	if _, ok := syscall.Getenv(SpoolDirEnv); !ok {
		return
	}
	s, err := OpenSpool(tracekitPath(), runtime_args())
	if err != nil {
		print("tracekit: this process is not recorded: ", err.Error(), "\n")
		return
	}
	if fd, ok := s.CrashFile(); ok {
		tracekitCrash(fd)
	}
	end := func() {}
	if !s.NoteOnly {
		if err := runtime.StartTrace(); err != nil {
			s.Note("lost", err.Error())
			return
		}
		go tracekitRead(s)
		end = runtime.StopTrace
	}
	exithook.Add(exithook.Hook{F: func() {
		end()
		s.Note("exit", tracekitCode())
	}, RunOnFailure: true})
}

// tracekitRead hands the runtime's buffers on until the trace is stopped.
func tracekitRead(s *Spool) {
	for {
		b := runtime.ReadTrace()
		if b == nil {
			return
		}
		s.Write(b)
	}
}

// tracekitPath returns the path of the package that the program is built from:
// the line of that name in its build information, which two 16-byte marks enclose.
func tracekitPath() string {
	const key = "path\t"
	info := tracekitInfo()
	if len(info) < 32 {
		return ""
	}
	info = info[16 : len(info)-16]
	if len(info) < len(key) || info[:len(key)] != key {
		return ""
	}
	info = info[len(key):]
	for i := range len(info) {
		if info[i] == '\n' {
			return info[:i]
		}
	}
	return ""
}

//go:linkname tracekitInfo runtime/debug.modinfo
func tracekitInfo() string

//go:linkname tracekitCrash runtime.setCrashFD
func tracekitCrash(fd uintptr) uintptr
