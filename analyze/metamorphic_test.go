package analyze

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tracekit/analyze/decode"
	"tracekit/analyze/report"
)

// changed is a trace of which each event is changed on its way.
type changed struct {
	decode.Source
	generation func(*decode.Generation)
	event      func(*decode.Event)
}

func (c *changed) Next() (*decode.Generation, error) {
	gen, err := c.Source.Next()
	if err != nil {
		return nil, err
	}
	if c.generation != nil {
		c.generation(gen)
	}
	for _, block := range gen.Blocks {
		for i := range block {
			c.event(&block[i])
		}
	}
	return gen, nil
}

// TestRelations changes what must not matter: when the trace was made, and the
// numbers of its goroutines.
func TestRelations(t *testing.T) {
	const shift = 123_456_789_000
	relations := map[string]*changed{
		"all times shifted": {
			generation: func(g *decode.Generation) { g.Start += shift; g.End += shift },
			event:      func(e *decode.Event) { e.Time += shift },
		},
		"goroutines renamed": {
			event: func(e *decode.Event) { e.G, e.By = rename(e.G), rename(e.By) },
		},
	}
	names, err := filepath.Glob("../testdata/traces/*.trace")
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		open := func() *decode.Reader {
			r, err := decode.Open(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		want := built(t, open())
		for relation, c := range relations {
			c.Source = open()
			if diff := cmp.Diff(want, built(t, c)); diff != "" {
				t.Errorf("%s: %s, and the report differs:\n%s", name, relation, diff)
			}
		}
	}
}

// rename gives goroutines other numbers, in another order.
func rename(g decode.GoID) decode.GoID {
	if g == decode.NoGoroutine {
		return g
	}
	return g ^ 0x2a5
}

func built(t *testing.T, src decode.Source) *report.Report {
	t.Helper()
	r, err := build(src)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	return r
}
