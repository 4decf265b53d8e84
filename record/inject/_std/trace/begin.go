package trace

import (
	"internal/runtime/exithook"
	"os"
	"runtime/debug"
	"sync/atomic"
	_ "unsafe" // go:linkname
)

// tracekitSpool takes the trace of this process; nil when it is not recorded. The
// tracer, the signals and the end of the process come to it on goroutines of
// their own.
var tracekitSpool atomic.Pointer[Spool]

// TracekitBegin begins the trace, if the environment asks for one. It is called by
// os/signal, once that has asked for the signals that would end the process, so
// that this does not show up in the trace.
func TracekitBegin() {
	s, err := OpenSpool(tracekitPath(), os.Args)
	if err != nil {
		print("tracekit: this process is not recorded: ", err.Error(), "\n")
		return
	}
	if s == nil {
		return
	}
	if fd, ok := s.CrashFile(); ok {
		tracekitCrash(fd)
	}
	exithook.Add(exithook.Hook{F: tracekitExit, RunOnFailure: true})
	tracekitSpool.Store(s)
	if s.NoteOnly {
		return
	}
	if err := tracekitBegin(s); err != nil {
		s.Note("lost", err.Error())
	}
}

// tracekitPath returns the path of the package that the program is built from.
func tracekitPath() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Path
	}
	return ""
}

// tracekitEnded is set once the end of the trace has begun: by the end of the
// process, or by the signal that ends it.
var tracekitEnded atomic.Bool

// tracekitExit ends the trace. It is run when main returns and by os.Exit.
func tracekitExit() {
	tracekitStop()
	tracekitSpool.Load().Note("exit", tracekitCode())
}

func tracekitStop() {
	if !tracekitSpool.Load().NoteOnly && tracekitEnded.CompareAndSwap(false, true) {
		tracekitEnd()
	}
}

// TracekitSignal ends the trace for os/signal, when the process is about to end by
// a signal.
func TracekitSignal(sig int) {
	if s := tracekitSpool.Load(); s != nil {
		s.Note("signal", spoolItoa(int64(sig)))
		tracekitStop()
	}
}

//go:linkname tracekitCrash runtime.setCrashFD
func tracekitCrash(fd uintptr) uintptr
