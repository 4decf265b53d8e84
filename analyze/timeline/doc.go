// Package timeline turns the transitions of goroutines into what analyses ask
// for: spans, waits with the wakes that ended them, births and deaths; and hands on
// marks: tasks and regions, CPU samples, what the garbage collector has the program do.
//
// The way of the data:
//
//  1. [Run] takes one generation after the other from a decode.Source.
//  2. It looks ahead through the generation: goroutines that existed before are
//     found there with the state that they have been in since its start, each
//     goroutine gets its name from the first stack that shows it, and the sites
//     that a wake joins become one lock, as do those of a writer that kept a
//     reader out.
//  3. It goes through the transitions in time order. Each closes a span and
//     opens the next one. A wait is followed from its block over its wake to
//     the moment when the goroutine runs again. Marks are told between them.
//  4. Each [Observer] is told, in time order. What it keeps is its own affair:
//     this package holds the goroutines alive and the sites, nothing else.
//
// Of a window of a trace ([RunWindow], and a trace that was cut) it goes through what
// comes before in silence: it tells at the beginning of the window who is there, in
// which state, and what waits are in progress, as if the trace began there; and that the
// world is stopped, and who helps the garbage collector, but not which tasks and regions
// have begun. Locks are joined by what the window shows, and nothing else.
//
// What it cannot know: the address of a lock. A [LockID] is a connected
// component of acquire and release sites, joined by wakes: two mutexes taken at
// the same sites are one lock here, and one mutex is several as long as no wake
// joins its sites. Of an RWMutex, wakes alone join writers' waits with readers'
// releases, and readers' waits with writers' releases. That both are of one lock
// is inferred when a reader comes while a writer waits, and is woken by that
// writer's next release in the same call; a writer that holds another RWMutex
// then can look the same. Sites are joined a generation ahead; a wake that joins
// two busy sites for the first time after seconds does not change what observers
// were told before.
package timeline
