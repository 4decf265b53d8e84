package table

import "tracekit/analyze/timeline"

// spanColumns are those of the table of spans.
var spanColumns = []string{"start_ns", "end_ns", "goroutine", "group", "class", "state"}

// spans is the table of spans: those of a goroutine touch, and are its life.
type spans struct{ *table }

// Started implements timeline.StartObserver.
func (t *spans) Started(start int64, symbols *timeline.Symbols) { t.begin(start, symbols, spanColumns) }

// Span implements timeline.SpanObserver.
func (t *spans) Span(g *timeline.Goroutine, was timeline.State, since int64) {
	t.since(since)
	t.since(g.Since)
	t.goroutine(g)
	t.put(was.String())
	t.write()
}
