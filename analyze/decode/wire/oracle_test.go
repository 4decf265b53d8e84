package wire_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/exp"
	"tracekit/analyze/decode/wire"
)

var in = flag.String("in", "", "a trace to compare the readers on")

// fixtures returns the saved traces by name.
func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../../../testdata/traces/*.trace")
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	if *in != "" {
		names = []string{*in}
	}
	traces := make(map[string][]byte)
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		traces[filepath.Base(name)] = data
	}
	return traces
}

// TestOracle demands of both readers the same events.
func TestOracle(t *testing.T) {
	for name, data := range fixtures(t) {
		if !strings.Contains(name, "1.21") {
			compare(t, name, data, wire.Options{Workers: 2, InFlight: 3})
		}
	}
}

// compare reads a trace with both readers.
func compare(t *testing.T, name string, data []byte, o wire.Options) {
	t.Helper()
	r := bytes.NewReader(data)
	version, err := decode.ReadHeader(r)
	if err != nil {
		t.Fatal(err)
	}
	w := wire.NewReader(r, version, o)
	e, err := exp.NewReader(bytes.NewReader(data[decode.HeaderSize:]), version)
	if err != nil {
		t.Fatal(err)
	}
	for gen := 0; ; gen++ {
		a, errA := w.Next()
		b, errB := e.Next()
		if errA != nil || errB != nil {
			if errA != io.EOF || errB != io.EOF || w.Losses() != nil || e.Losses() != nil || gen == 0 {
				t.Errorf("%s, generation %d: errors %v, %v, loss %+v, %+v", name, gen, errA, errB, w.Losses(), e.Losses())
			}
			return
		}
		if a.Start != b.Start || a.End != b.End || a.Read != b.Read {
			t.Errorf("%s, generation %d: %d..%d, %d read; want %d..%d, %d", name, gen, a.Start, a.End, a.Read, b.Start, b.End, b.Read)
		}
		compareEvents(t, fmt.Sprintf("%s, generation %d", name, gen), a, b, w.Symbols(), e.Symbols())
	}
}

func compareEvents(t *testing.T, what string, a, b *decode.Generation, as, bs *decode.Symbols) {
	t.Helper()
	ca, cb := a.Cursor(), b.Cursor()
	var x, y decode.Event
	for i := 0; ; i++ {
		okA, okB := ca.Next(&x), cb.Next(&y)
		if okA != okB {
			t.Fatalf("%s: ends at event %d: %v %v", what, i, okA, okB)
		}
		if !okA {
			return
		}
		if got, want := describe(a, as, x), describe(b, bs, y); got != want {
			t.Fatalf("%s, event %d: got\n%+v, want\n%+v", what, i, got, want)
		}
	}
}

type described struct {
	decode.Event
	g, by          decode.GoID
	stack, byStack string
	reason, name   string
}

func describe(gen *decode.Generation, s *decode.Symbols, e decode.Event) described {
	d := described{Event: e, g: id(gen, e.G), by: id(gen, e.By), stack: stack(s, e.Stack), byStack: stack(s, e.ByStack), reason: s.String(e.Reason), name: s.String(e.Name)}
	d.Stack, d.ByStack, d.Reason, d.Name, d.G, d.By = 0, 0, 0, 0, 0, 0
	return d
}

func id(gen *decode.Generation, i decode.GoIndex) decode.GoID {
	if i == decode.Nobody {
		return decode.NoGoroutine
	}
	return gen.Goroutines[i]
}

func stack(s *decode.Symbols, id decode.StackID) (text string) {
	if *in != "" {
		if f := s.Stack(id); len(f) > 0 {
			return s.Frame(f[0]).Func
		}
		return ""
	}
	for _, f := range s.Stack(id) {
		f := s.Frame(f)
		text += f.Func + f.File + string(rune(f.Line))
	}
	return text
}
