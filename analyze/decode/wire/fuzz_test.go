package wire

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"tracekit/analyze/decode"
)

// corpus calls add with the body of each fixture of the v2 format.
func corpus(f *testing.F, add func(version int, body []byte)) {
	f.Helper()
	names, err := filepath.Glob("../../../testdata/traces/*.trace")
	if err != nil || len(names) == 0 {
		f.Fatalf("no fixtures: %v", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		version, err := decode.ReadHeader(bytes.NewReader(data))
		if err != nil {
			f.Fatal(err)
		}
		if Reads(version) && len(data) < 60_000 {
			add(version, data[decode.HeaderSize:])
		}
	}
}

func scannerOf(body []byte, version int) *scanner {
	return &scanner{version: version, in: input{stream: bufio.NewReader(bytes.NewReader(body))}}
}

// FuzzScan scans whatever it is given. Generations follow one another, and their
// batches are in them.
func FuzzScan(f *testing.F) {
	corpus(f, func(version int, body []byte) { f.Add(uint8(version), body[:min(len(body), 8000)]) })
	f.Fuzz(func(t *testing.T, version uint8, body []byte) {
		s := scannerOf(body, int(version))
		for end := int64(0); ; {
			g, err := s.scan()
			if err != nil {
				return
			}
			if g.begin != end || g.end <= g.begin || g.end > int64(len(body)) || g.frames == 0 {
				t.Fatalf("a generation at %d..%d with %d frames follows %d", g.begin, g.end, g.frames, end)
			}
			end = g.end
			size := g.headers + g.experiment
			for _, b := range append(g.tables, g.events...) {
				size += int64(b.size)
				if data, err := g.data(&b, nil, 0); err != nil || len(data) != int(b.size) {
					t.Fatalf("batch %+v has %d bytes: %v", b, len(data), err)
				}
			}
			if size != g.end-g.begin {
				t.Fatalf("%d bytes of %d are accounted for", size, g.end-g.begin)
			}
		}
	})
}

// FuzzTables reads tables, the first byte of which tells their kind.
func FuzzTables(f *testing.F) {
	corpus(f, func(version int, body []byte) {
		s := scannerOf(body, version)
		for g, err := s.scan(); err == nil; g, err = s.scan() {
			for _, b := range g.tables {
				data, _ := g.data(&b, nil, 0)
				f.Add(uint8(version), b.kind, data)
			}
		}
	})
	f.Fuzz(func(t *testing.T, version, kind uint8, data []byte) {
		s := scanner{version: int(version)}
		if len(data) == 0 || !s.isTable(kind) {
			return
		}
		g := &generation{room: new(chunks)}
		copy(g.keep(min(len(data), maxBatch)), data)
		g.tables = []batch{{size: uint32(min(len(data), maxBatch)), offset: g.kept(), kind: kind}}
		tables, err := g.readTables(int(version), nil)
		if err != nil {
			return
		}
		for i := range tables.frames {
			tables.resolve(int32(i))
		}
	})
}

// FuzzDecode decodes the events of two threads, with the tables of a real
// generation. Times rise, and each goroutine's states follow one another.
func FuzzDecode(f *testing.F) {
	var tables []*generation
	corpus(f, func(version int, body []byte) {
		s := scannerOf(body, version)
		g, err := s.scan()
		if err != nil || version != 26 {
			return
		}
		tables = append(tables, g)
		for i := range g.events {
			data, _ := g.data(&g.events[i], nil, 0)
			other, _ := g.data(&g.events[len(g.events)-1-i], nil, 0)
			f.Add(data, other)
		}
	})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		g := *tables[0]
		g.events, g.threads = nil, []uint64{1, noThread}
		for thread, data := range [][]byte{a, b} {
			if n := min(len(data), maxBatch); n > 0 {
				copy(g.keep(n), data)
				g.events = append(g.events, batch{time: g.minTime, size: uint32(n), offset: g.kept(), thread: int32(thread)})
			}
		}
		out, err := g.decode(26, new(decode.Pool), newRoom(), Options{Tally: true, Follow: true}, nil)
		if err != nil {
			return
		}
		checkDecoded(t, out)
	})
}

func checkDecoded(t *testing.T, out *decoded) {
	t.Helper()
	gen := decode.Generation{
		Start: out.start, End: out.last, Goroutines: out.goroutines, Events: out.events,
		Stacks: make([]decode.StackID, len(out.stacks)), Reasons: make([]decode.StringID, len(out.reasons)),
		Names: make([]decode.StringID, len(out.names)),
	}
	states := make(map[decode.GoIndex]decode.State)
	last, n := out.start, 0
	var e decode.Event
	c := gen.Cursor()
	for ; c.Next(&e); n++ {
		if e.Time <= last || e.Time > out.last {
			t.Fatalf("event %d at %d ns, after %d ns and of %d ns in all", n, e.Time, last, out.last)
		}
		last = e.Time
		if e.Kind != decode.Transition {
			if int(e.G) >= len(out.goroutines) || e.G < decode.Nobody {
				t.Fatalf("event %d is of goroutine %d of %d: %+v", n, e.G, len(out.goroutines), e)
			}
			continue
		}
		if was := states[e.G]; was != e.From && !(was == decode.NotExist && e.From == decode.Unknown) && was != decode.Unknown {
			t.Fatalf("event %d: goroutine %d was %v: %+v", n, e.G, was, e)
		}
		states[e.G] = e.To
	}
	if n > out.read {
		t.Fatalf("%d events of %d", n, out.read)
	}
}
