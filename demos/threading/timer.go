package threading

import "time"

// Timer is a thread that runs a function after an interval, unless it is
// cancelled before. It is started, named and joined as any Thread, and has no use
// for a Target. NewTimer makes it.
type Timer struct {
	Thread
	interval  time.Duration
	function  func()
	cancelled Event
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
	case <-t.cancelled.flag().wake:
	}
	if !t.cancelled.IsSet() {
		t.function()
	}
}

// Cancel keeps a Timer from running its function, if it has not begun to, and
// ends its thread. It may come before Start.
func (t *Timer) Cancel() { t.cancelled.Set() }
