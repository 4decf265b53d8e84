package analyze

import (
	"errors"
	"fmt"
	"io"

	"tracekit/analyze/critpath"
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
	ErrWindow   = decode.ErrWindow
	// ErrLoss is the error for traces that are damaged, where that was not to
	// be tolerated.
	ErrLoss = errors.New("not all of it can be read")
	// ErrInconsistent is the error for traces that can be read and whose
	// report does not hold: times so large that their sums overflow, or a
	// bug of ours.
	ErrInconsistent = errors.New("the report does not hold")
)

// Trace reads a trace to its end and reports on it. path is what the report is
// to call it. A trace that is damaged behind its first generation gives a
// report of what comes before, with a caveat and LostBytes; the error is for
// inputs of which nothing can be said.
func Trace(r io.Reader, path string, o Options) (*report.Report, error) {
	done, err := run(r, path, o, nil)
	if err != nil {
		return nil, err
	}
	return done.report, nil
}

// analysis is what the analyses of a trace have found.
type analysis struct {
	report   *report.Report
	rank     []timeline.LockID // the lock of each of Waits.Locks
	critpath *critpath.Critpath
}

func run(r io.Reader, path string, o Options, scenarios []Scenario, more ...timeline.Observer) (*analysis, error) {
	in, err := openAny(r, o)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	o.scenarios = scenarios
	done, err := build(in, o, more...)
	if err != nil {
		return nil, in.packed.explain(err)
	}
	rep := done.report
	rep.Trace.Path = path
	rep.Trace.GoVersion = in.version
	rep.Trace.Bytes = in.Offset()
	for _, loss := range in.Losses() {
		rep.Trace.LostBytes += loss.Bytes
		rep.Trace.LostNS += loss.NS
	}
	damage, err := in.damage("report", rep.Trace.WallNS)
	if err != nil {
		return nil, err
	}
	rep.Caveats = concat(damage, silent(in.Silence()), rep.Caveats)
	if err := rep.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInconsistent, err)
	}
	return done, nil
}

// build runs the analyses over a trace.
func build(src decode.Source, o Options, more ...timeline.Observer) (*analysis, error) {
	var (
		win = o.window()
		w   = waits.New(src.Symbols())
		seq = order.New(src.Symbols())
		p   = parallel.New()
		c   = critpath.New(src.Symbols(), o.scenarios...)
	)
	if o.steps {
		c.KeepSteps()
	}
	c.Ask(critpath.Of{Tasks: o.Tasks, Regions: o.Regions})
	extent, err := timeline.RunWindow(src, win, append([]timeline.Observer{w, seq, p, c}, more...)...)
	if err != nil {
		return nil, err
	}
	rep := &report.Report{Schema: report.Schema, Caveats: []report.Caveat{}}
	tables := report.NewTables()
	var rank []timeline.LockID
	rep.Waits, rank = w.Report(extent.Start, tables)
	rep.Order = seq.Report(rank, extent.Start, tables)
	rep.Parallel = p.Report(extent)
	rep.Critpath = c.Report(rank, &rep.Waits, extent.Start, tables)
	tables.Fill(rep)

	procs, changed := p.GOMAXPROCS()
	rep.Trace = report.Trace{
		Events:           int64(extent.Events),
		WallNS:           extent.Wall(),
		Goroutines:       extent.Goroutines[timeline.User],
		SystemGoroutines: extent.Goroutines[timeline.Runtime] + extent.Goroutines[timeline.Tracer],
		GOMAXPROCS:       procs,
	}
	if from := max(win.From, 0); win != decode.All {
		rep.Trace.Window = &report.Window{FromNS: from, ToNS: from + extent.End - extent.Start}
	}
	rep.Caveats = concat(caveats(rep, extent.Unnamed, changed), pathCaveats(rep, c.Doubts()))
	return &analysis{rep, rank, c}, nil
}
