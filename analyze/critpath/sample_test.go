package critpath

import (
	"math/rand/v2"
	"testing"

	"tracekit/analyze/report"
)

// TestApportion divides running times over sites at random: they add up to the
// nanosecond, however long, and each is off by less than one for each site.
func TestApportion(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 16))
	for range 2000 {
		whole := 1 + rnd.Int64N(1<<(1+rnd.IntN(61)))
		list := []report.Segment{
			{Kind: report.SegRunning, Group: "a", Site: -1, NS: whole, Count: 3},
			{Kind: report.SegRunning, Group: "b", Site: -1, NS: 70, Count: 3},
			{Kind: report.SegSched, Group: "a", Site: -1, NS: 5, Count: 3},
		}
		samples := int64(0)
		counts := make([]int64, 1+rnd.IntN(20))
		for i := range counts {
			counts[i] = 1 + rnd.Int64N(1<<rnd.IntN(30))
			samples += counts[i]
			list = append(list, report.Segment{Kind: report.SegRunning, Group: "a", Site: i, Count: counts[i]})
		}
		sum := int64(0)
		for _, s := range apportion(list) {
			switch {
			case s.Group == "b" && s.NS == 70 || s.Kind == report.SegSched && s.NS == 5:
				continue
			case s.Site < 0 || s.NS < 0:
				t.Fatalf("there is %+v", s)
			}
			sum += s.NS
			share := float64(whole) * float64(s.Count) / float64(samples)
			if off := float64(s.NS) - share; off < -21-share*1e-9 || off > 21+share*1e-9 {
				t.Fatalf("%d of %d samples of %d ns are %d", s.Count, samples, whole, s.NS)
			}
		}
		if sum != whole {
			t.Fatalf("%d ns over %d add up to %d", whole, counts, sum)
		}
	}
}
