package critpath

import "tracekit/analyze/timeline"

// locks tells which locks have turned out to be one. It is a union-find structure.
type locks struct {
	into []timeline.LockID // by LockID; itself for a root
}

func (s *locks) root(id timeline.LockID) timeline.LockID {
	if int(id) >= len(s.into) {
		return id
	}
	for s.into[id] != id {
		s.into[id] = s.into[s.into[id]]
		id = s.into[id]
	}
	return id
}

func (s *locks) join(j timeline.Join) {
	for _, id := range append(j.From, j.Into) {
		for int(id) >= len(s.into) {
			s.into = append(s.into, timeline.LockID(len(s.into)))
		}
	}
	for _, id := range j.From {
		s.into[id] = j.Into
	}
}
