package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/pflag"

	"tracekit/analyze/report"
)

// checkWhatIf is the script command that checks what -f json wrote: checkwhatif FILE
// NAME…, with the names of its scenarios.
func checkWhatIf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: checkwhatif FILE NAME…")
	}
	var v report.WhatIf
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	ts.Check(v.Check())
	var names []string
	for _, s := range v.Scenarios {
		names = append(names, s.Name)
	}
	if !slices.Equal(names, args[1:]) && !(len(names) == 0 && len(args) == 1) {
		ts.Fatalf("scenarios are %q", names)
	}
}

// parsed returns what flags say, and what is wrong with them.
func parsed(args ...string) (scenarioFlags, error) {
	var s scenarioFlags
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	s.add(flags)
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	return s, s.check(flags)
}

func TestScenarioNames(t *testing.T) {
	tests := []struct {
		args  string
		name  string
		asked bool
	}{
		{"", "as it was", false},
		{"--gc 1", "as it was", true},
		{"--drop main.get", "without waits at main.get", true},
		{"--drop main.get --drop main.(*C).Put:41", "without waits at main.get and main.(*C).Put:41", true},
		{"--hold main.get=0.5x", "with the lock of main.get held 0.5 times as long", true},
		{"--procs 1", "on 1 processor", true},
		{"--gc 0 --latency 0", "with no time for the garbage collector, with no sched latency", true},
		{"--speed main.f=.5 --speed main.g=2x --procs 8 --drop main.get",
			"without waits at main.get, with main.f at 0.5 of its time, with main.g at 2 of its time, on 8 processors", true},
	}
	for _, tt := range tests {
		s, err := parsed(strings.Fields(tt.args)...)
		if err != nil || s.name() != tt.name || s.asked != tt.asked {
			t.Errorf("%s: it is %q, asked for %t, error %v", tt.args, s.name(), s.asked, err)
		}
	}
}

// TestScenario has all flags reach the scenario.
func TestScenario(t *testing.T) {
	s, err := parsed("--drop", "a", "--drop", "b,c", "--hold", "d=0", "--hold", "e=999999x", "--speed", "f.(*T[...]).g=-0", "--procs", "3", "--gc", "0", "--latency", "0")
	if err != nil {
		t.Fatal(err)
	}
	got := s.scenario()
	if !slices.Equal(got.Drop, []string{"a", "b,c"}) || !maps.Equal(got.Hold, map[string]float64{"d": 0, "e": 999999}) ||
		!maps.Equal(got.Speed, map[string]float64{"f.(*T[...]).g": 0}) || got.Procs != 3 || !got.NoGC || !got.NoLatency {
		t.Errorf("it is %+v", got)
	}
	if text := s.hold.String(); text != "d=0x e=999999x" {
		t.Errorf("--hold is shown as %q", text)
	}
}

func TestWrongScenarios(t *testing.T) {
	tests := map[string]string{
		"--drop=":                       "names no place",
		"--drop=0":                      "not by a lock's number",
		"--drop=main.f=0.5":             "has no =",
		"--hold=main.f":                 "it is written PLACE=FACTOR",
		"--speed=main.f":                "it is written FUNC=FACTOR",
		"--hold==1":                     "names no place",
		"--hold=2=1":                    "not by a lock's number",
		"--hold=f=":                     `"" is no factor`,
		"--hold=f=-1":                   `"-1" is no factor`,
		"--hold=f=NaN":                  "is no factor",
		"--hold=f=inf":                  "is no factor",
		"--hold=f=1e6":                  "is no factor",
		"--hold=f=1e400":                "is no factor",
		"--hold=f=1xx":                  "is no factor",
		"--hold=f=1=2":                  "is no factor",
		"--hold=f=1 --hold=f=2":         "has a factor already",
		"--procs=0":                     "from 1 to 65536",
		"--procs=-1":                    "from 1 to 65536",
		"--procs=65537":                 "from 1 to 65536",
		"--gc=off":                      `--gc is "off"`,
		"--latency=0.5":                 `--latency is "0.5"`,
		strings.Repeat("--drop=f ", 65): "64 are the most",
	}
	for line, want := range tests {
		if _, err := parsed(strings.Fields(line)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: error is %v, not %q", line, err, want)
		}
	}
}

// TestWhatIfOfOlderReport has a saved report without a critical path.
func TestWhatIfOfOlderReport(t *testing.T) {
	data, err := os.ReadFile("../../testdata/reports/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	var r report.Report
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	r.Critpath = nil
	if data, err = json.Marshal(r); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "old.json")
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := call("whatif", path)
	if code != exitFailed || !strings.Contains(stderr, "of before tracekit kept what set the length of the run") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	checkSpeech(t, "whatif old.json", stderr)
}
