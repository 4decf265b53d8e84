package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/report"
)

// sampleSet is a recording of three processes: one that ended well, one by a panic,
// and one of which nothing can be read.
func sampleSet(t *testing.T) *report.Set {
	t.Helper()
	r := sample(t)
	s := &report.Set{
		Schema: report.SetSchema, Path: "go-test.recording", Command: []string{"tracekit", "record", "--", "go", "test", "./..."},
		Ended: "exit status 1", WallNS: 2_345_678_901,
		Processes: []report.Process{
			{Path: "example.com/shop/a.test", PID: 101, Ended: "exit", Exit: "exit status 0", Trace: "a.test-101.trace", Report: r},
			{Path: "example.com/shop/b.test", PID: 102, Ended: "panic", Exit: "exit status 2", Trace: "b.test-102.trace", Report: r},
			{Args: []string{"/tmp/x"}, PID: 103, Ended: "unknown", Exit: "not known", Trace: "x-103.trace", Error: "no part of the trace is whole"},
		},
		Caveats: []report.Caveat{{Code: "incomplete", About: "recording", Text: "the recorder was killed", Remedy: "record again"}},
	}
	s.Total = report.Total{
		Processes: 2, Events: 2 * r.Trace.Events, Goroutines: 2 * r.Trace.Goroutines, WallNS: 2 * r.Trace.WallNS,
		IdleNS: 1_000_000, IdleWaits: 2, SystemNS: 3_000_000, TracerNS: 1_000_000,
	}
	for _, k := range r.Waits.Kinds {
		k.Add(k.Tally)
		s.Total.Kinds = append(s.Total.Kinds, k)
	}
	for _, l := range r.Waits.Locks {
		sum := report.TotalLock{Name: l.Name, Kinds: l.Kinds, Processes: []int{0, 1}, Tally: l.Tally, MaxNS: l.MaxNS}
		sum.Add(l.Tally)
		s.Total.Locks = append(s.Total.Locks, sum)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return s
}

func setTextOf(t *testing.T, s *report.Set) string {
	t.Helper()
	var b bytes.Buffer
	if err := Set("text")(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSetGolden(t *testing.T) { golden(t, "set.txt", []byte(setTextOf(t, sampleSet(t)))) }

// TestSetOfOne shows the report of the only process.
func TestSetOfOne(t *testing.T) {
	s := sampleSet(t)
	s.Processes, s.Caveats = s.Processes[:1], nil
	if got, want := setTextOf(t, s), textOf(t, s.Processes[0].Report); got != want {
		t.Errorf("got\n%s", got)
	}
}

// TestSetFits has many processes, of long and strange names, on a terminal.
func TestSetFits(t *testing.T) {
	s := sampleSet(t)
	s.Processes[0].Path = strings.Repeat("long", 50) + "\x1b[31m"
	s.Processes[0].Ended, s.Processes[0].Exit = "signal", "signal: killed"
	for i := range 100 {
		p := s.Processes[i%3]
		p.PID = i
		s.Processes = append(s.Processes, p)
		s.Total.Locks = append(s.Total.Locks, report.TotalLock{Name: fmt.Sprint("lock", i), Processes: []int{1}})
	}
	got := setTextOf(t, s)
	for line := range strings.Lines(got) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Error("it steers the terminal")
	}
	for _, want := range []string{"63 more, with -f json", fmt.Sprintf("%d more, with -f json", len(s.Total.Locks)-2*topLocks)} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
}

func TestSetJSON(t *testing.T) {
	s := sampleSet(t)
	var b bytes.Buffer
	if err := Set("json")(&b, s); err != nil {
		t.Fatal(err)
	}
	again := new(report.Set)
	if err := json.Unmarshal(b.Bytes(), again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, again); diff != "" {
		t.Error(diff)
	}
	if Set("yaml") != nil {
		t.Error("there is yaml")
	}
}

// TestSetCheck finds what cannot be.
func TestSetCheck(t *testing.T) {
	for name, spoil := range map[string]func(*report.Set){
		"schema":    func(s *report.Set) { s.Schema = "x" },
		"processes": func(s *report.Set) { s.Total.Processes++ },
		"events":    func(s *report.Set) { s.Total.Events-- },
		"kinds":     func(s *report.Set) { s.Total.Kinds[0].Waits++ },
		"locks":     func(s *report.Set) { s.Total.Locks[0].BlockedNS++ },
		"both":      func(s *report.Set) { s.Processes[0].Error = "x" },
		"neither":   func(s *report.Set) { s.Processes[2].Error = "" },
		"report":    func(s *report.Set) { s.Processes[0].Report.Schema = "x" },
	} {
		s := sampleSet(t)
		spoil(s)
		if s.Check() == nil {
			t.Errorf("%s is not found", name)
		}
	}
}
