package render

import (
	"cmp"
	"fmt"
	"slices"

	"tracekit/analyze/report"
)

// segmentPair is what a median instance spends in one way, and a slow one.
type segmentPair struct {
	report.Segment
	median, slow int64
}

func (s segmentPair) difference() int64 { return s.slow - s.median }

// instances sets the paths of median instances beside those of slow ones.
func (p critPage) instances(in *report.Instances) {
	title := p.plain(in.Type) + " " + p.name(in.Name)
	if in.Count == 0 {
		p.part(title, func() { p.say("%s", noneOf(in)) })
		p.caveats("critpath.instances")
		return
	}
	title += fmt.Sprintf(": the median ones, mean over %s, and the slowest, mean over %s", number(in.Median.Count), number(in.Slow.Count))
	p.part(title, func() {
		p.facts(plural(in.Count, "instance", "instances")+openOf(in), "p50 "+duration(in.P50NS), "p90 "+duration(in.P90NS),
			"p99 "+duration(in.P99NS), "max "+duration(in.MaxNS))
		list := segmentPairs(in)
		p.say("%s", p.moreOf(in, list))
		p.pairs(in, list)
	})
	p.caveats("critpath.instances")
}

// noneOf says that no instance is whole. Where there is none at all, the name may be
// another one.
func noneOf(in *report.Instances) string {
	switch {
	case in.Open == 0:
		return "there is none of this name"
	case in.Type == "region":
		return fmt.Sprintf("none is whole: of %s that begin, no end was seen on the goroutine that began them", number(in.Open))
	}
	return fmt.Sprintf("none is whole: of %s that begin, no end was seen", number(in.Open))
}

func openOf(in *report.Instances) string {
	if in.Open == 0 {
		return ""
	}
	return fmt.Sprintf(", %s open", number(in.Open))
}

// segmentPairs returns what either takes time for, by how much more the slow ones take.
func segmentPairs(in *report.Instances) (list []segmentPair) {
	for _, s := range in.Slow.Segments {
		list = append(list, segmentPair{s, segmentNS(in.Median.Segments, s), s.NS})
	}
	for _, s := range in.Median.Segments {
		if !slices.ContainsFunc(in.Slow.Segments, func(o report.Segment) bool { return sameSegment(o) == sameSegment(s) }) {
			list = append(list, segmentPair{s, s.NS, 0})
		}
	}
	list = slices.DeleteFunc(list, func(s segmentPair) bool { return s.median == 0 && s.slow == 0 })
	slices.SortStableFunc(list, func(a, b segmentPair) int { return cmp.Compare(b.difference(), a.difference()) })
	return list
}

// sameSegment returns a segment without its numbers: what tells it from others.
func sameSegment(s report.Segment) report.Segment {
	s.NS, s.Count = 0, 0
	return s
}

// segmentNS returns the time of a segment in a composition that may have it.
func segmentNS(list []report.Segment, s report.Segment) int64 {
	i := slices.IndexFunc(list, func(o report.Segment) bool { return sameSegment(o) == sameSegment(s) })
	return at(list, i).NS
}

// moreOf says what slow instances have more of than others.
func (p critPage) moreOf(in *report.Instances, list []segmentPair) string {
	switch {
	case in.Slow.PathNS == in.Median.PathNS:
		return "the slowest take as long as the median ones"
	case len(list) == 0 || list[0].difference() <= 0:
		return "the slow ones have more of nothing"
	}
	most := list[0]
	return fmt.Sprintf("the slow ones have more of: %s %s, by %s", p.plain(most.Kind), p.where(most.Segment), duration(most.difference()))
}

func (p critPage) pairs(in *report.Instances, list []segmentPair) {
	tab := &table{left: 1}
	tab.row("kind", "median", "slowest", "difference", "where")
	tab.row("all", duration(in.Median.PathNS), duration(in.Slow.PathNS), signed("ns", float64(in.Slow.PathNS-in.Median.PathNS)), "")
	for i, s := range list {
		if i == topSegments {
			tab.more(len(list) - i)
			break
		}
		tab.row(p.plain(s.Kind), duration(s.median), duration(s.slow), signed("ns", float64(s.difference())), p.where(s.Segment))
	}
	p.table(tab)
}
