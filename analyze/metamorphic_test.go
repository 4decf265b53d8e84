package analyze

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tracekit/analyze/decode"
	"tracekit/analyze/report"
)

// changed is a trace of which each event is changed on its way.
type changed struct {
	decode.Source
	shift  int64
	rename func(decode.GoID) decode.GoID
}

func (c *changed) Next() (*decode.Generation, error) {
	gen, err := c.Source.Next()
	if err != nil {
		return nil, err
	}
	return c.change(gen), nil
}

func (c *changed) change(gen *decode.Generation) *decode.Generation {
	b := decode.NewBuilder(new(decode.Pool))
	b.Begin(gen.Start + c.shift)
	goroutine := func(i decode.GoIndex) decode.GoIndex {
		if i == decode.Nobody {
			return i
		}
		return b.Goroutine(c.rename(gen.Goroutines[i]))
	}
	var e decode.Event
	for cur := gen.Cursor(); cur.Next(&e); {
		e.Time += c.shift
		e.G, e.By = goroutine(e.G), goroutine(e.By)
		if e.Kind == decode.Sample && e.N >= 0 {
			e.N = int64(c.rename(decode.GoID(e.N)))
		}
		b.Add(e)
	}
	other := b.Take()
	other.End, other.Read, other.Restated = gen.End+c.shift, gen.Read, gen.Restated
	if sum := gen.Summary; sum != nil {
		other.Summary = &decode.Summary{Starts: sum.Starts, Wakes: sum.Wakes}
		for _, w := range sum.Late {
			other.Summary.Late = append(other.Summary.Late, decode.LateWake{G: goroutine(w.G), ByStack: w.ByStack})
		}
	}
	return &other
}

// TestRelations changes what must not matter: when the trace was made, and the
// numbers of its goroutines.
func TestRelations(t *testing.T) {
	relations := map[string]*changed{
		"nothing changed":    {rename: same},
		"all times shifted":  {rename: same, shift: 123_456_789_000},
		"goroutines renamed": {rename: rename},
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
		source := func() decode.Source {
			r, _, err := open(bytes.NewReader(data), Options{})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		want := built(t, source())
		for relation, c := range relations {
			c.Source = source()
			if diff := cmp.Diff(want, built(t, c), cmpopts.IgnoreFields(report.Longest{}, "ID")); diff != "" {
				t.Errorf("%s: %s, and the report differs:\n%s", name, relation, diff)
			}
		}
	}
}

func same(g decode.GoID) decode.GoID { return g }

// rename gives goroutines other numbers, in another order.
func rename(g decode.GoID) decode.GoID { return g ^ 0x2a5 }

func built(t *testing.T, src decode.Source) *report.Report {
	t.Helper()
	done, err := build(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := done.report
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	return r
}
