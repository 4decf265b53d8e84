package critpath

import (
	"math/rand/v2"
	"testing"
)

// TestPredictUnchanged has a scenario that replays as the run did: it is predicted to
// take as long as that, to the nanosecond.
func TestPredictUnchanged(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 14))
	for range 10_000 {
		c := &Critpath{ends: ends{at: 1 + rnd.Int64N(1<<rnd.IntN(45)), clocks: make([]int64, 3)}}
		c.ends.clocks[unchanged] = 1 + rnd.Int64N(1<<rnd.IntN(45))
		c.ends.clocks[first] = c.ends.clocks[unchanged]
		if ns, low, high := c.predict(first, 0); ns != c.ends.at || low > ns || high < ns {
			t.Fatalf("%d, replayed in %d, is predicted to take %d, between %d and %d", c.ends.at, c.ends.clocks[unchanged], ns, low, high)
		}
	}
}
