package analyze

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"tracekit/analyze/report"
)

// compressions are the formats, told by how they begin.
var compressions = []struct {
	name, magic string
	open        func(io.Reader) (io.Reader, error)
}{
	{"gzip", "\x1f\x8b", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{"zstd", "\x28\xb5\x2f\xfd", func(r io.Reader) (io.Reader, error) {
		// One after the other: the processors have enough to do.
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	}},
}

// maxWindow is the memory that a zstd stream may ask for. That of its command
// never does for more without being told to.
const maxWindow = 128 << 20

// compressed is an input that is decompressed as it is read. Where that fails, it
// ends: what comes before can be whole.
type compressed struct {
	name string
	raw  *rawInput
	r    io.Reader
	read int64
	err  error // why it ended before its end
}

// rawInput keeps what was wrong with the input itself, other than its end.
type rawInput struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (r *rawInput) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// uncompress returns an input as it is, or what it is when decompressed. The
// second result is nil for one that is not compressed.
func uncompress(r io.Reader) (io.Reader, *compressed, error) {
	var start [4]byte
	if at, ok := r.(io.ReaderAt); ok {
		n, _ := at.ReadAt(start[:], 0) // what is wrong with it will be seen again
		return decompress(r, start[:n])
	}
	buffered := bufio.NewReaderSize(r, 64<<10)
	peeked, _ := buffered.Peek(len(start))
	return decompress(buffered, peeked)
}

// decompress is uncompress for an input that begins with the given bytes.
func decompress(plain io.Reader, start []byte) (io.Reader, *compressed, error) {
	for _, f := range compressions {
		if !bytes.HasPrefix(start, []byte(f.magic)) {
			continue
		}
		c := &compressed{name: f.name, raw: &rawInput{r: plain}}
		var err error
		if c.r, err = f.open(c.raw); err != nil {
			if c.raw.err != nil {
				return nil, nil, c.raw.err
			}
			return nil, nil, fmt.Errorf("%w: its %s cannot be read: %w", ErrNotTrace, f.name, err)
		}
		return c, c, nil
	}
	return plain, nil, nil
}

// Read implements io.Reader.
func (c *compressed) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read += int64(n)
	switch {
	case err == nil || err == io.EOF:
		return n, err
	case c.raw.err != nil:
		return n, c.raw.err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends too soon")
	}
	c.err = err
	return n, io.EOF
}

// explain says of an error that it is about what was decompressed.
func (c *compressed) explain(err error) error {
	switch {
	case c == nil:
		return err
	case c.err != nil:
		return fmt.Errorf("%w: its %s is damaged (%w) behind %d bytes of trace", ErrDamaged, c.name, c.err, c.read)
	}
	return fmt.Errorf("decompressed with %s: %w", c.name, err)
}

// damage says what is wrong with what was decompressed.
func (c *compressed) damage() string {
	return fmt.Sprintf("the %s of the file is damaged (%v)", c.name, c.err)
}

// caveats tells that the input could not be decompressed to its end.
func (c *compressed) caveats() []report.Caveat {
	if c == nil || c.err == nil {
		return nil
	}
	return []report.Caveat{{
		Code:   "compression",
		About:  "trace.lost_bytes",
		Text:   fmt.Sprintf("%s: behind the %d bytes of trace that it held up to there, nothing can be known", c.damage(), c.read),
		Remedy: "copy the file again",
	}}
}
