package critpath

import (
	"slices"

	"tracekit/analyze/critpath/replay"
	"tracekit/analyze/timeline"
)

// mostAuto is how many locks and sites have a scenario without them, at most.
const mostAuto = 10

// place is a lock, or a site that sends to channels: what a run might do without.
type place struct {
	waited   int64      // ns so far
	scenario int        // in which nobody waits there; 0: none
	before   int64      // waited, when the scenario was given
	rules    uint64     // that name it, as bits
	dropped  replay.Set // the scenarios that these drop it in
}

// site is a place of waits for other than locks.
type site struct {
	kind  timeline.Kind
	frame timeline.FrameID
}

// places are those that were waited at.
type places struct {
	replay *replay.Replay
	locks  []*place // by LockID
	sites  map[site]*place
	stacks []*place // by StackID, those of sites
	auto   []*place // those with a scenario, from the first on; nil: it is nobody's
	waits  int      // so far
	first  int      // the scenario of the first of them
}

func newPlaces(r *replay.Replay) places {
	return places{replay: r, sites: make(map[site]*place), first: r.Scenarios()}
}

// without returns the scenarios without a wait that a goroutine ended.
func (s *places) without(c *Critpath, w *timeline.Wait) replay.Set {
	if w.Lock != timeline.NoLock {
		p := s.ofLock(c.locks.root(w.Lock))
		p.named(&c.rules, c.rules.at(w.Site)|c.rules.at(w.BySite))
		return s.waited(p, w, c.start)
	}
	if w.Kind != timeline.ChanSend {
		return c.rules.unlocked(w)
	}
	p := s.ofSite(w)
	if p.named(&c.rules, c.rules.at(w.Site)); p.dropped != 0 {
		c.rules.kinds |= 1 << w.Kind
	}
	return s.waited(p, w, c.start)
}

// ofSite returns the place of a wait that sends to a channel.
func (s *places) ofSite(w *timeline.Wait) *place {
	for int(w.Stack) >= len(s.stacks) {
		s.stacks = append(s.stacks, nil)
	}
	if s.stacks[w.Stack] == nil {
		at := site{w.Kind, w.Site}
		if s.sites[at] == nil {
			s.sites[at] = new(place)
		}
		s.stacks[w.Stack] = s.sites[at]
	}
	return s.stacks[w.Stack]
}

// named notes the rules that name a place.
func (p *place) named(r *rules, which uint64) {
	if which&^p.rules != 0 {
		p.rules |= which
		p.dropped |= r.dropped(which)
	}
}

func (s *places) ofLock(id timeline.LockID) *place {
	for int(id) >= len(s.locks) {
		s.locks = append(s.locks, nil)
	}
	if s.locks[id] == nil {
		s.locks[id] = new(place)
	}
	return s.locks[id]
}

// part is what part of the time so far a place must have been waited at to be given a
// scenario.
const part = 128

// waited counts a wait, and returns the scenarios without it. The place is given a
// scenario of its own when that can matter: when what was waited there is more than a
// small part of the time so far. Until then all is as in the run itself, which is wrong
// by that much at most. When it does not matter any more, the scenario is for others.
func (s *places) waited(p *place, w *timeline.Wait, start int64) replay.Set {
	p.waited += w.Blocked()
	if s.waits++; s.waits%1024 == 0 {
		s.rest((w.Woken - start) / (4 * part))
	}
	if p.scenario == 0 && p.waited > (w.Woken-start)/part {
		s.give(p)
	}
	if p.scenario == 0 {
		return p.dropped
	}
	return p.dropped | replay.Of(p.scenario)
}

// rest takes the scenarios from the places that were waited at for less than so many ns.
func (s *places) rest(ns int64) {
	for i, p := range s.auto {
		if p != nil && p.waited < ns {
			s.take(i)
		}
	}
}

// take takes a scenario from its place.
func (s *places) take(i int) {
	s.replay.Rest(s.first + i)
	s.auto[i].scenario = 0
	s.auto[i] = nil
}

// give gives a place a scenario, where need be that of one that was waited at much less.
func (s *places) give(p *place) {
	i := slices.Index(s.auto, nil)
	if i < 0 && len(s.auto) < mostAuto {
		i = len(s.auto)
		s.auto = append(s.auto, nil)
		s.replay.Add(0)
	}
	if i < 0 {
		i = s.least()
		if p.waited <= 2*s.auto[i].waited {
			return
		}
		s.take(i)
	}
	s.auto[i] = p
	p.scenario, p.before = s.first+i, p.waited
	s.replay.Like(p.scenario, unchanged)
}

// least returns which scenario's place was waited at least.
func (s *places) least() int {
	least := 0
	for i, p := range s.auto {
		if p.waited < s.auto[least].waited {
			least = i
		}
	}
	return least
}

// join makes one place of those of locks that have turned out to be one.
func (s *places) join(j timeline.Join) {
	into := s.ofLock(j.Into)
	for _, id := range j.From {
		if int(id) < len(s.locks) && s.locks[id] != nil {
			s.merge(into, s.locks[id])
			s.locks[id] = nil
		}
	}
}

// merge adds a place to another one, which keeps the scenario of the part that was
// waited at longest.
func (s *places) merge(p, q *place) {
	rest := min(p.waited, q.waited)
	if q.scenario != 0 && (p.scenario == 0 || q.waited > p.waited) {
		if p.scenario != 0 {
			s.take(p.scenario - s.first)
		}
		p.scenario, p.before = q.scenario, q.before
		s.auto[p.scenario-s.first] = p
	} else if q.scenario != 0 {
		s.take(q.scenario - s.first)
	}
	p.before += rest
	p.waited += q.waited
	p.rules |= q.rules
	p.dropped |= q.dropped
}
