// Package decodetest makes traces by hand, for tests of what follows decode.
//
// A script has one event a line, with its time in nanoseconds first:
//
//	0 procs 2
//	0 g1 running main.main
//	10 g1 creates g2 main.worker @ main.main:7
//	20 g2 starts
//	30 g2 waits "chan receive" runtime.chanrecv1 < main.worker:3
//	40 g1 coroutine g3 main.seq @ main.main:8
//	70 g1 wakes g2 main.send
//	75 g2 starts
//	80 g2 stops "preempted" main.worker
//	85 g2 starts
//	90 g2 syscall main.worker
//	90 g2 returns
//	91 g1 sampled main.send
//	92 g1 stopsworld
//	93 g1 startsworld
//	94 g1 assists
//	95 g1 assisted
//	96 g1 begintask 7 "a task"
//	97 g1 beginregion 7 "a region"
//	98 g1 endregion 7 "a region"
//	98 g1 endtask 7
//	99 g2 ends
//	---
//	100 end
//
// A stack is written leaf first, its frames joined by " < ", each a function
// with an optional :line. The file of a frame is its package's name with ".go".
// In place of the waker, "nobody wakes g2" stands for a timer or the network; a mark,
// as the lines from 91 to 98 are, can be nobody's, too.
// The states before the first event are given by "g3 running STACK", "g3
// waiting STACK", "g3 runnable" and "g3 insyscall". A line "---" begins a new
// generation; "--- gap" does, too, with something missing before its first event,
// so that states have to be given anew. What stands behind "#" is a comment.
package decodetest

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"tracekit/analyze/decode"
)

// Source is a decode.Source of the generations of a script.
type Source struct {
	symbols     *decode.Symbols
	generations []decode.Generation
	states      map[decode.GoID]decode.State

	builder *decode.Builder // of the generation being read
	end     int64           // time of the last line
	gap     bool            // it begins behind a gap
}

// Parse reads a script. The error names the line.
func Parse(script string) (*Source, error) {
	s := &Source{
		symbols: decode.NewSymbols(),
		states:  make(map[decode.GoID]decode.State),
		builder: decode.NewBuilder(new(decode.Pool)),
	}
	s.builder.Begin(0)
	for i, line := range strings.Split(script, "\n") {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if err := s.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", i+1, line, err)
		}
	}
	s.take()
	return s, nil
}

// MustParse is Parse for scripts that are right.
func MustParse(script string) *Source {
	s, err := Parse(script)
	if err != nil {
		panic(err)
	}
	return s
}

// Symbols implements decode.Source.
func (s *Source) Symbols() *decode.Symbols { return s.symbols }

// Next implements decode.Source.
func (s *Source) Next() (*decode.Generation, error) {
	if len(s.generations) == 0 {
		return nil, io.EOF
	}
	gen := s.generations[0]
	s.generations = s.generations[1:]
	return &gen, nil
}

func (s *Source) line(line string) error {
	if line == "---" || line == "--- gap" {
		s.take()
		s.builder.Begin(s.end)
		if s.gap = line == "--- gap"; s.gap {
			clear(s.states)
		}
		return nil
	}
	stamp, rest, _ := strings.Cut(line, " ")
	t, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return err
	}
	if (len(s.generations) == 0 || s.gap) && s.builder.Read() == 0 {
		s.builder.Begin(t)
	}
	if t < s.end {
		return fmt.Errorf("goes back in time from %d", s.end)
	}
	s.end = t
	if rest == "end" {
		s.builder.Pass(t)
		return nil
	}
	e, err := s.event(rest)
	if err != nil {
		return err
	}
	e.Time = t
	s.builder.Add(e)
	return nil
}

// take ends the generation being read.
func (s *Source) take() {
	gen := s.builder.Take()
	gen.Gap = s.gap
	s.generations = append(s.generations, gen)
}

func (s *Source) event(text string) (decode.Event, error) {
	subject, rest, _ := strings.Cut(text, " ")
	verb, rest, _ := strings.Cut(rest, " ")
	if subject == "procs" {
		n, err := strconv.ParseInt(verb, 10, 64)
		return decode.Event{Kind: decode.Procs, N: n, G: decode.Nobody, By: decode.Nobody}, err
	}
	g, err := goID(subject)
	if err != nil {
		return decode.Event{}, err
	}
	if kind, ok := marks[verb]; ok {
		return s.mark(g, kind, rest)
	}
	switch verb {
	case "creates", "coroutine", "wakes":
		return s.other(g, verb, rest)
	}
	return s.own(g, verb, rest)
}

var marks = map[string]decode.Kind{
	"sampled": decode.Sample, "stopsworld": decode.StopBegin, "startsworld": decode.StopEnd,
	"assists": decode.AssistBegin, "assisted": decode.AssistEnd, "begintask": decode.TaskBegin, "endtask": decode.TaskEnd,
	"beginregion": decode.RegionBegin, "endregion": decode.RegionEnd,
}

// mark makes an event that is no transition.
func (s *Source) mark(g decode.GoID, kind decode.Kind, rest string) (decode.Event, error) {
	e := decode.Event{Kind: kind, G: s.builder.Known(g), By: decode.Nobody}
	var err error
	switch kind {
	case decode.Sample:
		e.N = int64(g)
		e.Stack, err = s.stack(rest)
	case decode.TaskBegin, decode.TaskEnd, decode.RegionBegin, decode.RegionEnd:
		number, rest, _ := strings.Cut(rest, " ")
		name, _ := cutQuoted(rest)
		e.Name = s.symbols.InternString(name)
		e.N, err = strconv.ParseInt(number, 10, 64)
	}
	return e, err
}

// own makes an event of what a goroutine does itself, or is found to be doing.
func (s *Source) own(g decode.GoID, verb, rest string) (decode.Event, error) {
	e := decode.Event{G: s.builder.Goroutine(g), By: decode.Nobody, From: s.states[g]}
	reason, stack := cutQuoted(rest)
	switch verb {
	case "running", "runnable", "waiting":
		e.To = map[string]decode.State{"running": decode.Running, "runnable": decode.Runnable, "waiting": decode.Waiting}[verb]
	case "insyscall":
		e.To = decode.Syscall
	case "starts", "returns":
		e.To = decode.Running
	case "waits":
		e.To = decode.Waiting
	case "stops":
		e.To = decode.Runnable
	case "syscall":
		e.To = decode.Syscall
	case "ends":
		e.To = decode.NotExist
	default:
		return e, fmt.Errorf("unknown verb %q", verb)
	}
	s.states[g] = e.To
	e.Reason = s.symbols.InternString(reason)
	var err error
	e.Stack, err = s.stack(stack)
	return e, err
}

// other makes an event of what one goroutine does to another one.
func (s *Source) other(by decode.GoID, verb, rest string) (decode.Event, error) {
	name, rest, _ := strings.Cut(rest, " ")
	g, err := goID(name)
	if err != nil {
		return decode.Event{}, err
	}
	e := decode.Event{G: s.builder.Goroutine(g), By: s.builder.Goroutine(by), From: s.states[g], To: decode.Runnable}
	if verb == "coroutine" { // it is created waiting
		e.To = decode.Waiting
	}
	s.states[g] = e.To
	if verb != "wakes" {
		start, at, _ := strings.Cut(rest, "@")
		e.From = decode.NotExist
		if e.Stack, err = s.stack(start); err != nil {
			return e, err
		}
		rest = at
	}
	e.ByStack, err = s.stack(rest)
	return e, err
}

func (s *Source) stack(text string) (decode.StackID, error) {
	var frames []decode.FrameID
	for part := range strings.SplitSeq(text, " < ") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		f := decode.Frame{Func: part, Line: 1}
		if i := strings.LastIndexByte(part, ':'); i >= 0 {
			line, err := strconv.Atoi(part[i+1:])
			if err != nil {
				return 0, err
			}
			f.Func, f.Line = part[:i], line
		}
		pkg, _, _ := strings.Cut(f.Func[strings.LastIndexByte(f.Func, '/')+1:], ".")
		f.File = pkg + ".go"
		frames = append(frames, s.symbols.InternFrame(f))
	}
	return s.symbols.InternStack(frames), nil
}

// cutQuoted splits a leading "quoted" string off.
func cutQuoted(text string) (quoted, rest string) {
	q, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", text
	}
	quoted, _ = strconv.Unquote(q)
	return quoted, text[len(q):]
}

func goID(name string) (decode.GoID, error) {
	if name == "nobody" {
		return decode.NoGoroutine, nil
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(name, "g"), 10, 64)
	return decode.GoID(n), err
}
