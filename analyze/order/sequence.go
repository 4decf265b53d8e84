package order

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tracekit/analyze/report"
	"tracekit/analyze/timeline"
)

// sequence keeps to whom a lock was handed: the first hand-overs, and the first
// acquisition of each goroutine.
type sequence struct {
	woken  []handover
	left   int64
	first  map[*timeline.Identity]*turnTaken
	passed int64 // first acquisitions left out
}

type handover struct {
	t  int64
	to *timeline.Identity
}

// turnTaken is the first acquisition of a goroutine.
type turnTaken struct {
	kind           timeline.Kind
	site           timeline.FrameID
	arrived, woken int64
	over           bool // it has come for another one
}

func newSequence() sequence {
	return sequence{first: make(map[*timeline.Identity]*turnTaken)}
}

// add notes a hand-over. anew says that it is for an acquisition that begins.
func (s *sequence) add(w *timeline.Wait, anew bool) {
	to := w.G.Identity
	if len(s.woken) < report.MaxSequence {
		s.woken = append(s.woken, handover{w.Woken, to})
	} else {
		s.left++
	}
	switch t := s.first[to]; {
	case t == nil && len(s.first) < report.MaxSequence:
		s.first[to] = &turnTaken{kind: w.Kind, site: w.Site, arrived: w.Start, woken: w.Woken}
	case t == nil && anew:
		s.passed++
	case t == nil:
	case anew:
		t.over = true
	case !t.over:
		t.woken = w.Woken // the one before was in vain
	}
}

// join takes over the hand-overs of a lock that has become a part of this one.
// Where one of the two has left some out, those that come later are left out, too.
func (s *sequence) join(m *sequence) {
	last := min(s.end(), m.end())
	total := int64(len(s.woken)+len(m.woken)) + s.left + m.left
	s.woken = append(s.woken, m.woken...)
	slices.SortStableFunc(s.woken, func(a, b handover) int { return cmp.Compare(a.t, b.t) })
	s.woken = slices.DeleteFunc(s.woken, func(h handover) bool { return h.t > last })
	s.woken = s.woken[:min(len(s.woken), report.MaxSequence)]
	s.left = total - int64(len(s.woken))
	s.passed += m.passed
	for to, t := range m.first {
		if old := s.first[to]; old == nil || t.woken < old.woken {
			s.first[to] = t
		}
	}
}

// end returns the time up to which all hand-overs are there.
func (s *sequence) end() int64 {
	if s.left == 0 {
		return 1<<63 - 1
	}
	return s.woken[len(s.woken)-1].t
}

// firstTurn is a first acquisition with whose it is.
type firstTurn struct {
	*turnTaken
	by *timeline.Identity
}

// turns returns the first acquisitions by the time of their hand-overs.
func (s *sequence) turns() []firstTurn {
	list := make([]firstTurn, 0, len(s.first))
	for by, t := range s.first {
		list = append(list, firstTurn{t, by})
	}
	slices.SortFunc(list, func(a, b firstTurn) int {
		return cmp.Or(cmp.Compare(a.woken, b.woken), cmp.Compare(a.arrived, b.arrived), cmp.Compare(a.by.Hash, b.by.Hash))
	})
	return list
}

// names numbers goroutines in the order in which they are asked for.
type names struct {
	ids  map[*timeline.Identity]int
	list []report.Named

	symbols *timeline.Symbols
	tables  *report.Tables
}

func (n *names) site(f timeline.FrameID) int {
	if f == timeline.NoSite {
		return -1
	}
	return n.tables.Site(report.Frame(n.symbols.Frame(f)))
}

func (n *names) of(id *timeline.Identity) int {
	i, ok := n.ids[id]
	if !ok {
		i = len(n.list)
		n.ids[id] = i
		n.list = append(n.list, report.Named{ID: fmt.Sprintf("%016x", id.Hash), Name: nameOf(id)})
	}
	return i
}

// report returns what is said of a sequence, for a trace that begins at a time.
func (n *names) report(lock int, s *sequence, start int64) report.LockSequence {
	r := report.LockSequence{Lock: lock, Woken: []int{}, First: []report.Turn{}}
	if s == nil {
		return r
	}
	r.LeftOut, r.FirstOut = s.left, s.passed
	for _, h := range s.woken {
		r.Woken = append(r.Woken, n.of(h.to))
	}
	turns := s.turns()
	if more := len(turns) - report.MaxSequence; more > 0 {
		r.FirstOut += int64(more)
		turns = turns[:report.MaxSequence]
	}
	for _, t := range turns {
		r.First = append(r.First, report.Turn{
			Goroutine: n.of(t.by), Site: n.site(t.site), Kind: t.kind.String(), ArrivedNS: t.arrived - start, WokenNS: t.woken - start,
		})
	}
	return r
}

// nameOf names a goroutine for people: by its function and its number, and where
// those that created it are not the main goroutine, by theirs, too.
func nameOf(id *timeline.Identity) string {
	const most = 4
	var parts []string
	for p := id; p != nil; p = p.Parent {
		name := cmp.Or(p.Name, "?")
		if name == "main.main" && len(parts) > 0 {
			break
		}
		if len(parts) == most {
			parts = append(parts, "…")
			break
		}
		if p.Parent != nil || p.Ordinal > 1 {
			name = fmt.Sprintf("%s#%d", name, p.Ordinal)
		}
		parts = append(parts, function(name))
	}
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}

// function cuts the path of the package off the name of a function, but for its
// last part. A path can stand in the brackets of type parameters, too.
func function(name string) string {
	head, _, _ := strings.Cut(name, "[")
	return name[strings.LastIndexByte(head, '/')+1:]
}
