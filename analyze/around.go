package analyze

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tracekit/analyze/report"
	"tracekit/analyze/rewrite"
)

// ErrNoLock is the error where no lock is called as was asked, or none of its waits is
// whole.
var ErrNoLock = errors.New("there is no such lock with a wait that is whole")

// AroundLongest analyzes a trace and returns a window around the longest whole wait for
// a lock. That is named by its number in the report, by its name there, or by the
// function in that name; of several, it is the one that was waited for longest.
func AroundLongest(f rewrite.File, lock string) (Window, error) {
	rep, err := Trace(io.NewSectionReader(f, 0, f.Size()), "", Options{})
	if err != nil {
		return Window{}, err
	}
	for _, l := range rep.Waits.Locks {
		if isCalled(&l, lock) && l.Longest != nil {
			from, to := l.Longest.Around()
			return Window{From: from, To: to}, nil
		}
	}
	var names []string
	for _, l := range rep.Waits.Locks[:min(len(rep.Waits.Locks), 5)] {
		names = append(names, l.Name)
	}
	if len(names) == 0 {
		return Window{}, fmt.Errorf("%w: no goroutine waited for a lock", ErrNoLock)
	}
	return Window{}, fmt.Errorf("%w: those that were waited for longest are %s", ErrNoLock, strings.Join(names, ", "))
}

func isCalled(l *report.Lock, name string) bool {
	function, _, _ := strings.Cut(l.Name, ":")
	return name == l.Name || name == function || name == strconv.Itoa(l.ID)
}
