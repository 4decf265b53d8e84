package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

// topProcesses is how many processes the text shows.
const topProcesses = 40

// setText writes a recording's processes, a line for each, and their total: of one
// process alone, its report.
func setText(w io.Writer, s *report.Set) error {
	if len(s.Processes) == 1 && s.Processes[0].Report != nil && len(s.Caveats) == 0 {
		return Text(w, s.Processes[0].Report)
	}
	t := newText(setCaveats(s))
	t.b.WriteString(wrap("", safe.Printable(fmt.Sprintf("%s (%s)", strings.Join(s.Command, " "), s.Path))))
	t.line("wall %s, building included   %s   %s", duration(s.WallNS), plural(len(s.Processes), "process", "processes"), setEnded(s))
	t.caveats(aboutTrace...)
	t.processes(s)
	t.totalWaits(s.Total)
	t.totalLocks(s)
	t.rest()
	return t.flush(w)
}

func setEnded(s *report.Set) string {
	if s.Ended == "" {
		return "its end was not seen"
	}
	return "ended with " + s.Ended
}

const processLegend = "achieved: goroutines running on average; locks, waits: blocked on locks, on anything"

func (t *text) processes(s *report.Set) {
	t.section("processes")
	tab := new(table)
	tab.row("", "wall", "goroutines", "achieved", "locks", "waits", "process")
	for i, p := range s.Processes {
		if i == topProcesses {
			tab.more(len(s.Processes) - i)
			break
		}
		name, end := processWords(p)
		tab.row(processRow(i, p, name+end)...)
	}
	tab.row(totalRow(s.Total)...)
	t.table(tab)
	t.say(processLegend)
	t.caveats("parallel")
}

// processWords names a process, and says how it ended unless that was well.
func processWords(p report.Process) (name, end string) {
	name = p.Path
	if name == "" && len(p.Args) > 0 {
		name = p.Args[0]
	}
	end = fmt.Sprintf(", pid %d", p.PID)
	if p.Exit != "exit status 0" {
		end += ": " + ending(p)
	}
	return name, end
}

// processRow has the numbers of a process before its name.
func processRow(i int, p report.Process, name string) []string {
	if p.Report == nil {
		return []string{number(i), "", "", "", "", "", name}
	}
	locks := int64(0)
	for _, l := range p.Report.Waits.Locks {
		locks += l.BlockedNS
	}
	return []string{number(i), duration(p.Report.Trace.WallNS), number(p.Report.Trace.Goroutines),
		fmt.Sprintf("%.2f of %d", p.Report.Parallel.RunningAvg, p.Report.Trace.GOMAXPROCS),
		duration(locks), duration(blocked(p.Report.Waits.Kinds)), name}
}

func totalRow(total report.Total) []string {
	return []string{"", duration(total.WallNS), number(total.Goroutines), "", duration(lockTime(total.Locks)),
		duration(blocked(total.Kinds)), fmt.Sprintf("(total of %d)", total.Processes)}
}

// ending says how a process ended.
func ending(p report.Process) string {
	switch p.Ended {
	case "panic", "fatal":
		return p.Exit + " by a " + map[string]string{"panic": "panic", "fatal": "fatal error"}[p.Ended]
	}
	return p.Exit
}

func blocked(kinds []report.Kind) (sum int64) {
	for _, k := range kinds {
		sum += k.BlockedNS
	}
	return sum
}

func lockTime(locks []report.TotalLock) (sum int64) {
	for _, l := range locks {
		sum += l.BlockedNS
	}
	return sum
}

func (t *text) totalWaits(total report.Total) {
	t.section("waits of all")
	t.kinds(total.Kinds)
	t.apart(total.IdleNS, total.IdleWaits, total.SystemNS, total.TracerNS)
	t.caveats("waits.kinds", "waits.sites", "waits.idle")
}

func (t *text) totalLocks(s *report.Set) {
	if len(s.Total.Locks) == 0 {
		t.section("no goroutine waited for a lock")
		return
	}
	t.section("locks of all")
	tab := new(table)
	tab.row("blocked", "sched", "waits", "max", "in", "lock")
	for i, l := range s.Total.Locks {
		if i == 2*topLocks {
			tab.more(len(s.Total.Locks) - i)
			break
		}
		tab.row(duration(l.BlockedNS), duration(l.SchedNS), number(l.Waits), duration(l.MaxNS), inProcesses(l.Processes),
			l.Name+"  "+strings.Join(l.Kinds, ", "))
	}
	t.table(tab)
	t.caveats("waits.locks")
}

// inProcesses names the processes that a lock was waited for in.
func inProcesses(list []int) string {
	if len(list) == 1 {
		return fmt.Sprintf("process %d", list[0])
	}
	return fmt.Sprintf("%d processes", len(list))
}

// setCaveats are those of a recording, and then those of its processes: what the
// trace of one lacks, and the others once for all that have it.
func setCaveats(s *report.Set) []report.Caveat {
	list := slices.Clone(s.Caveats)
	of := make(map[report.Caveat][]int)
	for i, p := range s.Processes {
		if p.Report == nil {
			list = append(list, report.Caveat{About: "trace", Text: p.Trace + ": " + p.Error})
			continue
		}
		for _, c := range p.Report.Caveats {
			if qualifies(c.About, aboutTrace) {
				c.Text = p.Trace + ": " + c.Text
			}
			if of[c] == nil {
				list = append(list, c)
			}
			of[c] = append(of[c], i)
		}
	}
	for i, c := range list {
		// What is said of one alone may name its locks by their numbers there.
		if n := of[c]; len(n) == 1 && !qualifies(c.About, aboutTrace) {
			list[i].Text = fmt.Sprintf("process %d: %s", n[0], c.Text)
		}
	}
	return list
}
