package timeline

// LockID names a lock: a connected component of acquire and release sites.
type LockID int32

// NoLock is the LockID of a wait that is for no lock.
const NoLock LockID = -1

// lockSite is a site in its role. One line can both acquire and release: that
// of a call of sync.Cond.Wait, for instance.
type lockSite struct {
	frame   FrameID
	release bool
}

// locks is a union-find structure over sites.
type locks struct {
	ids    map[lockSite]LockID
	parent []LockID
	joined []LockID // those that have become part of another one since takeJoined
}

// find returns the lock that a site belongs to, at first one of its own.
func (l *locks) find(s lockSite) LockID {
	id, ok := l.ids[s]
	if !ok {
		id = LockID(len(l.parent))
		l.ids[s] = id
		l.parent = append(l.parent, id)
	}
	return l.root(id)
}

func (l *locks) root(id LockID) LockID {
	for l.parent[id] != id {
		l.parent[id] = l.parent[l.parent[id]]
		id = l.parent[id]
	}
	return id
}

// join makes one lock of those of two sites. The older id remains.
func (l *locks) join(a, b lockSite) {
	into, from := l.find(a), l.find(b)
	if into == from {
		return
	}
	if from < into {
		into, from = from, into
	}
	l.parent[from] = into
	l.joined = append(l.joined, from)
}

// lockSet is a lock and others that have become part of it.
type lockSet struct {
	into LockID
	from []LockID
}

// takeJoined returns what was joined since it was called last.
func (l *locks) takeJoined() []lockSet {
	var sets []lockSet
	index := make(map[LockID]int)
	for _, id := range l.joined {
		into := l.root(id)
		i, ok := index[into]
		if !ok {
			i = len(sets)
			index[into] = i
			sets = append(sets, lockSet{into: into})
		}
		sets[i].from = append(sets[i].from, id)
	}
	l.joined = l.joined[:0]
	return sets
}
