package rewrite

import (
	"cmp"
	"encoding/binary"
	"slices"

	"tracekit/analyze/decode/wire"
)

// insertion is where events are put into a batch.
type insertion struct {
	at     int    // in the batch's data
	before int    // size of the event there if they go before it: they take its place on the clock, and it follows at once; 0: they go behind one
	ticks  uint64 // the time of the event that is there
	events []byte // with 0 ticks before each
	path   bool   // they are of the critical path
}

// inPlace sorts insertions, and makes one of those at the same place. A stay of the
// critical path begins behind the end of the wait, and ends in front of the beginning of
// the next one.
func inPlace(list []insertion) []insertion {
	slices.SortStableFunc(list, func(a, b insertion) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.before, b.before), cmp.Compare(a.rank(), b.rank()))
	})
	n := 0
	for i := range list {
		if last := n - 1; last >= 0 && list[last].at == list[i].at && list[last].before == list[i].before {
			list[last].events = append(list[last].events, list[i].events...)
			continue
		}
		list[n] = list[i]
		n++
	}
	return list[:n]
}

func (i *insertion) rank() int {
	if i.path == (i.before > 0) {
		return 0
	}
	return 1
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

// batchWriter writes batches like one, in place.
type batchWriter struct {
	out   []byte
	batch *wire.Batch
	ticks uint64 // of the event written last
	data  int    // where the data begins of the batch that is written; 0: there is none
}

// raw appends events as they are.
func (w *batchWriter) raw(events []byte) {
	if len(events) > 0 {
		w.room(len(events))
		w.out = append(w.out, events...)
	}
}

// put appends events after which the clock is at ticks.
func (w *batchWriter) put(events []byte, ticks uint64) {
	w.raw(events)
	w.ticks = ticks
}

// room begins a new batch where the one that is written cannot take n more bytes.
func (w *batchWriter) room(n int) {
	if w.data > 0 && len(w.out)-w.data+n > maxData {
		w.flush()
	}
	if w.data == 0 {
		w.out = w.batch.Begin(w.out, w.ticks)
		w.data = len(w.out)
	}
}

// flush ends the batch that is written.
func (w *batchWriter) flush() {
	if w.data > 0 {
		wire.EndBatch(w.out[:w.data], len(w.out)-w.data)
		w.data = 0
	}
}
