package decode_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/exp"
	"tracekit/analyze/decode/wire"
)

// reader is a reader of either kind.
type reader interface {
	decode.Source
	Losses() []decode.Loss
	Close()
}

// open begins to read a trace with the reader of the given name; "wire" reads what
// it does not know with the other one.
func open(r io.Reader, name string) (reader, error) {
	version, err := decode.ReadHeader(r)
	if err != nil {
		return nil, err
	}
	if name == "exp" || version < 22 {
		return exp.NewReader(r, version)
	}
	return wire.NewReader(r, version, wire.Options{Workers: 2, InFlight: 3}), nil
}

// both runs a test with either reader.
func both(t *testing.T, f func(t *testing.T, name string)) {
	for _, name := range []string{"exp", "wire"} {
		t.Run(name, func(t *testing.T) { f(t, name) })
	}
}

// fixtures returns the saved traces by name.
func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../../testdata/traces/*.trace")
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
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

// event is an Event with the ids of its goroutines.
type event struct {
	decode.Event
	g, by decode.GoID
}

func id(gen *decode.Generation, i decode.GoIndex) decode.GoID {
	if i == decode.Nobody {
		return decode.NoGoroutine
	}
	return gen.Goroutines[i]
}

// result is what came out of a trace.
type result struct {
	generations int
	read        int
	events      []event
	start, end  int64
	err         error
	losses      []decode.Loss
	loss        *decode.Loss // the last of them
}

func readAll(r io.Reader, name string) (res result) {
	d, err := open(r, name)
	if err != nil {
		res.err = err
		return res
	}
	for {
		gen, err := d.Next()
		if err == io.EOF {
			res.losses = d.Losses()
			if n := len(res.losses); n > 0 {
				res.loss = &res.losses[n-1]
			}
			return res
		}
		if err != nil {
			res.err = err
			return res
		}
		if res.generations == 0 {
			res.start = gen.Start
		}
		res.generations++
		res.read += gen.Read
		var e decode.Event
		for c := gen.Cursor(); c.Next(&e); {
			res.events = append(res.events, event{e, id(gen, e.G), id(gen, e.By)})
		}
		res.end = gen.End
	}
}

// TestSmallReads gives the bytes one by one, and by halves.
func TestSmallReads(t *testing.T) { both(t, testSmallReads) }

func testSmallReads(t *testing.T, reader string) {
	for name, data := range fixtures(t) {
		if len(data) > 130_000 {
			continue
		}
		want := readAll(bytes.NewReader(data), reader)
		for how, wrap := range map[string]func(io.Reader) io.Reader{"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "data with EOF": iotest.DataErrReader} {
			got := readAll(wrap(bytes.NewReader(data)), reader)
			if got.err != nil || got.read != want.read || len(got.events) != len(want.events) || got.end != want.end {
				t.Errorf("%s, %s: %d events, error %v; want %d", name, how, got.read, got.err, want.read)
			}
		}
	}
}

// TestTruncated cuts traces at many places. What comes out is always the
// beginning of the whole, and what is lost adds up to the file.
func TestTruncated(t *testing.T) { both(t, testTruncated) }

func testTruncated(t *testing.T, reader string) {
	for name, data := range fixtures(t) {
		whole := readAll(bytes.NewReader(data), reader)
		step := max(len(data)/60, 1)
		for n := 0; n < len(data); n += step {
			got := readAll(bytes.NewReader(data[:n]), reader)
			if got.err != nil {
				if got.generations != 0 {
					t.Errorf("%s cut at %d: %v after %d generations", name, n, got.err, got.generations)
				}
				continue
			}
			if got.read > whole.read || len(got.events) > len(whole.events) {
				t.Errorf("%s cut at %d: %d of %d events", name, n, got.read, whole.read)
				continue
			}
			for i, e := range got.events {
				if w := whole.events[i]; e.Time != w.Time || e.g != w.g || e.To != w.To {
					t.Errorf("%s cut at %d: event %d is %+v, want %+v", name, n, i, e, w)
					break
				}
			}
			checkLosses(t, name, got, int64(n))
			if l := got.loss; l != nil && l.Bytes > 0 && l.Offset+l.Bytes != int64(n) {
				t.Errorf("%s cut at %d: losses are %+v", name, n, got.losses)
			}
		}
	}
}

// checkLosses demands that what is lost lies in the file, in order.
func checkLosses(t *testing.T, name string, got result, size int64) {
	t.Helper()
	end := int64(decode.HeaderSize)
	for _, l := range got.losses {
		if l.Offset < end || l.Bytes < 0 || l.NS < 0 || l.Offset+l.Bytes > size || l.Cause == nil {
			t.Errorf("%s of %d bytes: losses are %+v", name, size, got.losses)
		}
		end = l.Offset + l.Bytes
		if strings.Contains(l.Cause.Error(), "\n") {
			t.Errorf("%s: the cause has several lines: %q", name, l.Cause)
		}
	}
}

// bounds is where a generation of a file begins and ends, and where its first
// batch does.
type bounds struct{ begin, first, end int64 }

// generations walks the frames of a trace that is whole.
func generations(t *testing.T, data []byte) (list []bounds) {
	t.Helper()
	marked := bytes.Contains(data[:decode.HeaderSize], []byte("1.26"))
	var number uint64
	for i := decode.HeaderSize; i < len(data); {
		at := int64(i)
		if data[i] == 0x34 {
			i++
			number = 0
			list[len(list)-1].end = int64(i)
			continue
		}
		if data[i] == 0x31 {
			i++
		}
		i++
		var fields [4]uint64 // generation, thread, time, size
		for f := range fields {
			v, n := binary.Uvarint(data[i:])
			fields[f] = v
			i += n
		}
		i += int(fields[3])
		if fields[0] != number {
			number = fields[0]
			list = append(list, bounds{begin: at, first: int64(i)})
		}
		if !marked {
			list[len(list)-1].end = int64(i)
		}
	}
	return list
}

// TestLossIsTheTail cuts in the last generation: what is lost begins exactly
// where that generation does.
func TestLossIsTheTail(t *testing.T) { both(t, testLossIsTheTail) }

func testLossIsTheTail(t *testing.T, reader string) {
	for name, data := range fixtures(t) {
		if !strings.HasPrefix(name, "generations-") {
			continue
		}
		whole := readAll(bytes.NewReader(data), reader)
		gens := generations(t, data)
		if len(gens) != whole.generations || gens[len(gens)-1].end != int64(len(data)) {
			t.Errorf("%s: %+v are %d generations, of %d bytes", name, gens, whole.generations, len(data))
		}
		begin := gens[len(gens)-1].begin
		for _, n := range []int64{begin + 20, (begin + int64(len(data))) / 2, int64(len(data)) - 20} {
			got := readAll(bytes.NewReader(data[:n]), reader)
			if got.err != nil || got.loss == nil || got.loss.Offset != begin || got.generations != whole.generations-1 {
				t.Errorf("%s cut at %d: %d of %d generations, loss %+v, error %v; want the loss at %d",
					name, n, got.generations, whole.generations, got.loss, got.err, begin)
			}
		}
	}
}

// TestKilled has the file of a program that was killed: whole generations, and
// the batch with which the next one begins.
func TestKilled(t *testing.T) { both(t, testKilled) }

func testKilled(t *testing.T, reader string) {
	for _, name := range []string{"generations-1.25.4.trace", "generations-1.26.8.trace"} {
		data := fixtures(t)[name]
		whole := readAll(bytes.NewReader(data), reader)
		gens := generations(t, data)
		last := gens[len(gens)-1]
		got := readAll(bytes.NewReader(data[:last.first]), reader)
		if n := last.first - last.begin; got.err != nil || got.loss == nil || got.loss.Offset != last.begin || got.loss.Bytes != n || got.generations != whole.generations-1 {
			t.Errorf("%s: %d generations, loss %+v, error %v; want the loss of %d bytes at %d", name, got.generations, got.loss, got.err, n, last.begin)
		}
	}
}

// TestJunkBehind has bytes behind a whole trace that are none of it: they alone
// are lost.
func TestJunkBehind(t *testing.T) { both(t, testJunkBehind) }

func testJunkBehind(t *testing.T, reader string) {
	for name, data := range fixtures(t) {
		if strings.Contains(name, "1.21") {
			continue // v1 has no frames: all or nothing
		}
		whole := readAll(bytes.NewReader(data), reader)
		got := readAll(bytes.NewReader(append(bytes.Clone(data), "\xffjunk"...)), reader)
		if got.loss == nil || got.loss.Bytes != 5 || got.read != whole.read {
			t.Errorf("%s: %d events, loss %+v, error %v; want %d events and a loss of 5 bytes", name, got.read, got.loss, got.err, whole.read)
		}
	}
}

// TestFlipped flips single bytes all over the fixtures.
func TestFlipped(t *testing.T) { both(t, testFlipped) }

func testFlipped(t *testing.T, reader string) {
	for name, data := range fixtures(t) {
		places := 40
		if testing.Short() {
			places = 6
		}
		step := max(len(data)/places, 1)
		for i := 0; i < len(data); i += step {
			for _, x := range []byte{0x01, 0xff} {
				bad := bytes.Clone(data)
				bad[i] ^= x
				got := readAll(bytes.NewReader(bad), reader)
				checkLosses(t, name, got, int64(len(data)))
				if got.err == nil && got.end-got.start > 1<<50 {
					t.Errorf("%s with byte %d flipped: it lasts %d ns", name, i, got.end-got.start)
				}
			}
		}
	}
}

func TestNotATrace(t *testing.T) { both(t, testNotATrace) }

func testNotATrace(t *testing.T, reader string) {
	tests := []struct {
		name, input string
		want        error
		says        string
	}{
		{"empty", "", decode.ErrEmpty, ""},
		{"short", "go 1.26", decode.ErrNotTrace, "7 bytes"},
		{"text", "package main\n\nfunc main() {}\n", decode.ErrNotTrace, `"package main`},
		{"gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", decode.ErrNotTrace, ""},
		{"no padding", "go 1.26 trace...", decode.ErrNotTrace, ""},
		{"future", "go 1.99 trace\x00\x00\x00\x01\x02", decode.ErrVersion, "Go 1.99"},
		{"past", "go 1.5 trace\x00\x00\x00\x00\x01\x02", decode.ErrVersion, "Go 1.5"},
		{"header alone", "go 1.26 trace\x00\x00\x00", decode.ErrDamaged, "no events"},
		{"header alone, before 1.26", "go 1.22 trace\x00\x00\x00", decode.ErrDamaged, ""},
		{"header alone, v1", "go 1.21 trace\x00\x00\x00", decode.ErrDamaged, ""},
		{"garbage behind the header", "go 1.26 trace\x00\x00\x00garbage", decode.ErrDamaged, ""},
	}
	for _, tt := range tests {
		got := readAll(strings.NewReader(tt.input), reader)
		if !errors.Is(got.err, tt.want) || !strings.Contains(got.err.Error(), tt.says) {
			t.Errorf("%s: error is %v, want %v with %q", tt.name, got.err, tt.want, tt.says)
		}
	}
}

// TestReadError passes on what is wrong with the medium, not with the trace.
func TestReadError(t *testing.T) { both(t, testReadError) }

func testReadError(t *testing.T, reader string) {
	broken := errors.New("the disk is gone")
	for name, data := range fixtures(t) {
		got := readAll(io.MultiReader(bytes.NewReader(data[:len(data)/3]), iotest.ErrReader(broken)), reader)
		if !errors.Is(got.err, broken) || errors.Is(got.err, decode.ErrDamaged) {
			t.Errorf("%s: error is %v, loss %+v", name, got.err, got.loss)
		}
	}
}

// ends is endless: each byte of it is one that ends a generation.
type ends struct{}

func (ends) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0x34
	}
	return len(p), nil
}

// TestJunkIsNotKept has megabytes of junk behind a trace take no memory.
func TestJunkIsNotKept(t *testing.T) { both(t, testJunkIsNotKept) }

func testJunkIsNotKept(t *testing.T, reader string) {
	const size = 16 << 20
	data := fixtures(t)["mixed-1.26.8.trace"]
	allocated := func(junk int64) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := readAll(io.MultiReader(bytes.NewReader(data), io.LimitReader(ends{}, junk)), reader)
		runtime.ReadMemStats(&after)
		if got.err != nil || (got.loss != nil) != (junk > 0) || junk > 0 && got.loss.Bytes != junk {
			t.Fatalf("loss with %d bytes of junk is %+v, error %v", junk, got.loss, got.err)
		}
		return after.TotalAlloc - before.TotalAlloc
	}
	if none, much := allocated(0), allocated(size); much > none+size/8 {
		t.Errorf("%d bytes without junk, %d with %d of it", none, much, size)
	}
}
