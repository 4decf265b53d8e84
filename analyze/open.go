package analyze

import (
	"fmt"
	"io"
	"runtime"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/exp"
	"tracekit/analyze/decode/wire"
	"tracekit/analyze/report"
)

// Decoder names a reader of traces.
type Decoder string

// The readers.
const (
	// Auto is Wire for the versions that it knows, and Exp for all others.
	Auto Decoder = "auto"
	// Wire is tracekit's own, for Go 1.22 and later.
	Wire Decoder = "wire"
	// Exp is golang.org/x/exp/trace.
	Exp Decoder = "exp"
)

// Decoders returns the names of the readers.
func Decoders() []string { return []string{string(Auto), string(Wire), string(Exp)} }

// Options say how a trace is read, and which part of it. The report does not depend on
// how, but for damaged traces.
type Options struct {
	Decoder Decoder // "" is Auto
	// Workers is how many generations are decoded at once; 0 stands for a
	// number that keeps the analyses busy.
	Workers int
	// InFlight is how many generations are in memory at most, if that is not 0.
	// There are never more than one for each of Workers and the one that is
	// being analyzed; with less, workers can be without work.
	InFlight int
	// Strict makes any loss an error, which wraps ErrLoss.
	Strict bool
	// Window is the part of the trace that is analyzed, in ns since its beginning;
	// nil: all of it. ErrWindow is the error where the trace ends before.
	Window *Window
	// Tasks and Regions name those of which the report is to say what the paths of
	// their instances are made of, in Critpath.Instances.
	Tasks   []string
	Regions []string

	tally     bool       // for Info
	scenarios []Scenario // for WhatIf
	steps     bool       // of the critical path are kept
}

// Window is a stretch of a trace: what happens at From is in it, and at To is not.
type Window = decode.Window

// window returns what is analyzed.
func (o *Options) window() Window {
	if o.Window == nil {
		return decode.All
	}
	return *o.Window
}

// maxWorkers is enough: to decode takes less time than the analyses, which are one
// goroutine, need.
const maxWorkers = 2

// source is a reader of either kind.
type source interface {
	decode.Source
	Offset() int64
	Silence() int64
	Losses() []decode.Loss
	Close()
}

// opened is a trace that is read.
type opened struct {
	source
	version string
	packed  *compressed // nil: it is not compressed
	strict  bool
}

// openAny begins to read a trace that may be compressed.
func openAny(r io.Reader, o Options) (*opened, error) {
	in, packed, err := uncompress(r)
	if err != nil {
		return nil, err
	}
	src, version, err := open(in, o)
	if err != nil {
		return nil, packed.explain(err)
	}
	return &opened{src, version, packed, o.Strict}, nil
}

// damage returns what is wrong with a trace that was read to its end, of which the
// named product covers so many ns. The error is for what was not to be tolerated.
func (in *opened) damage(product string, ns int64) ([]report.Caveat, error) {
	damage := concat(in.packed.caveats(), lost(in.Losses(), in.Offset(), product, ns))
	if in.strict && len(damage) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrLoss, damage[0].Text)
	}
	return damage, nil
}

// open begins to read a trace that is not compressed.
func open(r io.Reader, o Options) (source, string, error) {
	if at, ok := r.(wire.Sized); ok {
		r = io.NewSectionReader(at, 0, at.Size()) // from its beginning, wherever it stands
	}
	version, err := decode.ReadHeader(r)
	if err != nil {
		return nil, "", err
	}
	name := decode.FormatName(version)
	known := wire.Reads(version)
	if o.Decoder == Wire && !known {
		return nil, "", fmt.Errorf("%w with the decoder %s: %s", ErrVersion, Wire, name)
	}
	if o.Decoder == Exp || !known {
		src, err := exp.NewReader(r, version)
		if err != nil {
			return nil, "", err
		}
		return src, name, nil
	}
	workers := o.Workers
	if workers == 0 {
		workers = max(1, min(maxWorkers, runtime.GOMAXPROCS(0)-1))
	}
	inFlight := workers + 1
	if o.InFlight > 0 {
		inFlight = min(o.InFlight, inFlight)
	}
	return wire.NewReader(r, version, wire.Options{Workers: workers, InFlight: inFlight, Tally: o.tally}), name, nil
}
