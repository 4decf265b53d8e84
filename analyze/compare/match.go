package compare

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"tracekit/analyze/report"
)

// pair is a place of the old runs and the one of the new runs that it became.
type pair struct {
	old, new int // -1: there is none
	match    string
}

// matchPlaces pairs the places of two sets of runs, those that are in used. A place is
// the same one where the kind and the function are, but for the numbers of function
// literals, which change when another one is added. Where a function has several, those
// are the same that have the same stack and went the same way; then those that are the
// only ones with their stack; then the others, in their order. Of the rest, those are
// whose stacks have all but one function in common.
func matchPlaces(old, new []report.Place, usedOld, usedNew []bool) []pair {
	m := &matcher{old: old, new: new, restOld: indexes(usedOld), restNew: indexes(usedNew)}
	m.byFunction()
	m.byStack()
	for _, i := range m.restOld {
		m.pairs = append(m.pairs, pair{i, -1, report.Vanished})
	}
	for _, i := range m.restNew {
		m.pairs = append(m.pairs, pair{-1, i, report.New})
	}
	return m.pairs
}

// literals and bodies find the numbers that the compiler gives to function literals, to
// functions that it makes itself, and to the bodies of loops over functions.
var (
	literals = regexp.MustCompile(`\.(init|func|gowrap)\.?\d+(\.\d+)*`)
	bodies   = regexp.MustCompile(`-range\d+`)
)

// plainName is the name of a function without such numbers. A function of a package may
// well be called func1.
func plainName(name string) string {
	name = bodies.ReplaceAllString(name, "-range")
	at := strings.LastIndexByte(name, '/') + 1
	at += max(strings.IndexByte(name[at:], '.'), 0) // behind the package
	if rest := name[at:]; !strings.HasPrefix(rest, ".init.") {
		next := strings.IndexByte(rest[min(1, len(rest)):], '.')
		if next < 0 {
			return name
		}
		at += 1 + next // behind the function
	}
	return name[:at] + literals.ReplaceAllString(name[at:], ".$1")
}

func plainNames(chain []string) []string {
	plain := make([]string, len(chain))
	for i, name := range chain {
		plain[i] = plainName(name)
	}
	return plain
}

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

func keyOf(p report.Place) matchKey { return matchKey{p.Kind, p.Idle, plainName(p.Func)} }

// byFunction pairs places of one function.
func (m *matcher) byFunction() {
	olds, news := group(m.old, m.restOld), group(m.new, m.restNew)
	for _, i := range m.restOld { // a map would not keep the order
		key := keyOf(m.old[i])
		m.lines(olds[key], news[key])
		delete(olds, key)
	}
	m.settle()
}

// group returns places by what they must have in common, each by line.
func group(places []report.Place, list []int) map[matchKey][]int {
	groups := make(map[matchKey][]int)
	for _, i := range list {
		key := keyOf(places[i])
		groups[key] = append(groups[key], i)
	}
	for _, g := range groups {
		slices.SortFunc(g, func(a, b int) int { return comparePlaces(places[a], places[b]) })
	}
	return groups
}

// lines pairs places of one function.
func (m *matcher) lines(a, b []int) {
	if len(a) == 1 && len(b) == 1 {
		m.join(a[0], b[0], report.Moved)
		return
	}
	by := m.shift(a, b)
	a, b = m.pick(a, b, report.Moved, func(p, q report.Place) bool { return sameFile(p, q) && p.Line+by == q.Line && sameChain(p, q) })
	a, b = m.pick(a, b, report.Moved, m.only(a, b))
	a, b = m.pick(a, b, report.Guessed, func(p, q report.Place) bool { return sameFile(p, q) && p.Line == q.Line })
	for k := range min(len(a), len(b)) {
		m.join(a[k], b[k], report.Guessed)
	}
}

// shift returns by how many lines places went down so that the most are found again
// with the same stack; of two such, the smaller one.
func (m *matcher) shift(a, b []int) (best int) {
	votes := make(map[int]int)
	for _, i := range a {
		for _, j := range b {
			if p, q := m.old[i], m.new[j]; sameFile(p, q) && sameChain(p, q) {
				votes[q.Line-p.Line]++
			}
		}
	}
	size := func(by int) int { return max(by, -by) }
	for by, n := range votes {
		if n > votes[best] || n == votes[best] && (size(by) < size(best) || size(by) == size(best) && by < best) {
			best = by
		}
	}
	return best
}

// sameFile compares without folders: sources lie elsewhere in another checkout.
func sameFile(p, q report.Place) bool { return path.Base(p.File) == path.Base(q.File) }

func sameChain(p, q report.Place) bool {
	return slices.Equal(plainNames(p.Chain), plainNames(q.Chain))
}

// only returns what reports whether two places have the same stack, and no other one of
// either side has it.
func (m *matcher) only(a, b []int) func(p, q report.Place) bool {
	count := func(places []report.Place, list []int, of report.Place) (n int) {
		for _, i := range list {
			if sameChain(places[i], of) {
				n++
			}
		}
		return n
	}
	return func(p, q report.Place) bool {
		return sameChain(p, q) && count(m.old, a, p) == 1 && count(m.new, b, q) == 1
	}
}

// pick pairs those that are the same, and returns the others.
func (m *matcher) pick(a, b []int, match string, same func(p, q report.Place) bool) (restA, restB []int) {
	restB = slices.Clone(b)
	for _, i := range a {
		k := slices.IndexFunc(restB, func(j int) bool { return same(m.old[i], m.new[j]) })
		if k < 0 {
			restA = append(restA, i)
			continue
		}
		m.join(i, restB[k], match)
		restB = slices.Delete(restB, k, k+1)
	}
	return restA, restB
}

// join pairs two places.
func (m *matcher) join(i, j int, match string) {
	p, q := m.old[i], m.new[j]
	switch {
	case match == report.Renamed:
	case sameFile(p, q) && p.Line == q.Line && p.Func == q.Func:
		match = report.Same
	case p.Func != q.Func && match == report.Moved:
		match = report.Renamed
	}
	m.pairs = append(m.pairs, pair{i, j, match})
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
// of two stacks only, and they have any other in common than those that all have.
func oneApart(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(a) == 0 {
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
	common := slices.Concat(b[:front], b[len(b)-back:])
	common = slices.DeleteFunc(common, func(name string) bool { return name == "main.main" || name == "runtime.main" })
	return front+back >= len(b)-1 && len(common) > 0
}
