package wire

import (
	"cmp"
	"slices"

	"tracekit/analyze/decode"
)

// markKinds has the kinds of the marks that are events of threads; Transition for all
// that is no mark.
var markKinds = [256]decode.Kind{
	EvSTWBegin: decode.StopBegin, EvSTWEnd: decode.StopEnd,
	EvGCMarkAssistActive: decode.AssistBegin, EvGCMarkAssistBegin: decode.AssistBegin, EvGCMarkAssistEnd: decode.AssistEnd,
	EvUserTaskBegin: decode.TaskBegin, EvUserTaskEnd: decode.TaskEnd,
	EvUserRegionBegin: decode.RegionBegin, EvUserRegionEnd: decode.RegionEnd,
}

// putMark hands a mark on. Its goroutine is one that is known: a mark tells of none.
func (d *decoder) putMark(s *stream, kind decode.Kind) outcome {
	e := decode.Event{Kind: kind, G: decode.GoIndex(s.thread.g), By: decode.Nobody}
	switch s.kind {
	case EvGCMarkAssistActive:
		e.G = decode.GoIndex(d.goroutine(s.args[0]))
	case EvUserTaskBegin:
		e.N, e.Name = int64(s.args[0]), d.name(s.args[2])
	case EvUserTaskEnd:
		e.N = int64(s.args[0])
	case EvUserRegionBegin, EvUserRegionEnd:
		e.N, e.Name = int64(s.args[0]), d.name(s.args[1])
	}
	d.put(s.time, &e)
	return passed
}

// name returns the number of a string among those that are names.
func (d *decoder) name(id uint64) decode.StringID {
	i, _ := d.stringIDs.get(id)
	if i == 0 {
		return 0
	}
	if d.nameAt == nil { // most programs have no tasks and regions
		d.nameAt = make([]int32, len(d.strings))
	}
	if d.nameAt[i] == 0 {
		d.nameAt[i] = int32(len(d.out.names))
		d.out.names = append(d.out.names, i)
	}
	return decode.StringID(d.nameAt[i])
}

// sample is a CPU sample.
type sample struct {
	ticks uint64
	g     uint64 // 0: none
	stack uint64
}

// sample reads an entry of a table of CPU samples.
func (t *tables) sample(p *parser) error {
	if err := p.expect(EvCPUSample); err != nil {
		return err
	}
	s := sample{ticks: p.uvarint()}
	p.uvarint() // thread
	p.uvarint() // processor
	s.g, s.stack = p.uvarint(), p.uvarint()
	t.samples = append(t.samples, s)
	return nil
}

// sortSamples puts the samples into their order. That of samples at the same time is
// what golang.org/x/exp/trace makes of it, which sorts in just this way.
func (t *tables) sortSamples() {
	slices.SortFunc(t.samples, func(a, b sample) int { return cmp.Compare(a.ticks, b.ticks) })
}

// putSamples hands the CPU samples on that come before the earliest event.
func (d *decoder) putSamples() error {
	for len(d.samples) > 0 && d.sampleIsNext() {
		s := &d.samples[0]
		stack, ok := d.stack(s.stack)
		if !ok {
			return errTable
		}
		e := decode.Event{Kind: decode.Sample, N: int64(decode.NoGoroutine), G: decode.Nobody, By: decode.Nobody, Stack: stack}
		if s.g != 0 {
			e.G, e.N = decode.GoIndex(d.goroutine(s.g)), int64(s.g)
		}
		d.put(d.clock.time(s.ticks), &e)
		d.samples = d.samples[1:]
	}
	return nil
}

func (d *decoder) sampleIsNext() bool {
	return len(d.streams) == 0 || d.clock.time(d.samples[0].ticks) < d.streams[0].time
}
