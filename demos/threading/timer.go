package threading

import "time"

// Timer is a thread that runs a function after an interval, unless it is
// cancelled before. It is started, named and joined as any Thread. NewTimer
// makes it.
type Timer struct {
	Thread
	interval time.Duration
	function func()
	finished Event
}

// NewTimer returns a Timer that is not started yet. The interval begins when it
// is.
func NewTimer(interval time.Duration, function func()) *Timer {
	return &Timer{interval: interval, function: function}
}

// Run implements Runner; Start calls it.
func (t *Timer) Run() {
	select {
	case <-time.After(t.interval):
	case <-t.finished.flag().wake:
	}
	if !t.finished.IsSet() {
		t.function()
	}
	t.finished.Set()
}

// Cancel keeps a Timer whose interval is not over from running its function, and
// ends its thread. It may come before Start, and does nothing after the
// interval.
func (t *Timer) Cancel() { t.finished.Set() }
