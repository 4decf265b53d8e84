package perfetto

import (
	"tracekit/analyze/rewrite/perfetto/schema"
	"tracekit/analyze/timeline"
)

// Step is a piece of the critical path.
type Step struct {
	G        timeline.GoID
	Group    string // the name of its group; "" where no stack shows it
	From, To int64  // ns on the trace's clock
	What     string // what it is, one of a few words
	Site     timeline.FrameID
	Lock     timeline.LockID // NoLock for none
}

// stepName stands for what a step is called.
type stepName struct {
	what, group string
	site        timeline.FrameID
}

// Path writes the critical path, in the order of time, as a track of its own. It is
// called when the run is over, for only then is it known; what was written before need
// not come first.
func (x *Exporter) Path(steps []Step) {
	names := make(map[stepName]string)
	for i := range steps {
		s := &steps[i]
		key := stepName{s.What, s.Group, s.Site}
		name, ok := names[key]
		if !ok {
			name = x.stepName(key)
			names[key] = name
		}
		x.step(s, name)
	}
}

// stepName returns what a step is called: by where it is, or else by whose it is.
func (x *Exporter) stepName(k stepName) string {
	switch {
	case k.site != timeline.NoSite:
		return k.what + behind(x.out.symbols, k.site)
	case k.group != "":
		return k.what + " " + k.group
	}
	return k.what
}

// step writes the slice of a step.
func (x *Exporter) step(s *Step, name string) {
	g := number(s.G)
	if s.Group != "" {
		g += " " + s.Group
	}
	e := &schema.TrackEvent{NameIid: x.out.name(name)}
	e.DebugAnnotations = x.out.at(append(e.DebugAnnotations, x.out.once("goroutine", g)), "at", s.Site)
	if l := x.holds.seen(s.Lock); l != nil {
		e.DebugAnnotations = append(e.DebugAnnotations, x.out.text("lock", l.name))
	}
	x.out.slice(s.From, s.To, x.tracks.critical(&x.out), e)
}

// seen returns a lock, nil for one that nobody was seen to wait for.
func (h *holds) seen(id timeline.LockID) *lock {
	if id == timeline.NoLock || int(id) >= len(h.locks) || h.locks[id] == nil {
		return nil
	}
	return h.locks[id].root()
}
