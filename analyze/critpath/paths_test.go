package critpath

// paths are scripts with the paths through them, and with the locks and other places
// that those go through, where there are any.
var paths = []struct{ name, script, want, critical string }{
	{"a chain", `
		0 procs 2
		0 g1 running main.main
		0 g2 waiting "chan receive" runtime.chanrecv1 < main.second:2 < main.second:9
		0 g3 waiting "chan receive" runtime.chanrecv1 < main.third:3
		30 g1 wakes g2 runtime.chansend1 < main.main:5
		35 g2 starts
		50 g1 ends
		75 g2 wakes g3 runtime.chansend1 < main.second:6
		78 g3 starts
		80 g2 ends
		100 end
	`, `
		last main.third: path 100 work 117 span 92
		40: running main.second x1
		30: running main.main x1
		22: running main.third x1
		5: sched main.second at main.second:2 chan-recv x1
		3: sched main.third at main.third:3 chan-recv x1
		0: hand-over main.second at main.second:2 chan-recv x1
		0: hand-over main.third at main.third:3 chan-recv x1
	`, `
		chan-recv at main.third:3: 1 visits, contended 75
		chan-recv at main.second:2: 1 visits, contended 30
	`},
	{"fork and join", `
		0 procs 4
		0 g1 running main.main
		10 g1 creates g2 main.worker @ main.main:7
		10 g1 creates g3 main.worker @ main.main:7
		12 g2 starts
		13 g3 starts
		20 g1 waits "sync" sync.(*WaitGroup).Wait < main.main:9
		50 g2 ends
		80 g3 wakes g1 sync.(*WaitGroup).Done < main.worker:4
		82 g3 ends
		84 g1 starts
		100 end
	`, `
		last main.main: path 100 work 143 span 93
		67: running main.worker x1
		26: running main.main x2
		4: sched main.main at main.main:9 waitgroup x1
		3: sched main.worker at main.main:7 x1
		0: birth main.worker at main.main:7 x1
		0: hand-over main.main at main.main:9 waitgroup x1
	`, `
		waitgroup at main.main:9: 1 visits, contended 60
	`},
	{"a pipeline over channels", `
		0 procs 4
		0 g1 running main.produce
		0 g2 waiting "chan receive" runtime.chanrecv1 < main.stage:2
		0 g3 waiting "chan receive" runtime.chanrecv1 < main.consume:3
		10 g1 wakes g2 runtime.chansend1 < main.produce:5
		11 g2 starts
		15 g1 waits "chan send" runtime.chansend1 < main.produce:5
		40 g2 wakes g3 runtime.chansend1 < main.stage:4
		41 g3 starts
		45 g2 wakes g1 runtime.chanrecv1 < main.stage:2
		46 g1 starts
		50 g2 waits "chan receive" runtime.chanrecv1 < main.stage:2
		60 g1 wakes g2 runtime.chansend1 < main.produce:5
		61 g1 ends
		62 g2 starts
		70 g3 waits "chan receive" runtime.chanrecv1 < main.consume:3
		90 g2 wakes g3 runtime.chansend1 < main.stage:4
		91 g2 ends
		93 g3 starts
		100 end
	`, `
		last main.consume: path 100 work 134 span 93
		62: running main.stage x3
		24: running main.produce x2
		7: running main.consume x1
		3: sched main.stage at main.stage:2 chan-recv x2
		3: sched main.consume at main.consume:3 chan-recv x1
		1: sched main.produce at main.produce:5 chan-send x1
		0: hand-over main.stage at main.stage:2 chan-recv x2
		0: hand-over main.consume at main.consume:3 chan-recv x1
		0: hand-over main.produce at main.produce:5 chan-send x1
	`, `
		chan-send at main.produce:5: 1 visits, contended 30
		chan-recv at main.stage:2: 2 visits, contended 20
		chan-recv at main.consume:3: 1 visits, contended 20
	`},
	// Of two ways that are as long, the one counts whose last step is the wake.
	{"a diamond with two ways as long", `
		0 procs 3
		0 g1 running main.main
		10 g1 creates g2 main.left @ main.main:7
		10 g1 creates g3 main.right @ main.main:8
		10 g2 starts
		10 g3 starts
		20 g1 waits "sync" sync.(*WaitGroup).Wait < main.main:9
		60 g2 ends
		60 g3 wakes g1 sync.(*WaitGroup).Done < main.right:4
		60 g3 ends
		60 g1 starts
		70 end
	`, `
		last main.main: path 70 work 130 span 70
		50: running main.right x1
		20: running main.main x2
		0: birth main.right at main.main:8 x1
		0: hand-over main.main at main.main:9 waitgroup x1
		0: sched main.right at main.main:8 x1
		0: sched main.main at main.main:9 waitgroup x1
	`, `
		waitgroup at main.main:9: 1 visits, contended 40
	`},
	{"waits that nobody ends", `
		0 procs 1
		0 g1 running main.main
		10 g1 waits "sleep" time.Sleep < main.nap:4 < main.main
		40 nobody wakes g1
		42 g1 starts
		50 g1 waits "network" internal/poll.(*FD).Read < main.read:6 < main.main
		90 nobody wakes g1
		91 g1 starts
		95 g1 waits "chan receive" runtime.chanrecv1 < main.tick:8 < main.main
		97 nobody wakes g1
		98 g1 starts
		100 end
	`, `
		last main.main: path 100 work 24 span 96
		40: network main.main at main.read:6 x1
		30: sleep main.main at main.nap:4 x1
		24: running main.main x4
		2: chan-recv main.main at main.tick:8 x1
		2: sched main.main at main.nap:4 sleep x1
		1: sched main.main at main.tick:8 chan-recv x1
		1: sched main.main at main.read:6 network x1
	`, ``},
	// What is held between the hand-overs is what the second one waited for.
	{"two hand-overs of one lock", `
		0 procs 4
		0 g1 running main.a
		0 g2 running main.b
		10 g2 waits "sync" sync.(*Mutex).Lock < main.lock:2 < main.b
		40 g1 wakes g2 sync.(*Mutex).Unlock < main.unlock:3 < main.a
		42 g2 starts
		45 g1 waits "sync" sync.(*Mutex).Lock < main.lock:2 < main.a
		80 g2 wakes g1 sync.(*Mutex).Unlock < main.unlock:3 < main.b
		81 g2 ends
		83 g1 starts
		100 end
	`, `
		last main.a: path 100 work 111 span 95
		57: running main.a x2
		38: running main.b x1
		3: sched main.a at main.lock:2 mutex lock 0 x1
		2: sched main.b at main.lock:2 mutex lock 0 x1
		0: hand-over main.a at main.lock:2 mutex lock 0 x1
		0: hand-over main.b at main.lock:2 mutex lock 0 x1
	`, `
		lock 0: held 40, 2 visits, contended 65
	`},
	{"goroutines born on the path", `
		0 procs 2
		0 g1 running main.main
		30 g1 creates g2 main.child @ main.main:3
		32 g1 ends
		34 g2 starts
		50 g2 creates g3 main.grandchild @ main.child:4
		51 g2 ends
		60 g3 starts
		70 end
	`, `
		last main.grandchild: path 70 work 59 span 56
		30: running main.main x1
		16: running main.child x1
		10: running main.grandchild x1
		10: sched main.grandchild at main.child:4 x1
		4: sched main.child at main.main:3 x1
		0: birth main.child at main.main:3 x1
		0: birth main.grandchild at main.child:4 x1
	`, ``},
	{"found waiting", `
		5 g1 waiting runtime.gopark < runtime.chanrecv < runtime.chanrecv1 < main.recv:2
		20 nobody wakes g1
		23 g1 starts
		30 end
	`, `
		last main.recv: path 25 work 7 span 22
		15: chan-recv main.recv at main.recv:2 x1
		7: running main.recv x1
		3: sched main.recv at main.recv:2 chan-recv x1
	`, ``},
	{"found runnable", `
		0 g1 runnable main.main
		4 g1 starts
		10 end
	`, `
		last main.main: path 10 work 6 span 6
		6: running main.main x1
		4: sched main.main x1
	`, ``},
	{"found in a system call", `
		0 g1 insyscall main.main
		6 g1 returns
		10 end
	`, `
		last main.main: path 10 work 4 span 10
		6: syscall main.main x1
		4: running main.main x1
	`, ``},
	{"a system call that ends blocked", `
		0 g1 running main.main
		10 g1 syscall main.main
		30 g1 stops
		37 g1 starts
		40 end
	`, `
		last main.main: path 40 work 13 span 33
		20: syscall main.main x1
		13: running main.main x2
		7: sched main.main x1
	`, ``},
	// It does not run again: the path ends before the call.
	{"a system call that ends blocked, before the trace does", `
		0 g1 running main.main
		10 g1 syscall main.main
		30 g1 stops
		40 end
	`, `
		last main.main: path 10 work 10 span 10
		10: running main.main x1
	`, ``},
	{"a wait that ends before the trace does", `
		0 g1 running main.main
		10 g1 waits "sleep" time.Sleep < main.main
		35 nobody wakes g1
		40 end
	`, `
		last main.main: path 10 work 10 span 10
		10: running main.main x1
	`, ``},
	{"a goroutine that is preempted", `
		0 g1 running main.main
		10 g1 stops "preempted" main.main
		14 g1 starts
		20 end
	`, `
		last main.main: path 20 work 16 span 16
		16: running main.main x2
		4: sched main.main x1
	`, ``},
	{"woken by the runtime's goroutine", `
		0 g1 running main.main
		0 g9 running runtime.bgsweep
		10 g1 waits "chan receive" runtime.chanrecv1 < main.recv:2 < main.main
		30 g9 wakes g1 runtime.chansend1 < runtime.bgsweep
		32 g1 starts
		40 end
	`, `
		last main.main: path 40 work 18 span 38
		20: chan-recv main.main at main.recv:2 x1
		18: running main.main x2
		2: sched main.main at main.recv:2 chan-recv x1
	`, ``},
	{"woken by a goroutine that lent the runtime its thread", `
		0 g1 running main.main
		0 g2 running main.other
		10 g1 waits "sleep" time.Sleep < main.nap:2 < main.main
		30 g2 wakes g1 runtime.systemstack_switch < main.other
		31 g2 ends
		32 g1 starts
		40 end
	`, `
		last main.main: path 40 work 49 span 38
		20: sleep main.main at main.nap:2 x1
		18: running main.main x2
		2: sched main.main at main.nap:2 sleep x1
	`, ``},
	{"a coroutine", `
		0 g1 running main.main
		10 g1 coroutine g2 main.seq @ main.main:7
		30 g1 wakes g2
		30 g1 waits "" main.next:9 < main.main
		33 g2 starts
		50 g2 wakes g1
		50 g2 waits "" main.yield:2 < main.seq
		54 g1 starts
		60 end
	`, `
		last main.main: path 60 work 53 span 53
		36: running main.main x3
		17: running main.seq x1
		4: sched main.main at main.next:9 other x1
		3: sched main.seq at main.seq:1 other x1
		0: hand-over main.main at main.next:9 other x1
		0: hand-over main.seq at main.seq:1 other x1
	`, `
		other at main.next:9: 1 visits, contended 20
		other at main.seq:1: 1 visits, contended 20
	`},
	// A goroutine of the runtime, say, cleans up behind an iterator that is left.
	{"a coroutine that nobody is seen to wake", `
		0 g1 running main.main
		10 g1 coroutine g2 main.seq @ main.main:7
		12 g1 ends
		30 nobody wakes g2
		33 g2 starts
		60 end
	`, `
		last main.seq: path 60 work 39 span 57
		27: running main.seq x1
		20: other main.seq at main.seq:1 x1
		10: running main.main x1
		3: sched main.seq at main.seq:1 other x1
		0: birth main.seq at main.main:7 x1
		0: sched main.seq at main.main:7 x1
	`, ``},
	{"a gap", `
		0 procs 2
		0 g1 running main.main
		0 g2 waiting "chan receive" runtime.chanrecv1 < main.recv:2
		50 g1 wakes g2 runtime.chansend1 < main.main:5
		60 g2 starts
		--- gap
		100 g1 waiting "chan receive" runtime.chanrecv1 < main.main:8
		100 g2 running main.recv
		120 g2 wakes g1 runtime.chansend1 < main.recv:6
		121 g2 ends
		122 g1 starts
		130 end
	`, `
		last main.main: path 30 work 29 span 28
		20: running main.recv x1
		8: running main.main x1
		2: sched main.main at main.main:8 chan-recv x1
		0: hand-over main.main at main.main:8 chan-recv x1
	`, `
		chan-recv at main.main:8: 1 visits, contended 20
	`},
	// Work is what was run up to when main ended, whoever runs on.
	{"main ends for the recorder", `
		0 procs 2
		0 g1 running main.main
		0 g2 running main.other
		60 g1 waits "chan receive" runtime.chanrecv1 < runtime/trace.tracekitStop < main.main
		80 g2 waits "sleep" time.Sleep < main.other
		90 nobody wakes g2
		91 g2 starts
		95 nobody wakes g1
		97 g1 starts
		100 end
	`, `
		main main.main: path 60 work 120 span 60
		60: running main.main x1
	`, ``},
	{"main ends for the recorder, and the trace with it", `
		0 procs 2
		0 g1 running main.main
		0 g2 running main.other
		60 g1 waits "chan receive" runtime.chanrecv1 < runtime/trace.tracekitStop < main.main
		100 end
	`, `
		main main.main: path 60 work 120 span 60
		60: running main.main x1
	`, ``},
	{"nobody runs", `
		0 g1 waiting "chan receive" runtime.chanrecv1 < main.main
		100 end
	`, `
		last : path 0 work 0 span 0
	`, ``},
	{"only the runtime runs", `
		0 g1 waiting "chan receive" runtime.chanrecv1 < main.main
		0 g9 running runtime.bgsweep
		100 end
	`, `
		last : path 0 work 0 span 0
	`, ``},
	{"the last goroutine dies", `
		0 g1 waiting "chan receive" runtime.chanrecv1 < main.main
		0 g2 running main.worker
		0 g9 running runtime.bgsweep
		50 g2 ends
		100 end
	`, `
		last main.worker: path 50 work 50 span 50
		50: running main.worker x1
	`, ``},
	// Nothing is known of the time before it was created.
	// The lock gets a scenario when the path has ended already.
	{"the last goroutine dies, and another one wakes", `
		0 g1 running main.a
		0 g2 running main.b
		0 g3 waiting "sync" sync.(*Mutex).Lock < main.get:1 < main.c
		100 g1 ends
		100 g2 wakes g3 sync.(*Mutex).Unlock < main.put:2 < main.b
		100 end
	`, `
		last main.a: path 100 work 200 span 100
		100: running main.a x1
	`, `
		lock 0: held 0, 0 visits, contended 0
	`},
	{"the last goroutine dies, and the runtime creates another one", `
		0 g2 running main.worker
		0 g9 running runtime.bgsweep
		50 g2 ends
		60 g9 creates g3 main.cleanup @ runtime.bgsweep
		70 g3 starts
		80 g3 ends
		100 end
	`, `
		last main.cleanup: path 80 work 60 span 70
		60: before main.cleanup x1
		10: running main.cleanup x1
		10: sched main.cleanup x1
	`, ``},
	{"locks that turn out to be one while one is held", `
		0 procs 4
		0 g1 running main.main
		0 g2 running main.a
		0 g3 running main.b
		2 g3 waits "sync" sync.(*Mutex).Lock < main.b:1
		4 g1 wakes g3 sync.(*Mutex).Unlock < main.main:7
		5 g3 starts
		10 g2 waits "sync" sync.(*Mutex).Lock < main.a:1
		30 g1 wakes g2 sync.(*Mutex).Unlock < main.main:5
		31 g2 starts
		33 g1 ends
		---
		40 g3 waits "sync" sync.(*Mutex).Lock < main.b:1
		60 g2 wakes g3 sync.(*Mutex).Unlock < main.main:5
		61 g2 ends
		62 g3 starts
		100 end
	`, `
		last main.b: path 100 work 148 span 97
		38: running main.b x1
		30: running main.main x2
		29: running main.a x1
		2: sched main.b at main.b:1 mutex lock 0 x1
		1: sched main.a at main.a:1 mutex lock 0 x1
		0: hand-over main.a at main.a:1 mutex lock 0 x1
		0: hand-over main.b at main.b:1 mutex lock 0 x1
	`, `
		lock 0: held 30, 2 visits, contended 40
	`},
	// Nobody handed it over.
	{"a wait for a lock that is given up", `
		0 g1 running main.main
		10 g1 waits "select" runtime.selectgo < golang.org/x/sync/semaphore.(*Weighted).Acquire < main.enter:3 < main.main
		40 nobody wakes g1
		43 g1 starts
		50 end
	`, `
		last main.main: path 50 work 17 span 47
		30: semaphore main.main at main.enter:3 x1
		17: running main.main x2
		3: sched main.main at main.enter:3 semaphore x1
	`, `
	`},
}
