package rewrite

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/exp/trace"

	"tracekit/analyze/decode"
	"tracekit/analyze/decode/wire"
	"tracekit/analyze/rewrite/rewritetest"
)

// anonymous makes a trace anonymous.
func anonymous(t testing.TB, data []byte, keep func(string) bool) (*Plan, []byte) {
	t.Helper()
	p, err := PlanAnonymity(rewritetest.Memory(data), keep)
	if err != nil {
		t.Fatal(err)
	}
	return p, written(t, p)
}

func written(t testing.TB, p *Plan) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := p.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// renamed returns a trace with other strings, for those that are named.
func renamed(t testing.TB, data []byte, names map[string]string) []byte {
	t.Helper()
	p, _ := anonymous(t, data, nil)
	for original := range p.names {
		p.names[original] = original
	}
	for original, name := range names {
		if _, ok := p.names[original]; !ok {
			t.Fatalf("there is no %s", original)
		}
		p.names[original] = name
	}
	return written(t, p)
}

func fixtureOf(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../testdata/traces", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestAnonymiseEvents compares events, one by one, as golang.org/x/exp/trace gives
// them.
func TestAnonymiseEvents(t *testing.T) {
	for _, f := range rewritetest.Fixtures(t) {
		t.Run(f.Name, func(t *testing.T) {
			p, out := anonymous(t, f.Data, nil)
			sameEvents(t, p, f.Data, out)
			again, err := PlanAnonymity(rewritetest.Memory(f.Data), nil)
			if err != nil || !bytes.Equal(written(t, again), out) {
				t.Errorf("another run of it gives another trace, error %v", err)
			}
		})
	}
}

func sameEvents(t *testing.T, p *Plan, before, after []byte) {
	t.Helper()
	a, err := trace.NewReader(bytes.NewReader(before))
	if err != nil {
		t.Fatal(err)
	}
	b, err := trace.NewReader(bytes.NewReader(after))
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		x, errX := a.ReadEvent()
		y, errY := b.ReadEvent()
		if errX == io.EOF && errY == io.EOF {
			return
		}
		if errX != nil || errY != nil {
			t.Fatalf("event %d: %v, %v", n, errX, errY)
		}
		if want, got := full(&x, p.names), full(&y, nil); got != want {
			t.Fatalf("event %d:\n%s\n, and was with other names\n%s", n, got, want)
		}
	}
}

// full describes all of an event, with other names; nil: with those that it has.
func full(ev *trace.Event, names map[string]string) string {
	name := func(s string) string {
		if names == nil {
			return s
		}
		return names[s]
	}
	stack := func(s trace.Stack) (list []string) {
		for f := range s.Frames() {
			list = append(list, fmt.Sprintf("%x %s %s:%d", f.PC, name(f.Func), name(f.File), f.Line))
		}
		return list
	}
	text := ""
	switch ev.Kind() {
	case trace.EventStateTransition:
		st := ev.StateTransition()
		text = fmt.Sprint(st.Resource, name(st.Reason), stack(st.Stack))
		if st.Resource.Kind == trace.ResourceGoroutine {
			from, to := st.Goroutine()
			text += fmt.Sprint(from, to)
		} else if st.Resource.Kind == trace.ResourceProc {
			from, to := st.Proc()
			text += fmt.Sprint(from, to)
		}
	case trace.EventTaskBegin, trace.EventTaskEnd:
		task := ev.Task()
		text = fmt.Sprint(task.ID, task.Parent, name(task.Type))
	case trace.EventRegionBegin, trace.EventRegionEnd:
		r := ev.Region()
		text = fmt.Sprint(r.Task, name(r.Type))
	case trace.EventLog:
		l := ev.Log()
		text = fmt.Sprint(l.Task, name(l.Category), name(l.Message))
	case trace.EventSync:
		s := ev.Sync()
		text = fmt.Sprint(s.N, s.ClockSnapshot != nil, len(s.ExperimentalBatches))
	case trace.EventLabel:
		l := ev.Label()
		text = fmt.Sprint(l.Resource, name(l.Label))
	case trace.EventMetric:
		text = fmt.Sprint(ev.Metric())
	case trace.EventRangeBegin, trace.EventRangeEnd, trace.EventRangeActive:
		r := ev.Range()
		text = fmt.Sprint(r.Name, r.Scope)
		if why, ok := strings.CutPrefix(r.Name, "stop-the-world ("); ok {
			text = fmt.Sprint(name(strings.TrimSuffix(why, ")")), r.Scope)
		}
	}
	return fmt.Sprint(ev.Time(), ev.Thread(), ev.Proc(), ev.Goroutine(), ev.Kind(), text, stack(ev.Stack()))
}

// TestAnonymiseTool has go tool trace read the traces.
func TestAnonymiseTool(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command")
	}
	for _, f := range rewritetest.Fixtures(t) {
		_, data := anonymous(t, f.Data, nil)
		name := filepath.Join(t.TempDir(), f.Name)
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("go", "tool", "trace", "-d=parsed", name).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", f.Name, err, out[max(0, len(out)-200):])
		}
	}
}

// pseudonyms is what each string is that is written for another, in full.
var pseudonyms = func() *regexp.Regexp {
	const part = `([TFf]\d+|\(\*T\d+(\[(\.\.\.|T\d+)\])?\)|_Cfunc_f\d+|init|main|glob|map|((func|gowrap|deferwrap)?\d+)?)(\[(\.\.\.|T\d+)\])?(-fm|-range\d+)*`
	return regexp.MustCompile(`^((main|p\d+)(\.` + part + `)+` + // function
		`|(_cgoexp_|_Cfunc_)?c\d+` +
		`|(d\d+/)?f\d+(\.(go|s|c|h|cc|cpp|m|y))?` +
		`|(task|region|category|log|string)\d+)$`)
}()

// private are words of all fixtures that nobody is to see: of paths, and of their
// programs.
var private = []string{
	"/root", "/usr/local", "toolchain", "testdata", "programs", "corners", "mixed/", "golang.org/toolchain",
	"annotate", "starve", "callbacks", "coroutines", "flight_", "inSyscall", "560e4b53e22f", "4ffeb3658b22", "_cgo_gotypes",
	"fdMutex.", "outer", "inner", "nested", "message", "main.readers", "main.queue", "main.channels",
}

// TestAnonymiseBytes searches the results for what is not to be in them. Strings are
// looked at one by one: what is one of the trace must be listed as one that remains,
// and what is none, be a pseudonym in full. What is no string is searched for all that
// was replaced.
func TestAnonymiseBytes(t *testing.T) {
	for _, f := range rewritetest.Fixtures(t) {
		t.Run(f.Name, func(t *testing.T) {
			p, out := anonymous(t, f.Data, nil)
			checkHidden(t, p, out)
			for _, word := range private {
				if word != "_cgo_gotypes" && bytes.Contains(out, []byte(word)) {
					t.Errorf("there still is %q", word)
				}
			}
		})
	}
}

// parts returns what identifies in a name that was replaced, from 4 bytes on: it, and
// the parts of it between signs; not what the language has.
func parts(n *Name) (list []string) {
	common := regexp.MustCompile(`^(main|init|glob|(func|gowrap|deferwrap)\d+|range\d+|_Cfunc|_cgoexp)$`)
	for _, s := range append(strings.FieldsFunc(n.Original, func(r rune) bool { return strings.ContainsRune(`/\.()*[]-`, r) }), n.Original) {
		if len(s) >= 4 && !common.MatchString(s) {
			list = append(list, s)
		}
	}
	return list
}

func checkHidden(t *testing.T, p *Plan, out []byte) {
	t.Helper()
	checkPairs(t, p)
	replaced, hidden := make(map[string]string), make(map[string]string)
	for _, n := range p.Names {
		if replaced[n.Original] != "" || hidden[n.Pseudonym] != "" {
			t.Errorf("%q or %q is twice in the mapping", n.Original, n.Pseudonym)
		}
		replaced[n.Original], hidden[n.Pseudonym] = n.Pseudonym, n.Original
	}
	rest, list := withoutStrings(t, out)
	rest = rest[decode.HeaderSize:]
	remain := 0
	for _, s := range list {
		original, file := s, false
		if after, ok := strings.CutPrefix(s, gorootName); ok && p.names[s] != s {
			original, file = p.Root+after, true
		}
		switch by, there := p.names[original]; {
		case hidden[s] != "" && isStd(strings.TrimSuffix(s, ".SortFunc[T2]")):
			remain++ // but for what it is for
		case hidden[s] != "":
			if !pseudonyms.MatchString(s) {
				t.Errorf("%q is written for %q", s, hidden[s])
			}
			if there {
				t.Errorf("%q stands for a string, and is one", s)
			}
		case !there || by != s:
			t.Errorf("%q is neither a pseudonym nor of the trace", s)
		case replaced[original] != "":
			t.Errorf("%q is there, and is listed as replaced", s)
		case p.Root != "" && p.Root != gorootName && !file && strings.Contains(s, p.Root):
			t.Errorf("%q has the directory of the toolchain", s)
		default:
			remain++
		}
	}
	if n := &p.Remains; remain != n.StdFunctions+n.StdFiles+n.Words+len(n.Common)+len(n.Kept) && !n.Window {
		t.Errorf("%d strings remain, and %+v are listed", remain, *n)
	}
	for i := range p.Names {
		for _, s := range parts(&p.Names[i]) {
			if bytes.Contains(rest, []byte(s)) {
				t.Errorf("%q is in the bytes that are no strings", s)
			}
		}
	}
}

// withoutStrings returns the bytes of a trace without the tables of strings, and each
// string in them once.
func withoutStrings(t *testing.T, data []byte) (rest []byte, list []string) {
	t.Helper()
	row, r, err := survey(rewritetest.Memory(data))
	if err != nil || !r.Undamaged() {
		t.Fatalf("%+v, error %v", r, err)
	}
	end := int64(0)
	for _, raw := range row {
		rest, end = append(rest, data[end:raw.Begin]...), raw.End
		g, err := load(rewritetest.Memory(data), &raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range g.tables.Strings {
			list = append(list, s)
		}
		for _, b := range g.batches {
			if b.Kind != wire.EvStrings {
				rest = append(rest, g.data[b.Offset:b.End]...)
			}
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return append(rest, data[end:]...), slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// TestAnonymiseDamage makes damaged traces anonymous, of which nothing must come out
// that was lost.
func TestAnonymiseDamage(t *testing.T) {
	for _, name := range []string{"generations-1.24.9.trace", "generations-1.25.4.trace", "generations-1.26.8.trace"} {
		data := fixtureOf(t, name)
		whole, _ := anonymous(t, data, nil)
		second := whole.row[1]
		for what, damaged := range map[string][]byte{
			"torn":     data[:second.Begin+(second.End-second.Begin)/2],
			"holed":    holed(data, &second),
			"trailing": append(slices.Clone(data), "these are secret bytes"...),
		} {
			p, out := anonymous(t, damaged, nil)
			checkHidden(t, p, out)
			if p.Whole.Cause == nil || p.Whole.LostBytes == 0 {
				t.Errorf("%s, %s: %+v", name, what, p.Whole)
			}
			if bytes.Contains(out, []byte("secret")) {
				t.Errorf("%s, %s: what is no part of a generation is there", name, what)
			}
			var repaired bytes.Buffer
			if _, err := Repair(rewritetest.Memory(damaged), &repaired); err != nil {
				t.Fatal(err)
			}
			sameEvents(t, p, repaired.Bytes(), out)
		}
	}
}

// holed has a generation damaged in the middle of a trace.
func holed(data []byte, raw *wire.Raw) []byte {
	data = slices.Clone(data)
	copy(data[(raw.Begin+raw.End)/2:], "these are secret bytes, which are no events")
	return data
}

// TestAnonymiseExperiment leaves out what is of experiments.
func TestAnonymiseExperiment(t *testing.T) {
	data := fixtureOf(t, "corners-1.26.8.trace")
	p, want := anonymous(t, data, nil)
	raw := p.row[0]
	batch := wire.Batch{Kind: wire.EvExperimentalBatch, Experiment: 1, Generation: raw.Number, Thread: wire.NoThread}
	at := raw.Begin
	with := slices.Concat(data[:at], batch.Append(nil, uint64(raw.Start/tickOf(t, p)), []byte("example.com/secret.Type")), data[at:])
	p, out := anonymous(t, with, nil)
	if p.Remains.Experimental != 1 || !bytes.Equal(out, want) {
		t.Errorf("%d batches were left out, and the result is the same: %t", p.Remains.Experimental, bytes.Equal(out, want))
	}
}

func tickOf(t *testing.T, p *Plan) int64 {
	t.Helper()
	tables, err := p.row[0].Tables()
	if err != nil {
		t.Fatal(err)
	}
	return tables.TickNS
}

// TestAnonymiseEmpty has a generation without events in between, the tables of which
// hold names.
func TestAnonymiseEmpty(t *testing.T) {
	for _, name := range []string{"generations-1.24.9.trace", "generations-1.26.8.trace"} {
		data := fixtureOf(t, name)
		p, _ := anonymous(t, data, nil)
		with := emptied(t, data, &p.row[1])
		p, out := anonymous(t, with, nil)
		if p.Whole.Generations < 3 || bytes.Contains(with, []byte("secret words")) == bytes.Contains(out, []byte("secret words")) {
			t.Fatalf("%s: %+v", name, p.Whole)
		}
		sameEvents(t, p, with, out)
		checkHidden(t, p, out)
	}
}

// emptied puts a generation without events before another one, and counts those on
// that follow.
func emptied(t *testing.T, data []byte, before *wire.Raw) []byte {
	t.Helper()
	p, _ := anonymous(t, data, nil)
	out := slices.Clone(data[:before.Begin])
	for i := range p.row {
		raw := &p.row[i]
		if raw.Number < before.Number {
			continue
		}
		g, err := load(rewritetest.Memory(data), raw)
		if err != nil {
			t.Fatal(err)
		}
		if raw.Number == before.Number {
			for _, b := range g.batches {
				if b.Kind == wire.EvSync || b.Kind == wire.EvFrequency {
					out = append(out, g.data[b.Offset:b.End]...)
				}
			}
			table := wire.Table{Generation: raw.Number, Ticks: g.batches[0].Time, Kind: wire.EvStrings}
			table.Add(wire.AppendString(nil, 1, "secret words"))
			var b bytes.Buffer
			table.WriteTo(&b)
			out = append(append(out, b.Bytes()...), g.mark()...)
		}
		for _, b := range g.batches {
			b.Generation++
			out = b.Append(out, b.Time, g.part(&b))
		}
		out = append(out, g.mark()...)
	}
	return out
}

func TestAnonymiseVersion(t *testing.T) {
	_, err := PlanAnonymity(rewritetest.Memory(fixtureOf(t, "mixed-1.21.13.trace")), nil)
	if !errors.Is(err, ErrVersion) {
		t.Error(err)
	}
	_, err = PlanAnonymity(rewritetest.Memory(fixtureOf(t, "mixed-1.22.12.trace")[:5000]), nil)
	if !errors.Is(err, decode.ErrDamaged) {
		t.Error(err)
	}
}

// FuzzAnonymise makes whatever it is given anonymous. What comes of it can be read.
func FuzzAnonymise(f *testing.F) {
	for _, name := range []string{"corners-1.22.12.trace", "mixed-1.22.12.trace", "flight-1.25.4.trace", "flight-1.26.8.trace"} {
		f.Add(fixtureOf(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := PlanAnonymity(rewritetest.Memory(data), func(pkg string) bool { return pkg == "main" })
		if err != nil {
			return
		}
		if _, err := rewritetest.Events(written(t, p)); err != nil {
			t.Fatal(err)
		}
	})
}
