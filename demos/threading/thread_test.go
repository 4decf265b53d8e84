package threading

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// counter is a thread made of a type.
type counter struct {
	Thread
	n int
}

func (c *counter) Run() { c.n++ }

func TestThread(t *testing.T) {
	n := 0
	byFunction := &Thread{Name: "one", Target: func() { n++ }}
	byType := &counter{Thread: Thread{Target: func() { t.Error("Run is not the type's") }}}
	want(t, byFunction.Join(background), ErrNotStarted)
	want(t, byType.Join(background), ErrNotStarted)
	for _, r := range []Runner{byFunction, byType} {
		if r.thread().Alive() {
			t.Error("alive before it is started")
		}
		must(t, Start(r))
		want(t, Start(r), ErrStarted)
		must(t, r.thread().Join(background))
		must(t, r.thread().Join(background)) // again
		want(t, Start(r), ErrStarted)
		if r.thread().Alive() {
			t.Error("alive after its end")
		}
	}
	if n != 1 || byType.n != 1 {
		t.Errorf("ran %d and %d times", n, byType.n)
	}
	if byFunction.Name != "one" || !strings.HasPrefix(byType.Name, "Thread-") {
		t.Errorf("names are %q and %q", byFunction.Name, byType.Name)
	}
	idle := new(Thread)
	must(t, Start(idle))
	must(t, idle.Join(background))
}

func TestGo(t *testing.T) {
	n := 0
	th := Go(func() { n = 2 })
	must(t, th.Join(background))
	if th.Name == "" || th.Daemon || n != 2 {
		t.Errorf("name %q, daemon %v, ran to %d", th.Name, th.Daemon, n)
	}
	want(t, Start(th), ErrStarted)
}

func TestJoinGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		th := &Thread{Target: func() { <-release }}
		must(t, Start(th))
		want(t, th.Join(soon(t)), context.DeadlineExceeded)
		if !th.Alive() {
			t.Error("not alive")
		}
		close(release)
		must(t, th.Join(background))
	})
}

// TestThreadEnds in other ways than by a return.
func TestThreadEnds(t *testing.T) {
	panics := func(v any) error {
		th := &Thread{Target: func() { panic(v) }}
		must(t, Start(th))
		return th.Join(background)
	}
	err := panics("oops")
	var p *PanicError
	if !errors.As(err, &p) || p.Value != "oops" || !strings.Contains(string(p.Stack), "TestThreadEnds") || !strings.Contains(err.Error(), "oops") {
		t.Errorf("error is %v", err)
	}
	want(t, panics(io.EOF), io.EOF)
	exits := &Thread{Target: runtime.Goexit}
	must(t, Start(exits))
	must(t, exits.Join(background))
}

// TestWait: it waits for threads, those started by threads too, and not for
// daemons.
func TestWait(t *testing.T) {
	release := make(chan struct{})
	daemon := &Thread{Daemon: true, Target: func() { <-release }}
	inner := &Thread{Target: func() { time.Sleep(time.Millisecond) }}
	outer := &Thread{Target: func() {
		if err := Start(inner); err != nil {
			panic(err)
		}
	}}
	must(t, Start(daemon))
	must(t, Start(outer))
	Wait()
	if inner.Alive() || outer.Alive() || !daemon.Alive() {
		t.Errorf("alive: inner %v, outer %v, daemon %v", inner.Alive(), outer.Alive(), daemon.Alive())
	}
	close(release)
	must(t, daemon.Join(background))
	must(t, outer.Join(background))
}

func TestTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var fired time.Time
		fires := NewTimer(time.Minute, func() { fired = time.Now() })
		want(t, fires.Join(background), ErrNotStarted)
		must(t, Start(fires))
		want(t, Start(fires), ErrStarted)
		must(t, fires.Join(background))
		if got := fired.Sub(begin); got != time.Minute {
			t.Errorf("it fired after %v", got)
		}
		fires.Cancel() // too late, and harmless
	})
}

func TestTimerCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		never := func() { t.Error("it fired") }
		before, meanwhile := NewTimer(time.Minute, never), NewTimer(time.Minute, never)
		before.Cancel()
		must(t, Start(before))
		must(t, before.Join(background))
		must(t, Start(meanwhile))
		time.Sleep(time.Second)
		meanwhile.Cancel()
		meanwhile.Cancel()
		must(t, meanwhile.Join(background))
		if got := time.Since(begin); got != time.Second {
			t.Errorf("ended after %v", got)
		}
	})
}
