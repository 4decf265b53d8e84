package signal

import (
	"os"
	"runtime/trace"
	"syscall"
)

// tracekitC holds the deadly signals that nobody else may have asked for. It is
// never read: loop looks at each signal before it is handed out, so that there is
// no goroutine more than os/signal has anyway.
var tracekitC chan os.Signal

func init() {
	if os.Getenv(trace.SpoolDirEnv) == "" {
		return
	}
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
		if !Ignored(s) {
			tracekitSignals = append(tracekitSignals, s)
		}
	}
	tracekitC = make(chan os.Signal)
	tracekitListen()
	trace.TracekitBegin()
}

// tracekitSignals are the deadly signals that were not ignored when the program
// began.
var tracekitSignals []os.Signal

func tracekitListen() {
	if len(tracekitSignals) > 0 { // none would be all
		Notify(tracekitC, tracekitSignals...)
	}
}

// tracekitReset is called when the program wants the default actions back.
func tracekitReset() {
	if tracekitC != nil {
		tracekitListen()
	}
}

// tracekitSignal is called by loop for each signal. One that the program does
// not listen to flushes the trace, then does what it would have done.
func tracekitSignal(sig uint32) uint32 {
	if tracekitC == nil || sig >= numSig {
		return sig
	}
	handlers.Lock()
	h := handlers.m[tracekitC]
	ours := h != nil && h.want(int(sig))
	die := ours && handlers.ref[sig] == 1
	handlers.Unlock()
	if ours {
		trace.TracekitGot(int(sig))
	}
	if die {
		tracekitDie(syscall.Signal(sig))
	}
	return sig
}

// tracekitDie ends the trace, and then the process, as the signal would have.
func tracekitDie(sig syscall.Signal) {
	trace.TracekitSignal(int(sig))
	cancel([]os.Signal{sig}, disableSignal)
	syscall.Kill(syscall.Getpid(), sig)
}
