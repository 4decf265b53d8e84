package render

import (
	"fmt"

	"tracekit/analyze/report"
)

// How many rows of the critical path are shown.
const (
	topSegments = 12
	topLinks    = 6
	topWhatIfs  = 10 // of locks and sites together
	fewWhatIfs  = 4  // of them that sites have, where there are so many
)

// critPage is what set the length of a run, on a page of its report.
type critPage struct {
	page
	r *report.Report
	c *report.Critpath
}

// critpath shows what set the length of the run; nothing of reports of before that was
// kept.
func critpath(p page, r *report.Report) {
	if r.Critpath == nil {
		return
	}
	c := critPage{p, r, r.Critpath}
	c.section("critpath")
	c.headline()
	c.composition()
	c.whatIfs()
	for i := range c.c.Instances {
		c.instances(&c.c.Instances[i])
	}
	c.caveats("critpath")
}

func (p critPage) headline() {
	c := p.c
	if c.PathNS == 0 {
		p.say("no goroutine ran: there is no path")
		return
	}
	line := fmt.Sprintf("critical path: %s to %s; work %s, span %s, parallelism %.2f", duration(c.PathNS), endOf(c),
		duration(c.WorkNS), duration(c.SpanNS), c.Parallelism)
	if c.MostNS > 0 {
		line += fmt.Sprintf("; on %s at least %s, and at most %s if none is idle while a goroutine is runnable",
			plural(p.r.Trace.GOMAXPROCS, "processor", "processors"), duration(c.LeastNS), duration(c.MostNS))
	}
	p.say("%s", line)
	p.say("%s", replayed(c.ReplayNS, c.ReplayError))
	p.caveats("critpath.path_ns", "critpath.span_ns", "critpath.replay_error")
}

// endOf says where a path ends.
func endOf(c *report.Critpath) string {
	if c.End == report.EndMain {
		return "main's end"
	}
	if c.Goroutine == "main.main" {
		return "where main was seen last"
	}
	return "where the last goroutine stops running"
}

// replayed says what a replay got without a change, which bounds what can be claimed of
// one with a change.
func replayed(ns int64, wrong float64) string {
	return fmt.Sprintf("replayed unchanged: %s, %s off: no smaller claim is made", duration(ns), off(wrong))
}

// off writes the error of a replay, which is not nothing where it is small.
func off(wrong float64) string {
	if wrong > 0 && wrong < 0.0005 {
		return "less than 0.1 %"
	}
	return share(wrong)
}

// composition shows what the path is made of: what takes time, and the links between.
func (p critPage) composition() {
	timed, links := splitSegments(p.c.Segments)
	if len(timed) > 0 {
		p.part("what it is made of", func() { p.timed(timed) })
	}
	if len(links) > 0 {
		p.part("where it goes from one goroutine to another", func() { p.links(links) })
	}
	p.caveats("critpath.segments")
}

// splitSegments tells segments that take time from links, which take none.
func splitSegments(list []report.Segment) (timed, links []report.Segment) {
	for _, s := range list {
		if s.Kind == report.SegHandOver || s.Kind == report.SegBirth {
			links = append(links, s)
		} else {
			timed = append(timed, s)
		}
	}
	return timed, links
}

func (p critPage) timed(list []report.Segment) {
	tab := &table{left: 1}
	tab.row("kind", "share", "time", "number", "where")
	shown := min(len(list), topSegments)
	for _, s := range list[:shown] {
		tab.row(p.plain(s.Kind), percent(s.NS, p.c.PathNS), duration(s.NS), number(s.Count), p.where(s))
	}
	if rest := list[shown:]; len(rest) > 0 {
		sum := int64(0)
		for _, s := range rest {
			sum += s.NS
		}
		tab.row(fmt.Sprintf("… %s more, %s in all, with -f json", number(len(rest)), duration(sum)))
	}
	p.table(tab)
}

func (p critPage) links(list []report.Segment) {
	tab := &table{left: 1}
	tab.row("kind", "number", "to")
	for i, s := range list {
		if i == topLinks {
			tab.more(len(list) - i)
			break
		}
		tab.row(p.plain(s.Kind), number(s.Count), p.where(s))
	}
	p.table(tab)
}

// where names the goroutine of a segment and, where they are known, the place, what was
// waited for there, and the lock.
func (p critPage) where(s report.Segment) string {
	where := p.group(s.Group)
	wait := ""
	if s.Wait != "" && s.Wait != s.Kind {
		wait = p.plain(s.Wait) + " "
	}
	if s.Kind == report.SegSched && s.Wait != "" {
		wait = "behind " + wait
	}
	switch {
	case s.Site >= 0:
		where += ", " + wait + "at " + frameName(p, at(p.r.Sites, s.Site))
	case wait != "":
		where += ", " + wait + "at a place that is not known"
	}
	if s.Lock >= 0 {
		where += fmt.Sprintf(", lock %d", s.Lock)
	}
	return where
}

// group names goroutines that started with the same function.
func (p critPage) group(name string) string {
	if name == "" {
		return "(no stack shows it)"
	}
	return p.name(function(name))
}
