package render

import (
	"fmt"
	"io"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

// topGenerations and topParts are how many rows of an Info the text shows.
const (
	topGenerations = 30
	topParts       = 16
)

// InfoFormats lists the names of the formats of an Info, in the order for help.
func InfoFormats() []string { return []string{"text", "json"} }

// Info returns the renderer of an Info in a format, nil for one that is not in
// InfoFormats.
func Info(name string) func(io.Writer, *report.Info) error {
	switch name {
	case "text":
		return infoText
	case "json":
		return func(w io.Writer, i *report.Info) error { return encode(w, i) }
	}
	return nil
}

func infoText(w io.Writer, i *report.Info) error {
	t := newText(nil)
	t.line("%s (%s%s)", i.Path, i.GoVersion, compression(i))
	t.line("bytes %s   events %s   wall %s", number(i.Bytes), number(i.Events), duration(i.WallNS))
	t.line("goroutines %s%s%s", number(i.Goroutines), threads(i), clockOf(i))
	t.settings(i)
	t.indent = "  "
	t.generations(i)
	t.content(i)
	for _, l := range i.Losses {
		t.b.WriteString(wrap("! ", safe.Printable(lossText(l))))
	}
	return t.flush(w)
}

func compression(i *report.Info) string {
	if i.Compression == "" {
		return ""
	}
	return ", " + i.Compression
}

func threads(i *report.Info) string {
	if i.Threads == 0 {
		return ""
	}
	return "   threads " + number(i.Threads)
}

func clockOf(i *report.Info) string {
	if i.TickNS == 0 {
		return ""
	}
	return fmt.Sprintf("   clock ticks of %d ns", i.TickNS)
}

func (t *text) settings(i *report.Info) {
	line := "GOMAXPROCS"
	for n, s := range i.GOMAXPROCS {
		if n == 0 {
			line += fmt.Sprintf(" %d", s.GOMAXPROCS)
			continue
		}
		line += fmt.Sprintf(", %d from %s on", s.GOMAXPROCS, duration(s.NS))
	}
	if len(i.GOMAXPROCS) == 0 {
		line += " is not stated"
	}
	t.b.WriteString(wrap("", line))
}

func (t *text) generations(i *report.Info) {
	if len(i.Generations) == 0 {
		return
	}
	t.line("")
	tab := new(table)
	tab.row("generation", "offset", "bytes", "batches", "events", "threads", "goroutines", "stacks", "time")
	for n, g := range i.Generations {
		if n == topGenerations {
			tab.more(len(i.Generations) - n)
			break
		}
		tab.row(number(int64(g.Number)), number(g.Offset), number(g.Bytes), number(g.Batches), number(g.Events),
			number(g.Threads), number(g.Goroutines), number(g.Stacks), duration(g.StartNS)+" – "+duration(g.EndNS))
	}
	t.table(tab)
}

func (t *text) content(i *report.Info) {
	if len(i.Parts) == 0 {
		return
	}
	var total int64
	for _, p := range i.Parts {
		total += p.Bytes
	}
	t.line("")
	tab := new(table)
	tab.row("bytes", "share", "number", "of")
	for n, p := range i.Parts {
		if n == topParts {
			tab.more(len(i.Parts) - n)
			break
		}
		tab.row(number(p.Bytes), percent(p.Bytes, total), number(p.Count), p.Name)
	}
	t.table(tab)
}

func lossText(l report.Loss) string {
	if l.Bytes == 0 {
		return fmt.Sprintf("at offset %d something is missing: %s", l.Offset, l.Cause)
	}
	return fmt.Sprintf("%s bytes from offset %d on, about %s, cannot be read: %s", number(l.Bytes), l.Offset, duration(l.NS), l.Cause)
}
