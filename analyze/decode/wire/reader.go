package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"time"

	"tracekit/analyze/decode"
)

// Options say how a Reader works. What it reads does not depend on them.
type Options struct {
	Workers  int // generations that are decoded at once
	InFlight int // generations in memory at once, at least 1
	// Tally has Info say what the trace consists of.
	Tally bool
}

// Reader reads a trace of one of the Versions. It implements decode.Source.
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
	pending error
}

// losing is a row of generations that cannot be read.
type losing struct {
	decode.Loss
	minTime uint64 // ticks, of the first of them; 0: not known
}

// job is a generation on its way.
type job struct {
	gen  *generation // nil where the scan has found an error
	out  *decoded
	err  error
	done chan struct{}
}

// NewReader returns a Reader of a trace, of which the header was read already. An
// io.ReaderAt with a Size is read at the offsets where its batches are; anything
// else is a stream.
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
	if at, ok := in.(sized); ok {
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

type sized interface {
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
	defer func() {
		if p := recover(); p != nil {
			j.err = fmt.Errorf("%w: %v", errBug, p)
		}
	}()
	select {
	case <-r.stop:
		j.err = errStopped
		return
	default:
	}
	room := <-r.rooms // there is one for each generation in flight
	j.out, j.err = j.gen.decode(r.version, &r.pool, room, r.options)
	if j.err != nil {
		r.rooms <- room
	}
	j.gen.chunks = nil
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
			r.release(r.out)
			<-r.tokens
		}
		if err := r.take(); err != nil {
			r.pending = r.over(err)
			break
		}
		if r.current && r.gen.Read > 0 {
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
	if j.err != nil {
		r.lose(j.gen, j.err)
		<-r.tokens
		return nil
	}
	if r.whole > 0 && j.gen.number <= r.number {
		r.release(j.out)
		r.lose(j.gen, fmt.Errorf("generation %d comes behind generation %d", j.gen.number, r.number))
		<-r.tokens
		return nil
	}
	if r.whole > 0 && j.gen.number != r.number+1 && r.lost == nil {
		r.miss(j.gen.begin, fmt.Errorf("generation %d follows generation %d", j.gen.number, r.number))
	}
	if r.lost != nil {
		r.join.restart()
	}
	if err := r.join.next(j.out, &r.gen, r.symbols); err != nil {
		r.release(j.out)
		r.lose(j.gen, err)
		<-r.tokens
		return nil
	}
	r.out, r.current = j.out, true
	r.found(j.gen)
	if j.gen.unmarked {
		r.losses = append(r.losses, decode.Loss{Offset: j.gen.end, Cause: errUnmarked})
	}
	return nil
}

// lose notes a generation that cannot be read.
func (r *Reader) lose(g *generation, err error) {
	if r.lost == nil {
		r.miss(g.begin, err)
		r.lost.minTime = g.minTime
	}
	r.lost.Bytes += g.end - g.begin
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
	if r.options.Tally {
		r.info.add(g, r.out, &r.gen)
	}
	if r.gen.Read > 0 || !g.unmarked && r.version >= 26 {
		r.end = g.end
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
	r.lost.NS = max(0, min(r.join.ticks(r.scanner.latest)-r.join.last, maxLength))
	r.losses = append(r.losses, r.lost.Loss)
	return io.EOF
}

// release lets the room of a generation be used again.
func (r *Reader) release(out *decoded) {
	r.pool.Take(&out.events)
	r.rooms <- out.room
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
			g.chunks = nil
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

// No generation of a real trace is silent for a day, and none lasts for weeks.
// A time beyond that is damage, and would only overflow the sums further down.
const (
	maxSilence = int64(24 * time.Hour)
	maxLength  = int64(1 << 50) // 13 days
)

// join puts generations together that were decoded each by itself.
type join struct {
	joined      bool                  // there has been one, and nothing is missing since
	moved       bool                  // there has been one
	before      int64                 // time of the last event, before the generation joined last
	goroutines  map[decode.GoID]uint8 // status of those alive
	procs       map[uint64]uint8
	clock       clock
	first, last int64 // time of the first and the last event
	silence     int64
	ids         []decode.StackID
	frames      []decode.FrameID
}

func newJoin() join {
	return join{goroutines: make(map[decode.GoID]uint8), procs: make(map[uint64]uint8)}
}

// restart forgets what generations have left: something is missing after them.
func (j *join) restart() {
	j.joined = false
	clear(j.goroutines)
	clear(j.procs)
}

func (j *join) ticks(n uint64) int64 {
	if n > j.clock.max {
		return math.MaxInt64
	}
	return j.clock.time(n)
}

// next fills gen with the next generation, if it fits to what came before.
func (j *join) next(out *decoded, gen *decode.Generation, symbols *decode.Symbols) error {
	start := out.start
	if j.moved {
		start = max(start, j.last+1)
	} else {
		j.first = start
	}
	last := max(out.last, start+int64(out.read))
	if out.read > 0 {
		before := start
		if j.joined {
			before = j.last
		}
		out.silence = max(out.silence, out.first-before)
	}
	if j.moved && out.tables.clock != j.clock {
		return errors.New("its clock is not that of the generation before")
	}
	if j.moved && out.last <= j.last {
		return fmt.Errorf("%w: a generation ends at %d ns, and the one before at %d ns", errTime, out.last, j.last)
	}
	if out.silence > maxSilence || last-j.first > maxLength {
		return fmt.Errorf("%w: it goes to %d ns", errTime, last)
	}
	if err := j.continues(out); err != nil {
		return err
	}
	j.silence = max(j.silence, out.silence)
	stacks, reasons := j.stacks(out, symbols), reasons(out, symbols)
	*gen = decode.Generation{
		Start: start, End: last, Read: out.read,
		Goroutines: out.goroutines,
		Stacks:     stacks,
		Reasons:    reasons,
		Summary:    out.summary.resolve(stacks, reasons),
		Events:     out.events,
		Floor:      start + 1,
		Restated:   j.joined,
	}
	j.before = j.last
	j.joined, j.moved, j.last, j.clock = true, true, last, out.tables.clock
	return nil
}

// continues compares what a generation says to have found with what the one
// before has left, and takes over what it leaves itself.
func (j *join) continues(out *decoded) error {
	for i, id := range out.goroutines {
		now := out.states[i]
		was, known := j.goroutines[id]
		switch {
		case now.found == 0 && known:
			return fmt.Errorf("%w: goroutine %d", errTwice, id)
		case now.found != 0 && j.joined && was != now.found:
			return fmt.Errorf("%w: goroutine %d", errStatus, id)
		case now.status != goDead:
			j.goroutines[id] = now.status
		case known:
			delete(j.goroutines, id)
		}
	}
	for id, now := range out.procs {
		was, known := j.procs[id]
		if known && was != now.found && !(now.found == procAbandoned && was == procSyscall) {
			return fmt.Errorf("%w: processor %d", errStatus, id)
		}
		j.procs[id] = now.status
	}
	return nil
}

// stacks enters the stacks that a generation uses into the table of all.
func (j *join) stacks(out *decoded, symbols *decode.Symbols) []decode.StackID {
	t := out.tables
	j.ids = slices.Grow(j.ids[:0], len(out.stacks))
	for _, i := range out.stacks {
		j.frames = j.frames[:0]
		for _, f := range t.stacks[i] {
			j.frames = append(j.frames, symbols.InternFrame(t.resolve(f)))
		}
		j.ids = append(j.ids, symbols.InternStack(j.frames))
	}
	return j.ids
}

// resolve returns a frame with its strings.
func (t *tables) resolve(i int32) decode.Frame {
	f := t.frames[i]
	function, _ := t.stringIDs.get(f.function)
	file, _ := t.stringIDs.get(f.file)
	return decode.Frame{Func: t.strings[function], File: t.strings[file], Line: int(min(f.line, math.MaxInt32))}
}

func reasons(out *decoded, symbols *decode.Symbols) []decode.StringID {
	ids := make([]decode.StringID, len(out.reasons))
	for i, s := range out.reasons {
		ids[i] = symbols.InternString(out.tables.strings[s])
	}
	return ids
}
