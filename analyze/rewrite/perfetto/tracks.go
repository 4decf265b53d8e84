package perfetto

import (
	"google.golang.org/protobuf/proto"

	"tracekit/analyze/rewrite/perfetto/schema"
	"tracekit/analyze/timeline"
)

// tracks are those that others are below, each made when it is first needed.
type tracks struct {
	groups   map[timeline.GroupID]uint64 // of user goroutines, by what they started with
	system   [timeline.Classes]uint64    // of the others
	counters uint64
	locks    uint64
	notes    uint64
	path     uint64
}

func newTracks() tracks { return tracks{groups: make(map[timeline.GroupID]uint64)} }

// The names of the groups that are not the program's own functions, and what is to
// be known of them.
const (
	runtimeGroup = "the runtime's goroutines"
	tracerGroup  = "the tracer's goroutines"
	unnamedGroup = "goroutines without a stack"
	countersName = "parallelism"
	locksName    = "locks: who held them (inferred)"
	aboutName    = "about this trace"
	pathName     = "critical path"

	locksText = "Inferred: a hold goes from when a goroutine that a release had woken runs again to its own next release that wakes somebody. " +
		"A trace does not show acquisitions that need not wait, and releases that wake nobody: holds that begin or end so are not here, " +
		"and what looks like one hold can be several, with such releases in between. " +
		"Locks are told apart by the places that take and release them: locks of the same places are one, and where places turn out later to be of one lock, it goes on under one of its names."
	pathText = "What set the length of the run: each piece could begin only when the one before had ended, on whatever goroutine. " +
		"Pieces touch, and add up to the length of the path. " +
		"Where a goroutine was woken or created by another one, the path goes on from there, and the first piece is the time until it ran."
	countersText = "User goroutines that have a processor of Go's scheduler, the runtime's and the tracer's own left out, and how many processors it has."
)

// group makes a track that others are below.
func group(out *packets, track *uint64, name, description string) uint64 {
	if *track == 0 {
		d := &schema.TrackDescriptor{Name: &name, ChildOrdering: schema.TrackDescriptor_CHRONOLOGICAL.Enum()}
		if description != "" {
			d.Description = &description
		}
		*track = out.track(d)
	}
	return *track
}

// of makes the track of a goroutine, and returns its name, too.
func (t *tracks) of(out *packets, g *timeline.Goroutine) (track uint64, label string) {
	label = number(g.ID)
	if g.Name != "" {
		label += " " + g.Name
	}
	return out.track(&schema.TrackDescriptor{Name: &label, ParentUuid: proto.Uint64(t.groupOf(out, g))}), label
}

// groupOf returns the track that a goroutine's is below.
func (t *tracks) groupOf(out *packets, g *timeline.Goroutine) uint64 {
	switch g.Class {
	case timeline.Runtime:
		return group(out, &t.system[g.Class], runtimeGroup, "")
	case timeline.Tracer:
		return group(out, &t.system[g.Class], tracerGroup, "")
	}
	track := t.groups[g.Group]
	name := g.Name
	if name == "" {
		name = unnamedGroup
	}
	t.groups[g.Group] = group(out, &track, name, "")
	return track
}

// counter makes the track of a number.
func (t *tracks) counter(out *packets, name string) uint64 {
	return out.track(&schema.TrackDescriptor{
		Name: &name, ParentUuid: proto.Uint64(group(out, &t.counters, countersName, countersText)),
		Counter: &schema.CounterDescriptor{Unit: schema.CounterDescriptor_UNIT_COUNT.Enum()},
	})
}

// lock makes a track for holds of a lock. Those of one name are shown as one.
func (t *tracks) lock(out *packets, name string) uint64 {
	return out.track(&schema.TrackDescriptor{
		Name: &name, ParentUuid: proto.Uint64(group(out, &t.locks, locksName, locksText)), Description: text(locksText),
	})
}

// about returns the track of what is to be known of the whole.
func (t *tracks) about(out *packets) uint64 { return group(out, &t.notes, aboutName, "") }

// critical returns the track of the critical path.
func (t *tracks) critical(out *packets) uint64 { return group(out, &t.path, pathName, pathText) }
