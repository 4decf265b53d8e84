package render

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

// topLongest is how many waits are shown one by one.
const topLongest = 5

// longWait is the longest wait of a lock or of another place.
type longWait struct {
	*report.Longest
	at string
}

// longest shows the longest waits, one for each place, with the command that cuts each
// out of the trace. Nobody needs to look at a sleep.
func (t *text) longest() {
	list := t.longWaits()
	if len(list) == 0 {
		return
	}
	t.line("")
	path := t.r.Trace.Path
	cuttable := path != "" && path != "-" && !old(t.r.Trace.GoVersion)
	title := "  longest waits, one of each place"
	if cuttable {
		title += "; the command cuts it out of the trace"
	}
	t.line("%s", title)
	for i, l := range list[:min(len(list), topLongest)] {
		t.line("  %8s at %s  %s, goroutine %d %s", duration(l.BlockedNS), duration(t.since(l)), l.at, l.ID, t.name(function(l.Goroutine)))
		if cuttable {
			t.b.WriteString("      " + t.cut(i+1, l, path) + "\n") // all of it, however long
		}
	}
}

func (t *text) longWaits() (list []longWait) {
	for _, l := range t.r.Waits.Locks {
		if l.Longest != nil {
			list = append(list, longWait{l.Longest, fmt.Sprintf("lock %d", l.ID)})
		}
	}
	for _, s := range t.r.Waits.Sites {
		if s.Longest != nil && s.Kind != "sleep" {
			list = append(list, longWait{s.Longest, s.Kind + " " + t.site(s.Site, noStack)})
		}
	}
	slices.SortStableFunc(list, func(a, b longWait) int { return cmp.Compare(b.BlockedNS, a.BlockedNS) })
	return list
}

// since returns when a wait began, in ns since the trace's beginning.
func (t *text) since(l longWait) int64 {
	if w := t.r.Trace.Window; w != nil {
		return l.StartNS + w.FromNS
	}
	return l.StartNS
}

// cut returns the command that cuts a wait out of a trace, with some of what is around
// it, into a file with a number.
func (t *text) cut(n int, l longWait, path string) string {
	from, to := l.Around()
	offset := t.since(l) - l.StartNS
	window := fmt.Sprintf(" --from %v", micros(from+offset))
	if end := t.r.Trace.WallNS + t.r.Trace.LostNS; to < end || from == 0 {
		window += fmt.Sprintf(" --to %v", micros(min(to, end)+offset+999))
	}
	return fmt.Sprintf("tracekit cut %s%s -o wait%d.trace", shellFile(path), window, n)
}

// old reports whether a release writes traces that cannot be cut.
func old(version string) bool {
	const first = 22 // go1.22
	var minor int
	n, _ := fmt.Sscanf(version, "go1.%d", &minor)
	return n == 1 && minor < first
}

// micros writes a time in whole µs.
func micros(ns int64) time.Duration { return time.Duration(ns).Truncate(time.Microsecond) }

var plainWord = regexp.MustCompile(`^[\w./@%+=:,][\w./@%+=:,-]*$`)

// shellFile returns the name of a file as a shell and a command take it: what begins
// with a dash would be a flag.
func shellFile(path string) string {
	if strings.HasPrefix(path, "-") {
		path = "./" + path
	}
	return shellWord(path)
}

// shellWord returns a word as a shell takes it.
func shellWord(s string) string {
	s = safe.Printable(s)
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
