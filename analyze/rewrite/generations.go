package rewrite

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
)

// longBatch is more, in ns, than a batch of events lasts: the runtime begins a new
// generation about once a second.
const longBatch = 2e9

// CutGenerations writes the generations that a window touches, as they are: each is
// about a second of the trace. Nothing is decoded, so that it takes no longer than to
// copy them; what is damaged is copied, too. What tasks were begun before, and what
// goroutines wait for since before, is lost. The error wraps ErrWindow where the window
// is beyond the trace.
func CutGenerations(f File, w io.Writer, win Window) (*Extent, error) {
	version, err := versionOf(f)
	if err != nil {
		return nil, err
	}
	places, err := wire.Places(f, version)
	if len(places) == 0 {
		if err == nil {
			err = errors.New("it holds no generation")
		}
		return nil, fmt.Errorf("%w: %w", decode.ErrDamaged, err)
	}
	last := places[len(places)-1]
	e := &Extent{Start: places[0].Start, End: last.Last + longBatch}
	e.From = e.Start + min(max(win.From, 0), math.MaxInt64-e.Start)
	e.To = e.Start + min(win.To, math.MaxInt64-e.Start)
	if e.To > last.Last {
		e.Lost = f.Size() - last.End
	}
	parts := []io.Reader{bytes.NewReader(wire.AppendHeader(nil, version))}
	for i, p := range places {
		if p.Start >= e.To || i+1 < len(places) && places[i+1].Start <= e.From || e.End <= e.From {
			continue
		}
		parts = append(parts, io.NewSectionReader(f, p.Begin, p.End-p.Begin))
		if version >= 26 && p.Unmarked {
			parts = append(parts, bytes.NewReader([]byte{wire.EvEndOfGeneration}))
		}
	}
	if len(parts) == 1 {
		return nil, fmt.Errorf("%w: its last batch begins at %s", ErrWindow, since(last.Last, e.Start))
	}
	_, err = io.Copy(w, io.MultiReader(parts...))
	return e, err
}
