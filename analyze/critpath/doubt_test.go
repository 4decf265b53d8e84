package critpath

import (
	"slices"
	"testing"

	"tracekit/analyze/timeline"
)

// TestSpins has goroutines spin, before main ends and behind it: only what is work is
// spun.
func TestSpins(t *testing.T) {
	f := follow(t, `
		0 procs 2
		0 g1 running main.main
		0 g2 running main.spin
		10 g2 stops "Gosched" runtime.Gosched < main.spin
		12 g2 starts
		20 g2 stops "preempted" main.spin
		20 g2 starts
		60 g1 waits "chan receive" runtime.chanrecv1 < runtime/trace.tracekitStop < main.main
		80 g2 stops "Gosched" runtime.Gosched < main.spin
		80 g2 starts
		90 g2 stops "Gosched" runtime.Gosched < main.spin
		95 nobody wakes g1
		100 end
	`, nil)
	if d := f.Doubts(); d.SpinNS != 10+40 || f.path.WorkNS != 60+58 {
		t.Errorf("%d ns of %d are spun", d.SpinNS, f.path.WorkNS)
	}
}

// TestDropped has waits of several kinds dropped.
func TestDropped(t *testing.T) {
	script := `
		0 procs 2
		0 g1 running main.main
		0 g2 running main.other
		10 g1 waits "chan receive" runtime.chanrecv1 < main.take:1 < main.main
		20 g2 wakes g1 runtime.chansend1 < main.give:2 < main.other
		21 g1 starts
		30 g1 waits "chan send" runtime.chansend1 < main.give:1 < main.main
		40 g2 wakes g1 runtime.chanrecv1 < main.take:2 < main.other
		41 g1 starts
		50 g1 waits "sync" sync.(*WaitGroup).Wait < main.join:1 < main.main
		60 g2 wakes g1 sync.(*WaitGroup).Done < main.done:2 < main.other
		61 g1 starts
		70 g1 waits "sync" sync.(*Mutex).Lock < main.lock:1 < main.main
		80 g2 wakes g1 sync.(*Mutex).Unlock < main.unlock:2 < main.other
		81 g1 starts
		90 g1 waits "sleep" time.Sleep < main.nap:1 < main.main
		95 nobody wakes g1
		96 g1 starts
		100 end
	`
	f := follow(t, script, []Scenario{{Drop: []string{"main.take", "main.give", "main.join", "main.lock", "main.nap"}}})
	if got := f.Doubts().Dropped; !slices.Equal(got, []string{timeline.ChanSend.String(), timeline.ChanRecv.String()}) {
		t.Errorf("dropped are %v", got)
	}
	if _, unused := f.Predict(); len(unused) != 2 || unused[0].Place != "main.join" || unused[1].Place != "main.nap" {
		t.Errorf("without use are %v", unused)
	}
	if got := follow(t, script, nil).Doubts().Dropped; got != nil {
		t.Errorf("without a scenario there are %v", got)
	}
}
