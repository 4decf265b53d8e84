// Package threading has the objects of the threading tutorial that the project
// grew out of, as types of Go: [Thread], [Lock], [RLock], [Condition], [Event],
// [Semaphore], [BoundedSemaphore], [Timer], [Barrier], and [GIL], the lock
// around an interpreter.
//
// They mean what the tutorial says, and are used as Go is:
//
//   - What can block for a time of the caller's choice takes a context.Context
//     for it, and returns the context's error when it gives up.
//   - Bad use gets an error that errors.Is tells from others: [ErrNotLocked],
//     [ErrBroken] and so on. The tutorial's language raises an exception.
//   - A goroutine has no identity. Who needs one, as an RLock does to know its
//     owner, is told: a *Thread, where nil stands for the goroutine of main.
//
// An execution trace shows goroutines park and become runnable. So that it shows
// what happens to these objects, who waits for one parks once, in a method of
// that object. A lock or a semaphore is handed to who has waited longest, who
// need not try again once woken. Who is notified by a condition waits for its lock
// in addition. (Semaphores, conditions and barriers have a sync.Mutex inside, which
// is held for a few instructions; a wait for that is rare, and shows as what it is.)
package threading
