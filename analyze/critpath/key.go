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
	halting         // the world was stopped, or was to be
	before          // the trace does not say
	handOver        // ns: sched latency behind it; more: how long the wait was that it ended
	birth           // ns: sched latency behind it
	outside         // a wait that no goroutine ended; more: sched latency behind it
	held            // ns that a lock was held; they are in others, too
	manners         // the number of manners
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

// keys numbers keys. Those that are asked for with each event are found without a map.
type keys struct {
	ids   map[key]keyID
	list  []key
	waits []cachedKey      // by StackID, of waits
	sites []cachedKey      // by FrameID, of births
	plain [manners][]keyID // by GroupID, plus 1: those that have a group alone
	holds []keyID          // by LockID, plus 1
}

// cachedKey is the key found last for a stack or site.
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

// ofGroup returns the key of what has a group alone.
func (k *keys) ofGroup(m manner, group timeline.GroupID) keyID {
	ids := k.plain[m]
	if int(group) >= len(ids) || ids[group] == 0 {
		return k.newOfGroup(m, group)
	}
	return ids[group] - 1
}

func (k *keys) newOfGroup(m manner, group timeline.GroupID) keyID {
	for int(group) >= len(k.plain[m]) {
		k.plain[m] = append(k.plain[m], 0)
	}
	id := k.of(key{manner: m, group: group, site: timeline.NoSite, lock: timeline.NoLock})
	k.plain[m][group] = id + 1
	return id
}

// holding returns the key of a lock that is held.
func (k *keys) holding(lock timeline.LockID) keyID {
	for int(lock) >= len(k.holds) {
		k.holds = append(k.holds, 0)
	}
	if k.holds[lock] == 0 {
		k.holds[lock] = k.of(key{manner: held, site: timeline.NoSite, lock: lock}) + 1
	}
	return k.holds[lock] - 1
}

// born returns the key of a birth of one of a group, at a site.
func (k *keys) born(group timeline.GroupID, site timeline.FrameID) keyID {
	i := int(site + 1) // NoSite is -1
	for i >= len(k.sites) {
		k.sites = append(k.sites, cachedKey{})
	}
	return k.cached(&k.sites[i], key{manner: birth, group: group, site: site, lock: timeline.NoLock})
}

func (k *keys) cached(c *cachedKey, what key) keyID {
	if !c.ok || c.key != what {
		c.key, c.id, c.ok = what, k.of(what), true
	}
	return c.id
}

// waited returns the key of a wait.
func (k *keys) waited(w *timeline.Wait, m manner) keyID {
	for int(w.Stack) >= len(k.waits) {
		k.waits = append(k.waits, cachedKey{})
	}
	return k.cached(&k.waits[w.Stack], key{m, w.Kind, w.G.Group, w.Site, w.Lock})
}
