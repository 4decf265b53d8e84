package render

import (
	"bytes"
	"strings"
	"testing"

	"tracekit/analyze/report"
)

// TestLongest shows the longest waits of a report, with commands as a shell takes them.
func TestLongest(t *testing.T) {
	lock := report.Lock{ID: 0, Kinds: []string{"mutex"}, Longest: &report.Longest{StartNS: 5e6, BlockedNS: 2e6, SchedNS: 500, ID: 7, Goroutine: "example.com/x.(*Cache).run"}}
	recv := report.Site{Kind: "chan-recv", Longest: &report.Longest{StartNS: 0, BlockedNS: 300e6, ID: 1, Goroutine: "main.main"}}
	nap := report.Site{Kind: "sleep", Longest: &report.Longest{BlockedNS: 900e6, ID: 2, Goroutine: "main.nap"}}
	for _, tt := range []struct {
		name, path, version string
		window              *report.Window
		want                string
	}{
		{"a trace", "x.trace", "go1.26", nil, `
  longest waits, one of each place; the command cuts it out of the trace
     300ms at 0s  chan-recv main.f x.go:3, goroutine 1 main.main
      tracekit cut x.trace --from 0s --to 305ms -o wait1.trace
    2.00ms at 5.00ms  lock 0, goroutine 7 x.(*Cache).run
      tracekit cut x.trace --from 4.8ms --to 7.201ms -o wait2.trace
`},
		{"a window, of a trace with an odd name", "/a/long/way/to/" + strings.Repeat("x", 100) + "/it's mine.trace", "go1.22", &report.Window{FromNS: 1e9, ToNS: 2e9}, `
  longest waits, one of each place; the command cuts it out of the trace
     300ms at 1.00s  chan-recv main.f x.go:3, goroutine 1 main.main
      tracekit cut '/a/long/way/to/` + strings.Repeat("x", 100) + `/it'\''s mine.trace' --from 1s --to 1.305s -o wait1.trace
    2.00ms at 1.00s  lock 0, goroutine 7 x.(*Cache).run
      tracekit cut '/a/long/way/to/` + strings.Repeat("x", 100) + `/it'\''s mine.trace' --from 1.0048s --to 1.007201s -o wait2.trace
`},
		{"one that cannot be cut", "x.trace", "go1.21", nil, `
  longest waits, one of each place
     300ms at 0s  chan-recv main.f x.go:3, goroutine 1 main.main
    2.00ms at 5.00ms  lock 0, goroutine 7 x.(*Cache).run
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &report.Report{
				Trace: report.Trace{Path: tt.path, GoVersion: tt.version, Window: tt.window, WallNS: 305e6},
				Waits: report.Waits{Locks: []report.Lock{lock}, Sites: []report.Site{recv, nap}},
				Sites: []report.Frame{{Func: "main.f", File: "x.go", Line: 3}},
			}
			page := newText(nil)
			page.r = r
			page.longest()
			var out bytes.Buffer
			if err := page.flush(&out); err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimLeft(out.String(), "\n"); got != tt.want[1:] {
				t.Errorf("got\n%swant%s", got, tt.want)
			}
		})
	}
}
