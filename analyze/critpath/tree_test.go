package critpath

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// forest is a tree beside a model of it, which keeps each path in full.
type forest struct {
	*rand.Rand
	tree
	paths map[nodeID]map[keyID]entry
}

// leaf returns one of the leaves.
func (f *forest) leaf() nodeID {
	list := slices.Sorted(maps.Keys(f.paths))
	return list[f.IntN(len(list))]
}

// step does something to the tree and to the model.
func (f *forest) step(most int) {
	switch n := f.IntN(10); {
	case len(f.paths) == 0 || n == 0 && len(f.paths) < most:
		f.paths[f.grow(none)] = make(map[keyID]entry)
	case n < 3 && len(f.paths) < most:
		id := f.leaf()
		f.paths[f.fork(id)] = maps.Clone(f.paths[id])
	case n < 5:
		id := f.leaf()
		f.drop(id)
		delete(f.paths, id)
	default:
		f.put(f.leaf())
	}
}

// put adds to what a leaf has of a few keys, out of few or many.
func (f *forest) put(id nodeID) {
	keys := []int{3, 12, 300}[f.IntN(3)]
	for range 1 + f.IntN(30) {
		e := entry{keyID(f.IntN(keys)), f.Uint32N(3), f.Int64N(100), f.Int64N(100)}
		f.nodes[id].add(e.key, e.count, e.ns, e.more)
		sum := f.paths[id][e.key]
		f.paths[id][e.key] = entry{e.key, sum.count + e.count, sum.ns + e.ns, sum.more + e.more}
	}
}

// used returns how many nodes are on the way to a leaf.
func (f *forest) used() int {
	on := make(map[nodeID]bool)
	for id := range f.paths {
		for ; id != none; id = f.nodes[id].parent {
			on[id] = true
		}
	}
	return len(on)
}

// check compares the tree with the model.
func (f *forest) check(t *testing.T) {
	t.Helper()
	nodes := len(f.nodes) - len(f.free)
	if used := f.used(); nodes != used || nodes > 0 && nodes >= 2*len(f.paths) {
		t.Fatalf("%d nodes for %d leaves; %d lead to one", nodes, len(f.paths), used)
	}
	for id, want := range f.paths {
		c := f.path(id)
		got := make(map[keyID]entry)
		for _, e := range c.entries {
			if _, ok := got[e.key]; ok {
				t.Fatalf("key %d is there twice", e.key)
			}
			got[e.key] = e
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(entry{})); diff != "" {
			t.Fatalf("leaf %d: -want +got:\n%s", id, diff)
		}
	}
}

// TestTree has random trees, of few leaves and of many, whose paths are what they would
// be if each were kept by itself.
func TestTree(t *testing.T) {
	for seed := range uint64(60) {
		f := &forest{Rand: rand.New(rand.NewPCG(seed, 5)), paths: make(map[nodeID]map[keyID]entry)}
		for range 300 {
			f.step(2 + int(seed))
			nodes := len(f.nodes) - len(f.free)
			if len(f.paths) > 0 && nodes >= 2*len(f.paths) {
				t.Fatalf("seed %d: %d nodes for %d leaves", seed, nodes, len(f.paths))
			}
			if f.IntN(10) == 0 {
				f.check(t)
			}
		}
		for id := range f.paths {
			f.drop(id)
		}
		if len(f.free) != len(f.nodes) {
			t.Errorf("seed %d: %d of %d nodes are free without leaves", seed, len(f.free), len(f.nodes))
		}
	}
}

// TestContentJoin has parts of a path put together, of which one or both find their
// entries in a table.
func TestContentJoin(t *testing.T) {
	for _, n := range [][2]int{{0, 3}, {3, 0}, {few, 1}, {2, few + 1}, {few + 1, few + 1}, {100, 40}, {40, 1000}} {
		var c, d content
		want := make(map[keyID]int64)
		for i := range n[0] {
			c.add(keyID(3*i), 1, 1, 2)
			want[keyID(3*i)]++
		}
		for i := range n[1] {
			d.add(keyID(2*i), 1, 1, 2)
			want[keyID(2*i)]++
		}
		c.join(&d)
		got := make(map[keyID]int64)
		for _, e := range c.entries {
			got[e.key] += e.ns
			if e != *c.at(e.key) || e.more != 2*e.ns || int64(e.count) != e.ns {
				t.Errorf("%v: %+v, but %+v is found", n, e, *c.at(e.key))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(d.entries) != 0 {
			t.Errorf("%v: -want +got:\n%s", n, diff)
		}
		if d.add(7, 1, 5, 0); len(d.entries) != 1 || d.entries[0].ns != 5 {
			t.Errorf("%v: what was emptied has %+v", n, d.entries)
		}
	}
}
