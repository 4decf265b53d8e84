package analyze

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tracekit/analyze/rewrite"
)

// TestExcerpt cuts each trace to its excerpts: they have about the size that was asked
// for, and the longest wait for a lock ends in them.
func TestExcerpt(t *testing.T) {
	names, err := filepath.Glob("../testdata/traces/*.trace")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d traces, error %v", len(names), err)
	}
	for _, name := range names {
		if strings.Contains(name, "-1.21.") {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			whole, err := Trace(bytes.NewReader(data), "x", Options{})
			if err != nil {
				t.Fatal(err)
			}
			most := int64(0) // of any wait for a lock
			for _, l := range whole.Waits.Locks {
				most = max(most, l.MaxNS)
			}
			for _, size := range []int64{int64(len(data)) / 8, int64(len(data)) / 2, int64(len(data)), math.MaxInt64 / 2} {
				x, err := FindExcerpt(bytes.NewReader(data), size)
				if err != nil {
					t.Fatal(err)
				}
				if x.LongestNS != most || x.Window.From < 0 || x.Window.From >= min(x.Window.To, whole.Trace.WallNS) {
					t.Errorf("%d bytes: %+v of %d ns, where the longest wait lasts %d ns", size, x, whole.Trace.WallNS, most)
				}
				if all := x.Window.From == 0 && x.Window.To == math.MaxInt64; all != (size >= int64(len(data))) {
					t.Errorf("%d bytes of %d: %+v", size, len(data), x)
				}
				checkExcerpt(t, data, x)
			}
		})
	}
}

// checkExcerpt looks for the end of the longest wait in an excerpt.
func checkExcerpt(t *testing.T, data []byte, x *Excerpt) {
	t.Helper()
	var out bytes.Buffer
	if _, err := rewrite.Cut(bytes.NewReader(data), &out, x.Window); err != nil {
		t.Fatal(err)
	}
	rep, err := Trace(bytes.NewReader(out.Bytes()), "x", Options{})
	if err != nil {
		t.Fatal(err)
	}
	wakes := int64(0)
	for _, l := range rep.Waits.Locks {
		wakes += l.Waits
	}
	if x.LongestNS > 0 && wakes == 0 {
		t.Errorf("there is no wait for a lock in %+v", x)
	}
}

// TestExcerptPlace has a trace with bytes that are spread evenly over each of two
// generations: what comes before the end of the wait is three times what comes behind.
func TestExcerptPlace(t *testing.T) {
	s := &spread{times: []float64{0, 0, 1e9, 2e9}, bytes: []float64{0, 16, 1016, 5016}}
	for offset, want := range map[float64]int64{0: 0, 16: 0, 516: 5e8, 1016: 1e9, 3016: 15e8, 5016: 2e9, 9999: 2e9} {
		if got := s.time(offset); got != want {
			t.Errorf("at offset %v it is %d, not %d", offset, got, want)
		}
	}
	for at, want := range map[float64]float64{0: 0, 5e8: 516, 15e8: 3016, 3e9: 5016} {
		if got := along(s.times, s.bytes, at); got != want {
			t.Errorf("%v is at offset %v, not %v", at, got, want)
		}
	}
}
