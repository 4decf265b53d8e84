package critpath

import (
	"cmp"
	"math/bits"
	"slices"

	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// Of says of which tasks and regions the instances are asked for, by their names.
type Of struct{ Tasks, Regions []string }

// instances are those of the tasks and regions that are asked for.
type instances struct {
	symbols *timeline.Symbols
	tasks   map[string]*instancesOf
	regions map[string]*instancesOf
	open    map[int64]opened // tasks, by their numbers
	order   []*instancesOf   // as asked for
}

// opened is an instance that has begun.
type opened struct {
	of    *instancesOf
	task  int64 // its number; of a region: that of the task it is of
	since int64
}

// instancesOf are the instances of one name.
type instancesOf struct {
	kind, name string
	open       int64   // that have begun and not ended
	lost       int64   // that did not, as the trace or their goroutine did
	lengths    []int64 // ns, of all
	groups     map[int]*lengthGroup
}

// lengthGroup is what instances of about one length are made of.
type lengthGroup struct {
	content
	count int64
	ns    int64 // sum of their lengths
}

// Ask has the paths of instances be found. It is called before the timeline is run.
func (c *Critpath) Ask(of Of) {
	if len(of.Tasks)+len(of.Regions) == 0 {
		return
	}
	c.trail = newTrail()
	c.instances = &instances{symbols: c.symbols, open: make(map[int64]opened)}
	c.instances.tasks = c.instances.named("task", of.Tasks)
	c.instances.regions = c.instances.named("region", of.Regions)
}

func (s *instances) named(kind string, names []string) map[string]*instancesOf {
	m := make(map[string]*instancesOf)
	for _, name := range names {
		if m[name] == nil {
			m[name] = &instancesOf{kind: kind, name: name, groups: make(map[int]*lengthGroup)}
			s.order = append(s.order, m[name])
		}
	}
	return m
}

// oldest returns when the oldest of the open instances began; now, where there is none.
func (c *Critpath) oldest(now int64) int64 {
	for _, o := range c.instances.open {
		now = min(now, o.since)
	}
	for i := range c.lives {
		for _, o := range c.lives[i].regions {
			now = min(now, o.since)
		}
	}
	return now
}

// Marked implements timeline.MarkObserver.
func (c *Critpath) Marked(m *timeline.Mark) {
	switch m.Kind {
	case timeline.StopBegin:
		c.machine.halt(m.Time)
	case timeline.StopEnd:
		c.machine.goOn(m.Time)
	}
	if m.G == nil || c.ends.main || c.life(m.G) == nil {
		return
	}
	l := c.life(m.G)
	switch m.Kind {
	case timeline.AssistBegin, timeline.AssistEnd:
		c.upTo(m.G, l, m.Time)
		l.assists = m.Kind == timeline.AssistBegin
	case timeline.Sample:
		c.sampled(m, l)
	case timeline.TaskBegin, timeline.TaskEnd, timeline.RegionBegin, timeline.RegionEnd:
		if c.instances != nil {
			c.instance(m, l)
		}
	}
}

// upTo accounts for what a goroutine that runs has run up to t.
func (c *Critpath) upTo(g *timeline.Goroutine, l *life, t int64) {
	if g.State == timeline.Running {
		c.ran(g, l, t, timeline.NoStack)
	}
}

// sampled notes that a goroutine was found running at a site.
func (c *Critpath) sampled(m *timeline.Mark, l *life) {
	site := timeline.SiteOf(c.symbols, m.Stack)
	if site == timeline.NoSite {
		return
	}
	k := c.keys.of(key{manner: sampled, group: l.group, site: site, lock: timeline.NoLock})
	c.put(l, k, 0)
	c.step(m.G, l, k, 0, m.Time, false)
}

// instance begins or ends one of a task or region.
func (c *Critpath) instance(m *timeline.Mark, l *life) {
	s := c.instances
	switch m.Kind {
	case timeline.TaskBegin:
		if of := s.tasks[s.symbols.String(m.Name)]; of != nil {
			s.open[m.Task] = c.begin(of, m, l)
		}
	case timeline.TaskEnd:
		if o, ok := s.open[m.Task]; ok {
			c.end(o, m, l) // its steps are kept as long as it is open
			delete(s.open, m.Task)
		}
	case timeline.RegionBegin:
		if of := s.regions[s.symbols.String(m.Name)]; of != nil {
			l.regions = append(l.regions, c.begin(of, m, l))
		}
	case timeline.RegionEnd:
		of := s.regions[s.symbols.String(m.Name)]
		for i, o := range slices.Backward(l.regions) {
			if o.of == of && o.task == m.Task {
				c.end(o, m, l)
				l.regions = slices.Delete(l.regions, i, i+1)
				return
			}
		}
	}
}

// begin begins an instance.
func (c *Critpath) begin(of *instancesOf, m *timeline.Mark, l *life) opened {
	c.upTo(m.G, l, m.Time)
	of.open++
	return opened{of, m.Task, m.Time}
}

// end adds up the path of an instance: from its end back to its beginning.
func (c *Critpath) end(o opened, m *timeline.Mark, l *life) {
	c.upTo(m.G, l, m.Time)
	length := m.Time - o.since
	o.of.open--
	o.of.lengths = append(o.of.lengths, length)
	g := o.of.group(length)
	g.count++
	g.ns += length
	for s := l.step; s != nil && s.to > o.since; s = s.prev {
		ns := s.to - max(s.to-s.ns, o.since)
		if s.late && c.keys.list[s.key].manner == outside {
			g.add(s.key, 0, 0, ns)
		} else {
			g.add(s.key, 1, ns, 0)
		}
	}
}

// group returns the group of a length: those of a group differ by less than one
// sixteenth.
func (of *instancesOf) group(ns int64) *lengthGroup {
	const parts = 4 // bits
	at := int(ns)
	if n := bits.Len64(uint64(ns)); n > parts {
		at = n<<parts | int(ns>>(n-parts-1))&(1<<parts-1) | 1<<20
	}
	g := of.groups[at]
	if g == nil {
		g = new(lengthGroup)
		of.groups[at] = g
	}
	return g
}

// lose counts the tasks that are open among those that do not end.
func (s *instances) lose() {
	if s == nil {
		return
	}
	for _, o := range s.open {
		o.of.open--
		o.of.lost++
	}
	clear(s.open)
}

// lostRegions counts those regions of a goroutine that has died which it has not ended.
func (c *Critpath) lostRegions(l *life) {
	for _, o := range l.regions {
		o.of.open--
		o.of.lost++
	}
	l.regions = nil
}

// instanceReport returns what was found of the instances; nil where none were asked for.
func (r *result) instanceReport() []report.Instances {
	if r.instances == nil {
		return nil
	}
	list := []report.Instances{}
	for _, of := range r.instances.order {
		list = append(list, r.instancesOf(of))
	}
	return list
}

func (r *result) instancesOf(of *instancesOf) report.Instances {
	slices.Sort(of.lengths)
	out := report.Instances{
		Type: of.kind, Name: of.name, Count: int64(len(of.lengths)), Open: of.open + of.lost,
		Median: report.Composition{Segments: []report.Segment{}}, Slow: report.Composition{Segments: []report.Segment{}},
	}
	n := len(of.lengths)
	if n == 0 {
		return out
	}
	rank := func(share float64) int64 { return of.lengths[max(0, int(share*float64(n)+0.999999)-1)] }
	out.Spread = report.Spread{P50NS: rank(0.5), P90NS: rank(0.9), P99NS: rank(0.99), MaxNS: of.lengths[n-1]}
	out.Median = r.mean([]*lengthGroup{of.group(out.P50NS)})
	out.Slow = r.mean(of.slowest((n + 99) / 100))
	return out
}

// slowest returns the groups of the longest instances, until these are n.
func (of *instancesOf) slowest(n int) []*lengthGroup {
	list := make([]*lengthGroup, 0, len(of.groups))
	for _, g := range of.groups {
		list = append(list, g)
	}
	slices.SortFunc(list, func(a, b *lengthGroup) int { return cmp.Compare(b.ns/b.count, a.ns/a.count) })
	count := int64(0)
	for i, g := range list {
		if count += g.count; count >= int64(n) {
			return list[:i+1]
		}
	}
	return list
}

// mean returns what instances are made of on average. What rounding leaves goes to the
// largest segment.
func (r *result) mean(groups []*lengthGroup) report.Composition {
	var all lengthGroup
	for _, g := range groups {
		all.count += g.count
		all.ns += g.ns
		for _, e := range g.entries {
			all.add(e.key, e.count, e.ns, e.more)
		}
	}
	c := report.Composition{Count: all.count, PathNS: all.ns / all.count, Segments: r.segmentsOf(&all.content)}
	left := c.PathNS
	for i := range c.Segments {
		c.Segments[i].NS /= all.count
		left -= c.Segments[i].NS
	}
	if len(c.Segments) > 0 {
		c.Segments[0].NS += left
	}
	return c
}
