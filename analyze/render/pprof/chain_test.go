package pprof

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/report"
)

// TestByChain has one sample for each pair, with the waker's root as its leaf.
func TestByChain(t *testing.T) {
	r := sample(t)
	r.Frames[13].Func = "far.Wait"
	p := written(t, Chain, r)
	if got, want := totals(p), totals(written(t, Waiter, sample(t))); got != want {
		t.Errorf("totals are %v, want those by waiter, %v", got, want)
	}
	var stacks []string
	for _, s := range p.Sample {
		stacks = append(stacks, stack(s))
	}
	want := []string{
		"main.audit < example.com/shop.(*Till).Count < sync.(*Mutex).Unlock < (woken by) < sync.(*Mutex).Lock < example.com/shop.(*Till).Sell < main.serve",
		"main.serve < example.com/shop.(*Till).Sell < sync.(*Mutex).Unlock < (woken by) < sync.(*Mutex).Lock < example.com/shop.(*Till).Sell < main.serve",
		"main.serve < example.com/shop.(*Till).Sell < sync.(*Mutex).Unlock < (woken by) < sync.(*Mutex).Lock < example.com/shop.(*Till).Sell < main.audit",
		"main.serve < example.com/shop.(*Till).Sell < sync.(*Mutex).Unlock < (woken by) < runtime.chanrecv1 < far.Wait < main.main",
		"(woken by nobody) < time.Sleep < main.audit",
		"(not woken in the trace) < sync.(*Mutex).Lock < example.com/shop.(*Till).Sell < main.audit",
		"main.main < example.com/shop.(*Shelf).Fill < sync.(*RWMutex).Unlock < (woken by) < sync.(*RWMutex).RLock < example.com/shop.(*Shelf).Get < main.serve",
		"(not woken in the trace) < (no goroutine's stack)",
	}
	if diff := cmp.Diff(want, stacks); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	labels := map[string][]string{"kind": {"mutex"}, "lock": {"shop.(*Till).Sell:41"}, "goroutine": {"main.serve"}, "waker": {"main.audit"}}
	if diff := cmp.Diff(labels, p.Sample[0].Label); diff != "" {
		t.Errorf("labels, -want +got:\n%s", diff)
	}
	if v := p.Sample[0].Value; v[0] != 1_500_000_000 || v[1] != 2_000_000 || v[2] != 600 {
		t.Errorf("values are %v", v)
	}
}

// TestMeanByChain has the mean of two like runs be one of them.
func TestMeanByChain(t *testing.T) {
	one, mean := written(t, Chain, sample(t)), written(t, Chain, sample(t), sample(t))
	if totals(mean) != totals(one) || len(mean.Sample) != len(one.Sample) {
		t.Errorf("the mean has %v, the run %v", totals(mean), totals(one))
	}
}

func TestNoChains(t *testing.T) {
	r := sample(t)
	r.Waits.Chains = nil
	if _, err := Profile(r, Chain); !errors.Is(err, report.ErrNoChains) {
		t.Errorf("error is %v", err)
	}
	if _, err := Profile(r, Waiter); err != nil {
		t.Error(err)
	}
}
