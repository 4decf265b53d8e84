package analyze

import (
	"errors"
	"fmt"
	"io"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/exp"
	"tracekit/analyze/decode/wire"
	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// Verification says what was checked when a trace was verified.
type Verification struct {
	Spans int // that touch and add up to the lives of their goroutines
	Wakes int // by a goroutine that was running
	// Compared is how many transitions golang.org/x/exp/trace found, too, with
	// the same times, stacks and wakers, and the same marks between them. It is -1
	// where there is nothing to compare: the trace is of a version that it alone
	// reads, or a stream.
	Compared int
	// Damaged is whether they were compared up to the first damage only, where
	// golang.org/x/exp/trace stops.
	Damaged bool
}

// ErrDiffers is the error where golang.org/x/exp/trace finds something else in a
// trace than the reader of this package.
var ErrDiffers = errors.New("the readers differ")

// Verify is Trace, and checks the laws of conservation of the timeline on the
// way; those of the report are always checked. An input that can be read again is
// compared with what golang.org/x/exp/trace finds in it. The error tells the first
// breach.
func Verify(r io.Reader, path string, o Options) (*report.Report, Verification, error) {
	laws := timeline.NewLaws()
	done, err := run(r, path, o, nil, laws)
	v := Verification{Spans: laws.Spans, Wakes: laws.Wakes, Compared: -1}
	if err != nil {
		return nil, v, err
	}
	rep := done.report
	if err := laws.Err(); err != nil {
		return rep, v, fmt.Errorf("the timeline does not hold: %w", err)
	}
	again, ok := r.(wire.Sized)
	if !ok {
		return rep, v, nil
	}
	v.Compared, v.Damaged, err = compareReaders(func() io.Reader { return io.NewSectionReader(again, 0, again.Size()) })
	if err != nil {
		return rep, v, fmt.Errorf("%w: %w", ErrDiffers, err)
	}
	return rep, v, nil
}

// compareReaders reads a trace with both readers, and returns how many transitions
// are the same, and whether damage ended that: what comes behind it only one of
// them reads.
func compareReaders(in func() io.Reader) (n int, damaged bool, err error) {
	ours, err := openAs(in(), func(r io.Reader, version int) (source, error) {
		return wire.NewReader(r, version, wire.Options{Workers: 1, InFlight: 2}), nil
	})
	if err != nil || ours == nil {
		return -1, false, err
	}
	defer ours.Close()
	theirs, err := openAs(in(), func(r io.Reader, version int) (source, error) { return exp.NewReader(r, version) })
	if err != nil {
		return 0, false, err
	}
	for i := 0; ; i++ {
		a, errA := ours.Next()
		b, errB := theirs.Next()
		switch {
		case errA == nil && (a.Gap || len(ours.Losses()) > 0):
			return n, true, nil // golang.org/x/exp/trace stops at the first damage
		case errA != nil || errB != nil:
			err := compareEnds(i, errA, errB, ours, theirs)
			return n, len(ours.Losses()) > 0, err
		}
		same, err := compareGenerations(a, b, ours.Symbols(), theirs.Symbols())
		n += same
		if err != nil {
			return n, false, fmt.Errorf("generation %d, %w", i, err)
		}
	}
}

// openAs begins to read a trace that may be compressed. The source is nil where
// it is of a version that only one reader knows.
func openAs(in io.Reader, open func(io.Reader, int) (source, error)) (source, error) {
	r, _, err := uncompress(in)
	if err != nil {
		return nil, err
	}
	version, err := decode.ReadHeader(r)
	if err != nil || !wire.Reads(version) {
		return nil, err
	}
	return open(r, version)
}

// compareEnds compares how two readers end after i generations, at least one of
// them with an error. Where both tell of damage they need not agree where it is.
func compareEnds(i int, ours, theirs error, a, b source) error {
	for err := ours; err == nil; _, err = a.Next() {
	}
	for err := theirs; err == nil; _, err = b.Next() {
	}
	damage, damageToThem := damageOf(a, ours), damageOf(b, theirs)
	switch {
	case (damage == nil) == (damageToThem == nil):
		return nil
	case damage == nil:
		return fmt.Errorf("golang.org/x/exp/trace stops after %d generations: %w", i, damageToThem)
	}
	return fmt.Errorf("golang.org/x/exp/trace does not stop after %d generations, where this reader finds: %w", i, damage)
}

// damageOf returns what a reader says to be damaged, nil for nothing. err is how it
// ended.
func damageOf(src source, err error) error {
	if l := src.Losses(); len(l) > 0 {
		return l[0].Cause
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// compareGenerations compares two generations event by event, and returns how many
// transitions are the same.
func compareGenerations(a, b *decode.Generation, as, bs *decode.Symbols) (n int, err error) {
	if a.Start != b.Start || a.End != b.End || a.Read != b.Read {
		return 0, fmt.Errorf("%d events from %d ns to %d ns; golang.org/x/exp/trace: %d from %d ns to %d ns", a.Read, a.Start, a.End, b.Read, b.Start, b.End)
	}
	same := sameStacks{as, bs, make(map[[2]decode.StackID]bool)}
	ac, bc := a.Cursor(), b.Cursor()
	var x, y decode.Event
	for {
		okA, okB := ac.Next(&x), bc.Next(&y)
		if !okA && !okB {
			return n, nil
		}
		if okA != okB || !sameEvent(a, b, &x, &y) || !same.of(x.Stack, y.Stack) || !same.of(x.ByStack, y.ByStack) ||
			as.String(x.Reason) != bs.String(y.Reason) || as.String(x.Name) != bs.String(y.Name) {
			return n, fmt.Errorf("behind %d transitions: %s; golang.org/x/exp/trace: %s", n, describe(a, as, &x, okA), describe(b, bs, &y, okB))
		}
		if x.Kind == decode.Transition {
			n++
		}
	}
}

func sameEvent(a, b *decode.Generation, x, y *decode.Event) bool {
	return x.Time == y.Time && x.Kind == y.Kind && x.N == y.N && x.From == y.From && x.To == y.To &&
		goID(a, x.G) == goID(b, y.G) && goID(a, x.By) == goID(b, y.By)
}

func goID(gen *decode.Generation, i decode.GoIndex) decode.GoID {
	if i == decode.Nobody {
		return decode.NoGoroutine
	}
	return gen.Goroutines[i]
}

// sameStacks compares stacks by what is in them.
type sameStacks struct {
	a, b  *decode.Symbols
	known map[[2]decode.StackID]bool
}

func (s *sameStacks) of(x, y decode.StackID) bool {
	same, ok := s.known[[2]decode.StackID{x, y}]
	if !ok {
		same = s.compare(x, y)
		s.known[[2]decode.StackID{x, y}] = same
	}
	return same
}

func (s *sameStacks) compare(x, y decode.StackID) bool {
	a, b := s.a.Stack(x), s.b.Stack(y)
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if s.a.Frame(a[i]) != s.b.Frame(b[i]) {
			return false
		}
	}
	return true
}

// describe says an event in words.
func describe(gen *decode.Generation, s *decode.Symbols, e *decode.Event, ok bool) string {
	if !ok {
		return "none"
	}
	switch e.Kind {
	case decode.Transition:
	case decode.Procs:
		return fmt.Sprintf("at %d ns GOMAXPROCS is %d", e.Time, e.N)
	default:
		return fmt.Sprintf("at %d ns goroutine %d has a %v of task %d (%q) at %q",
			e.Time, goID(gen, e.G), e.Kind, e.N, s.String(e.Name), timeline.Leaf(s, e.Stack))
	}
	return fmt.Sprintf("at %d ns goroutine %d goes from %v to %v (%q) at %q, by goroutine %d at %q",
		e.Time, goID(gen, e.G), e.From, e.To, s.String(e.Reason), timeline.Leaf(s, e.Stack), goID(gen, e.By), timeline.Leaf(s, e.ByStack))
}
