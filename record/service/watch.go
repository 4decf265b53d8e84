package service

import (
	"context"
	"fmt"
	"time"
)

// watch tells of the progress, and ends the fetch by cancel when it is overdue,
// until stop is called.
func (f *fetching) watch(cancel context.CancelCauseFunc) (stop func()) {
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		f.look(done, cancel)
	}()
	return func() {
		close(done)
		<-gone
		f.tell()
	}
}

func (f *fetching) look(done <-chan struct{}, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(f.tick)
	defer ticker.Stop()
	bytes, last := int64(0), f.start
	for {
		select {
		case <-done:
			return
		case now := <-ticker.C:
			if n := f.bytes.Load(); n != bytes {
				bytes, last = n, now
			}
			if err := f.overdue(now, last); err != nil {
				cancel(err)
			}
			f.tell()
		}
	}
}

// overdue returns why not to wait any longer, when bytes came last at last.
func (f *fetching) overdue(now, last time.Time) error {
	since := now.Sub(f.start) - f.For
	switch {
	case min(since, now.Sub(last)) > f.silence:
		return fmt.Errorf("stalled: nothing came for %v, and the %v of the trace are over", f.silence, f.For)
	case since > f.whole:
		return fmt.Errorf("too slow: not at its end %v after the %v of the trace", f.whole, f.For)
	}
	return nil
}

func (f *fetching) tell() {
	if f.Progress != nil {
		f.Progress(time.Since(f.start), f.bytes.Load())
	}
}
