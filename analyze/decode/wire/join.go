package wire

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"tracekit/analyze/decode"
)

// No generation of a real trace is silent for a day, and none lasts for weeks.
// A time beyond that is damage, and would only overflow the sums further down.
const (
	maxSilence = int64(24 * time.Hour)
	maxLength  = int64(1 << 50) // 13 days
)

// join puts generations together that were decoded each by itself.
type join struct {
	joined      bool                  // there has been one, and nothing is missing since
	moved       bool                  // there has been one
	ended       int64                 // time of the last event
	before      int64                 // the same, before the generation joined last
	goroutines  map[decode.GoID]uint8 // status of those alive
	procs       map[uint64]uint8
	left        map[uint64]uint64 // goroutines that threads run at the end
	clock       clock
	first, last int64 // time of the first event, and of the last one or the beginning of a generation behind it
	silence     int64
	ids         []decode.StackID
	frames      []decode.FrameID
}

func newJoin() join {
	return join{goroutines: make(map[decode.GoID]uint8), procs: make(map[uint64]uint8)}
}

// restart forgets what generations have left: something is missing after them.
func (j *join) restart() {
	j.joined = false
	clear(j.goroutines)
	clear(j.procs)
	j.left = nil
}

func (j *join) ticks(n uint64) int64 {
	if n > j.clock.max {
		return math.MaxInt64
	}
	return j.clock.time(n)
}

// skip passes over a generation without events, which moves the following one by
// its beginning alone.
func (j *join) skip(out *decoded) {
	if j.moved {
		j.last = max(out.start, j.last+1)
	}
}

// next fills gen with the next generation, if it fits to what came before.
func (j *join) next(out *decoded, gen *decode.Generation, symbols *decode.Symbols) error {
	start := max(out.start, j.last+1)
	if !j.moved {
		j.first = start
	}
	last := max(out.last, start+int64(out.read))
	if out.read > 0 {
		before := start
		if j.joined {
			before = j.last
		}
		out.silence = max(out.silence, out.first-before)
	}
	if j.moved && out.tables.clock != j.clock {
		return errors.New("its clock is not that of the generation before")
	}
	if j.moved && out.last <= j.last {
		return fmt.Errorf("%w: a generation ends at %d ns, and the one before at %d ns", errTime, out.last, j.last)
	}
	if out.silence > maxSilence || last-j.first > maxLength {
		return fmt.Errorf("%w: it goes to %d ns", errTime, last)
	}
	if err := j.continues(out); err != nil {
		return err
	}
	j.silence = max(j.silence, out.silence)
	stacks, reasons := j.stacks(out, symbols), out.intern(out.reasons, symbols)
	*gen = decode.Generation{
		Start: start, End: last, Read: out.read,
		Goroutines: out.goroutines,
		Stacks:     stacks,
		Reasons:    reasons,
		Names:      out.intern(out.names, symbols),
		Summary:    out.summary.resolve(stacks, reasons),
		Events:     out.events,
		Floor:      start + 1,
		Restated:   j.joined,
		Window:     out.window,
	}
	j.left = out.left()
	out.events = decode.Events{} // the generation's from now on
	j.before, j.ended = j.ended, last
	j.joined, j.moved, j.last, j.clock = true, true, last, out.tables.clock
	return nil
}

// left returns the goroutines that threads run where the generation ends.
func (out *decoded) left() map[uint64]uint64 {
	left := make(map[uint64]uint64)
	for id, t := range out.threads {
		if t.g >= 0 {
			left[id] = uint64(out.goroutines[t.g])
		}
	}
	return left
}

// continues compares what a generation says to have found with what the one
// before has left, and takes over what it leaves itself.
func (j *join) continues(out *decoded) error {
	for i, id := range out.goroutines {
		now := out.states[i]
		was, known := j.goroutines[id]
		switch {
		case now.found == 0 && known:
			return fmt.Errorf("%w: goroutine %d", errTwice, id)
		case now.found != 0 && j.joined && was != now.found:
			return fmt.Errorf("%w: goroutine %d", errStatus, id)
		case now.status != goDead:
			j.goroutines[id] = now.status
		case known:
			delete(j.goroutines, id)
		}
	}
	for _, now := range out.procs {
		was, known := j.procs[now.id]
		if known && was != now.found && !(now.found == procAbandoned && was == procSyscall) {
			return fmt.Errorf("%w: processor %d", errStatus, now.id)
		}
		j.procs[now.id] = now.status
	}
	return nil
}

// stacks enters the stacks that a generation uses into the table of all.
func (j *join) stacks(out *decoded, symbols *decode.Symbols) []decode.StackID {
	t := out.tables
	j.ids = slices.Grow(j.ids[:0], len(out.stacks))
	for _, i := range out.stacks {
		j.frames = j.frames[:0]
		for _, f := range t.stacks[i] {
			j.frames = append(j.frames, symbols.InternFrame(t.resolve(f)))
		}
		j.ids = append(j.ids, symbols.InternStack(j.frames))
	}
	return j.ids
}

// resolve returns a frame with its strings.
func (t *tables) resolve(i int32) decode.Frame {
	f := t.frames[i]
	function, _ := t.stringIDs.get(f.function)
	file, _ := t.stringIDs.get(f.file)
	return decode.Frame{Func: t.strings[function], File: t.strings[file], Line: int(min(f.line, math.MaxInt32))}
}

// intern enters strings that a generation uses, by their indexes, into the table of all.
func (out *decoded) intern(strings []int32, symbols *decode.Symbols) []decode.StringID {
	ids := make([]decode.StringID, len(strings))
	for i, s := range strings {
		ids[i] = symbols.InternString(out.tables.strings[s])
	}
	return ids
}
