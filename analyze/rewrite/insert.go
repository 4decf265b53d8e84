package rewrite

import (
	"encoding/binary"

	"tracekit/analyze/decode/wire"
)

// insertion is where events are put into a batch.
type insertion struct {
	at     int    // in the batch's data
	before int    // size of the event there if they go before it: they take its place on the clock, and it follows at once; 0: they go behind one
	ticks  uint64 // the time of the event that is there
	events []byte // with 0 ticks before each
}

// maxData is the largest size of a batch's data.
const maxData = 64 << 10

// insert writes a batch with events put into it, which are in order. Where it does not
// hold them, it becomes several.
func insert(to []byte, b *wire.Batch, data []byte, list []insertion) []byte {
	w := batchWriter{out: to, batch: b, ticks: b.Time}
	pos := 0
	for _, in := range list {
		w.raw(data[pos:in.at])
		pos = in.at
		if in.before == 0 {
			w.ticks = in.ticks
			w.put(in.events, in.ticks)
			continue
		}
		// The first of the events takes the ticks of the one that is there.
		event := data[pos : pos+in.before]
		dt, n := binary.Uvarint(event[1:])
		w.ticks = in.ticks - dt
		events := binary.AppendUvarint([]byte{in.events[0]}, dt)
		events = append(append(events, in.events[2:]...), event[0], 0)
		w.put(append(events, event[1+n:]...), in.ticks)
		pos += in.before
	}
	w.raw(data[pos:])
	w.flush()
	return w.out
}

// batchWriter writes batches like one.
type batchWriter struct {
	out   []byte
	batch *wire.Batch
	data  []byte
	begin uint64 // ticks, of the batch that is being written
	ticks uint64 // of the event written last
	open  bool
}

// raw appends events as they are.
func (w *batchWriter) raw(events []byte) {
	if len(events) > 0 {
		w.room(len(events))
		w.data = append(w.data, events...)
	}
}

// put appends events after which the clock is at ticks.
func (w *batchWriter) put(events []byte, ticks uint64) {
	w.room(len(events))
	w.data = append(w.data, events...)
	w.ticks = ticks
}

// room begins a new batch where the one that is written cannot take n more bytes.
func (w *batchWriter) room(n int) {
	if w.open && len(w.data)+n > maxData {
		w.flush()
	}
	if !w.open {
		w.open, w.begin = true, w.ticks
	}
}

func (w *batchWriter) flush() {
	if w.open {
		w.out = w.batch.Append(w.out, w.begin, w.data)
		w.data, w.open = w.data[:0], false
	}
}
