package analyze_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"

	"tracekit/analyze/render/folded"
	"tracekit/analyze/render/pprof"
	"tracekit/analyze/report"
)

// golden compares a text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, -want +got:\n%s", path, diff)
	}
}

// foldedOf returns the folded stacks of a report.
func foldedOf(t *testing.T, r *report.Report, wakes bool) string {
	t.Helper()
	m := &folded.Mean{Wakes: wakes}
	if err := m.Add([]*report.Report{r}); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := m.Write(&b, 1); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func profileOf(t *testing.T, r *report.Report, by pprof.By) *profile.Profile {
	t.Helper()
	p, err := pprof.Profile(r, by)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestGoldenExports holds the exports of one fixture that show who waited for whom.
func TestGoldenExports(t *testing.T) {
	const name = "corners-1.26.8"
	r := verified(t, fixtures(t)[name], name)
	golden(t, name+".folded", foldedOf(t, r, false))
	golden(t, name+".wake.folded", foldedOf(t, r, true))
	golden(t, name+".chain.pprof.txt", samples(profileOf(t, r, pprof.Chain)))
}

// samples writes those of a profile: their values and labels, and their stacks, leaf
// first.
func samples(p *profile.Profile) string {
	var b strings.Builder
	for _, s := range p.Sample {
		fmt.Fprintf(&b, "blocked %d ns, sched %d ns, %d waits", s.Value[0], s.Value[1], s.Value[2])
		for _, key := range []string{"kind", "lock", "goroutine", "waker"} {
			if len(s.Label[key]) > 0 {
				fmt.Fprintf(&b, ", %s %s", key, strings.Join(s.Label[key], " "))
			}
		}
		b.WriteString("\n")
		for _, l := range s.Location {
			fmt.Fprintf(&b, "  %s:%d\n", l.Line[0].Function.Name, l.Line[0].Line)
		}
	}
	return b.String()
}

// TestExportsAddUp has what is exported of each fixture add up to the report.
func TestExportsAddUp(t *testing.T) {
	for name, data := range fixtures(t) {
		r := verified(t, data, name)
		var want report.Tally
		for _, k := range r.Waits.Kinds {
			want.Add(k.Tally)
		}
		var got report.Tally
		for _, s := range profileOf(t, r, pprof.Chain).Sample {
			got.Add(report.Tally{BlockedNS: s.Value[0], SchedNS: s.Value[1], Waits: s.Value[2]})
		}
		if want.OpenWaits = 0; got != want {
			t.Errorf("%s: the profile by chain has %+v, the report %+v", name, got, want)
		}
		for _, wakes := range []bool{false, true} {
			if sum := foldedSum(t, foldedOf(t, r, wakes)); sum != want.BlockedNS {
				t.Errorf("%s: the folded stacks (with wakers: %v) have %d ns, the report %d ns", name, wakes, sum, want.BlockedNS)
			}
		}
	}
}

// foldedSum adds up folded stacks as flamegraph.pl reads them.
func foldedSum(t *testing.T, text string) (sum int64) {
	t.Helper()
	last := ""
	for line := range strings.Lines(text) {
		stack, number, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		ns, err := strconv.ParseInt(number, 10, 64)
		if !ok || err != nil || ns <= 0 || stack <= last {
			t.Fatalf("line %q behind %q: %v", line, last, err)
		}
		sum, last = sum+ns, stack
	}
	return sum
}
