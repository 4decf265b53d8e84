package timeline_test

import (
	"fmt"
	"testing"

	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/timeline"
)

// album writes down marks, births, deaths and gaps, a line each.
type album struct {
	diary
}

func (a *album) Marked(m *timeline.Mark) {
	g := "nobody"
	if m.G != nil {
		g = fmt.Sprintf("g%d", m.G.ID)
	}
	line := fmt.Sprintf("%d %v %s", m.Time, m.Kind, g)
	switch m.Kind {
	case timeline.TaskBegin, timeline.TaskEnd, timeline.RegionBegin, timeline.RegionEnd:
		line += fmt.Sprintf(" %d %q", m.Task, a.symbols.String(m.Name))
	case timeline.Sample:
		line += " " + timeline.Leaf(a.symbols, m.Stack)
	}
	a.note("%s", line)
}

func (a *album) Born(g *timeline.Goroutine) { a.note("%d born g%d", g.Since, g.ID) }
func (a *album) Died(g *timeline.Goroutine) { a.note("%d died g%d", g.Since, g.ID) }
func (a *album) Gap(from, to int64)         { a.note("%d gap to %d", from, to) }

// Span and Procs are what diary writes down, too.
func (a *album) Span(*timeline.Goroutine, timeline.State, int64) {}
func (a *album) Procs(int64, int64)                              {}

// marked runs a window of a script and returns what the album has.
func marked(t *testing.T, script string, w timeline.Window) []string {
	t.Helper()
	src, err := decodetest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	a := &album{diary{symbols: src.Symbols()}}
	laws := timeline.NewLaws()
	if _, err := timeline.RunWindow(src, w, laws, a); err != nil {
		t.Fatal(err)
	}
	if err := laws.Err(); err != nil {
		t.Errorf("laws: %v", err)
	}
	return a.lines
}

const marksOfAll = `
	0 procs 2
	0 g1 running main.main
	10 g1 begintask 7 "fetch"
	11 g1 beginregion 7 "parse"
	12 g1 sampled main.parse < main.main
	13 nobody sampled runtime.mcall
	14 g9 sampled main.gone
	20 g1 creates g2 main.b @ main.main
	25 g1 assists
	27 g1 assists           # it has been said
	30 g1 stopsworld
	35 g2 sampled main.b
	40 g1 startsworld
	45 g1 assisted
	46 g1 assisted          # it does not
	47 g1 startsworld       # it runs
	50 g1 endregion 3 "of another task"
	51 g1 endregion 7 "parse"
	52 g1 endregion 7 "parse"
	53 g1 endtask 7
	54 g1 endtask 7
	60 g2 starts
	61 g2 ends
	62 g2 sampled main.b
	70 end
`

func TestMarks(t *testing.T) {
	want(t, marked(t, marksOfAll, timeline.All), `
		0 born g1
		10 task-begin g1 7 "fetch"
		11 region-begin g1 7 "parse"
		12 sample g1 main.parse
		13 sample nobody runtime.mcall
		14 sample nobody main.gone
		20 born g2
		25 assist-begin g1
		30 stop-begin g1
		35 sample g2 main.b
		40 stop-end g1
		45 assist-end g1
		50 region-end g1 3 "of another task"
		51 region-end g1 7 "parse"
		52 region-end g1 7 "parse"
		53 task-end g1 7 ""
		54 task-end g1 7 ""
		61 died g2
		62 sample nobody main.b
		70 died g1
	`)
}

// TestMarksOfWindow begins where the world is stopped and a goroutine assists, and in a
// task and a region. It is told of the first two alone.
func TestMarksOfWindow(t *testing.T) {
	want(t, marked(t, marksOfAll, timeline.Window{From: 33, To: 54}), `
		33 born g1
		33 born g2
		33 stop-begin g1
		33 assist-begin g1
		35 sample g2 main.b
		40 stop-end g1
		45 assist-end g1
		50 region-end g1 3 "of another task"
		51 region-end g1 7 "parse"
		52 region-end g1 7 "parse"
		53 task-end g1 7 ""
		54 died g1
		54 died g2
	`)
}

// TestMarksOverGenerations has each generation tell anew of who assists, and a
// goroutine that a generation has not told of yet.
func TestMarksOverGenerations(t *testing.T) {
	want(t, marked(t, `
		0 g1 running main.main
		5 g1 assists
		7 g1 stopsworld
		---
		10 g1 sampled main.main
		12 g1 running main.main
		12 g1 assists
		13 g1 sampled main.main
		15 g1 startsworld
		16 g1 assisted
		20 end
	`, timeline.All), `
		0 born g1
		5 assist-begin g1
		7 stop-begin g1
		10 sample g1 main.main
		13 sample g1 main.main
		15 stop-end g1
		16 assist-end g1
		20 died g1
	`)
}

// TestMarksOverGap forgets what was in progress where something is missing.
func TestMarksOverGap(t *testing.T) {
	script := `
		0 g1 running main.main
		5 g1 assists
		7 g1 stopsworld
		9 end
		--- gap
		50 g1 running main.main
		51 g1 startsworld
		52 g1 assisted
		53 g1 assists
		54 g1 stopsworld
		60 end
	`
	want(t, marked(t, script, timeline.All), `
		0 born g1
		5 assist-begin g1
		7 stop-begin g1
		9 died g1
		9 gap to 50
		50 born g1
		53 assist-begin g1
		54 stop-begin g1
		60 died g1
	`)
	want(t, marked(t, script, timeline.Window{From: 20, To: 54}), `
		20 gap to 50
		50 born g1
		53 assist-begin g1
		54 died g1
	`)
}

// TestStopsByTheClock has a stop of the world begin before the one ends that came
// before, as clocks of two processors can have it: it is one.
func TestStopsByTheClock(t *testing.T) {
	want(t, marked(t, `
		0 g1 running main.a
		0 g2 running main.b
		5 g1 stopsworld
		10 g2 stopsworld
		11 g1 startsworld
		15 g2 startsworld
		20 nobody stopsworld
		21 nobody startsworld
		30 end
	`, timeline.All), `
		0 born g1
		0 born g2
		5 stop-begin g1
		15 stop-end g2
		20 stop-begin nobody
		21 stop-end nobody
		30 died g1
		30 died g2
	`)
}
