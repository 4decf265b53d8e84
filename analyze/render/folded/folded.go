// Package folded turns the waits of a report into folded stacks, which flame graphs
// are made of: a line for each stack, with its functions from the root to the leaf
// between semicolons, and behind a space the ns for which it was blocked.
//
//	main.serve;main.serve;example.com/shop.(*Till).Sell;sync.(*Mutex).Lock 2000000000
//
// As in the off-CPU profiles of other tools, the first word is not a function but who
// waited, here the group of the goroutine. With wakers, the line goes on with "--" and
// the stack that ended the wait, upside down: from where it did so to its root, and
// the group of its goroutine. The totals are those of the report.
//
// What it cannot show: the format has no place for anything but names and numbers, so
// that [Mean.Caveats] must be told elsewhere; and its stacks have no lines, so that
// waits at several places in a function are one.
package folded

import (
	"slices"
	"strings"
	"unicode"

	"tracekit/analyze/render/safe"
	"tracekit/analyze/report"
)

// What stands in a line and is no name. That of nobody ends a wait like a waker.
const (
	between  = "--"
	noStack  = "(no stack)"
	noName   = "(no name)"
	noGroup  = "(unnamed)"
	nobody   = "(nobody)"
	notWoken = "(not woken in the trace)"
)

// lines are the ns for which each stack was blocked.
type lines map[string]int64

// waiters adds the stacks that waited.
func (m lines) waiters(r *report.Report) {
	add := func(list []report.Acquire) {
		for _, a := range list {
			m[fold(waiter(r, a.Stack, a.Goroutine))] += a.BlockedNS
		}
	}
	for _, l := range r.Waits.Locks {
		add(l.Acquires)
	}
	for _, s := range r.Waits.Sites {
		add(s.Stacks)
	}
}

// chains adds the stacks that waited together with those that ended the waits.
func (m lines) chains(r *report.Report) {
	for _, c := range r.Waits.Chains {
		names := append(waiter(r, c.Stack, c.Goroutine), between)
		m[fold(append(names, waker(r, c)...))] += c.BlockedNS
	}
}

// waiter returns the names of a stack that waited, root first.
func waiter(r *report.Report, stack int, group string) []string {
	names := append(functions(r, stack), goroutine(group))
	slices.Reverse(names)
	return names
}

// waker returns the names of the stack that ended a wait, root last.
func waker(r *report.Report, c report.Chain) []string {
	switch c.By {
	case report.ByNobody:
		return []string{nobody}
	case report.ByEnd:
		return []string{notWoken}
	}
	return append(functions(r, c.ByStack), goroutine(c.ByGoroutine))
}

// functions returns the names of those on a stack, leaf first.
func functions(r *report.Report, stack int) (names []string) {
	if stack < 0 {
		return []string{noStack}
	}
	for _, f := range r.Stacks[stack] {
		names = append(names, r.Frames[f].Func)
	}
	return names
}

func goroutine(group string) string {
	if group == "" {
		return noGroup
	}
	return group
}

// fold makes one word of names.
func fold(names []string) string {
	for i, name := range names {
		names[i] = word(name)
	}
	return strings.Join(names, ";")
}

// word replaces what has a meaning in the format, and what would steer a terminal.
func word(name string) string {
	if name == "" {
		name = noName
	}
	return safe.Printable(strings.Map(func(r rune) rune {
		switch {
		case r == ';':
			return ':'
		case unicode.IsSpace(r):
			return '_'
		}
		return r
	}, name))
}
