package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync"

	"tracekit/analyze/decode"
)

// Options say how a Reader works. What it reads does not depend on them.
type Options struct {
	Workers  int // generations that are decoded at once
	InFlight int // generations in memory at once, at least 1
	// Tally has Info say what the trace consists of.
	Tally bool
	// Follow has Standing say what is going on where a generation ends.
	Follow bool
	// Waits has Reader.Waits say where waits stand that last so long; nil: it is not
	// asked for.
	Waits *Shortest
}

// Reader reads a trace of a format for which Reads is true. It implements decode.Source.
type Reader struct {
	version int
	options Options
	size    int64 // of the file; 0: a stream
	scanner scanner
	symbols *decode.Symbols
	pool    decode.Pool
	rooms   chan *room // that are free
	queue   chan *job  // in the order of the file
	work    chan *job
	tokens  chan struct{} // one for each generation in flight
	stop    chan struct{}
	stopped sync.Once
	scanned chan struct{} // closed when the scan is over

	join    join
	gen     decode.Generation
	out     *decoded // of which gen was made
	current bool     // gen was handed out
	whole   int      // generations handed out
	number  uint64   // of the last one that was whole
	end     int64    // offset behind it
	lost    *losing  // what is being lost; nil: nothing
	losses  []decode.Loss
	info    Info
	raw     Raw // of gen
	stand   Standing
	pending error
}

// job is a generation on its way.
type job struct {
	gen  *generation // nil where the scan has found an error
	out  *decoded
	err  error
	done chan struct{}
}

// NewReader returns a Reader of a trace. Of a stream, the header was read already;
// one that is Sized is read at the offsets where its batches are.
func NewReader(in io.Reader, version int, o Options) *Reader {
	r := &Reader{
		version: version,
		options: o,
		symbols: decode.NewSymbols(),
		queue:   make(chan *job, o.InFlight+1),
		work:    make(chan *job, o.InFlight+1),
		tokens:  make(chan struct{}, o.InFlight),
		rooms:   make(chan *room, o.InFlight),
		stop:    make(chan struct{}),
		scanned: make(chan struct{}),
		end:     decode.HeaderSize,
		join:    newJoin(),
	}
	r.scanner = scanner{version: version, in: input{offset: decode.HeaderSize}}
	if at, ok := in.(Sized); ok {
		r.size = at.Size()
		r.scanner.in.at = at
	} else {
		r.scanner.in.stream = bufio.NewReaderSize(in, 64<<10)
	}
	for range o.InFlight {
		r.rooms <- newRoom()
	}
	go r.scan()
	for range o.Workers {
		go r.decode()
	}
	return r
}

// Sized is an input that can be read anywhere.
type Sized interface {
	io.ReaderAt
	Size() int64
}

// scan puts the generations of the file on their way.
func (r *Reader) scan() {
	defer close(r.scanned)
	defer close(r.work)
	defer close(r.queue)
	for {
		select {
		case <-r.stop:
			return
		case r.tokens <- struct{}{}:
		}
		g, err := r.scanner.scan()
		j := &job{gen: g, err: err, done: make(chan struct{})}
		if err == nil {
			j.err = g.broken
		}
		r.queue <- j
		switch {
		case err != nil:
			close(j.done)
			return
		case j.err != nil:
			close(j.done)
		default:
			r.work <- j
		}
	}
}

// decode decodes generations.
func (r *Reader) decode() {
	for j := range r.work {
		r.decodeJob(j)
	}
}

func (r *Reader) decodeJob(j *job) {
	defer close(j.done)
	select {
	case <-r.stop:
		j.err = errStopped
		return
	default:
	}
	room := <-r.rooms // there is one for each generation in flight
	j.out, j.err = r.decodeIn(j.gen, room)
	if j.err != nil {
		r.rooms <- room
	}
	if !errors.Is(j.err, errUnstated) {
		j.gen.drop()
	}
}

// again decodes a generation once more that cannot be decoded by itself.
func (r *Reader) again(j *job) {
	defer j.gen.drop()
	if r.whole == 0 || r.lost != nil || j.gen.number != r.number+1 {
		return
	}
	j.gen.left = r.join.left
	room := <-r.rooms
	if j.out, j.err = r.decodeIn(j.gen, room); j.err != nil {
		r.rooms <- room
	}
}

// decodeIn decodes a generation. A panic is a bug, and no reason to leave a user
// with nothing.
func (r *Reader) decodeIn(g *generation, room *room) (out *decoded, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("%w: %v", errBug, p)
		}
	}()
	return g.decode(r.version, &r.pool, room, r.options, nil)
}

var (
	errStopped = errors.New("the reader was closed")
	errBug     = errors.New("a bug of the reader")
)

// Close ends what is going on in the background. It is needed only where Next has
// not returned an error.
func (r *Reader) Close() {
	r.stopped.Do(func() { close(r.stop) })
}

// Symbols implements decode.Source.
func (r *Reader) Symbols() *decode.Symbols { return r.symbols }

// Offset returns the size of the file. It is known when Next has returned io.EOF.
func (r *Reader) Offset() int64 { return r.scanner.in.offset }

// Silence returns the longest time between two events, in ns. The tracer itself
// makes events about once a second.
func (r *Reader) Silence() int64 { return r.join.silence }

// Losses returns what could not be read, in the order of the file. It is known
// when Next has returned io.EOF.
func (r *Reader) Losses() []decode.Loss { return r.losses }

// Next implements decode.Source. A generation that is damaged is left out, and
// Losses tells of it; when there is no whole generation at all the error wraps
// decode.ErrDamaged. An error of the input itself is returned as it is.
func (r *Reader) Next() (*decode.Generation, error) {
	for r.pending == nil {
		if r.current {
			r.current = false
			if r.options.Follow {
				r.stand.pass(r.out)
			}
			r.gen.Events.Free()
			r.release(r.out)
			<-r.tokens
		}
		if err := r.take(); err != nil {
			r.pending = r.over(err)
			break
		}
		if r.current {
			r.whole++
			return &r.gen, nil
		}
	}
	return nil, r.pending
}

// take fetches the next generation, and joins it to the ones before. If it cannot
// be read, that is noted. The error ends the trace.
func (r *Reader) take() error {
	j, ok := <-r.queue
	if !ok {
		return errStopped
	}
	<-j.done
	if j.gen == nil {
		return j.err
	}
	if errors.Is(j.err, errUnstated) {
		r.again(j)
	}
	if j.err != nil {
		r.refuse(j, j.err)
		return nil
	}
	if r.whole > 0 && j.gen.number <= r.number {
		r.refuse(j, fmt.Errorf("generation %d comes behind generation %d", j.gen.number, r.number))
		return nil
	}
	if r.whole > 0 && j.gen.number != r.number+1 && r.lost == nil {
		r.miss(j.gen.begin, fmt.Errorf("generation %d follows generation %d", j.gen.number, r.number))
	}
	if j.out.read == 0 {
		r.skip(j)
		return nil
	}
	if r.lost != nil {
		r.join.restart()
		r.stand = Standing{}
	}
	if err := r.join.next(j.out, &r.gen, r.symbols); err != nil {
		r.refuse(j, err)
		return nil
	}
	r.out, r.current = j.out, true
	r.found(j.gen)
	r.raw = newRaw(j.gen, r.version, &r.gen)
	if j.gen.unmarked {
		r.losses = append(r.losses, decode.Loss{Offset: j.gen.end, Cause: errUnmarked})
	}
	return nil
}

// refuse leaves a generation out.
func (r *Reader) refuse(j *job, err error) {
	if j.out != nil {
		r.release(j.out)
	}
	r.lose(j.gen, err)
	<-r.tokens
}

// skip passes over a generation without events. The first batch of a generation is
// written when it begins, from Go 1.25 on.
func (r *Reader) skip(j *job) {
	r.join.skip(j.out)
	r.number = max(r.number, j.gen.number)
	if r.options.Tally {
		out := &decoded{tables: j.out.tables, tally: j.out.tally}
		r.info.empty = append(r.info.empty, emptyGeneration{j.gen, out})
	}
	if r.version >= 26 && !j.gen.unmarked && r.lost == nil {
		r.end = j.gen.end
	}
	r.release(j.out)
	<-r.tokens
}

// release lets the room of a generation be used again.
func (r *Reader) release(out *decoded) {
	out.events.Free()
	r.rooms <- out.room
}
