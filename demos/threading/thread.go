package threading

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
)

// What bad use of a Thread gets.
var (
	ErrStarted    = errors.New("threading: the thread was started before")
	ErrNotStarted = errors.New("threading: the thread was not started")
)

// Thread is one goroutine with a name. It is made from a function, its Target, by
// Go or by Start:
//
//	t := threading.Go(func() { time.Sleep(time.Second) })
//
// or from a type that embeds Thread and has a Run method of its own, which then
// is what the thread does:
//
//	type sleeper struct {
//		threading.Thread
//		nap time.Duration
//	}
//
//	func (s *sleeper) Run() { time.Sleep(s.nap) }
//
//	err := threading.Start(&sleeper{nap: time.Second})
//
// The fields are for who starts it, before, and for all others afterwards. A
// Thread can be started once, and must not be copied.
type Thread struct {
	Name   string // where it is empty, Start makes it Thread-1, Thread-2 …
	Daemon bool   // Wait does not wait for it
	Target func() // what Run calls

	life atomic.Pointer[life] // nil until it is started
}

// Runner is a *Thread, or a pointer to a type that embeds Thread.
type Runner interface {
	Run()
	thread() *Thread
}

// life is what there is of a thread once it is started.
type life struct {
	over chan struct{} // closed at its end
	err  error         // a *PanicError; to be read when over is closed
}

// threads counts those that Start had to name.
var threads atomic.Int64

// crowd is how many threads are alive that are no daemons, from one start or end
// to the next.
type crowd struct {
	n    int
	none chan struct{} // closed when n is 0 again
}

// alive is changed by compare and swap, so that a trace shows no lock which is
// none of the program's; nil is a crowd of none.
var alive atomic.Pointer[crowd]

// Run calls Target, if there is one. A type that embeds Thread has another Run
// instead.
func (t *Thread) Run() {
	if t.Target != nil {
		t.Target()
	}
}

func (t *Thread) thread() *Thread { return t }

// Start starts a thread: r.Run is called in a goroutine of its own. (It is no
// method: that of an embedded Thread would not know the Run around it.) The
// error is ErrStarted where it was started before, whether or not it has ended.
func Start(r Runner) error {
	t := r.thread()
	l := &life{over: make(chan struct{})}
	if !t.life.CompareAndSwap(nil, l) {
		return ErrStarted
	}
	if t.Name == "" {
		t.Name = fmt.Sprintf("Thread-%d", threads.Add(1))
	}
	if !t.Daemon {
		begin()
	}
	go l.run(r, t.Daemon)
	return nil
}

// Go starts a new thread that calls f, and returns it.
func Go(f func()) *Thread {
	t := &Thread{Target: f}
	if err := Start(t); err != nil {
		panic(err) // a new thread was never started before
	}
	return t
}

func (l *life) run(r Runner, daemon bool) {
	if !daemon {
		defer end()
	}
	defer close(l.over)
	defer func() {
		if v := recover(); v != nil {
			l.err = &PanicError{v, debug.Stack()}
		}
	}()
	r.Run()
}

// Alive reports whether the thread is started and has not ended.
func (t *Thread) Alive() bool {
	l := t.life.Load()
	if l == nil {
		return false
	}
	select {
	case <-l.over:
		return false
	default:
		return true
	}
}

// Join waits until the thread has ended, or ctx is done. The error is nil, a
// *PanicError where the thread panicked, ErrNotStarted, or, while it is alive,
// that of ctx.
func (t *Thread) Join(ctx context.Context) error {
	l := t.life.Load()
	if l == nil {
		return ErrNotStarted
	}
	if t.Alive() {
		select {
		case <-l.over:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return l.err
}

// Wait returns when all threads of the process that are no daemons have ended, as
// the tutorial's interpreter does behind the last line of a program. A thread
// that is no daemon must not call it: it would wait for itself.
func Wait() {
	for {
		c := alive.Load()
		if c == nil {
			return
		}
		<-c.none
	}
}

func begin() {
	for {
		old, now := alive.Load(), &crowd{1, make(chan struct{})}
		if old != nil {
			now = &crowd{old.n + 1, old.none}
		}
		if alive.CompareAndSwap(old, now) {
			return
		}
	}
}

func end() {
	for {
		old := alive.Load()
		var now *crowd
		if old.n > 1 {
			now = &crowd{old.n - 1, old.none}
		}
		if !alive.CompareAndSwap(old, now) {
			continue
		}
		if now == nil {
			close(old.none)
		}
		return
	}
}

// PanicError is what Join returns of a thread that panicked. That ends the
// thread, and not the program: so does an uncaught exception in the tutorial.
type PanicError struct {
	Value any    // what panic was called with
	Stack []byte // of the thread when it panicked, as runtime/debug.Stack has it
}

// Error implements error.
func (e *PanicError) Error() string {
	return fmt.Sprintf("threading: the thread panicked: %v", e.Value)
}

// Unwrap returns the value that panic was called with, where it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
