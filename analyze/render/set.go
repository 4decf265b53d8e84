package render

import (
	"fmt"
	"io"
	"strings"

	"tracekit/analyze/report"
)

// topProcesses is how many processes the text shows.
const topProcesses = 40

// Set returns the renderer of a format for a recording of several processes, nil
// for one that is not in Formats.
func Set(name string) func(io.Writer, *report.Set) error {
	switch name {
	case "text":
		return setText
	case "json":
		return func(w io.Writer, s *report.Set) error { return encode(w, s) }
	}
	return nil
}

// setText writes a recording's processes, a line for each, and their total: of one
// process alone, its report.
func setText(w io.Writer, s *report.Set) error {
	if len(s.Processes) == 1 && s.Processes[0].Report != nil && len(s.Caveats) == 0 {
		return Text(w, s.Processes[0].Report)
	}
	t := &text{}
	t.b.WriteString(wrap("", printable(fmt.Sprintf("%s (%s)", strings.Join(s.Command, " "), s.Path))))
	ended := "its end was not seen"
	if s.Ended != "" {
		ended = "ended with " + s.Ended
	}
	t.line("wall %s, building included   %s   %s", duration(s.WallNS), plural(len(s.Processes), "process", "processes"), ended)
	t.setCaveats(s)
	t.processes(s)
	t.totalWaits(s.Total)
	t.totalLocks(s)
	_, err := io.WriteString(w, t.b.String())
	return err
}

// setCaveats tells what qualifies all that follows: of the recording, and of each
// process what its trace lacks.
func (t *text) setCaveats(s *report.Set) {
	tell := func(text, remedy string) {
		if remedy != "" {
			text += "; remedy: " + remedy
		}
		t.b.WriteString(wrap("! ", printable(text)))
	}
	for _, c := range s.Caveats {
		tell(c.Text, c.Remedy)
	}
	for _, p := range s.Processes {
		if p.Report == nil {
			tell(p.Trace+": "+p.Error, "")
			continue
		}
		for _, c := range p.Report.Caveats {
			if c.About == "recording" || c.About == "trace" || c.About == "trace.lost_bytes" {
				tell(p.Trace+": "+c.Text, c.Remedy)
			}
		}
	}
}

func (t *text) processes(s *report.Set) {
	t.line("")
	t.line("processes")
	tab := &table{indent: 2}
	tab.row("", "wall", "goroutines", "achieved", "locks", "waits", "process")
	for i, p := range s.Processes {
		if i == topProcesses {
			tab.more(len(s.Processes) - i)
			break
		}
		t.process(tab, i, p)
	}
	total := s.Total
	tab.row("", duration(total.WallNS), number(total.Goroutines), "", duration(lockTime(total.Locks)),
		duration(blocked(total.Kinds)), fmt.Sprintf("(total of %d)", total.Processes))
	t.table(tab)
	t.line("  achieved: goroutines running on average; locks, waits: blocked on locks, on anything")
}

func (t *text) process(tab *table, i int, p report.Process) {
	name := p.Path
	if name == "" && len(p.Args) > 0 {
		name = p.Args[0]
	}
	name = fmt.Sprintf("%s, pid %d", name, p.PID)
	if p.Exit != "exit status 0" {
		name += ": " + ending(p)
	}
	if p.Report == nil {
		tab.row(fmt.Sprint(i), "", "", "", "", "", name)
		return
	}
	locks := int64(0)
	for _, l := range p.Report.Waits.Locks {
		locks += l.BlockedNS
	}
	tab.row(fmt.Sprint(i), duration(p.Report.Trace.WallNS), number(p.Report.Trace.Goroutines),
		fmt.Sprintf("%.2f of %d", p.Report.Parallel.RunningAvg, p.Report.Trace.GOMAXPROCS),
		duration(locks), duration(blocked(p.Report.Waits.Kinds)), name)
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
	t.line("")
	t.line("waits of all")
	t.kinds(total.Kinds)
	t.apart(total.IdleNS, total.IdleWaits, total.SystemNS, total.TracerNS)
}

func (t *text) totalLocks(s *report.Set) {
	t.line("")
	if len(s.Total.Locks) == 0 {
		t.line("no goroutine waited for a lock")
		return
	}
	t.line("locks of all")
	tab := &table{indent: 2}
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
	t.lockCaveats(s)
}

// inProcesses names the processes that a lock was waited for in.
func inProcesses(list []int) string {
	if len(list) == 1 {
		return fmt.Sprintf("process %d", list[0])
	}
	return fmt.Sprintf("%d processes", len(list))
}

// lockCaveats tells once what qualifies the locks of any process. What is said of
// one alone may name its locks by their numbers there.
func (t *text) lockCaveats(s *report.Set) {
	var texts []string
	of := make(map[string][]int)
	for i, p := range s.Processes {
		if p.Report == nil {
			continue
		}
		for _, c := range p.Report.Caveats {
			if c.About != "waits.locks" {
				continue
			}
			text := c.Text
			if c.Remedy != "" {
				text += "; remedy: " + c.Remedy
			}
			if of[text] == nil {
				texts = append(texts, text)
			}
			of[text] = append(of[text], i)
		}
	}
	for _, text := range texts {
		head := "  ! "
		if len(of[text]) == 1 {
			head += fmt.Sprintf("process %d: ", of[text][0])
		}
		t.b.WriteString(wrap(head, printable(text)))
	}
}
