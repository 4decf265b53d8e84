package exp

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/exp/trace"

	"tracekit/analyze/decode"
)

// No generation of a real trace is silent for a day, and none lasts for weeks.
// A time beyond that is damage, and would only overflow the sums further down.
const (
	maxSilence = int64(24 * time.Hour)
	maxLength  = int64(1 << 50) // 13 days
)

// Reader reads a trace with golang.org/x/exp/trace. It implements decode.Source.
type Reader struct {
	framed  bool // the v2 format, which has generations
	frames  *frames
	exp     *trace.Reader
	symbols *decode.Symbols
	scratch []decode.FrameID
	pool    decode.Pool
	builder *decode.Builder
	stacks  map[trace.Stack]decode.StackID // handles of the generation being read

	ev      trace.Event
	out     decode.Generation // handed out last
	opened  bool              // a generation has begun
	start   int64             // of that
	whole   int               // generations handed out
	closed  int               // generations read to their end, empty ones included
	ended   int               // closed, when the last one that was handed out ended
	first   int64             // time of the first event
	last    int64             // time of the last event
	silence int64             // the longest time between two events
	pending error             // what Next returns once the generations are used up
	losses  []decode.Loss
}

// NewReader begins to read a trace of the given version, whose header was read
// already. The error wraps decode.ErrDamaged, or is one of r itself.
func NewReader(r io.Reader, version int) (_ *Reader, err error) {
	f := &frames{r: r, offset: decode.HeaderSize, marked: version >= 26}
	symbols := decode.NewSymbols()
	d := &Reader{
		framed:  version >= 22,
		frames:  f,
		symbols: symbols,
		stacks:  make(map[trace.Stack]decode.StackID),
	}
	d.builder = decode.NewBuilder(&d.pool)
	defer recoverAs(&err)
	header := fmt.Sprintf("go 1.%d trace\x00\x00\x00", version)
	d.exp, err = trace.NewReader(io.MultiReader(strings.NewReader(header), f))
	if f.err != nil {
		return nil, f.err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", decode.ErrDamaged, firstLine(err))
	}
	return d, nil
}

// Close does nothing: all is done in Next.
func (d *Reader) Close() {}

// Symbols implements decode.Source.
func (d *Reader) Symbols() *decode.Symbols { return d.symbols }

// Offset returns the number of bytes read so far.
func (d *Reader) Offset() int64 { return d.frames.offset }

// Silence returns the longest time between two events, in ns. In the v2 format
// the tracer itself makes events about once a second; 0 is returned for others.
func (d *Reader) Silence() int64 {
	if !d.framed {
		return 0
	}
	return d.silence
}

// Losses returns what could not be read. It is known when Next has returned
// io.EOF.
func (d *Reader) Losses() []decode.Loss { return d.losses }

// Next implements decode.Source. When the trace is damaged it returns io.EOF after the
// last generation before the damage, and Losses tells the rest; when there is no
// whole generation at all it returns an error that wraps decode.ErrDamaged. An error of
// the input itself is returned as it is.
func (d *Reader) Next() (*decode.Generation, error) {
	if d.pending == nil {
		if err := d.generation(); err != nil {
			d.pending = d.end(err)
		}
	}
	if d.pending != nil {
		return nil, d.pending
	}
	d.whole++
	return &d.out, nil
}

// generation reads on to the end of a generation. It is in d.out then, with the
// beginning of the following one in d.builder.
func (d *Reader) generation() (err error) {
	defer recoverAs(&err)
	d.out.Events.Free() // the caller is done with it
	for {
		d.ev, err = d.exp.ReadEvent()
		if err != nil {
			return err
		}
		if d.ev.Kind() == trace.EventSync {
			if d.sync() {
				return nil
			}
			continue
		}
		if err := d.event(); err != nil {
			return err
		}
	}
}

// sync is called at the boundary before, between and after generations. It
// reports whether the one that it closes has events.
func (d *Reader) sync() bool {
	whole := d.opened && d.builder.Read() > 0
	if d.opened {
		d.closed++
	}
	if whole {
		d.ended = d.closed
		d.out = d.builder.Take()
	}
	clear(d.stacks)
	d.start = int64(d.ev.Time())
	d.builder.Begin(d.start)
	d.opened = true
	return whole
}

// event takes one event into the generation being built.
func (d *Reader) event() error {
	t := int64(d.ev.Time())
	if d.first == 0 && d.whole == 0 && d.builder.Read() == 0 {
		d.first, d.last = d.start, d.start
	}
	if t < d.last || t-d.last > maxSilence || t-d.first > maxLength {
		return fmt.Errorf("time goes from %d ns to %d ns", d.last, t)
	}
	d.silence = max(d.silence, t-d.last)
	d.last = t
	e, ok := d.translate(t)
	if !ok {
		d.builder.Pass(t)
		return nil
	}
	if !d.builder.Add(e) {
		return errors.New("there are too many different reasons for blocking")
	}
	return nil
}

// end is called with the error that ended the reading. It works out what was
// lost, and returns the error that Next is to return from now on.
func (d *Reader) end(err error) error {
	if err == io.EOF {
		return d.eof()
	}
	if err := d.frames.count(); err != nil {
		return err // the medium is bad, not the trace
	}
	if d.whole == 0 {
		return fmt.Errorf("%w: %w", decode.ErrDamaged, firstLine(err))
	}
	offset := d.offset()
	d.losses = []decode.Loss{{Offset: offset, Bytes: d.frames.offset - offset, Cause: firstLine(err)}}
	return io.EOF
}

// offset returns where in the file the last generation that was handed out ends.
func (d *Reader) offset() int64 {
	if n := min(d.ended, len(d.frames.ends)); n > 0 {
		return d.frames.ends[n-1]
	}
	return decode.HeaderSize
}

// errOpen is the cause of the loss where a program was killed: from Go 1.25 on,
// the first batch of a generation is written when it begins. To x/exp/trace a
// generation that has nothing else is none.
var errOpen = errors.New("the last generation was begun and not ended, as when a program is killed")

// eof is end for a trace of which x/exp/trace finds that it is complete.
func (d *Reader) eof() error {
	if d.whole == 0 {
		return fmt.Errorf("%w: it holds no events", decode.ErrDamaged)
	}
	if rest := d.frames.offset - d.offset(); d.framed && rest > 0 {
		d.losses = []decode.Loss{{Offset: d.offset(), Bytes: rest, Cause: errOpen}}
	}
	return io.EOF
}

// firstLine cuts an error down to its first line. Those of x/exp/trace can go
// on with kilobytes of the reader's state.
func firstLine(err error) error {
	line, _, more := strings.Cut(err.Error(), "\n")
	if !more {
		return err
	}
	return errors.New(strings.TrimSuffix(line, ":"))
}

// recoverAs turns a panic into an error. x/exp/trace panics on some damaged
// input: a CPU sample with an unknown stack, an impossible ProcStatus.
func recoverAs(err *error) {
	if p := recover(); p != nil {
		*err = firstLine(fmt.Errorf("the reader failed: %v", p))
	}
}
