package trace

import (
	"internal/runtime/exithook"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
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
	if s.NoteOnly {
		tracekitSpool.Store(s)
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

// tracekitPatience is how long the end of the process waits for that of the trace:
// what the program's own trace is written to may never take it, or be what ends the
// process; and a disk that is stuck must not make Ctrl-C useless.
const tracekitPatience = 2 * time.Second

var (
	tracekitOnce  sync.Once
	tracekitEnded = make(chan struct{}) // closed when the trace has ended
)

// tracekitStop ends the trace, for the first who calls it, and waits for that.
func tracekitStop() {
	if tracekitSpool.Load().NoteOnly {
		return
	}
	tracekitOnce.Do(func() {
		go func() {
			tracekitEnd()
			close(tracekitEnded)
		}()
	})
	select {
	case <-tracekitEnded:
	case <-time.After(tracekitPatience):
	}
}

// tracekitExit ends the trace. It is run when main returns and by os.Exit.
func tracekitExit() {
	tracekitStop()
	tracekitSpool.Load().Note("exit", tracekitCode())
}

// TracekitGot notes, for os/signal, a signal that came.
func TracekitGot(sig int) {
	if s := tracekitSpool.Load(); s != nil {
		s.Note("got", spoolItoa(int64(sig)))
	}
}

// TracekitSignal ends the trace for os/signal, when the process is about to end by
// a signal.
func TracekitSignal(sig int) {
	if s := tracekitSpool.Load(); s != nil {
		tracekitStop()
		s.Note("signal", spoolItoa(int64(sig)))
	}
}

//go:linkname tracekitCrash runtime.setCrashFD
func tracekitCrash(fd uintptr) uintptr
