package exp

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"testing"
	"testing/iotest"
)

// batch makes a frame with so many bytes of data.
func batch(kind byte, gen uint64, size int) []byte {
	b := []byte{kind}
	if kind == frameExperimental {
		b = append(b, 1)
	}
	for _, v := range []uint64{gen, 300, 1 << 40, uint64(size)} {
		b = binary.AppendUvarint(b, v)
	}
	return append(b, bytes.Repeat([]byte{frameEnd}, size)...)
}

// TestFrames follows frames made by hand, given whole and byte by byte.
func TestFrames(t *testing.T) {
	a, b := batch(frameBatch, 1, 200), batch(frameBatch, 2, 3)
	x := batch(frameExperimental, 1, 130)
	end := []byte{frameEnd}
	n := func(parts ...[]byte) int64 { return int64(len(slices.Concat(parts...))) }
	tests := []struct {
		name   string
		marked bool
		input  []byte
		ends   []int64
		broken bool
	}{
		{"nothing", false, nil, nil, false},
		{"one generation", false, slices.Concat(a, x, a), []int64{n(a, x, a)}, false},
		{"two generations", false, slices.Concat(a, x, b), []int64{n(a, x), n(a, x, b)}, false},
		{"two generations, marked", true, slices.Concat(a, end, b, end), []int64{n(a, end), n(a, end, b, end)}, false},
		{"the second is open, marked", true, slices.Concat(a, end, b), []int64{n(a, end)}, false},
		{"cut in the data", false, slices.Concat(a, b[:len(b)-1]), []int64{n(a)}, false},
		{"cut in a header", false, slices.Concat(a, b[:2]), []int64{n(a)}, false},
		{"cut behind a kind", false, slices.Concat(a, b[:1]), nil, false},
		{"junk", false, slices.Concat(a, []byte{0xff, 1, 2}, b), []int64{n(a)}, true},
		{"junk, marked", true, slices.Concat(a, []byte{0xff, 1, 2}, b), nil, true},
		{"endless number", false, slices.Concat(a, []byte{frameBatch}, bytes.Repeat([]byte{0x80}, 20)), nil, true},
	}
	for _, tt := range tests {
		for how, r := range map[string]io.Reader{
			"whole": bytes.NewReader(tt.input), "byte by byte": iotest.OneByteReader(bytes.NewReader(tt.input)),
		} {
			f := &frames{r: r, marked: tt.marked}
			got, err := io.ReadAll(f)
			if err != nil || !bytes.Equal(got, tt.input) || f.offset != int64(len(tt.input)) {
				t.Errorf("%s, %s: passed %d of %d bytes, error %v", tt.name, how, len(got), len(tt.input), err)
			}
			if !slices.Equal(f.ends, tt.ends) || f.broken != tt.broken {
				t.Errorf("%s, %s: ends %v, broken %v; want %v, %v", tt.name, how, f.ends, f.broken, tt.ends, tt.broken)
			}
		}
	}
}
