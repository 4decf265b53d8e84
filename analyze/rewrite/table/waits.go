package table

import (
	"strconv"

	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// waitColumns are those of the table of waits: where it was, for how long, who ended
// it, and what the trace does not show of it.
var waitColumns = []string{
	"start_ns", "blocked_ns", "sched_ns", "goroutine", "group", "class", "kind", "lock",
	"site_func", "site_file", "site_line",
	"by_goroutine", "by_group", "by_func", "by_file", "by_line",
	"gave_up", "open",
}

// Locks are the numbers of the locks of a report, by where they are acquired.
type Locks map[acquire]int

type acquire struct {
	kind string
	site report.Frame // none where a trace shows no stack
}

// LocksOf returns the numbers of a report's locks, which may be used for its trace alone.
func LocksOf(r *report.Report) Locks {
	locks := make(Locks)
	for _, l := range r.Waits.Locks {
		for _, a := range l.Acquires {
			key := acquire{kind: a.Kind}
			if a.Site >= 0 {
				key.site = r.Sites[a.Site]
			}
			locks[key] = l.ID
		}
	}
	return locks
}

// of returns the cell of a wait's lock.
func (m Locks) of(w *timeline.Wait, symbols *timeline.Symbols) string {
	key := acquire{kind: w.Kind.String()}
	if w.Site != timeline.NoSite {
		key.site = report.Frame(symbols.Frame(w.Site))
	}
	if id, ok := m[key]; ok {
		return strconv.Itoa(id)
	}
	return ""
}

// waits is the table of waits.
type waits struct {
	*table
	locks Locks
}

// Started implements timeline.StartObserver.
func (t *waits) Started(start int64, symbols *timeline.Symbols) { t.begin(start, symbols, waitColumns) }

// LockBlocked implements timeline.LockObserver.
func (t *waits) LockBlocked(*timeline.Wait) {}

// LockWoken implements timeline.LockObserver.
func (t *waits) LockWoken(*timeline.Wait) {}

// LockDone implements timeline.LockObserver.
func (t *waits) LockDone(w *timeline.Wait) { t.wait(w, t.locks.of(w, t.symbols)) }

// Waited implements timeline.WaitObserver.
func (t *waits) Waited(w *timeline.Wait) { t.wait(w, "") }

func (t *waits) wait(w *timeline.Wait, lock string) {
	t.since(w.Start)
	t.number(w.Blocked())
	t.number(w.Sched())
	t.goroutine(w.G)
	t.put(w.Kind.String(), lock)
	t.place(w.Site)
	t.waker(w)
	t.put(strconv.FormatBool(w.GaveUp), open(w))
	t.write()
}

// waker adds who ended a wait.
func (t *waits) waker(w *timeline.Wait) {
	if w.ByID == timeline.NoGoroutine {
		t.put("", "")
	} else {
		t.number(int64(w.ByID))
		t.put(t.group(w.ByGroup, w.ByName))
	}
	t.place(w.BySite)
}

// open says at which end the trace cuts a wait.
func open(w *timeline.Wait) string {
	switch {
	case w.CutStart && w.CutEnd:
		return "both"
	case w.CutStart:
		return "start"
	case w.CutEnd:
		return "end"
	}
	return ""
}
