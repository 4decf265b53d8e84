package critpath

import "tracekit/analyze/timeline"

// manner is how time passes on a path, or how one goes on from one goroutine to another.
type manner uint8

const (
	running  manner = iota
	sampled         // how often a CPU sample found it running there
	syscall         //
	sched           // runnable, but not behind a hand-over, a birth or a wait
	assist          // running, but for the garbage collector
	halted          // the world was stopped, or was to be
	before          // the trace does not say
	handOver        // ns: sched latency behind it; more: how long the wait was that it ended
	birth           // ns: sched latency behind it
	outside         // a wait that no goroutine ended; more: sched latency behind it
	held            // ns that a lock was held; they are in others, too
)

// key tells apart what a path is made of.
type key struct {
	manner manner
	wait   timeline.Kind // of handOver and outside
	group  timeline.GroupID
	site   timeline.FrameID // NoSite: the trace does not say, or it does not matter
	lock   timeline.LockID  // NoLock: it does not matter
}

// keyID is the number of a key.
type keyID uint32

// keys numbers keys.
type keys struct {
	ids     map[key]keyID
	list    []key
	waits   []cachedKey // by StackID, of waits
	running []keyID     // by GroupID, plus 1
}

// cachedKey is the key found last for a stack.
type cachedKey struct {
	key
	id keyID
	ok bool
}

func (k *keys) of(what key) keyID {
	id, ok := k.ids[what]
	if !ok {
		id = keyID(len(k.list))
		k.ids[what] = id
		k.list = append(k.list, what)
	}
	return id
}

// plain returns the key of what has a group alone.
func (k *keys) plain(m manner, group timeline.GroupID) keyID {
	return k.of(key{manner: m, group: group, site: timeline.NoSite, lock: timeline.NoLock})
}

// runs returns the key of a group that runs.
func (k *keys) runs(group timeline.GroupID) keyID {
	for int(group) >= len(k.running) {
		k.running = append(k.running, 0)
	}
	if k.running[group] == 0 {
		k.running[group] = k.plain(running, group) + 1
	}
	return k.running[group] - 1
}

// waited returns the key of a wait.
func (k *keys) waited(w *timeline.Wait, m manner) keyID {
	for int(w.Stack) >= len(k.waits) {
		k.waits = append(k.waits, cachedKey{})
	}
	c := &k.waits[w.Stack]
	if what := (key{m, w.Kind, w.G.Group, w.Site, w.Lock}); !c.ok || c.key != what {
		c.key, c.id, c.ok = what, k.of(what), true
	}
	return c.id
}
