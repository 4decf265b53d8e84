package timeline

// LockID names a lock: a connected component of acquire and release sites.
type LockID int32

// NoLock is the LockID of a wait that is for no lock.
const NoLock LockID = -1

// lockSite is a site in its role. One line can both acquire and release: that
// of a call of sync.Cond.Wait, for instance. And it can do so to locks of more
// than one sort: that of a call that acquires a semaphore may wait for the mutex
// inside it.
type lockSite struct {
	frame   FrameID
	release bool
	family  Kind // Kind.family of those who wait
}

// locks is a union-find structure over sites.
type locks struct {
	ids    map[lockSite]LockID
	parent []LockID
	joined []joined // since takeJoined
}

// joined is a lock that has become part of another one.
type joined struct {
	id       LockID
	inferred bool
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
func (l *locks) join(a, b lockSite, inferred bool) {
	into, from := l.find(a), l.find(b)
	if into == from {
		return
	}
	if from < into {
		into, from = from, into
	}
	l.parent[from] = into
	l.joined = append(l.joined, joined{from, inferred})
}

// takeJoined returns what was joined since it was called last, without the waits.
func (l *locks) takeJoined() []Join {
	var joins []Join
	index := make(map[LockID]int)
	for _, part := range l.joined {
		into := l.root(part.id)
		i, ok := index[into]
		if !ok {
			i = len(joins)
			index[into] = i
			joins = append(joins, Join{Into: into})
		}
		joins[i].From = append(joins[i].From, part.id)
		joins[i].Inferred = joins[i].Inferred || part.inferred
	}
	l.joined = l.joined[:0]
	return joins
}
