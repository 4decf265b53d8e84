package compare

import (
	"cmp"
	"regexp"
	"slices"

	"tracekit/analyze/report"
)

// pair is a place of the old runs and the one of the new runs that it became.
type pair struct {
	old, new int // -1: there is none
	match    string
}

// matchPlaces pairs the places of two sets of runs, those that are in used. A place is
// the same one where the kind and the function are; where a function has several, the
// lines tell, by their order. Of the rest, those are the same whose names differ by
// the numbers of function literals only, or whose stacks by one function.
func matchPlaces(old, new []report.Place, usedOld, usedNew []bool) []pair {
	m := &matcher{old: old, new: new, restOld: indexes(usedOld), restNew: indexes(usedNew)}
	m.byKey(func(p report.Place) string { return p.Func }, report.Moved)
	m.byKey(func(p report.Place) string { return literals.ReplaceAllString(p.Func, "$1") }, report.Renamed)
	m.byStack()
	for _, i := range m.restOld {
		m.pairs = append(m.pairs, pair{i, -1, report.Vanished})
	}
	for _, i := range m.restNew {
		m.pairs = append(m.pairs, pair{-1, i, report.New})
	}
	return m.pairs
}

// literals finds the numbers that the compiler gives to function literals.
var literals = regexp.MustCompile(`(func|gowrap)\d+(?:\.\d+)*`)

func indexes(used []bool) (list []int) {
	for i, u := range used {
		if u {
			list = append(list, i)
		}
	}
	return list
}

// matcher pairs places.
type matcher struct {
	old, new         []report.Place
	restOld, restNew []int // those without a pair
	pairs            []pair
}

// matchKey is what places must have in common.
type matchKey struct {
	kind string
	idle bool
	name string
}

func keyOf(p report.Place, name func(report.Place) string) matchKey {
	return matchKey{p.Kind, p.Idle, name(p)}
}

// byKey pairs places that have a name in common.
func (m *matcher) byKey(name func(report.Place) string, moved string) {
	olds, news := group(m.old, m.restOld, name), group(m.new, m.restNew, name)
	for _, i := range m.restOld { // a map would not keep the order
		key := keyOf(m.old[i], name)
		m.lines(olds[key], news[key], moved)
		delete(olds, key)
	}
	m.settle()
}

// group returns places by what they must have in common, each by line.
func group(places []report.Place, list []int, name func(report.Place) string) map[matchKey][]int {
	groups := make(map[matchKey][]int)
	for _, i := range list {
		key := keyOf(places[i], name)
		groups[key] = append(groups[key], i)
	}
	for _, g := range groups {
		slices.SortFunc(g, func(a, b int) int {
			return cmp.Or(cmp.Compare(places[a].File, places[b].File), cmp.Compare(places[a].Line, places[b].Line))
		})
	}
	return groups
}

// lines pairs places of one function. As many of them before as after are the same in
// their order. Else those are that did not move, then those with the same stack, then
// those that are left, in their order.
func (m *matcher) lines(a, b []int, moved string) {
	if len(a) != len(b) {
		a, b = m.pick(a, b, moved, func(p, q report.Place) bool { return p.Frame == q.Frame })
		a, b = m.pick(a, b, moved, func(p, q report.Place) bool { return slices.Equal(p.Chain, q.Chain) })
	}
	for k := range min(len(a), len(b)) {
		m.join(a[k], b[k], moved)
	}
}

// pick pairs those that are the same, and returns the others.
func (m *matcher) pick(a, b []int, moved string, same func(p, q report.Place) bool) (restA, restB []int) {
	restB = slices.Clone(b)
	for _, i := range a {
		k := slices.IndexFunc(restB, func(j int) bool { return same(m.old[i], m.new[j]) })
		if k < 0 {
			restA = append(restA, i)
			continue
		}
		m.join(i, restB[k], moved)
		restB = slices.Delete(restB, k, k+1)
	}
	return restA, restB
}

func (m *matcher) join(i, j int, moved string) {
	if m.old[i].Frame == m.new[j].Frame {
		moved = report.Same
	}
	m.pairs = append(m.pairs, pair{i, j, moved})
}

// settle takes those that have a pair from the rest.
func (m *matcher) settle() {
	olds, news := make(map[int]bool), make(map[int]bool)
	for _, p := range m.pairs {
		olds[p.old], news[p.new] = true, true
	}
	m.restOld = slices.DeleteFunc(m.restOld, func(i int) bool { return olds[i] })
	m.restNew = slices.DeleteFunc(m.restNew, func(i int) bool { return news[i] })
}

// byStack pairs places whose stacks have all but one function in common, where there is
// no other such place on either side.
func (m *matcher) byStack() {
	fits := func(i, j int) bool {
		p, q := m.old[i], m.new[j]
		return p.Kind == q.Kind && p.Idle == q.Idle && oneApart(p.Chain, q.Chain)
	}
	var joined [][2]int
	for _, i := range m.restOld {
		partners := filter(m.restNew, func(j int) bool { return fits(i, j) })
		if len(partners) == 1 && len(filter(m.restOld, func(k int) bool { return fits(k, partners[0]) })) == 1 {
			joined = append(joined, [2]int{i, partners[0]})
		}
	}
	for _, j := range joined {
		m.join(j[0], j[1], report.Renamed)
	}
	m.settle()
}

func filter(list []int, keep func(int) bool) (kept []int) {
	for _, v := range list {
		if keep(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

// oneApart reports whether one function of a stack has another name, or is there in one
// of two stacks only, and they have any other in common.
func oneApart(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(a) == 0 || len(b) < 2 {
		return false
	}
	front := 0
	for front < len(a) && a[front] == b[front] {
		front++
	}
	back := 0
	for back < len(a)-front && a[len(a)-1-back] == b[len(b)-1-back] {
		back++
	}
	return front+back >= len(b)-1
}
