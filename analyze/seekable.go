package analyze

import (
	"fmt"
	"io"
	"os"

	"tracekit/analyze/decode/wire"
	"tracekit/analyze/rewrite"
)

// Seekable returns a trace as what can be read at any offset, as rewriting it takes:
// r itself if it can, and is not compressed; else what it holds, unpacked into a file
// that spool makes and the caller removes. What a damaged compression hides is missing
// at the end.
func Seekable(r io.Reader, spool func() (*os.File, error)) (rewrite.File, error) {
	in, packed, err := uncompress(r)
	if err != nil {
		return nil, err
	}
	if f, ok := in.(wire.Sized); ok {
		return f, nil
	}
	tmp, err := spool()
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(tmp, in)
	if err != nil {
		return nil, packed.explain(fmt.Errorf("it cannot be unpacked into %s: %w", os.TempDir(), err))
	}
	return io.NewSectionReader(tmp, 0, n), nil
}
