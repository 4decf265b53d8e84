package rewrite

import (
	"bytes"
	"io"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/exp"
	"tracekit/analyze/decode/wire"
)

// Repaired says what Repair has kept.
type Repaired struct {
	Generations int   // that were kept
	Rows        int   // of whole generations that follow one another; one was kept
	Marks       int   // that end a generation, and were missing
	KeptNS      int64 // that the kept ones cover
	WallNS      int64 // that all whole ones cover
	LostBytes   int64 // of the file that are not in the result, but for marks
	// Cause is the first thing that was wrong; nil for a trace that was whole.
	Cause error
}

// Undamaged reports whether nothing was wrong, and all was kept.
func (r *Repaired) Undamaged() bool { return r.Cause == nil && r.LostBytes == 0 }

// Repair writes a trace of the complete generations of a damaged one, for tools that
// read none which is torn. Generations of a trace build on one another, so that only
// such can be kept as follow one another: of several rows, the longest in time. What
// golang.org/x/exp/trace does not read is left out, too. The error wraps
// decode.ErrDamaged where nothing is whole.
func Repair(f File, w io.Writer) (*Repaired, error) {
	row, result, err := survey(f)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(w, repaired(f, row[0].Version(), row))
	return result, err
}

// survey finds the generations of a trace that Repair keeps.
func survey(f File) ([]wire.Raw, *Repaired, error) {
	version, err := versionOf(f)
	if err != nil {
		return nil, nil, err
	}
	r, err := ReadGenerations(f)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	for err == nil {
		_, err = r.Next()
	}
	if err != io.EOF {
		return nil, nil, err
	}
	result := &Repaired{Rows: len(r.rows)}
	var best []wire.Raw
	for _, row := range r.rows {
		result.WallNS += lasts(row)
		if lasts(row) > lasts(best) || best == nil {
			best = row
		}
	}
	if l := r.Losses(); len(l) > 0 {
		result.Cause = l[0].Cause
	}
	readable, cause := accepted(f, version, best)
	if len(readable) == 0 {
		return nil, nil, cause
	}
	if result.Cause == nil {
		result.Cause = cause
	}
	result.count(f, readable)
	return readable, result, nil
}

// lasts returns the ns that generations cover.
func lasts(row []wire.Raw) int64 {
	if len(row) == 0 {
		return 0
	}
	return row[len(row)-1].Last - row[0].Start
}

func (r *Repaired) count(f File, row []wire.Raw) {
	r.Generations, r.KeptNS = len(row), lasts(row)
	r.LostBytes = f.Size() - decode.HeaderSize
	for i, raw := range row {
		r.LostBytes -= raw.End - raw.Begin
		if i > 0 {
			r.LostBytes -= raw.Begin - row[i-1].End // one without events
		}
		if raw.Version() >= 26 && raw.Unmarked {
			r.Marks++
		}
	}
}

// repaired returns the bytes of a trace of generations that follow one another.
func repaired(f File, version int, row []wire.Raw) io.Reader {
	parts := []io.Reader{bytes.NewReader(wire.AppendHeader(nil, version))}
	for i, raw := range row {
		begin := raw.Begin
		if i > 0 {
			begin = row[i-1].End
		}
		parts = append(parts, io.NewSectionReader(f, begin, raw.End-begin))
		if version >= 26 && raw.Unmarked {
			parts = append(parts, bytes.NewReader([]byte{wire.EvEndOfGeneration}))
		}
	}
	return io.MultiReader(parts...)
}

// accepted returns the first of a row of generations that golang.org/x/exp/trace
// reads, and why it does not read more. It checks more than is needed here.
func accepted(f File, version int, row []wire.Raw) ([]wire.Raw, error) {
	in := repaired(f, version, row)
	if _, err := decode.ReadHeader(in); err != nil {
		return nil, err
	}
	r, err := exp.NewReader(in, version)
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		_, err := r.Next()
		switch {
		case err == io.EOF && len(r.Losses()) > 0:
			return row[:min(n, len(row))], r.Losses()[0].Cause
		case err == io.EOF:
			return row, nil
		case err != nil:
			return nil, err
		}
	}
}
