package wire

import (
	"bufio"
	"errors"
	"io"
)

// input is the bytes of a trace: either one that can be read at any offset, or a
// stream, of which each generation's batches are kept until they are decoded.
type input struct {
	at     io.ReaderAt // nil: a stream
	stream *bufio.Reader
	offset int64 // of the next byte
	err    error // what was wrong with the input itself, other than its end
}

// maxHeader is the longest header of a batch, with the first byte of its data.
const maxHeader = 2 + 4*10 + 1

// peek returns up to maxHeader of the next bytes, fewer at the end only. They are
// valid until the next call.
func (in *input) peek(buf *[maxHeader]byte) []byte {
	if in.at == nil {
		b, err := in.stream.Peek(maxHeader)
		in.note(err)
		return b
	}
	n, err := in.at.ReadAt(buf[:], in.offset)
	in.note(err)
	return buf[:n]
}

func (in *input) note(err error) {
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) && in.err == nil {
		in.err = err
	}
}

// pass moves on by n bytes that were peeked at.
func (in *input) pass(n int) {
	if in.at == nil {
		in.stream.Discard(n)
	}
	in.offset += int64(n)
}

// take moves on by the data of a batch, and keeps it in g if the input is a
// stream. It reports false where the input ends before.
func (in *input) take(b *batch, g *generation) bool {
	n := int(b.size)
	b.offset = in.offset
	if in.at != nil {
		// That the last byte is there has to be seen; the rest is read later.
		var last [1]byte
		if n > 0 {
			k, err := in.at.ReadAt(last[:], in.offset+int64(n)-1)
			in.note(err)
			if k == 0 {
				return false
			}
		}
		in.offset += int64(n)
		return true
	}
	data := g.keep(n)
	k, err := io.ReadFull(in.stream, data)
	in.note(err)
	in.offset += int64(k)
	b.offset = g.kept()
	return k == n
}

// rest passes over all that is left.
func (in *input) rest(size int64) {
	if in.at != nil {
		in.offset = max(in.offset, size)
		return
	}
	n, err := io.Copy(io.Discard, in.stream)
	in.note(err)
	in.offset += n
}
