package report

import (
	"cmp"
	"fmt"
	"strings"
)

// Tables collects the sites, stacks and frames of a report, each content once,
// in the order in which they are asked for.
type Tables struct {
	sites, frames []Frame
	stacks        [][]int
	siteIDs       map[Frame]int
	frameIDs      map[Frame]int
	stackIDs      map[string]int
}

// NewTables returns empty tables.
func NewTables() *Tables {
	return &Tables{
		sites:    []Frame{},
		frames:   []Frame{},
		stacks:   [][]int{},
		siteIDs:  make(map[Frame]int),
		frameIDs: make(map[Frame]int),
		stackIDs: make(map[string]int),
	}
}

// Site returns the index of a site.
func (t *Tables) Site(f Frame) int { return intern(f, &t.sites, t.siteIDs) }

// Stack returns the index of a stack, given leaf first; -1 for an empty one.
func (t *Tables) Stack(frames []Frame) int {
	if len(frames) == 0 {
		return -1
	}
	stack := make([]int, len(frames))
	var key strings.Builder
	for i, f := range frames {
		stack[i] = intern(f, &t.frames, t.frameIDs)
		fmt.Fprintf(&key, "%d ", stack[i])
	}
	id, ok := t.stackIDs[key.String()]
	if !ok {
		id = len(t.stacks)
		t.stacks = append(t.stacks, stack)
		t.stackIDs[key.String()] = id
	}
	return id
}

// Compare orders two sites by their content; none comes first.
func (t *Tables) Compare(a, b int) int {
	if a == b || a < 0 || b < 0 {
		return cmp.Compare(a, b)
	}
	f, g := t.sites[a], t.sites[b]
	return cmp.Or(cmp.Compare(f.Func, g.Func), cmp.Compare(f.File, g.File), cmp.Compare(f.Line, g.Line))
}

// Fill puts the tables into a report.
func (t *Tables) Fill(r *Report) {
	r.Sites, r.Stacks, r.Frames = t.sites, t.stacks, t.frames
}

func intern(f Frame, list *[]Frame, ids map[Frame]int) int {
	id, ok := ids[f]
	if !ok {
		id = len(*list)
		*list = append(*list, f)
		ids[f] = id
	}
	return id
}
