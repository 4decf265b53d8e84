package rewrite

import (
	"sort"

	"tracekit/analyze/decode/wire"
	"tracekit/analyze/timeline"
)

// follower follows the critical path through a generation.
type follower struct {
	*critical
	at     int  // the stay that goes on
	found  bool // it has a moment in the generation
	begins bool // the path does with the next event of any goroutine
	list   []moment
	recent *moment // the latest of the stay, if it is not in the list
}

// moments returns what is to be known of a generation of goroutines while the path
// stays on them: when they ran first and last, where their regions begin and end, and
// where the path leaves them. The path begins with the first generation.
func (c *critical) moments(raw *wire.Raw, first bool) ([]moment, error) {
	f := follower{critical: c, begins: first}
	f.at = sort.Search(len(c.stays), func(i int) bool { return c.stays[i].To >= raw.Start })
	if f.at == len(c.stays) {
		return nil, nil
	}
	err := raw.Walk(wire.Walk{Visit: f.visit})
	f.flush()
	return f.list, err
}

// visit takes an event. Stays are in the order of time, and one ends when the next one
// begins; a goroutine that another one switches to begins to run with the same event.
func (f *follower) visit(e *wire.Event) error {
	if f.begins && e.NextActs {
		f.list = append(f.list, f.moment(e, pathBegin))
		f.begins = false
	}
	for f.at < len(f.stays) && f.stays[f.at].To <= e.Time {
		if s := &f.stays[f.at]; s.To == e.Time && e.Acts && s.G == timeline.GoID(e.G) {
			f.recent = nil
			f.add(e, stayEnd)
		}
		f.flush()
		f.at++
		f.found = false
	}
	if f.at == len(f.stays) || !e.NextActs || f.stays[f.at].G != timeline.GoID(e.Next) || f.stays[f.at].From > e.Time {
		return nil
	}
	switch {
	case e.Kind == wire.EvUserRegionBegin:
		f.add(e, regionBegin)
	case e.Kind == wire.EvUserRegionEnd:
		f.add(e, regionEnd)
	case !f.found:
		f.add(e, runs)
	default:
		m := f.moment(e, runs)
		f.recent = &m
		return nil
	}
	f.found, f.recent = true, nil
	return nil
}

// add adds a moment, if the stay is to be marked.
func (f *follower) add(e *wire.Event, kind momentKind) {
	if f.kept[f.at] {
		f.list = append(f.list, f.moment(e, kind))
	}
}

// flush adds the latest moment.
func (f *follower) flush() {
	if f.recent != nil && f.kept[f.recent.stay] {
		f.list = append(f.list, *f.recent)
	}
	f.recent = nil
}

func (f *follower) moment(e *wire.Event, kind momentKind) moment {
	return moment{
		EventPlace: wire.EventPlace{Time: e.Time, Ticks: e.Ticks, Batch: e.Batch, At: int32(e.At), Size: int32(e.Size)},
		stay:       f.at, kind: kind, runs: e.NextActs && e.Next == e.G, stack: stackOf(e),
	}
}

// stackOf returns the id of the stack of who does what an event says; 0 for none.
func stackOf(e *wire.Event) uint64 {
	switch e.Kind {
	case wire.EvGoBlock, wire.EvGoStop, wire.EvGoSyscallBegin:
		return e.Args[1]
	case wire.EvGoUnblock, wire.EvGoCreate, wire.EvGoCreateBlocked, wire.EvUserRegionBegin, wire.EvUserRegionEnd:
		return e.Args[2]
	}
	return 0
}
