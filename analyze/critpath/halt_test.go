package critpath

import (
	"testing"

	"tracekit/analyze/timeline"
)

// TestHalts has the path of each script in which the world is stopped, or goroutines
// help the garbage collector, to the nanosecond.
func TestHalts(t *testing.T) {
	for _, tt := range halts {
		t.Run(tt.name, func(t *testing.T) { want(t, follow(t, tt.script, nil).lines()[1:], tt.want) })
	}
}

var halts = []struct{ name, script, want string }{
	{"by the one that runs", `
		0 g1 running main.main
		10 g1 stopsworld
		25 g1 startsworld
		40 end
	`, `
		25: running main.main x1
		15: stop-world main.main x1
	`},
	{"while one is runnable, and begins to run", `
		0 g1 runnable main.main
		0 g2 running main.other
		10 g2 stopsworld
		30 g2 startsworld
		33 g1 starts
		40 g1 stops "preempted" main.main
		45 g2 stopsworld
		50 g1 starts
		52 g2 startsworld
		60 g1 ends
		60 g2 ends
		70 end
	`, `
		27: stop-world main.main x3
		18: sched main.main x2
		15: running main.main x2
	`},
	// What is waited for is not the world.
	{"while one waits", `
		0 g1 running main.main
		0 g2 running main.other
		10 g1 waits "sleep" time.Sleep < main.nap:1 < main.main
		15 g2 stopsworld
		20 g2 startsworld
		22 g2 stopsworld
		30 nobody wakes g1
		34 g2 startsworld
		35 g2 ends
		36 g1 starts
		50 end
	`, `
		24: running main.main x2
		20: sleep main.main at main.nap:1 x1
		4: stop-world main.main x1
		2: sched main.main at main.nap:1 sleep x1
	`},
	// It is not seen to be woken.
	{"behind the wake of one that runs at once", `
		0 g1 running main.main
		0 g2 running main.other
		10 g1 waits "sleep" time.Sleep < main.nap:1 < main.main
		30 g1 starts
		35 g2 stopsworld
		38 g2 startsworld
		41 g2 ends
		50 g1 ends
		60 end
	`, `
		27: running main.main x2
		20: sleep main.main at main.nap:1 x1
		3: stop-world main.main x1
		0: sched main.main at main.nap:1 sleep x1
	`},
	{"behind the wake of one that runs at once, up to its end", `
		0 g1 running main.main
		0 g2 running main.other
		10 g1 waits "sleep" time.Sleep < main.nap:1 < main.main
		30 g1 starts
		35 g2 stopsworld
		45 g2 ends
		50 g1 ends
		60 end
	`, `
		20: sleep main.main at main.nap:1 x1
		15: running main.main x2
		15: stop-world main.main x1
		0: sched main.main at main.nap:1 sleep x1
	`},
	{"within an assist", `
		0 g1 running main.main
		10 g1 assists
		20 g1 stopsworld
		23 g1 startsworld
		30 g1 assisted
		40 end
	`, `
		20: running main.main x2
		17: gc-assist main.main x1
		3: stop-world main.main x1
	`},
	{"an assist that blocks", `
		0 g1 running main.main
		0 g9 running runtime.gcBgMarkWorker
		10 g1 assists
		14 g1 waits "GC mark assist wait for work" runtime.gcAssistAlloc < main.main
		20 g9 wakes g1 runtime.gcFlushBgCredit < runtime.gcBgMarkWorker
		23 g1 starts
		30 g1 assisted
		40 end
	`, `
		20: running main.main x2
		11: gc-assist main.main x2
		6: gc main.main at main.main:1 x1
		3: sched main.main at main.main:1 gc x1
	`},
}

// TestWindowWithin has a window begin within a stop of the world, an assist, or a region.
// Of a region, the beginning is not told.
func TestWindowWithin(t *testing.T) {
	f := followIn(t, `
		0 g1 running main.main
		0 g2 running main.other
		4 g1 assists
		5 g1 beginregion 0 "x"
		6 g2 stopsworld
		14 g2 startsworld
		19 g1 assisted
		25 g1 endregion 0 "x"
		30 g1 beginregion 0 "x"
		60 end
	`, timeline.Window{From: 10, To: 40}, nil, func(c *Critpath) { c.Ask(x) })
	want(t, append(f.lines()[1:], f.instancesLines()...), `
		21: running main.main x2
		5: gc-assist main.main x1
		4: stop-world main.main x1
		region x: 0, 1 open; 0 0 0 0
	`)
}
