package analyze

import (
	"errors"
	"fmt"
	"io"

	"tracekit/analyze/decode"
	"tracekit/analyze/order"
	"tracekit/analyze/parallel"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
	"tracekit/analyze/waits"
)

// What can be wrong with an input, to be told apart with errors.Is.
var (
	ErrEmpty    = decode.ErrEmpty
	ErrNotTrace = decode.ErrNotTrace
	ErrVersion  = decode.ErrVersion
	ErrDamaged  = decode.ErrDamaged
	// ErrInconsistent is the error for traces that can be read and whose
	// report does not hold: times so large that their sums overflow, or a
	// bug of ours.
	ErrInconsistent = errors.New("the report does not hold")
)

// Verification says what was checked when a trace was verified.
type Verification struct {
	Spans int // that touch and add up to the lives of their goroutines
	Wakes int // by a goroutine that was running
}

// Trace reads a trace to its end and reports on it. path is what the report is
// to call it. A trace that is damaged behind its first generation gives a
// report of what comes before, with a caveat and LostBytes; the error is for
// inputs of which nothing can be said.
func Trace(r io.Reader, path string, o Options) (*report.Report, error) {
	return run(r, path, o)
}

// Verify is Trace, and checks the laws of conservation of the timeline on the
// way; those of the report are always checked. The error tells the first breach.
func Verify(r io.Reader, path string, o Options) (*report.Report, Verification, error) {
	laws := timeline.NewLaws()
	rep, err := run(r, path, o, laws)
	v := Verification{Spans: laws.Spans, Wakes: laws.Wakes}
	if err != nil {
		return nil, v, err
	}
	if err := laws.Err(); err != nil {
		return rep, v, fmt.Errorf("the timeline does not hold: %w", err)
	}
	return rep, v, nil
}

func run(r io.Reader, path string, o Options, more ...timeline.Observer) (*report.Report, error) {
	reader, version, err := open(r, o)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	rep, err := build(reader, more...)
	if err != nil {
		return nil, err
	}
	rep.Trace.Path = path
	rep.Trace.GoVersion = version
	rep.Trace.Bytes = reader.Offset()
	if loss := reader.Loss(); loss != nil {
		rep.Trace.LostBytes = loss.Bytes
	}
	rep.Caveats = concat(lost(reader.Loss(), rep), silent(reader.Silence()), rep.Caveats)
	if err := rep.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInconsistent, err)
	}
	return rep, nil
}

// build runs the analyses over the generations of a trace.
func build(src decode.Source, more ...timeline.Observer) (*report.Report, error) {
	var (
		w = waits.New(src.Symbols())
		o = order.New()
		p = parallel.New()
	)
	extent, err := timeline.Run(src, append([]timeline.Observer{w, o, p}, more...)...)
	if err != nil {
		return nil, err
	}
	rep := &report.Report{Schema: report.Schema, Caveats: []report.Caveat{}}
	tables := report.NewTables()
	var rank []timeline.LockID
	rep.Waits, rank = w.Report(tables)
	rep.Order = o.Report(rank)
	rep.Parallel = p.Report(extent)
	tables.Fill(rep)

	procs, changed := p.GOMAXPROCS()
	rep.Trace = report.Trace{
		Events:           int64(extent.Events),
		WallNS:           extent.End - extent.Start,
		Goroutines:       extent.Goroutines[timeline.User],
		SystemGoroutines: extent.Goroutines[timeline.Runtime] + extent.Goroutines[timeline.Tracer],
		GOMAXPROCS:       procs,
	}
	rep.Caveats = caveats(rep, extent.Unnamed, changed)
	return rep, nil
}
