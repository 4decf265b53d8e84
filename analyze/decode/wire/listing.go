package wire

import "iter"

// Listing goes through the data of a batch of events of the generation, in the order
// in which its thread has them: the type of each, and the arguments behind its time,
// which are valid until the next one. It ends before what is no event.
func (r *Raw) Listing(data []byte) iter.Seq2[byte, []uint64] {
	counts := argCounts(r.version)
	return func(yield func(byte, []uint64) bool) {
		var args [maxArgs]uint64
		p := &parser{data: data}
		for p.pos < len(data) {
			kind := data[p.pos]
			p.pos++
			n := counts[kind]
			if n == invalid {
				return
			}
			p.uvarint() // the time
			for i := range n {
				args[i] = p.uvarint()
			}
			if p.failed || !yield(kind, args[:n]) {
				return
			}
		}
	}
}
