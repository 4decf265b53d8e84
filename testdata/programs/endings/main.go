//go:build unix

// Command endings ends in as many ways as a Go program can. It ticks meanwhile:
// each tick is a line of its output and a log in its trace, if there is one.
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime"
	"runtime/trace"
	"strconv"
	"syscall"
	"time"
)

// endings are by the argument that asks for them.
var endings = map[string]func(){
	"return":  func() { tick(20) },
	"exit0":   func() { tick(20); os.Exit(0) },
	"exit3":   func() { tick(20); os.Exit(3) },
	"fatal":   func() { tick(20); log.Fatal("fatal") },
	"panic":   func() { tick(20); panic("on purpose") },
	"nil":     func() { tick(20); fmt.Println(*new(*int) == nil, **new(*int)) },
	"panic-g": func() { tick(20); go panic("on purpose"); select {} },

	"INT":  func() { tick(20); kill(syscall.SIGINT) },
	"TERM": func() { tick(20); kill(syscall.SIGTERM) },
	"HUP":  func() { tick(20); kill(syscall.SIGHUP) },
	"QUIT": func() { tick(20); kill(syscall.SIGQUIT) },

	"handled": handled,
	"ignored": func() { signal.Ignore(os.Interrupt); tick(10); raise(syscall.SIGINT); tick(10) },
	"survive": func() { tick(10); raise(syscall.SIGHUP); tick(10) }, // where it is ignored from outside
	"stopped": func() { c := listen(); signal.Stop(c); tick(20); kill(syscall.SIGINT) },
	"reset":   func() { listen(); signal.Reset(os.Interrupt); tick(20); kill(syscall.SIGINT) },

	"own":    func() { own(); tick(10) },
	"flight": func() { flight(); tick(10) },

	"blocked": blocked,
	"both":    func() { tick(20); go os.Exit(3); kill(syscall.SIGTERM) },

	// Past the runtime.
	"throw":        func() { tick(500); throw() },
	"KILL":         func() { tick(500); kill(syscall.SIGKILL) },
	"syscall.Exit": func() { tick(500); syscall.Exit(4) },
}

func main() {
	if len(os.Args) != 2 || endings[os.Args[1]] == nil {
		log.Fatal("usage: endings WAY")
	}
	endings[os.Args[1]]()
}

var ticks int

func tick(n int) {
	for range n {
		ticks++
		trace.Log(context.Background(), "tick", strconv.Itoa(ticks))
		fmt.Println("tick", ticks)
		time.Sleep(time.Millisecond)
	}
}

func listen() chan os.Signal {
	c := make(chan os.Signal, 8)
	signal.Notify(c, os.Interrupt)
	return c
}

func raise(sig syscall.Signal) {
	if err := syscall.Kill(os.Getpid(), sig); err != nil {
		log.Fatal(err)
	}
}

// kill ends the process by a signal.
func kill(sig syscall.Signal) {
	raise(sig)
	time.Sleep(time.Hour) // until it comes; not for ever, which the runtime may notice first
}

func handled() {
	c := listen()
	tick(10)
	raise(syscall.SIGINT)
	fmt.Println("got", <-c)
	signal.Stop(c) // waits for what is on its way
	fmt.Println("and", len(c), "more")
	tick(10)
}

// own traces itself.
func own() {
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		log.Fatal(err)
	}
	tick(10)
	trace.Stop()
	fmt.Println("its own trace:", bytes.HasPrefix(b.Bytes(), []byte("go 1.")) && bytes.Contains(b.Bytes(), []byte("tick")))
}

// blocked traces itself to where nothing can be written, and exits.
func blocked() {
	if err := trace.Start(new(stuck)); err != nil {
		log.Fatal(err)
	}
	tick(20)
	os.Exit(4)
}

// stuck takes the header of a trace, and nothing more.
type stuck bool

func (s *stuck) Write(p []byte) (int, error) {
	if *s {
		select {}
	}
	*s = true
	return len(p), nil
}

// throw has the runtime end the program by an error that it finds.
func throw() {
	m := make(map[int]int)
	for range 2 * runtime.GOMAXPROCS(0) {
		go func() {
			for {
				m[1]++
			}
		}()
	}
	select {}
}
