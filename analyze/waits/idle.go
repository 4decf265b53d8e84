package waits

import "tracekit/analyze/timeline"

// isIdle reports whether a wait is that of a worker which waits for work rather
// than for its turn. The rule: it receives from a channel, or selects, in the
// very function that its goroutine was started with, as in
//
//	go func() {
//		for job := range jobs {
//			job.do()
//		}
//	}()
//
// A receive further up the stack belongs to a piece of work in progress, which
// is late by that wait. The main function counts as such, for what it waits for
// is the program's work. A sync.Cond is not told apart: those who wait on it
// have taken its lock for it, and the report shows them.
func isIdle(w *timeline.Wait, symbols *timeline.Symbols) bool {
	if w.Kind != timeline.ChanRecv && w.Kind != timeline.Select {
		return false
	}
	if w.Site == timeline.NoSite || w.G.Name == "main.main" {
		return false
	}
	return symbols.Frame(w.Site).Func == w.G.Name
}
