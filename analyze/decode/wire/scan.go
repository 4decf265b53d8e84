package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// maxBatch is the largest size of a batch's data.
const maxBatch = 64 << 10

// batch is the header of a batch, and where its data is.
type batch struct {
	time   uint64 // ticks
	offset int64  // of the data: in the file; or in the generation's chunks
	size   uint32
	thread int32 // index in generation.threads; -1 for tables
	kind   byte  // EvBatch for events; else the type that the data begins with
	header uint8 // bytes of its header, in front of the data
}

// generation is what a scan finds of one generation: where its batches are.
type generation struct {
	number     uint64
	begin, end int64 // offsets in the file
	minTime    uint64
	tables     []batch // strings, stacks, samples and the clock, in the order of the file
	events     []batch
	threads    []uint64 // ids, in the order in which the file has them first
	byThread   map[uint64]int32
	frames     int               // batches of any sort
	left       map[uint64]uint64 // goroutines that threads ran when the generation before ended; nil: not known
	broken     error             // what is wrong with them already
	unmarked   bool              // the mark at its end is missing
	headers    int64             // bytes of their headers, and of the mark at the end
	experiment int64             // bytes of the data of experimental ones

	at     io.ReaderAt
	chunks [][]byte
	room   *chunks
}

// chunkSize is how much of a stream is kept in one piece, at most. No batch lies
// across.
const chunkSize = 1 << 20

// chunks is room for the chunks of streams. Those of full size are used again.
type chunks struct {
	mu   sync.Mutex
	free [][]byte
}

// take returns room for n bytes and more: as much as there is before it, so that
// a tiny generation takes little.
func (c *chunks) take(n, before int) []byte {
	size := min(max(n, before, 4<<10), chunkSize)
	c.mu.Lock()
	defer c.mu.Unlock()
	if last := len(c.free) - 1; last >= 0 && size == chunkSize {
		b := c.free[last]
		c.free = c.free[:last]
		return b[:0]
	}
	return make([]byte, 0, size)
}

func (c *chunks) put(list [][]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range list {
		if cap(b) == chunkSize {
			c.free = append(c.free, b)
		}
	}
}

// keep returns room for the data of a batch.
func (g *generation) keep(n int) []byte {
	last := len(g.chunks) - 1
	if last < 0 || len(g.chunks[last])+n > cap(g.chunks[last]) {
		before := 0
		for _, c := range g.chunks {
			before += cap(c)
		}
		g.chunks = append(g.chunks, g.room.take(n, before))
		last++
	}
	c := g.chunks[last]
	g.chunks[last] = c[:len(c)+n]
	return g.chunks[last][len(c):]
}

// drop lets the room of what is kept be used again.
func (g *generation) drop() {
	if g.room != nil {
		g.room.put(g.chunks)
	}
	g.chunks = nil
}

// kept returns how much room was given so far, as the number of the last chunk
// and the length of it.
func (g *generation) kept() int64 {
	last := len(g.chunks) - 1
	return int64(last)*chunkSize + int64(len(g.chunks[last]))
}

// data returns the data of a batch. It may be in room for batches, at the place i.
func (g *generation) data(b *batch, room *room, i int) ([]byte, error) {
	if g.at == nil {
		c := g.chunks[(b.offset-1)/chunkSize]
		end := int((b.offset-1)%chunkSize) + 1
		return c[end-int(b.size) : end], nil
	}
	data := room.buffer(i, int(b.size))
	if n, err := g.at.ReadAt(data, b.offset); n < len(data) {
		return nil, fmt.Errorf("a batch at offset %d cannot be read again: %w", b.offset, err)
	}
	return data, nil
}

// scanner follows the headers of batches to find where generations are. It
// decodes no event.
type scanner struct {
	in      input
	version int
	next    *generation // of which the first batch was read already
	err     error       // that ends the scan once next is handed out
	latest  uint64      // the latest time of a batch, in ticks
	room    chunks
}

// What ends a scan, but for the end of the file.
var (
	errTorn    = errors.New("the file ends in the middle of a generation")
	errNumber  = errors.New("a number does not end")
	errStray   = errors.New("a batch belongs to no generation") // it was passed over
	errBetween = errors.New("no batch begins where one should")
)

// scan returns the next generation, or io.EOF at the clean end of the file. After
// any other error, nothing can be told apart.
func (s *scanner) scan() (*generation, error) {
	g := s.next
	s.next = nil
	if g == nil {
		g = s.open(0)
	}
	if s.err != nil {
		return nil, s.err
	}
	for {
		done, err := s.frame(g)
		if done || err == io.EOF && s.ended(g) {
			s.err = err
			if g.frames == 0 && err == io.EOF {
				return nil, io.EOF
			}
			return g, nil
		}
		if err == io.EOF {
			err = errTorn // and a mark is missing, too
		}
		if err != nil {
			s.err = err
			return nil, err
		}
	}
}

// ended reports whether a generation may end where the file does. From Go 1.26 on
// a mark ends it, but if that alone is missing, nothing is lost: the stacks come
// last.
func (s *scanner) ended(g *generation) bool {
	if s.version >= 26 && g.frames > 0 {
		g.unmarked = true
		return slices.ContainsFunc(g.tables, func(b batch) bool { return b.kind == EvStacks })
	}
	return true
}

// open begins a generation where the input stands.
func (s *scanner) open(number uint64) *generation {
	return &generation{number: number, begin: s.in.offset, end: s.in.offset, byThread: make(map[uint64]int32), at: s.in.at, room: &s.room}
}

// header is the header of a frame.
type header struct {
	number, thread, time, size uint64
	experiment                 bool
	length                     int
	kind                       byte // the first byte of the data
}

// frame reads a frame into g. It reports true where g ends before or with it.
// Where the frame is of the next generation, that is in s.next.
func (s *scanner) frame(g *generation) (done bool, err error) {
	var buf [maxHeader]byte
	p := s.in.peek(&buf)
	switch {
	case len(p) == 0:
		return false, io.EOF
	case p[0] == EvEndOfGeneration && s.version >= 26:
		if g.frames == 0 {
			return false, fmt.Errorf("at offset %d a generation ends that has not begun", s.in.offset)
		}
		s.in.pass(1)
		g.headers++
		g.end = s.in.offset
		return true, nil
	case p[0] != EvBatch && p[0] != EvExperimentalBatch:
		return s.loose(g), fmt.Errorf("%w: at offset %d there is a byte %#x", errBetween, s.in.offset, p[0])
	}
	h, err := parseHeader(p)
	if err != nil {
		return s.loose(g), fmt.Errorf("%w, in the header of a batch at offset %d", err, s.in.offset)
	}
	if h.number != g.number {
		if next, err := s.another(g, h); err == errStray {
			return false, nil
		} else if next || err != nil {
			return next, err
		}
	}
	return false, s.batch(g, h)
}

// loose reports whether a generation ends where something begins that is no
// frame. From Go 1.26 on there is a mark for it.
func (s *scanner) loose(g *generation) bool { return s.version < 26 && g.frames > 0 }

// another takes a frame with another generation number than g. It reports true
// where g ends before it.
//
// Before Go 1.26 nothing else tells that. So a number that is larger has to come
// twice in a row, or be the last: one that comes once is damage of a single
// batch, behind which g goes on.
func (s *scanner) another(g *generation, h header) (bool, error) {
	switch {
	case g.frames == 0 && h.number > 0:
		g.number = h.number
		return false, nil
	case s.version >= 26 && h.number == g.number+1:
		g.unmarked = true
		s.next = s.open(h.number)
		return true, s.batch(s.next, h)
	case s.version >= 26 || h.number < g.number:
		g.broken = fmt.Errorf("a batch of generation %d is at offset %d in generation %d", h.number, s.in.offset, g.number)
		return false, nil
	}
	stray := s.open(h.number)
	if err := s.batch(stray, h); err != nil {
		s.next = stray
		return true, err
	}
	var buf [maxHeader]byte
	p := s.in.peek(&buf)
	if len(p) > 0 && (p[0] == EvBatch || p[0] == EvExperimentalBatch) {
		if next, err := parseHeader(p); err == nil && next.number == g.number {
			g.broken = fmt.Errorf("a batch of generation %d is at offset %d in generation %d", h.number, stray.begin, g.number)
			g.frames++
			g.headers += stray.end - stray.begin
			g.end = stray.end
			stray.drop()
			return false, errStray
		}
	}
	s.next = stray
	return true, nil
}

// batch enters a batch of g.
func (s *scanner) batch(g *generation, h header) error {
	if h.size > maxBatch {
		return fmt.Errorf("a batch at offset %d claims %d bytes; %d are the most", s.in.offset, h.size, maxBatch)
	}
	if g.minTime == 0 || h.time < g.minTime {
		g.minTime = h.time
	}
	s.latest = max(s.latest, h.time)
	g.frames++
	g.headers += int64(h.length)
	b := batch{time: h.time, size: uint32(h.size), thread: -1, kind: h.kind, header: uint8(h.length)}
	s.in.pass(h.length)
	if !s.in.take(&b, g) {
		return errTorn
	}
	g.end = s.in.offset
	switch {
	case h.experiment:
		g.experiment += int64(h.size)
	case h.size == 0:
	case s.isTable(h.kind):
		g.tables = append(g.tables, b)
	default:
		b.kind, b.thread = EvBatch, g.thread(h.thread)
		g.events = append(g.events, b)
	}
	return nil
}

func (s *scanner) isTable(kind byte) bool {
	switch kind {
	case EvStrings, EvStacks, EvCPUSamples:
		return true
	case EvFrequency:
		return s.version < 25
	case EvSync:
		return s.version >= 25
	}
	return false
}

// thread returns the index of a thread.
func (g *generation) thread(id uint64) int32 {
	i, ok := g.byThread[id]
	if !ok {
		i = int32(len(g.threads))
		g.byThread[id] = i
		g.threads = append(g.threads, id)
	}
	return i
}

// parseHeader reads the header of a batch.
func parseHeader(p []byte) (h header, err error) {
	n := 1
	if p[0] == EvExperimentalBatch {
		h.experiment = true
		n = 2
	}
	for _, v := range []*uint64{&h.number, &h.thread, &h.time, &h.size} {
		if n > len(p) {
			return h, errTorn
		}
		k := 0
		*v, k = binary.Uvarint(p[n:])
		switch {
		case k == 0:
			return h, errTorn
		case k < 0:
			return h, errNumber
		}
		n += k
	}
	h.length = n
	if n < len(p) && h.size > 0 {
		h.kind = p[n]
	}
	return h, nil
}
