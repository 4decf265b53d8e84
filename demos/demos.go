// Package demos lists the programs of the threading tutorial that the project
// grew out of. Each is a package of its own, to be read as an example, which also
// says what its trace must show.
package demos

import (
	"tracekit/demos/atomic"
	"tracekit/demos/barrier"
	"tracekit/demos/demo"
	"tracekit/demos/event"
	"tracekit/demos/fetch"
	"tracekit/demos/fetchlock"
	"tracekit/demos/gilcpu"
	"tracekit/demos/gilio"
	"tracekit/demos/increment"
	"tracekit/demos/lock"
	"tracekit/demos/lockdefer"
	"tracekit/demos/lockwith"
	"tracekit/demos/multi"
	"tracekit/demos/nogil"
	"tracekit/demos/prodcons"
	"tracekit/demos/prodconsspin"
	"tracekit/demos/prodconswith"
	"tracekit/demos/rlock"
	"tracekit/demos/rlockdeadlock"
	"tracekit/demos/semaphore"
	"tracekit/demos/semaphorebounded"
	"tracekit/demos/single"
	"tracekit/demos/sleeper"
	"tracekit/demos/sleepertype"
	"tracekit/demos/timer"
)

// All returns the demos, by name.
func All() []demo.Demo {
	return []demo.Demo{
		atomic.Demo,
		barrier.Demo,
		event.Demo,
		fetch.Demo,
		fetchlock.Demo,
		gilcpu.Demo,
		gilio.Demo,
		increment.Demo,
		lock.Demo,
		lockdefer.Demo,
		lockwith.Demo,
		multi.Demo,
		nogil.Demo,
		prodcons.Demo,
		prodconsspin.Demo,
		prodconswith.Demo,
		rlock.Demo,
		rlockdeadlock.Demo,
		semaphore.Demo,
		semaphorebounded.Demo,
		single.Demo,
		sleeper.Demo,
		sleepertype.Demo,
		timer.Demo,
	}
}
