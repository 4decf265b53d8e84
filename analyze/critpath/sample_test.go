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

// TestSamples has goroutines sampled on the path and beside it, and at stacks that the trace
// does not know.
func TestSamples(t *testing.T) {
	want(t, follow(t, `
		0 procs 4
		0 g1 running main.main
		0 g2 running main.worker
		0 g3 running main.worker
		2 g2 sampled main.hot:1 < main.worker
		4 g2 sampled main.hot:2 < main.worker
		5 g3 sampled main.beside:3 < main.worker
		6 g2 sampled main.hot:2 < main.worker
		7 g2 sampled
		8 nobody sampled main.hot:2
		10 g1 sampled main.lost:1 < main.main
		20 g1 waits "sync" sync.(*WaitGroup).Wait < main.main:9
		60 g2 wakes g1 sync.(*WaitGroup).Done < main.worker:4
		61 g2 sampled main.hot:7 < main.worker
		62 g2 ends
		64 g1 starts
		65 g1 sampled
		70 g3 ends
		101 end
	`, nil).lines(), `
		last main.main: path 101 work 189 span 97
		40: running main.worker at main.hot:2 x2
		37: running main.main x1
		20: running main.worker at main.hot:1 x1
		4: sched main.main at main.main:9 waitgroup x1
		0: hand-over main.main at main.main:9 waitgroup x1
	`)
}
