package render

import (
	"cmp"
	"fmt"
	"slices"

	"tracekit/analyze/report"
)

func (t *text) waits() {
	w := t.r.Waits
	t.section("waits")
	t.kinds(w.Kinds)
	t.apart(w.IdleNS, w.IdleWaits, w.SystemNS, w.TracerNS)
	t.caveats("waits.kinds")
	t.locks()
	t.sites("waits for other than locks: at <- ended by", w.Sites, topSites)
	t.caveats("waits.sites")
	t.longest()
	t.sites("idle, in no number above: at <- ended by", w.Idle, topIdle)
	t.caveats("waits.idle")
}

// kinds totals the waits by kind.
func (t *text) kinds(kinds []report.Kind) {
	tab := &table{left: 1}
	if len(kinds) > 0 {
		tab.row("kind", "waits", "open", "blocked", "sched", "")
	}
	for _, k := range kinds {
		tab.row(k.Kind, number(k.Waits), number(k.OpenWaits), duration(k.BlockedNS), duration(k.SchedNS), "")
	}
	t.table(tab)
}

func (t *text) apart(idle, idleWaits, system, tracer int64) {
	t.b.WriteString(wrap("  apart: ", apart(idle, idleWaits, system, tracer)))
}

// apart says how much is left out of the kinds.
func apart(idle, idleWaits, system, tracer int64) string {
	return fmt.Sprintf("idle %s in %s for work; goroutines of the runtime %s, of the tracer %s",
		duration(idle), plural(idleWaits, "wait", "waits"), duration(system-tracer), duration(tracer))
}

func (t *text) locks() {
	if len(t.r.Waits.Locks) == 0 {
		t.line("")
		t.line("  no goroutine waited for a lock")
		return
	}
	for i, l := range t.r.Waits.Locks {
		if i == topLocks || i >= fewLocks && l.BlockedNS < t.r.Waits.Locks[0].BlockedNS/negligible {
			t.moreLocks(t.r.Waits.Locks[i:])
			break
		}
		t.lock(l)
	}
	t.caveats("waits.locks")
}

// moreLocks counts the locks that are not shown.
func (t *text) moreLocks(locks []report.Lock) {
	sum := int64(0)
	for _, l := range locks {
		sum += l.BlockedNS
	}
	t.line("")
	t.line("  … %s more, blocked %s in all, with -f json", plural(len(locks), "lock", "locks"), duration(sum))
}

func (t *text) lock(l report.Lock) {
	kinds := ""
	for _, k := range l.Kinds {
		kinds += " " + k
	}
	head := fmt.Sprintf("lock %d  ", l.ID)
	title := head + cutFront(l.Name, width-len(head)-len(kinds)-3) + " " + kinds
	t.part(title, func() { t.lockNumbers(l) })
}

func (t *text) lockNumbers(l report.Lock) {
	gaveUp := ""
	if l.GaveUp > 0 {
		gaveUp = fmt.Sprintf(", %s gave up", number(l.GaveUp))
	}
	t.line("    blocked %s   sched %s   %s by %s, %s open%s", duration(l.BlockedNS), duration(l.SchedNS),
		plural(l.Waits, "wait", "waits"), plural(l.Waiters, "goroutine", "goroutines"), number(l.OpenWaits), gaveUp)
	sp := spread(l.Tally, l.Spread)
	t.line("    p50 %s   p90 %s   p99 %s   max %s", sp[0], sp[1], sp[2], sp[3])
	tab := new(table)
	tab.row("blocked", "share", "waits", "acquired at")
	tab.places(acquireParts(l.Acquires), l.BlockedNS, func(i int) string { return t.site(i, noStack) })
	tab.row("blame", "share", "wakes", "released at")
	tab.places(releaseParts(l.Releases), l.BlockedNS, func(i int) string { return t.site(i, notReleased) })
	t.table(tab)
}

// spread writes p50, p90, p99 and max, or dashes where no wait is whole.
func spread(t report.Tally, s report.Spread) [4]string {
	if t.Waits == t.OpenWaits {
		return [4]string{"-", "-", "-", "-"}
	}
	return [4]string{duration(s.P50NS), duration(s.P90NS), duration(s.P99NS), duration(s.MaxNS)}
}

// What stands for places that are none.
const (
	noStack     = "(no stack)"
	notReleased = "(not released in the trace)"
)

// part is what of a lock or site belongs to one place.
type part struct {
	site  int
	by    string // of a waker: whose it is, where the site does not tell
	ns, n int64
}

// places adds a row for each place, the largest first.
func (t *table) places(list []part, whole int64, site func(i int) string) {
	list = bySite(list)
	for i, p := range list {
		if i == topPlaces {
			t.more(len(list) - topPlaces)
			break
		}
		t.row(duration(p.ns), percent(p.ns, whole), number(p.n), site(p.site))
	}
}

func acquireParts(list []report.Acquire) []part {
	var parts []part
	for _, a := range list {
		parts = append(parts, part{site: a.Site, ns: a.BlockedNS, n: a.Waits})
	}
	return parts
}

func releaseParts(list []report.Release) []part {
	var parts []part
	for _, r := range list {
		parts = append(parts, part{site: r.Site, ns: r.BlameNS, n: r.Wakes})
	}
	return parts
}

// bySite adds up the parts of each site: the report has one for each stack.
func bySite(list []part) []part {
	type key struct {
		site int
		by   string
	}
	var sums []part
	index := make(map[key]int)
	for _, p := range list {
		k := key{p.site, p.by}
		i, ok := index[k]
		if !ok {
			index[k] = len(sums)
			sums = append(sums, p)
			continue
		}
		sums[i].ns += p.ns
		sums[i].n += p.n
	}
	slices.SortStableFunc(sums, func(a, b part) int { return cmp.Compare(b.ns, a.ns) })
	return sums
}

// sites shows the first of a list of sites.
func (t *text) sites(title string, list []report.Site, top int) {
	if len(list) == 0 {
		return
	}
	t.line("")
	t.line("  %s", title)
	tab := &table{left: 1}
	tab.row("kind", "waits", "open", "blocked", "sched", "p50", "p90", "p99", "max", "")
	for i, s := range list {
		if i == top {
			break
		}
		sp := spread(s.Tally, s.Spread)
		tab.row(s.Kind, number(s.Waits), number(s.OpenWaits), duration(s.BlockedNS), duration(s.SchedNS),
			sp[0], sp[1], sp[2], sp[3], "")
		t.siteNames(tab, s)
	}
	tab.more(len(list) - top)
	t.table(tab)
}

// siteNames adds a line with the place that waited, and one for each of the
// first places that ended its waits.
func (t *text) siteNames(tab *table, s report.Site) {
	tab.row("    " + t.site(s.Site, noStack))
	parts := bySite(wakerParts(t.r, s.Wakers))
	for i, p := range parts {
		if i == topWakers {
			tab.row(fmt.Sprintf("      <- … %s more", number(len(parts)-topWakers)))
			break
		}
		by := t.site(p.site, "")
		if p.by != "" {
			by += " in " + p.by
		}
		tab.row(fmt.Sprintf("      <- %s, %s, %s", by, duration(p.ns), plural(p.n, "wake", "wakes")))
	}
}

func wakerParts(r *report.Report, list []report.Waker) []part {
	var parts []part
	for _, w := range list {
		if w.Site < 0 {
			continue
		}
		p := part{site: w.Site, ns: w.BlockedNS, n: w.Wakes}
		// What wakes from elsewhere than the goroutine's own package does not
		// tell who that was: the end of one that sync.WaitGroup.Go started.
		if w.Goroutine != "" && packageOf(r.Sites[w.Site].Func) != packageOf(w.Goroutine) {
			p.by = function(w.Goroutine)
		}
		parts = append(parts, p)
	}
	return parts
}
