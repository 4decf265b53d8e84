package render

import (
	"fmt"
	"math"
	"strings"

	"tracekit/analyze/report"
)

// How much of an order is shown.
const (
	topModal   = 12 // goroutines
	topEntropy = 10 // hand-overs
	topSwaps   = 5
)

func (p runsPage) orders() {
	p.section("order")
	if len(p.r.Orders) == 0 {
		p.say("no lock was handed to several goroutines")
	}
	for i, o := range p.r.Orders {
		if i == topOrders {
			p.say("… %s more, with -f json", plural(len(p.r.Orders)-i, "order", "orders"))
			break
		}
		title := lockTitle(p, o.Lock, at(p.r.Locks, o.Lock).Name, nil)
		if o.Process != "" {
			title += "  in " + p.name(o.Process)
		}
		p.part(title, func() { p.order(o) })
	}
	p.caveats("orders")
}

func (p runsPage) order(o report.RunsOrder) {
	p.say("%s", verdict(p, o))
	p.modal(o)
	p.distance(o)
	p.entropy(o)
	if len(o.Swaps) > 0 {
		p.swaps(o.Swaps)
	}
}

// verdict says it in a sentence, and what it rests on.
func verdict(p page, o report.RunsOrder) string {
	n := plural(len(o.Runs), "run", "runs")
	rests := fmt.Sprintf("(%s, %s)", probability(o.P), n)
	switch o.Verdict {
	case report.Stable:
		return "stable: the order is the same in all runs " + rests
	case report.ArrivalOrder:
		return "arrival-order: the lock is handed over in the order of arrival, and that differs between runs " + rests
	case report.Varies:
		return "varies: the order is not the same in all runs, and not random either " + rests
	case report.Random:
		return "random: the order is as if drawn by lot in each run " + rests
	case report.TooFewRuns:
		return fmt.Sprintf("too few runs: %s do not tell how the order varies, %s would be enough (%s)", n, number(o.Enough), probability(o.P))
	}
	return "verdict: " + p.plain(o.Verdict) + " " + rests
}

// modal shows the most frequent order.
func (p runsPage) modal(o report.RunsOrder) {
	compared := ""
	if o.Ignored > 0 {
		compared = fmt.Sprintf(", %s of them ignored", number(o.Ignored))
	}
	p.say("%s of %s%s; the most frequent one, in %s of the runs:",
		plural(o.Distinct, "order", "different orders"), plural(o.Items, "goroutine", "goroutines"), compared, share(o.ModalShare))
	var names []string
	for i, g := range o.Modal {
		if i == topModal {
			names = append(names, fmt.Sprintf("… %s more", number(len(o.Modal)-i)))
			break
		}
		names = append(names, p.goroutine(g))
	}
	p.say("%s", strings.Join(names, ", "))
}

func (p runsPage) goroutine(i int) string {
	name := at(p.r.Goroutines, i).Name
	if name == "" {
		return "(not known)"
	}
	return p.name(function(name))
}

func (p runsPage) distance(o report.RunsOrder) {
	three := func(x float64) string { return fmt.Sprintf("%.3f", x) }
	facts := []string{"distance of two runs -"}
	if o.Distance != nil {
		facts[0] = fmt.Sprintf("distance of two runs %.3f, 95 %% %s", *o.Distance, between(o.Low, o.High, three))
		if o.Ties {
			facts[0] += " (tau-b: some came at the same time)"
		}
	}
	if o.FromArrival != nil {
		facts = append(facts, fmt.Sprintf("from arrival %.3f, %s overtaken", *o.FromArrival, number(o.Overtaken)))
	}
	if o.Jaccard < 1 {
		facts = append(facts, "goroutines in common "+share(o.Jaccard))
	}
	p.facts(facts...)
}

// entropy shows how uncertain the first hand-overs are.
func (p runsPage) entropy(o report.RunsOrder) {
	first := "no two runs differ in who is handed the lock"
	if o.FirstDifference > 0 {
		first = fmt.Sprintf("runs differ first at hand-over %s", number(o.FirstDifference))
	}
	if len(o.EntropyBits) == 0 {
		p.say("%s", first)
		return
	}
	var bits []string
	for i, x := range o.EntropyBits {
		if i == topEntropy {
			bits = append(bits, "…")
			break
		}
		bits = append(bits, fmt.Sprintf("%.2f", x))
	}
	p.say("%s; entropy by hand-over, of at most %.2f bits: %s", first, math.Log2(float64(max(1, len(o.Runs)))), strings.Join(bits, " "))
}

func (p runsPage) swaps(list []report.Swap) {
	tab := new(table)
	tab.row("inversions/pairs", "sites that swap")
	for i, s := range list {
		if i == topSwaps {
			tab.more(len(list) - i)
			break
		}
		a, b := at(p.r.Places, s.A).Frame, at(p.r.Places, s.B).Frame
		sites := frameName(p, a) + ", " + frameName(p, b)
		if s.A == s.B {
			sites = "two goroutines at " + frameName(p, a)
		}
		tab.row(number(s.Inversions)+"/"+number(s.Pairs), sites)
	}
	p.table(tab)
}
