package order

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// runOrder is run with all that is said of the order.
func runOrder(t *testing.T, script string) report.Order {
	t.Helper()
	src, err := decodetest.Parse(script)
	if err != nil {
		t.Fatal(err)
	}
	o, r := New(src.Symbols()), new(ranks)
	extent, err := timeline.Run(src, o, r)
	if err != nil {
		t.Fatal(err)
	}
	return o.Report(r.ids, extent.Start, report.NewTables())
}

// wokenNames returns to whom a lock was handed.
func wokenNames(o report.Order, lock int) (list []string) {
	for _, g := range o.Sequences[lock].Woken {
		list = append(list, o.Goroutines[g].Name)
	}
	return list
}

const handed = `
	10 g1 running main.main
	11 g1 creates %[1]s main.a @ main.main:5
	12 g1 creates %[2]s main.a @ main.main:5
	13 g1 creates %[3]s main.a @ main.main:6
	14 %[1]s starts
	15 %[1]s creates %[4]s main.b @ main.a:9
	16 %[2]s starts
	17 %[3]s starts
	18 %[4]s starts
	20 %[1]s waits "sync" sync.(*Mutex).Lock < main.a
	21 %[2]s waits "sync" sync.(*Mutex).Lock < main.a
	22 %[3]s waits "sync" sync.(*Mutex).Lock < main.a
	23 %[4]s waits "sync" sync.(*Mutex).Lock < main.b
	30 g1 wakes %[4]s sync.(*Mutex).Unlock < main.main
	31 %[4]s starts
	40 g1 wakes %[2]s sync.(*Mutex).Unlock < main.main
	41 %[2]s starts
	42 %[2]s waits "sync" sync.(*Mutex).Lock < main.a  # a retry
	50 g1 wakes %[3]s sync.(*Mutex).Unlock < main.main
	60 g1 wakes %[2]s sync.(*Mutex).Unlock < main.main
	70 g1 wakes %[1]s sync.(*Mutex).Unlock < main.main
	99 end
`

// TestSequence hands a lock over in an order that is known, with a retry.
func TestSequence(t *testing.T) {
	o := runOrder(t, fmt.Sprintf(handed, "g2", "g3", "g4", "g5"))
	want := []string{"main.a#1/main.b#1", "main.a#2", "main.a#1", "main.a#2", "main.a#1"}
	// Lines 5 and 6 of main have a first goroutine each.
	if got := wokenNames(o, 0); !slices.Equal(got, want) || len(o.Goroutines) != 4 {
		t.Errorf("handed to %q, %d goroutines", got, len(o.Goroutines))
	}
	turns := []report.Turn{
		{Goroutine: 0, Site: 0, Kind: "mutex", ArrivedNS: 13, WokenNS: 20},
		{Goroutine: 2, Site: 1, Kind: "mutex", ArrivedNS: 12, WokenNS: 40},
		{Goroutine: 1, Site: 1, Kind: "mutex", ArrivedNS: 11, WokenNS: 50}, // not when it woke in vain
		{Goroutine: 3, Site: 1, Kind: "mutex", ArrivedNS: 10, WokenNS: 60},
	}
	if diff := cmp.Diff(turns, o.Sequences[0].First); diff != "" {
		t.Error(diff)
	}
}

// TestSameInAnotherRun gives the goroutines other ids: what they are called stays.
func TestSameInAnotherRun(t *testing.T) {
	a := runOrder(t, fmt.Sprintf(handed, "g2", "g3", "g4", "g5"))
	b := runOrder(t, fmt.Sprintf(handed, "g77", "g21", "g5", "g9"))
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	ids := make(map[string]bool)
	for _, g := range a.Goroutines {
		ids[g.ID] = true
	}
	if len(ids) != 4 {
		t.Errorf("four goroutines have %d ids: %+v", len(ids), a.Goroutines)
	}
}

// TestFoundNames names goroutines that were there before the trace.
func TestFoundNames(t *testing.T) {
	o := runOrder(t, serve(3, 2, 3, 1))
	if got, want := wokenNames(o, 0), []string{"main.w#2", "main.w#3", "main.w"}; !slices.Equal(got, want) {
		t.Errorf("handed to %q, want %q", got, want)
	}
}

// TestLongSequence cuts what is too long, and counts what it cuts.
func TestLongSequence(t *testing.T) {
	var b strings.Builder
	b.WriteString("0 g1 running main.main\n0 g2 running main.w\n")
	const more = 5
	for i := 1; i <= report.MaxSequence+more; i++ {
		fmt.Fprintf(&b, "%d g2 waits \"sync\" sync.(*Mutex).Lock < main.w\n%d g1 wakes g2 sync.(*Mutex).Unlock < main.main\n%d g2 starts\n", 3*i, 3*i+1, 3*i+2)
	}
	o := runOrder(t, b.String())
	if s := o.Sequences[0]; len(s.Woken) != report.MaxSequence || s.LeftOut != more {
		t.Errorf("%d hand-overs and %d left out", len(s.Woken), s.LeftOut)
	}
}

// TestJoinedSequence has the sites of two locks turn out to be of one: their
// hand-overs are in the order of time.
func TestJoinedSequence(t *testing.T) {
	s, m := newSequence(), newSequence()
	g := func(name string) *timeline.Goroutine {
		return &timeline.Goroutine{Identity: &timeline.Identity{Name: name}}
	}
	a, b := g("a"), g("b")
	add := func(s *sequence, g *timeline.Goroutine, woken int64) {
		s.add(&timeline.Wait{G: g, Start: woken - 1, Woken: woken}, true)
	}
	add(&s, a, 10)
	add(&m, b, 20)
	add(&s, b, 30)
	add(&m, a, 40)
	m.left = 3 // that come after 40
	add(&s, a, 50)
	s.join(&m)
	var got []string
	for _, h := range s.woken {
		got = append(got, fmt.Sprint(h.to.Name, h.t))
	}
	if want := []string{"a10", "b20", "b30", "a40"}; !slices.Equal(got, want) || s.left != 4 {
		t.Errorf("joined: %v, %d left out", got, s.left)
	}
	if turns := s.turns(); len(turns) != 2 || turns[0].woken != 10 || turns[1].woken != 20 {
		t.Errorf("first acquisitions: %+v", turns)
	}
}
