package analyze

import (
	"runtime"

	"tracekit/analyze/decode"
	"tracekit/analyze/timeline"
)

// runBoth goes through a trace with two timelines, each with observers of its own, side
// by side where there are processors for that: they are told the same. The critical
// path takes as long as all else.
func runBoth(src decode.Source, win Window, some, others []timeline.Observer) (timeline.Extent, error) {
	if runtime.GOMAXPROCS(0) == 1 {
		return timeline.RunWindow(src, win, append(some, others...)...)
	}
	b := &beside{Source: src, gens: make(chan *decode.Generation), idle: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		// What it returns is what the other one returns.
		_, _ = timeline.RunWindow(follower{b}, win, others...)
	}()
	extent, err := timeline.RunWindow(b, win, some...)
	<-done
	return extent, err
}

// beside is a Source whose generations another one has, too, at the same time.
type beside struct {
	decode.Source
	gens chan *decode.Generation
	idle chan struct{} // the other one asks for the next
	err  error         // with which they end
}

// Next implements decode.Source.
func (b *beside) Next() (*decode.Generation, error) {
	<-b.idle
	gen, err := b.Source.Next()
	if err != nil {
		b.err = err
		close(b.gens)
		return nil, err
	}
	gen.Share(2)
	b.gens <- gen
	return gen, nil
}

// follower is the other one.
type follower struct{ *beside }

// Next implements decode.Source.
func (f follower) Next() (*decode.Generation, error) {
	f.idle <- struct{}{}
	gen, ok := <-f.gens
	if !ok {
		return nil, f.err
	}
	return gen, nil
}
