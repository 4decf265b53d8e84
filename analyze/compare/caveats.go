package compare

import (
	"fmt"

	"tracekit/analyze/report"
)

// runsCaveats are those on what several runs have in common.
func runsCaveats(r *report.Runs) (list []report.Caveat) {
	add := func(code, about, text, remedy string) {
		list = append(list, report.Caveat{Code: code, About: about, Text: text, Remedy: remedy})
	}
	lost := 0
	for _, run := range r.Runs {
		if run.Lost {
			lost++
		}
	}
	if lost > 0 {
		add("lost-runs", "runs", fmt.Sprintf("of %d of the %d runs a part of the trace is missing: what they say is too little", lost, len(r.Runs)), "record again")
	}
	if n := len(r.Runs); n < sameNeeds {
		add("few-runs", "measures", fmt.Sprintf("%d runs are too few for an interval of 95 %%: there are medians and extremes only", n),
			fmt.Sprintf("record at least %d", sameNeeds))
	}
	if len(r.Procs) > 1 {
		add("mixed-procs", "measures", "the runs are of several GOMAXPROCS, and these numbers are of all of them", "see the scaling of each; record with one setting")
	}
	if severalProcesses(r.Runs) {
		add("several-processes", "measures", "runs have several processes: times are sums over them, and no times of a clock", "")
	}
	if len(r.Orders) > 0 {
		add("first-acquisitions", "orders", "an order is that in which goroutines acquired the lock for the first time, of those that had to wait: a trace shows no others; a goroutine is the same one in two runs when the same parent created it at the same site as the same one in number", "")
	}
	for _, o := range r.Orders {
		if o.Ignored > 0 {
			add("order-sampled", "orders", fmt.Sprintf("of more than %d goroutines, the order of those is compared that are in most runs and come first", maxItems), "")
			break
		}
	}
	return list
}

func severalProcesses(runs []report.Run) bool {
	for _, r := range runs {
		if r.Processes > 1 {
			return true
		}
	}
	return false
}
