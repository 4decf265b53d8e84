package wire_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
)

// split cuts a trace that is whole into its generations, without the header, and
// those into frames.
func split(t *testing.T, data []byte) (generations [][][]byte) {
	t.Helper()
	var number uint64
	for p := data[decode.HeaderSize:]; len(p) > 0; {
		n := 1
		var fields [4]uint64 // generation, thread, time, size
		if p[0] != 0x34 {
			for f := range fields {
				v, k := binary.Uvarint(p[n:])
				fields[f] = v
				n += k
			}
			n += int(fields[3])
			if fields[0] != number {
				number = fields[0]
				generations = append(generations, nil)
			}
		}
		last := len(generations) - 1
		generations[last] = append(generations[last], p[:n])
		p = p[n:]
	}
	return generations
}

func join(header []byte, generations ...[][]byte) []byte {
	return append(bytes.Clone(header), bytes.Join(slices.Concat(generations...), nil)...)
}

// read reads a trace, from a file or from a stream, and returns the number of
// events of its generations, 0 for a gap before one.
func read(t *testing.T, data []byte, stream bool) (events []int, losses []decode.Loss, err error) {
	t.Helper()
	var in io.Reader = bytes.NewReader(data)
	version, err := decode.ReadHeader(in)
	if err != nil {
		t.Fatal(err)
	}
	if stream {
		in = struct{ io.Reader }{in}
	}
	r := wire.NewReader(in, version, wire.Options{Workers: 2, InFlight: 3})
	defer r.Close()
	for {
		gen, err := r.Next()
		if err == io.EOF {
			return events, r.Losses(), nil
		}
		if err != nil {
			return events, nil, err
		}
		if gen.Gap {
			events = append(events, 0)
		}
		events = append(events, gen.Read)
	}
}

// TestDamage damages generations in the middle, and demands all others.
func TestDamage(t *testing.T) {
	for _, name := range []string{"generations-1.24.9.trace", "generations-1.25.4.trace", "generations-1.26.8.trace"} {
		data := fixtures(t)[name]
		header, gens := data[:decode.HeaderSize], split(t, data)
		size := func(g [][]byte) int64 { return int64(len(bytes.Join(g, nil))) }
		all, _, err := read(t, data, false)
		if err != nil || len(all) != len(gens) || len(gens) < 4 {
			t.Fatalf("%s: %v in %d generations: %v", name, all, len(gens), err)
		}
		// A type of event that there is not, in the first batch of events.
		broken := slices.Clone(gens[1])
		for i, f := range broken {
			if at := slices.Index(f, 25); at > 0 && at > len(f)-200 && len(f) > 60 {
				broken[i] = bytes.Clone(f)
				broken[i][at] = 0x7f
				break
			}
		}
		// The last strings are missing.
		short := gens[1][:len(gens[1])-1]
		if strings.Contains(name, "1.26") {
			short = append(slices.Clone(gens[1][:len(gens[1])-2]), gens[1][len(gens[1])-1])
		}
		without := func(gaps ...int) []int { return slices.Concat(all[:1], gaps, all[2:]) }
		begin := decode.HeaderSize + size(gens[0])
		tests := []struct {
			what   string
			data   []byte
			events []int
			bytes  int64
			says   string
		}{
			{"a generation is missing", join(header, gens[0:1][0], slices.Concat(gens[2:]...)), without(0), 0, "follows generation"},
			{"a table is missing", join(header, gens[0], short, slices.Concat(gens[2:]...)), without(0), size(short), ""},
			{"the first one", join(header, short, slices.Concat(gens[2:]...)), all[2:], size(short), ""},
			{"a generation comes again", join(header, gens[0], gens[1], gens[0], gens[2]), slices.Concat(all[:2], []int{0}, all[2:3]), size(gens[0]), "comes behind"},
			{"the last ones are torn", join(header, gens[0], short), all[:1], size(short), ""},
		}
		for _, tt := range tests {
			if strings.HasPrefix(tt.what, "a generation comes again") && !strings.Contains(name, "1.26") {
				continue // before Go 1.26 only the number tells that another one begins
			}
			for _, stream := range []bool{false, true} {
				events, losses, err := read(t, tt.data, stream)
				var lost int64
				for _, l := range losses {
					lost += l.Bytes
				}
				if err != nil || !slices.Equal(events, tt.events) || lost != tt.bytes || len(losses) != 1 || !strings.Contains(losses[0].Cause.Error(), tt.says) {
					t.Errorf("%s, %s, stream %v: read %v, lost %+v, error %v; want %v and %d bytes", name, tt.what, stream, events, losses, err, tt.events, tt.bytes)
				}
			}
		}
		if events, losses, err := read(t, join(header, gens[0], broken, gens[2]), false); err != nil || !slices.Equal(events, []int{all[0], 0, all[2]}) ||
			len(losses) != 1 || losses[0].Offset != begin || losses[0].NS <= 0 {
			t.Errorf("%s, an event is broken: read %v, lost %+v, error %v", name, events, losses, err)
		}
	}
}

// TestUnmarked takes away the marks that end generations: nothing is lost, and
// that is said.
func TestUnmarked(t *testing.T) {
	data := fixtures(t)["generations-1.26.8.trace"]
	all, _, _ := read(t, data, false)
	gens := split(t, data)
	for i := range gens {
		bare := slices.Clone(gens)
		bare[i] = bare[i][:len(bare[i])-1]
		events, losses, err := read(t, join(data[:decode.HeaderSize], bare...), false)
		if err != nil || !slices.Equal(events, all) || len(losses) != 1 || losses[0].Bytes != 0 {
			t.Errorf("without mark %d: read %v, lost %+v, error %v; want %v", i, events, losses, err, all)
		}
	}
}

// TestClock gives the second generation another clock, and one that there is not.
func TestClock(t *testing.T) {
	data := fixtures(t)["generations-1.26.8.trace"]
	all, _, _ := read(t, data, false)
	for frequency, says := range map[uint64]string{24_000_000: "24000000 ticks", 31_250_000: "its clock is not that"} {
		bad := slices.Concat(data[:decode.HeaderSize], bytes.Join(slices.Concat(split(t, data)[0], split(t, setClock(t, data, frequency))[1], slices.Concat(split(t, data)[2:]...)), nil))
		events, losses, err := read(t, bad, false)
		if err != nil || !slices.Equal(events, slices.Concat(all[:1], []int{0}, all[2:])) || len(losses) != 1 || !strings.Contains(losses[0].Cause.Error(), says) {
			t.Errorf("%d ticks a second: read %v, lost %+v, error %v", frequency, events, losses, err)
		}
	}
}

// setClock gives a trace of Go 1.25 or later another frequency.
func setClock(t *testing.T, data []byte, frequency uint64) []byte {
	t.Helper()
	gens := split(t, data)
	for _, g := range gens {
		for i, f := range g {
			p := bytes.Index(f, []byte{50, 8}) // sync, frequency
			if p < 0 || len(f) > 120 {
				continue
			}
			head, tail := f[:p+2], f[p+2:]
			_, n := binary.Uvarint(tail)
			value := binary.AppendUvarint(nil, frequency)
			for len(value) < n { // the batch keeps its size
				value[len(value)-1] |= 0x80
				value = append(value, 0)
			}
			if len(value) != n {
				t.Fatalf("a frequency of %d bytes", n)
			}
			g[i] = slices.Concat(head, value, tail[n:])
		}
	}
	return join(data[:decode.HeaderSize], gens...)
}

// dataOf returns the data of a frame.
func dataOf(f []byte) []byte {
	n := 1
	for range 4 {
		_, k := binary.Uvarint(f[n:])
		n += k
	}
	return f[n:]
}

// emptied returns a generation without its events.
func emptied(g [][]byte) (list [][]byte) {
	for _, f := range g {
		if f[0] == 0x34 || slices.Contains([]byte{2, 4, 6, 8, 50}, dataOf(f)[0]) {
			list = append(list, f)
		}
	}
	return list
}

// TestEmpty has generations without events, alone and behind a damaged one: all
// others are read, and no byte is lost twice.
func TestEmpty(t *testing.T) {
	for _, name := range []string{"generations-1.24.9.trace", "generations-1.25.4.trace", "generations-1.26.8.trace"} {
		data := fixtures(t)[name]
		header, gens := data[:decode.HeaderSize], split(t, data)
		all, _, _ := read(t, data, false)
		broken := slices.DeleteFunc(slices.Clone(gens[1]), func(f []byte) bool { return f[0] != 0x34 && dataOf(f)[0] == 2 })
		size := int64(len(bytes.Join(broken, nil)))
		tests := []struct {
			what   string
			data   []byte
			events []int
			bytes  int64
		}{
			{"the first one", join(header, emptied(gens[0]), gens[1], gens[2]), all[1:3], 0},
			{"one behind damage", join(header, gens[0], broken, emptied(gens[2]), gens[3]), []int{all[0], 0, all[3]}, size},
		}
		for _, tt := range tests {
			events, losses, err := read(t, tt.data, false)
			var lost int64
			for _, l := range losses {
				lost += l.Bytes
			}
			if err != nil || !slices.Equal(events, tt.events) || lost != tt.bytes {
				t.Errorf("%s, %s: read %v, lost %+v, error %v; want %v", name, tt.what, events, losses, err, tt.events)
			}
		}
		// At the end: before Go 1.26 it may have been under way.
		torn := join(header, gens[0], broken, emptied(gens[2]))
		_, losses, err := read(t, torn, false)
		if l := losses[len(losses)-1]; err != nil || len(losses) != 1 || l.Offset+l.Bytes != int64(len(torn)) {
			t.Errorf("%s, at the end: lost %+v of %d bytes, error %v", name, losses, len(torn), err)
		}
	}
}

// TestStrayNumber flips a bit of the generation's number in one batch: that
// generation is lost, and no other.
func TestStrayNumber(t *testing.T) {
	for _, name := range []string{"generations-1.24.9.trace", "generations-1.25.4.trace", "generations-1.26.8.trace"} {
		data := fixtures(t)[name]
		gens := split(t, data)
		all, _, _ := read(t, data, false)
		for i := 1; i < 5; i++ {
			bad := slices.Clone(gens)
			bad[1] = slices.Clone(gens[1])
			bad[1][i] = bytes.Clone(gens[1][i])
			bad[1][i][1] ^= 0x40
			for _, stream := range []bool{false, true} {
				events, losses, err := read(t, join(data[:decode.HeaderSize], bad...), stream)
				if err != nil || !slices.Equal(events, slices.Concat(all[:1], []int{0}, all[2:])) || len(losses) != 1 {
					t.Errorf("%s, batch %d: read %v, lost %+v, error %v", name, i, events, losses, err)
				}
			}
		}
	}
}

// TestTornBatch moves the tables of the last generation before its events, and
// tears the last batch: then the generation is not whole.
func TestTornBatch(t *testing.T) {
	for _, name := range []string{"generations-1.24.9.trace", "generations-1.25.4.trace", "generations-1.26.8.trace"} {
		data := fixtures(t)[name]
		gens := split(t, data)
		all, _, _ := read(t, data, false)
		last := slices.DeleteFunc(slices.Clone(gens[len(gens)-1]), func(f []byte) bool { return f[0] == 0x34 })
		events := slices.DeleteFunc(slices.Clone(last), func(f []byte) bool { return slices.Contains([]byte{2, 4, 6, 8, 50}, dataOf(f)[0]) })
		moved := join(data[:decode.HeaderSize], slices.Concat(gens[:len(gens)-1]...), emptied(last), events)
		got, losses, err := read(t, moved[:len(moved)-5], false)
		if err != nil || !slices.Equal(got, all[:len(all)-1]) || len(losses) != 1 {
			t.Errorf("%s: read %v, lost %+v, error %v; want %v", name, got, losses, err, all[:len(all)-1])
		}
	}
}

// panics is an input that panics where the data of a batch of events is read.
type panics struct{ *bytes.Reader }

func (p panics) ReadAt(b []byte, offset int64) (int, error) {
	if len(b) > 500 {
		panic("a bug")
	}
	return p.Reader.ReadAt(b, offset)
}

// TestBug has each generation panic. That ends none of what goes on, also where
// one generation at a time is in memory.
func TestBug(t *testing.T) {
	r := wire.NewReader(panics{bytes.NewReader(fixtures(t)["generations-1.26.8.trace"])}, 26, wire.Options{Workers: 1, InFlight: 1})
	if _, err := r.Next(); !errors.Is(err, decode.ErrDamaged) || !strings.Contains(err.Error(), "a bug of the reader") {
		t.Errorf("error is %v", err)
	}
}
