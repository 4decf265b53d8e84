package analyze

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tracekit/analyze/critpath"
	"tracekit/analyze/decode"
	"tracekit/analyze/decode/decodetest"
	"tracekit/analyze/report"
)

// codes returns the codes of caveats.
func codes(list []report.Caveat) []string {
	names := []string{}
	for _, c := range list {
		names = append(names, c.Code)
	}
	return names
}

// TestCaveatsByNeed has each caveat come when its number needs it, and only
// then.
func TestCaveatsByNeed(t *testing.T) {
	tests := []struct {
		name, script string
		want         []string
	}{
		{"nothing to say", "0 procs 2\n0 g1 running main.main\n9 end", []string{}},
		{"no GOMAXPROCS", "0 g1 running main.main\n9 end", []string{"gomaxprocs-unknown"}},
		{"GOMAXPROCS changes", "0 procs 2\n0 g1 running main.main\n5 procs 3\n9 end", []string{"gomaxprocs-changed"}},
		{"no stack", "0 procs 2\n0 g1 running\n9 end", []string{"unnamed-goroutines", "path-end"}},
		{"an open wait", "0 procs 2\n0 g1 running main.main\n5 g1 waits \"sleep\" time.Sleep < main.main\n9 end",
			[]string{"open-waits", "percentiles"}},
		{"a lock", `0 procs 2
			0 g1 running main.main
			0 g2 running main.f
			1 g2 waits "sync" sync.(*Mutex).Lock < main.f
			2 g1 wakes g2 sync.(*Mutex).Unlock < main.main
			3 g2 starts`,
			[]string{"lock-by-site", "contended-only", "percentiles", "replay-model", "held-by-inference"}},
	}
	for _, tt := range tests {
		r := built(t, decodetest.MustParse(tt.script))
		if got := codes(r.Caveats); !slices.Equal(got, tt.want) {
			t.Errorf("%s: caveats are %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestSilent(t *testing.T) {
	if got := silent(int64(9 * time.Second)); len(got) != 0 {
		t.Errorf("for 9 s: %+v", got)
	}
	if got := silent(int64(11 * time.Second)); len(got) != 1 || !strings.Contains(got[0].Text, "11s") {
		t.Errorf("for 11 s: %+v", got)
	}
}

func TestLostSaysAll(t *testing.T) {
	r := &report.Report{Trace: report.Trace{Bytes: 1000, WallNS: 2_000_000}}
	c := lost([]decode.Loss{{Offset: 750, Bytes: 250, Cause: errors.New("it is torn")}}, r.Trace.Bytes, "report", r.Trace.WallNS)
	for _, want := range []string{"last 250 of 1000 bytes (25.0 %)", "offset 750", "it is torn", "covers 2ms"} {
		if !strings.Contains(c[0].Text, want) {
			t.Errorf("%q lacks %q", c[0].Text, want)
		}
	}
}

// TestNoCaveats has a trace of which there is nothing to say: an empty list, not
// none.
func TestNoCaveats(t *testing.T) {
	r := built(t, decodetest.MustParse("0 procs 1\n0 g1 running main.main\n9 end"))
	if r.Caveats == nil || len(r.Caveats) != 0 {
		t.Errorf("caveats are %#v", r.Caveats)
	}
}

// TestDroppedKinds names the kinds of waits that a scenario drops, as words.
func TestDroppedKinds(t *testing.T) {
	list := scenarioCaveats(nil, critpath.Doubts{Dropped: []string{"chan-send", "select"}})
	if len(list) != 1 || !strings.Contains(list[0].Text, "are dropped (chan-send, select): ") {
		t.Errorf("caveats are %+v", list)
	}
}
