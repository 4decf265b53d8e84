package wire

import (
	"encoding/binary"
	"fmt"
)

// stream is the events of one thread in a generation, batch by batch.
type stream struct {
	thread  *thread
	index   int
	batches []batch
	data    []byte // of the batch being read, from the next event on
	ticks   uint64
	offset  int64 // of that batch's data, as batch.offset
	length  int   // of that

	// The event that is next.
	time int64 // ns
	args [maxArgs]uint64
	size int // in the file
	kind byte
}

// next reads the next event. It reports false after the last one.
func (s *stream) next(d *decoder) (bool, error) {
	for len(s.data) == 0 {
		if len(s.batches) == 0 {
			return false, nil
		}
		b := &s.batches[0]
		s.batches = s.batches[1:]
		data, err := d.gen.data(b, d.room, s.index)
		if err != nil {
			return false, err
		}
		s.data, s.ticks = data, b.time
		s.offset, s.length = b.offset, len(data)
	}
	p := s.data
	s.kind = p[0]
	n := int(d.argCounts[s.kind])
	if n == invalid {
		return false, fmt.Errorf("there is no event of type %d", s.kind)
	}
	// Most numbers have one or two bytes; a call for each of them would take as
	// long as all the rest.
	pos, dt := 1, uint64(0)
	if pos < len(p) && p[pos] < 0x80 {
		dt, pos = uint64(p[pos]), pos+1
	} else if dt, pos = uvarint(p, pos); pos == 0 {
		return false, errEvent
	}
	for i := range n {
		var v uint64
		if pos < len(p) && p[pos] < 0x80 {
			v, pos = uint64(p[pos]), pos+1
		} else if pos+1 < len(p) && p[pos+1] < 0x80 {
			v, pos = uint64(p[pos]&0x7f)|uint64(p[pos+1])<<7, pos+2
		} else if v, pos = uvarint(p, pos); pos == 0 {
			return false, errEvent
		}
		s.args[i&(maxArgs-1)] = v
	}
	if d.tally != nil {
		d.tally[s.kind].Count++
		d.tally[s.kind].Bytes += int64(pos)
	}
	s.data, s.size = p[pos:], pos
	s.ticks += dt
	if dt > d.clock.max || s.ticks > d.clock.max {
		return false, errTime
	}
	s.time = d.clock.time(s.ticks)
	return true, nil
}

// uvarint reads a number, and returns the position behind it; 0 where it does not
// end.
func uvarint(p []byte, pos int) (uint64, int) {
	v, n := binary.Uvarint(p[pos:])
	if n <= 0 {
		return 0, 0
	}
	return v, pos + n
}
