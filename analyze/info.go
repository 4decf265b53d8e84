package analyze

import (
	"io"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
	"tracekit/analyze/report"
)

// Info reads a trace to its end and says what it consists of. path is what it is to
// be called. Of traces before Go 1.22 there is less to say.
func Info(r io.Reader, path string, o Options) (*report.Info, error) {
	o.tally = true
	in, packed, err := uncompress(r)
	if err != nil {
		return nil, err
	}
	src, version, err := open(in, o)
	if err != nil {
		return nil, packed.explain(err)
	}
	defer src.Close()
	info := &report.Info{
		Schema: report.InfoSchema, Path: path, GoVersion: version,
		GOMAXPROCS: []report.Setting{}, Generations: []report.InfoGeneration{}, Parts: []report.Part{}, Losses: []report.Loss{},
	}
	if packed != nil {
		info.Compression = packed.name
	}
	if err := count(src, info); err != nil {
		return nil, packed.explain(err)
	}
	if w, ok := src.(*wire.Reader); ok {
		describeWire(w.Info(), info)
	}
	info.Bytes = src.Offset()
	for _, l := range src.Losses() {
		info.LostBytes += l.Bytes
		info.LostNS += l.NS
		info.Losses = append(info.Losses, report.Loss{Offset: l.Offset, Bytes: l.Bytes, NS: l.NS, Cause: l.Cause.Error()})
	}
	if packed != nil && packed.err != nil {
		info.Losses = append(info.Losses, report.Loss{Offset: packed.read, Cause: packed.damage()})
	}
	return info, nil
}

// count goes through the generations for what any reader tells.
func count(src source, info *report.Info) error {
	last := int64(0)
	goroutines := make(map[decode.GoID]bool)
	_, ours := src.(*wire.Reader)
	for {
		gen, err := src.Next()
		if err == io.EOF {
			info.Goroutines = len(goroutines)
			return nil
		}
		if err != nil {
			return err
		}
		if info.Events == 0 || gen.Gap {
			last = gen.Start
		}
		info.Events += int64(gen.Read)
		info.WallNS += gen.End - last
		last = gen.End
		if !ours {
			for _, id := range gen.Goroutines {
				goroutines[id] = true
			}
		}
	}
}

// describeWire enters what only the wire reader tells.
func describeWire(i *wire.Info, info *report.Info) {
	info.Goroutines, info.Threads = i.Goroutines, i.Threads
	for _, p := range i.Parts {
		info.Parts = append(info.Parts, report.Part(p))
	}
	if len(i.Generations) == 0 {
		return
	}
	start := i.Generations[0].Start
	info.TickNS = i.Generations[0].TickNS
	for _, s := range i.Settings {
		info.GOMAXPROCS = append(info.GOMAXPROCS, report.Setting{NS: max(s.NS-start, 0), GOMAXPROCS: s.GOMAXPROCS})
	}
	for _, g := range i.Generations {
		info.Generations = append(info.Generations, report.InfoGeneration{
			Number: g.Number, Offset: g.Offset, Bytes: g.Bytes, Batches: g.Batches, Threads: g.Threads,
			Goroutines: g.Goroutines, Events: g.Events, StartNS: g.Start - start, EndNS: g.End - start,
			Strings: g.Strings, Stacks: g.Stacks,
		})
	}
}
