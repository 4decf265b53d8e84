package analyze_test

import (
	"testing"

	"tracekit/analyze/report"
)

// TestChains has the chains of each fixture add up to its locks and to its kinds, which
// are counted in other ways: those of the locks are all waits there, whoever ended
// them.
func TestChains(t *testing.T) {
	for name, data := range fixtures(t) {
		r := verified(t, data, name)
		locks := make([]report.Tally, len(r.Waits.Locks))
		kinds := make(map[string]report.Tally)
		for _, c := range r.Waits.Chains {
			if c.Lock >= 0 {
				locks[c.Lock].Add(c.Tally)
			}
			sum := kinds[c.Kind]
			sum.Add(c.Tally)
			kinds[c.Kind] = sum
		}
		for i, l := range r.Waits.Locks {
			if locks[i] != l.Tally {
				t.Errorf("%s: the chains of lock %d add up to %+v, it has %+v", name, i, locks[i], l.Tally)
			}
		}
		for _, k := range r.Waits.Kinds {
			if kinds[k.Kind] != k.Tally {
				t.Errorf("%s: the chains of kind %s add up to %+v, it has %+v", name, k.Kind, kinds[k.Kind], k.Tally)
			}
		}
	}
}

// TestChainsOfQueue has the queue of the program mixed: each of its three waits was
// ended by another line.
func TestChainsOfQueue(t *testing.T) {
	for name, data := range fixtures(t) {
		if !ofMixed(name) {
			continue
		}
		r := verified(t, data, name)
		l := lockAt(t, r, "main.queue.func1")
		pairs := make(map[[2]int]int64)
		for _, c := range r.Waits.Chains {
			if c.Lock == l.ID {
				pairs[[2]int{c.Stack, c.ByStack}] += c.Waits
			}
		}
		if len(pairs) != 3 {
			t.Errorf("%s: the queue has the chains %v", name, pairs)
		}
	}
}
