package compare

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tracekit/analyze/report"
)

func TestParseExpression(t *testing.T) {
	tests := []struct{ text, want string }{
		{"lock-wait > +10%", "lock-wait  ratio true 0.1"},
		{" blocked[main.(*Cache).Get]>+5ms ", "blocked main.(*Cache).Get change true 5e+06"},
		{"blocked[main.F[...]:7] > +1.5s", "blocked main.F[...]:7 change true 1.5e+09"},
		{"parallelism < -5%", "parallelism  ratio false -0.05"},
		{"fifo < 0.9", "fifo  new false 0.9"},
		{"fifo[*] < .9", "fifo * new false 0.9"},
		{"waits > +100", "waits  change true 100"},
		{"order-distance[*] > 0.1", "order-distance * new true 0.1"},
		{"wall\t>\n2m", "wall  new true 1.2e+11"},
		{"wall > +1h", "wall  change true 3.6e+12"},
	}
	for _, tt := range tests {
		e, err := ParseExpression(tt.text)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := fmt.Sprintf("%s %s %s %v %v", e.quantity, e.selector, e.of, e.greater, e.bound); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestBadExpressions(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "column 1: expected one of wall, parallelism, utilization, demand, lock-wait, blocked, sched, waits, fifo, path, span, path-parallelism, order-distance, found the end"},
		{"lockwait > +10%", `column 1: expected one of wall,`},
		{"lock-wait", "column 10: expected > or <, found the end"},
		{"lock-wait = +10%", `column 11: expected > or <, found "= +10%"`},
		{"lock-wait > ten", `column 13: expected a number, as +10%, +5ms or 0.9, found "ten"`},
		{"lock-wait > 10%", `column 13: expected a sign before a share of the old value, as +10%, found "10%"`},
		{"lock-wait > +10", "column 16: expected a unit, as ms or %: lock-wait is a time, found the end"},
		{"fifo < 5ms", `column 9: expected no unit but %: fifo is no time, found "ms"`},
		{"blocked[] > +5ms", `column 9: expected a function, or * for each place, found "] > +5ms"`},
		{"blocked[main.f > +5ms", `column 8: expected > or <, found "[main.f > +5ms"`},
		{"lock-wait[*] > +5ms", `column 10: expected no [ ]: lock-wait is of the whole program, found "[*] > +5ms"`},
		{"order-distance > 0.1", "column 15: expected [LOCK], or [*]: order-distance is that of a lock"},
		{"wall > +10% please", `column 13: expected the end, found "please"`},
		{"µ > +10%", "column 1: expected one of"},
		{"wall > +1" + strings.Repeat("9", 400) + "ms", "column 8: expected a number that is not as large"},
	}
	for _, tt := range tests {
		_, err := ParseExpression(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.text, err, tt.want)
		}
	}
}

func expression(t *testing.T, text string) Expression {
	t.Helper()
	e, err := ParseExpression(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// program makes runs of a program whose main.f waits for a lock for so many ms in each,
// and whose parallelism and number of overtaken pairs, of 100, are as given.
func program(ms, parallelism []float64, overtaken []int64) *report.Runs {
	var g Gathering
	g.Source(report.Source{Path: "made"})
	place := g.place(report.Place{Kind: "mutex", Frame: report.Frame{Func: "example.com/main.(*Cache).Get", File: "f.go", Line: 7}})
	for i, v := range ms {
		g.runs = append(g.runs, report.Run{
			Number: i + 1, GOMAXPROCS: 2, Processes: 1, WallNS: 1e9, Parallelism: parallelism[i], Utilization: parallelism[i] / 2, Demand: 2,
			Outcome: &report.Outcome{Name: "n", Got: 10, Want: 10},
			Waits:   []report.RunWaits{{Place: place, Tally: report.Tally{Waits: 10, BlockedNS: int64(v * 1e6)}}},
			Locks:   []report.RunLock{{Acquires: []int{place}, Pairs: 100, Overtaken: overtaken[i]}},
		})
	}
	return g.Vary()
}

// around returns n values close to one.
func around(v float64, n int) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = v * (1 + 0.001*float64(i))
	}
	return list
}

func overtaken(from int64, n int) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = from + int64(i%3)
	}
	return list
}

// TestChecks holds each kind of expression against runs of which it is true, and of
// which it is not.
func TestChecks(t *testing.T) {
	const n = 8
	base := program(around(100, n), around(1.6, n), overtaken(2, n))
	worse := program(around(120, n), around(1.2, n), overtaken(20, n))
	tests := []struct {
		text  string
		fails bool // from base to worse; never from base to base
	}{
		{"lock-wait > +10%", true},
		{"lock-wait > +30%", false},
		{"lock-wait > +5ms", true},
		{"lock-wait > +50ms", false},
		{"lock-wait < -10%", false},
		{"blocked > +10%", true},
		{"blocked[example.com/main.(*Cache).Get] > +5ms", true},
		{"blocked[main.(*Cache).Get] > +5ms", true},
		{"blocked[main.(*Cache).Get:7] > +5ms", true},
		{"blocked[main.(*Cache).Get:8] > +5ms", false},
		{"blocked[*] > +5ms", true},
		{"blocked[*] > 110ms", true},
		{"parallelism < -5%", true},
		{"parallelism < -40%", false},
		{"parallelism < 1.5", true},
		{"utilization < -5%", true},
		{"demand > +1%", false},
		{"fifo < 0.9", true},
		{"fifo[*] < 0.9", true},
		{"fifo < 0.5", false},
		{"waits > +1", false},
		{"sched > +1ms", false},
		{"wall > +1%", false},
		{"wall > 500ms", true},
	}
	for _, tt := range tests {
		o := Options{Checks: []Expression{expression(t, tt.text)}}
		c := diffOf(t, base, worse, o).Checks[0]
		if c.Failed != tt.fails {
			t.Errorf("%s: failed %v: %+v", tt.text, c.Failed, c)
		}
		if same := diffOf(t, base, base, o).Checks[0]; same.Failed && !strings.HasPrefix(tt.text, "wall > 500") {
			t.Errorf("%s of the same: %+v", tt.text, same)
		}
		if few := diffOf(t, program(around(100, 2), around(1.6, 2), overtaken(2, 2)), program(around(120, 2), around(1.2, 2), overtaken(20, 2)), o).Checks[0]; few.Failed || few.Undecided == "" {
			t.Errorf("%s of two runs: %+v", tt.text, few)
		}
	}
}

// TestSeveralChecks has the value of each finding be that of its own place, and a
// question that is asked twice count once.
func TestSeveralChecks(t *testing.T) {
	s := newSimulated(3)
	a, b := s.runs(10, 1), s.runs(10, 2)
	d := diffOf(t, a, b, Options{Checks: []Expression{expression(t, "blocked[*] > +1us"), expression(t, "blocked[*] > 1us")}})
	shifts := make(map[string]report.Change)
	for _, s := range d.Sites {
		shifts[placeName(report.Place{Frame: frameOfDiff(s)})] = s.Blocked
	}
	for i, c := range d.Checks {
		if len(c.Findings) < numberOfSites-1 {
			t.Fatalf("%d findings", len(c.Findings))
		}
		for _, f := range c.Findings {
			if want := map[int]float64{0: shifts[f.Place].Shift, 1: shifts[f.Place].New.Median}[i]; *f.Value != want {
				t.Errorf("%s of %s: %v, want %v", c.Expression, f.Place, *f.Value, want)
			}
		}
	}
	base, worse := program(around(100, 4), around(1.6, 4), overtaken(2, 4)), program(around(120, 4), around(1.2, 4), overtaken(20, 4))
	e := expression(t, "lock-wait > +10%")
	if d := diffOf(t, base, worse, Options{Checks: []Expression{e, e, e, e}}); !d.Checks[3].Failed {
		t.Errorf("asked four times: %+v", d.Checks)
	}
}

// TestBounds has a change of a little less than the bound, and of a little more: the
// first one is not to be found because there is a change at all.
func TestBounds(t *testing.T) {
	draw := func(rng *rand.Rand, v float64) []float64 {
		list := make([]float64, 12)
		for i := range list {
			list[i] = v * (1 + 0.02*rng.NormFloat64())
		}
		return list
	}
	const diffs = 200
	for ratio, most := range map[float64][2]int{1.095: {0, diffs / 10}, 1.14: {diffs * 9 / 10, diffs}} {
		failed := 0
		for seed := range uint64(diffs) {
			rng := rand.New(rand.NewPCG(seed, 8))
			same := draw(rng, 1)
			d := diffOf(t, program(draw(rng, 100), same, overtaken(2, 12)), program(draw(rng, 100*ratio), same, overtaken(2, 12)),
				Options{Checks: []Expression{expression(t, "lock-wait > +10%")}})
			if d.Checks[0].Failed {
				failed++
			}
		}
		if failed < most[0] || failed > most[1] {
			t.Errorf("%v times as much: more than +10 %% in %d of %d diffs", ratio, failed, diffs)
		}
	}
}

// TestKnown lets a finding pass up to the day, and no longer.
func TestKnown(t *testing.T) {
	budget, err := ParseBudget([]byte("fail-on:\n  - blocked[*] > +5ms\n  - fifo < 0.9\nknown:\n  - finding: blocked[main.(*Cache).Get]\n    reason: see issue 12\n    until: 2027-01-31\n"), "tracekit.yaml")
	if err != nil {
		t.Fatal(err)
	}
	base, worse := program(around(100, 8), around(1.6, 8), overtaken(2, 8)), program(around(120, 8), around(1.2, 8), overtaken(20, 8))
	for day, want := range map[string]string{"2027-01-31": "known until 2027-01-31: see issue 12", "2027-02-01": "was known until 2027-01-31 only: see issue 12"} {
		today, err := time.ParseInLocation(time.DateOnly, day, time.Local)
		if err != nil {
			t.Fatal(err)
		}
		d := diffOf(t, base, worse, Options{Checks: budget.Checks, Known: budget.Known, Today: today.Add(20 * time.Hour)})
		if got := d.Checks[0].Findings[0].Known; got != want || d.Checks[0].Failed != strings.HasPrefix(want, "was") {
			t.Errorf("%s: %q, want %q: %+v", day, got, want, d.Checks[0])
		}
		if !d.Checks[1].Failed || d.Checks[1].Budget != "tracekit.yaml" {
			t.Errorf("the other one: %+v", d.Checks[1])
		}
	}
}

func TestBadBudgets(t *testing.T) {
	tests := []struct{ data, want string }{
		{"fail-on: lock-wait > +10%", "line 1"},
		{"fail-on:\n  - lock-wait >> 1", "column 12: expected a number"},
		{"failon: []", "field failon not found"},
		{"known:\n  - finding: blocked[*]\n    until: 2027-01-31", "blocked[*] has no reason"},
		{"known:\n  - finding: blocked[*]\n    reason: x", `until is ""; it is a day`},
		{"known:\n  - finding: blocked[*] > 1\n    reason: x\n    until: 2027-01-31", "column 12: expected the end"},
		{"\x00", "control characters"},
		{"known: []\n---\nfail-on:\n  - fifo > 0.5\n", "second document"},
		{"fail-on:\n  - \n", "an item is empty"},
		{"known:\n  - \n", "an item is empty"},
	}
	for _, tt := range tests {
		if _, err := ParseBudget([]byte(tt.data), "b"); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %s", tt.data, err, tt.want)
		}
	}
	if b, err := ParseBudget(nil, "b"); err != nil || len(b.Checks) > 0 {
		t.Errorf("empty: %v, %v", b, err)
	}
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{"lock-wait > +10%", "blocked[main.(*Cache).Get] > +5ms", "fifo[*] < .9", "wall > 2m", "µ[", "waits[[]]<-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if e, err := ParseExpression(s); err == nil && (e.of == "" || e.quantity == "") {
			t.Errorf("%q: %+v", s, e)
		}
	})
}

func FuzzBudget(f *testing.F) {
	f.Add([]byte("fail-on:\n  - blocked[*] > +5ms\nknown:\n  - finding: fifo\n    reason: x\n    until: 2027-01-31\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := ParseBudget(data, "b"); err == nil && b == nil {
			t.Error("neither a budget nor an error")
		}
	})
}
