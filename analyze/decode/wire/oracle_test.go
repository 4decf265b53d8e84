package wire_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
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
		version, err := decode.ReadHeader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if version < 22 {
			continue
		}
		r := bytes.NewReader(data)
		r.Seek(decode.HeaderSize, io.SeekStart)
		w := wire.NewReader(r, version, wire.Options{Workers: 2, InFlight: 3})
		e, err := exp.NewReader(bytes.NewReader(data[decode.HeaderSize:]), version)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for gen := 0; ; gen++ {
			a, errA := w.Next()
			b, errB := e.Next()
			if errA != nil || errB != nil {
				if errA != io.EOF || errB != io.EOF || w.Losses() != nil || e.Losses() != nil {
					t.Errorf("%s, generation %d: errors %v, %v, loss %+v, %+v", name, gen, errA, errB, w.Losses(), e.Losses())
				}
				break
			}
			if a.Start != b.Start || a.End != b.End || a.Read != b.Read {
				t.Errorf("%s, generation %d: %d..%d, %d read; want %d..%d, %d", name, gen, a.Start, a.End, a.Read, b.Start, b.End, b.Read)
			}
			ca, cb := a.Cursor(), b.Cursor()
			var x, y decode.Event
			for i := 0; ; i++ {
				okA, okB := ca.Next(&x), cb.Next(&y)
				if okA != okB {
					t.Fatalf("%s, generation %d: ends at event %d: %v %v", name, gen, i, okA, okB)
				}
				if !okA {
					break
				}
				n++
				if got, want := describe(a, w.Symbols(), x), describe(b, e.Symbols(), y); got != want {
					t.Fatalf("%s, generation %d, event %d: got\n%+v, want\n%+v", name, gen, i, got, want)
				}
			}
		}
		t.Logf("%s: %d events", name, n)
	}
}

type described struct {
	decode.Event
	g, by          decode.GoID
	stack, byStack string
	reason         string
}

func describe(gen *decode.Generation, s *decode.Symbols, e decode.Event) described {
	d := described{Event: e, g: id(gen, e.G), by: id(gen, e.By), stack: stack(s, e.Stack), byStack: stack(s, e.ByStack), reason: s.String(e.Reason)}
	d.Stack, d.ByStack, d.Reason, d.G, d.By = 0, 0, 0, 0, 0
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
