package rewrite

import (
	"errors"
	"fmt"
	"io"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
)

// File is a trace that can be read at any offset, and more than once. It must not be
// compressed.
type File interface {
	io.ReaderAt
	Size() int64
}

// What can be wrong with a trace that is to be rewritten.
var (
	// ErrVersion is the error for traces of a format that is not written.
	ErrVersion = errors.New("traces of Go 1.21 and before can be read, and not written")
	// ErrWindow is the error for a window behind the end of a trace.
	ErrWindow = decode.ErrWindow
	// ErrGap is the error for a window in which a part of the trace cannot be read.
	ErrGap = errors.New("a part of that window cannot be read")
)

// whole is a File as the reader takes it. What it reads in a row is not asked for.
type whole struct{ File }

// Read implements io.Reader.
func (whole) Read([]byte) (int, error) { return 0, io.EOF }

// open begins to read a file.
func open(f File, o wire.Options) (*wire.Reader, int, error) {
	version, err := versionOf(f)
	if err != nil {
		return nil, 0, err
	}
	return wire.NewReader(whole{f}, version, o), version, nil
}

// versionOf returns the number of the format of a file, which is one that is written.
func versionOf(f File) (int, error) {
	version, err := decode.ReadHeader(io.NewSectionReader(f, 0, f.Size()))
	if err == nil && !wire.Reads(version) {
		err = fmt.Errorf("%w: it is of %s", ErrVersion, decode.FormatName(version))
	}
	return version, err
}

// Check returns what is wrong with a file as a whole, that it cannot be rewritten.
func Check(f File) error {
	_, err := versionOf(f)
	return err
}

// workers is how many generations are decoded at once.
const workers = 2

// options are those for a file that is read to its end.
func options() wire.Options { return wire.Options{Workers: workers, InFlight: workers + 1} }

// generation is a generation that is written anew.
type generation struct {
	raw     *wire.Raw
	data    []byte
	batches []wire.Batch
	tables  *wire.Tables
	added   *added
}

// load reads a generation.
func load(f File, raw *wire.Raw) (*generation, error) {
	g := &generation{raw: raw, data: make([]byte, raw.End-raw.Begin)}
	if n, err := f.ReadAt(g.data, raw.Begin); n < len(g.data) {
		return nil, fmt.Errorf("the generation at offset %d cannot be read again: %w", raw.Begin, err)
	}
	var err error
	if g.batches, err = raw.Batches(g.data); err != nil {
		return nil, err
	}
	if g.tables, err = raw.Tables(); err != nil {
		return nil, err
	}
	g.added = newAdded(g.tables)
	return g, nil
}

// part returns the data of a batch.
func (g *generation) part(b *wire.Batch) []byte { return g.data[b.Data:b.End] }

// mark returns what ends a generation.
func (g *generation) mark() []byte {
	if g.raw.Version() < 26 {
		return nil
	}
	return []byte{wire.EvEndOfGeneration}
}

// copyRaw copies a generation as it is, with the mark that ends it.
func copyRaw(w io.Writer, f File, raw *wire.Raw) error {
	if _, err := io.Copy(w, io.NewSectionReader(f, raw.Begin, raw.End-raw.Begin)); err != nil {
		return err
	}
	if raw.Version() >= 26 && raw.Unmarked {
		_, err := w.Write([]byte{wire.EvEndOfGeneration})
		return err
	}
	return nil
}

// gapError says where damage lies, between two rows of whole generations.
func gapError(before, after []wire.Raw) error {
	start := before[0].Start
	return fmt.Errorf("%w: damage lies between %s and %s", ErrGap, since(before[len(before)-1].Last, start), since(after[0].Start, start))
}
