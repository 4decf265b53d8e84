package wire

import (
	"errors"
	"fmt"
	"io"

	"tracekit/analyze/decode"
)

// losing is a row of generations that cannot be read.
type losing struct {
	decode.Loss
	minTime uint64 // ticks, of the first of them; 0: not known
}

// lose notes a generation that cannot be read.
func (r *Reader) lose(g *generation, err error) {
	if r.lost == nil {
		r.miss(g.begin, err)
		r.lost.minTime = g.minTime
	}
	r.lost.Bytes = g.end - r.lost.Offset
}

// miss notes that from an offset on something is missing.
func (r *Reader) miss(offset int64, cause error) {
	r.lost = &losing{Loss: decode.Loss{Offset: offset, Cause: cause}}
}

// found ends what is being lost, with a generation that is whole.
func (r *Reader) found(g *generation) {
	if r.lost != nil {
		from := r.join.before
		if r.whole == 0 {
			from = r.join.ticks(r.lost.minTime)
		}
		r.lost.NS = max(0, min(r.gen.Start-from, maxLength))
		r.losses = append(r.losses, r.lost.Loss)
		r.lost = nil
		r.gen.Gap = r.whole > 0
	}
	r.number = g.number
	r.end = g.end
	if r.options.Tally {
		r.info.add(g, r.out, &r.gen)
	}
}

// over is called with the error that ended the reading. It works out what was
// lost, and returns the error that Next is to return from now on.
func (r *Reader) over(err error) error {
	in := r.rest()
	if in.err != nil {
		return in.err // the medium is bad, not the trace
	}
	if r.whole == 0 && err == io.EOF {
		err = errNothing
		if in.offset > r.end {
			err = errOpen
		}
	}
	if r.whole == 0 {
		if r.lost != nil {
			err = r.lost.Cause
		}
		return fmt.Errorf("%w: %w", decode.ErrDamaged, err)
	}
	if err == io.EOF && r.lost == nil && in.offset == r.end {
		return io.EOF
	}
	if r.lost == nil {
		if err == io.EOF {
			err = errOpen
		}
		r.miss(r.end, err)
	}
	r.lost.Bytes = in.offset - r.lost.Offset
	r.lost.NS = max(0, min(r.join.ticks(r.scanner.latest)-r.join.ended, maxLength))
	r.losses = append(r.losses, r.lost.Loss)
	return io.EOF
}

// rest follows the headers of batches as far as that is possible, and goes to the
// end of the file.
func (r *Reader) rest() *input {
	r.Close()
	for j := range r.queue {
		<-j.done
		if j.out != nil {
			r.release(j.out)
		}
	}
	<-r.scanned
	for err := error(nil); err == nil; {
		var g *generation
		if g, err = r.scanner.scan(); g != nil {
			g.drop()
		}
	}
	r.scanner.in.rest(r.size)
	return &r.scanner.in
}

// errUnmarked is the cause of the loss of no bytes.
var errUnmarked = errors.New("the mark that ends a generation is missing")

// errNothing is what is wrong with a trace that has only a header.
var errNothing = errors.New("it holds no events")

// errOpen is the cause of the loss where a program was killed: from Go 1.25 on,
// the first batch of a generation is written when it begins.
var errOpen = errors.New("the last generation was begun and not ended, as when a program is killed")
