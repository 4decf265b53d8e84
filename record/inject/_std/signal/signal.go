//go:build unix

package signal

import (
	"os"
	"runtime/trace"
	"syscall"
	"time"
)

// tracekitPatience is how long a signal waits for the trace to be written: a
// disk that is stuck must not make Ctrl-C useless.
const tracekitPatience = 2 * time.Second

// tracekitC holds the deadly signals that nobody else may have asked for. It is
// never read: loop looks at each signal before it is handed out, so that there is
// no goroutine more than os/signal has anyway.
var tracekitC chan os.Signal

func init() {
	if os.Getenv(trace.SpoolDirEnv) == "" {
		return
	}
	tracekitC = make(chan os.Signal)
	tracekitListen()
	trace.TracekitBegin()
}

// tracekitListen asks for the deadly signals that are not ignored.
func tracekitListen() {
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
		if !Ignored(s) {
			Notify(tracekitC, s)
		}
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
	die := h != nil && h.want(int(sig)) && handlers.ref[sig] == 1
	handlers.Unlock()
	if die {
		tracekitDie(syscall.Signal(sig))
	}
	return sig
}

// tracekitDie ends the trace, and then the process, as the signal would have.
func tracekitDie(sig syscall.Signal) {
	done := make(chan struct{})
	go func() {
		trace.TracekitSignal(int(sig))
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(tracekitPatience):
	}
	cancel([]os.Signal{sig}, disableSignal)
	syscall.Kill(syscall.Getpid(), sig)
}
