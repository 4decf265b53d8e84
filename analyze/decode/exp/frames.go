package exp

import (
	"encoding/binary"
	"io"
)

// Bytes that begin a frame of the v2 wire format, between batches.
const (
	frameBatch        = 0x01 // type gen m time size data
	frameExperimental = 0x31 // type experiment gen m time size data
	frameEnd          = 0x34 // the end of a generation, from Go 1.26 on
)

// frames is an io.Reader that passes the bytes of a v2 trace through and
// follows the batch headers in them, to know where generations end. It judges
// nothing: from the first byte that does not fit on, it only counts.
type frames struct {
	r      io.Reader
	offset int64 // bytes passed through
	err    error // what was wrong with r, other than its end
	marked bool  // generations end with frameEnd: from Go 1.26 on
	// ends holds the offset behind each generation that has ended so far.
	ends []int64

	field  int    // which part of a frame the next byte belongs to
	shift  uint   // of the uvarint being read
	value  uint64 // of the uvarint being read
	gen    uint64 // of the generation that is open; 0: none yet
	begin  int64  // offset of the frame being read
	skip   uint64 // bytes of batch data still to pass
	broken bool
}

// The parts of a frame, in their order.
const (
	fieldType = iota
	fieldExperiment
	fieldGen
	fieldThread
	fieldTime
	fieldSize
)

// Read implements io.Reader.
func (f *frames) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	f.scan(p[:n])
	f.offset += int64(n)
	switch {
	case err == io.EOF:
		f.eof()
	case err != nil:
		f.err = err
	}
	return n, err
}

// count passes over what is left, whatever it is, and returns what was wrong with
// the input other than its end.
func (f *frames) count() error {
	if f.err == nil {
		var n int64
		n, f.err = io.Copy(io.Discard, f.r)
		f.offset += n
	}
	return f.err
}

// scan follows the frames in p, which lie at f.offset.
func (f *frames) scan(p []byte) {
	for i := 0; i < len(p) && !f.broken; {
		if f.skip > 0 {
			n := min(f.skip, uint64(len(p)-i))
			f.skip -= n
			i += int(n)
			continue
		}
		f.step(p[i], f.offset+int64(i))
		i++
	}
}

// step takes one byte of a frame's header, which lies at the given offset.
func (f *frames) step(b byte, at int64) {
	switch f.field {
	case fieldType:
		f.begin = at
		f.frameType(b, at)
	case fieldExperiment:
		f.field = fieldGen
	default:
		f.uvarint(b)
	}
}

func (f *frames) frameType(b byte, at int64) {
	switch b {
	case frameBatch:
		f.field = fieldGen
	case frameExperimental:
		f.field = fieldExperiment
	case frameEnd:
		f.ends = append(f.ends, at+1)
		f.gen = 0
	default:
		f.close(at)
		f.broken = true
	}
}

// close ends the open generation where there is no mark that does.
func (f *frames) close(at int64) {
	if f.gen != 0 && !f.marked {
		f.ends = append(f.ends, at)
	}
	f.gen = 0
}

// uvarint adds one byte to a number of the header, and acts on it when it is
// complete.
func (f *frames) uvarint(b byte) {
	if f.shift >= 7*binary.MaxVarintLen64 {
		f.broken = true
		return
	}
	f.value |= uint64(b&0x7f) << f.shift
	f.shift += 7
	if b >= 0x80 {
		return
	}
	switch f.field {
	case fieldGen:
		f.generation(f.value)
	case fieldSize:
		f.skip = f.value
	}
	f.field++
	if f.field > fieldSize {
		f.field = fieldType
	}
	f.value, f.shift = 0, 0
}

// generation notes the end of the open generation when a batch of another one
// begins; before Go 1.26 there is no other sign of it.
func (f *frames) generation(gen uint64) {
	if f.gen != gen {
		f.close(f.begin)
	}
	f.gen = gen
}

// eof ends the generation that is open at a clean end of the input.
func (f *frames) eof() {
	if !f.broken && f.skip == 0 && f.field == fieldType {
		f.close(f.offset)
	}
}
