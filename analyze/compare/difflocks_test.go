package compare

import (
	"testing"

	"tracekit/analyze/report"
)

// lockOf are the functions where a lock is acquired, each of which waits so many ms.
type lockOf map[string]float64

// withLocks makes runs of a program with locks, six of them, each a little slower.
func withLocks(locks ...lockOf) *report.Runs {
	var g Gathering
	g.Source(report.Source{Path: "made"})
	for i := range 6 {
		r := report.Run{Number: i + 1, GOMAXPROCS: 2, Processes: 1, WallNS: int64(1e9 + i)}
		for _, sites := range locks {
			l := report.RunLock{Pairs: 10, Overtaken: int64(i % 2)}
			for name, ms := range sites {
				p := g.place(report.Place{Kind: "mutex", Frame: report.Frame{Func: name, File: "f.go", Line: 1}})
				l.Acquires = append(l.Acquires, p)
				r.Waits = append(r.Waits, report.RunWaits{Place: p, Tally: report.Tally{Waits: 5, BlockedNS: int64(ms*1e6) + int64(i)}})
			}
			l.Acquires = sorted(l.Acquires)
			r.Locks = append(r.Locks, l)
		}
		g.keep(r)
	}
	return g.Facts()
}

// TestLockDiffs has a lock of two places, one of a single place, one that went and one
// that came.
func TestLockDiffs(t *testing.T) {
	old := withLocks(lockOf{"m.a": 100, "m.b": 50}, lockOf{"m.one": 70}, lockOf{"m.gone": 20})
	new := withLocks(lockOf{"m.a": 110, "m.b": 60}, lockOf{"m.one": 75}, lockOf{"m.came": 10})
	want := []struct {
		name, match string
		shift       float64 // ms
		sites       int
	}{{"m.a:1", report.Same, 20, 2}, {"m.one:1", report.Same, 5, 1}, {"m.gone:1", report.Vanished, -20, 1}, {"m.came:1", report.New, 10, 1}}
	d := diffOf(t, old, new, Options{})
	if len(d.Locks) != len(want) {
		t.Fatalf("locks are %+v", d.Locks)
	}
	sites := make(map[int]int)
	for _, s := range d.Sites {
		sites[s.Lock]++
	}
	for i, w := range want {
		l := d.Locks[i]
		if l.ID != i || l.Name != w.name || l.Match != w.match || l.Blocked.Shift < 1e6*w.shift-10 || l.Blocked.Shift > 1e6*w.shift+10 || sites[i] != w.sites {
			t.Errorf("lock %d is %+v of %d sites, want %+v", i, l, sites[i], w)
		}
		if both := w.match == report.Same; (l.Fifo != nil) != both || l.Blocked.P == nil || !l.Blocked.Significant {
			t.Errorf("lock %d: fifo %v, blocked %+v", i, l.Fifo, l.Blocked)
		}
	}
}

// TestSerialFraction is that of the law of Amdahl where the speedup is one, and of what
// does not get faster, as far as may be by chance, 1.
func TestSerialFraction(t *testing.T) {
	low, high := 0.9, 1.1
	for _, tt := range []struct {
		speedup float64
		high    *float64
		want    float64 // -1: none
	}{{2, nil, 0}, {4. / 3, nil, 0.5}, {1, nil, 1}, {0.95, nil, 1}, {0.95, &high, 1}, {0.85, &low, -1}, {0.5, nil, -1}, {2.5, nil, -1}} {
		got := serialFraction(report.Step{Speedup: tt.speedup, High: tt.high}, 2, 1)
		if (got == nil) != (tt.want < 0) || got != nil && (*got < tt.want-1e-9 || *got > tt.want+1e-9) {
			t.Errorf("%+v: %v", tt, orNaN(got))
		}
	}
}
