package analyze

import (
	"fmt"
	"slices"
	"time"

	"tracekit/analyze/decode"
	"tracekit/analyze/report"
)

// caveats returns what a reader of the report must know, in the order of the
// report.
func caveats(r *report.Report, unnamed int, procsChanged bool) []report.Caveat {
	return concat(
		unnamedCaveats(unnamed),
		openCaveats(r),
		lockCaveats(r),
		percentileCaveats(r),
		procsCaveats(r, procsChanged),
	)
}

// concat joins lists of caveats. The result is never nil.
func concat(lists ...[]report.Caveat) []report.Caveat {
	return append([]report.Caveat{}, slices.Concat(lists...)...)
}

func unnamedCaveats(n int) []report.Caveat {
	if n == 0 {
		return nil
	}
	return []report.Caveat{{
		Code:  "unnamed-goroutines",
		About: "trace",
		Text: plural(int64(n), "goroutine began before the trace, which shows no stack of it: it counts as the program's own, with its waits, and may be the runtime's",
			"goroutines began before the trace, which shows no stack of them: they count as the program's own, with their waits, and may be the runtime's"),
		Remedy: "record from the start of the program; from Go 1.23 on, traces show the stacks of most",
	}}
}

func openCaveats(r *report.Report) []report.Caveat {
	var open int64
	for _, k := range r.Waits.Kinds {
		open += k.OpenWaits
	}
	for _, s := range r.Waits.Idle {
		open += s.OpenWaits
	}
	if open == 0 {
		return nil
	}
	return []report.Caveat{{
		Code:  "open-waits",
		About: "waits.kinds",
		Text: plural(open, "wait is cut", "waits are cut") +
			" by the start or the end of the trace: only the part inside it counts as blocked, and percentiles leave them out",
		Remedy: "record from before the waits begin until after they end",
	}}
}

func lockCaveats(r *report.Report) []report.Caveat {
	if len(r.Waits.Locks) == 0 {
		return nil
	}
	return slices.Concat([]report.Caveat{{
		Code:   "lock-by-site",
		About:  "waits.locks",
		Text:   "a trace has no lock addresses: locks taken at the same sites are one lock here, and sites that no wake joins are several",
		Remedy: "give each lock call sites of its own",
	}}, severalLocks(r), splitLocks(r), inferredLocks(r), lateLocks(r), []report.Caveat{{
		Code:   "contended-only",
		About:  "order.locks",
		Text:   "a trace shows only acquisitions that had to wait; a goroutine that blocks again where it was just woken is taken to have found the lock taken: that hand-over is a retry, in no pair; of two that blocked within microseconds, the other one may have come first; locks that share their sites are counted as one queue",
		Remedy: "",
	}})
}

func percentileCaveats(r *report.Report) []report.Caveat {
	if len(r.Waits.Locks)+len(r.Waits.Sites)+len(r.Waits.Idle) == 0 {
		return nil
	}
	return []report.Caveat{{
		Code:   "percentiles",
		About:  "waits",
		Text:   "p50, p90 and p99 are exact to 0.4 %; max is exact",
		Remedy: "",
	}}
}

func procsCaveats(r *report.Report, changed bool) []report.Caveat {
	switch {
	case r.Trace.GOMAXPROCS == 0:
		return []report.Caveat{{
			Code:   "gomaxprocs-unknown",
			About:  "parallel.utilization",
			Text:   "GOMAXPROCS could not be read from the trace (in traces of Go 1.21 and before, only changes of it can), so that utilization is not known and stands as 0",
			Remedy: "",
		}}
	case changed:
		return []report.Caveat{{
			Code:   "gomaxprocs-changed",
			About:  "parallel.utilization",
			Text:   fmt.Sprintf("GOMAXPROCS changed during the trace: utilization is over its average, %.2f", r.Parallel.GOMAXPROCSAvg),
			Remedy: "record with GOMAXPROCS set",
		}}
	}
	return nil
}

// lost tells that parts of a trace of so many bytes could not be read, and that the
// named product of it covers so many ns.
func lost(losses []decode.Loss, bytes int64, product string, ns int64) []report.Caveat {
	const most = 10
	var list []report.Caveat
	for i, l := range losses {
		if i == most {
			list = append(list, report.Caveat{
				Code: "lost-bytes", About: "trace.lost_bytes", Text: fmt.Sprintf("and %d stretches more could not be read", len(losses)-most),
			})
			break
		}
		list = append(list, report.Caveat{
			Code: "lost-bytes", About: "trace.lost_bytes", Text: lossText(l, bytes, product, ns), Remedy: "record again; a program that is killed loses its last second",
		})
	}
	return list
}

func lossText(l decode.Loss, bytes int64, product string, ns int64) string {
	if l.Bytes == 0 {
		return fmt.Sprintf("the trace is damaged: at offset %d of %d bytes something is missing (%v)%s", l.Offset, bytes, l.Cause, between(l))
	}
	what := fmt.Sprintf("the last %d of %d bytes (%.1f %%), from offset %d on,", l.Bytes, bytes, 100*float64(l.Bytes)/float64(bytes), l.Offset)
	if l.Offset+l.Bytes < bytes {
		what = fmt.Sprintf("%d of %d bytes (%.1f %%), from offset %d on,", l.Bytes, bytes, 100*float64(l.Bytes)/float64(bytes), l.Offset)
	}
	return fmt.Sprintf("the trace is damaged: %s could not be read (%v)%s; the %s covers %v",
		what, l.Cause, between(l), product, time.Duration(ns).Round(time.Microsecond))
}

// between says how much time a loss covers.
func between(l decode.Loss) string {
	if l.NS == 0 {
		return ""
	}
	return fmt.Sprintf(", about %v", time.Duration(l.NS).Round(time.Microsecond))
}

// silent tells that nothing happened for so long that a time may be damaged.
func silent(ns int64) []report.Caveat {
	const long = 10 * time.Second
	if ns < int64(long) {
		return nil
	}
	return []report.Caveat{{
		Code:   "silence",
		About:  "trace",
		Text:   fmt.Sprintf("nothing at all happened in the trace for %v, though the tracer itself acts about once a second: the machine slept, or a time in the trace is damaged", time.Duration(ns).Round(time.Millisecond)),
		Remedy: "do not trust times without a look at go tool trace",
	}}
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
