package critpath

// tree holds the paths that lead to all goroutines that are alive. A path is what
// stands from the root to a leaf; goroutines that one of them has woken or created
// have the beginnings of their paths in common.
//
// A node from which one way alone leads on is put together with the next one. So there
// are less than twice as many nodes as leaves, however long the trace: a path that
// leads to nobody any more is gone.
type tree struct {
	nodes []node
	free  []nodeID
}

type nodeID int32

// none is the parent of a root, and the leaf of nobody.
const none nodeID = -1

type node struct {
	*content // its own, to be handed on
	parent   nodeID
	children int32
	// sum is that of the ids of the children: it is the id of the child where there is
	// one alone.
	sum int64
}

// grow adds a leaf to a node; to none: a root.
func (t *tree) grow(parent nodeID) nodeID {
	var id nodeID
	if n := len(t.free); n > 0 {
		id = t.free[n-1]
		t.free = t.free[:n-1]
	} else {
		id = nodeID(len(t.nodes))
		t.nodes = append(t.nodes, node{content: new(content)})
	}
	t.nodes[id].parent = parent
	t.adopt(parent, id)
	return id
}

func (t *tree) adopt(parent, child nodeID) {
	if parent != none {
		p := &t.nodes[parent]
		p.children++
		p.sum += int64(child)
	}
}

// fork lets another path branch off where a leaf is. It returns the leaf of that one.
func (t *tree) fork(leaf nodeID) nodeID {
	n := &t.nodes[leaf]
	if len(n.entries) == 0 && n.parent != none {
		return t.grow(n.parent)
	}
	parent := n.parent
	mid := t.grow(none)
	n = &t.nodes[leaf] // they may have moved
	m := &t.nodes[mid]
	m.content, n.content = n.content, m.content
	m.parent = parent
	if parent != none {
		t.nodes[parent].sum += int64(mid) - int64(leaf)
	}
	n.parent = mid
	t.adopt(mid, leaf)
	return t.grow(mid)
}

// drop removes a leaf, and what leads to it alone.
func (t *tree) drop(id nodeID) {
	for {
		n := &t.nodes[id]
		parent := n.parent
		n.clear()
		n.parent, n.children, n.sum = none, 0, 0
		t.free = append(t.free, id)
		if parent == none {
			return
		}
		p := &t.nodes[parent]
		p.children--
		p.sum -= int64(id)
		if p.children > 0 {
			if p.children == 1 {
				t.contract(parent)
			}
			return
		}
		id = parent
	}
}

// contract puts a node together with its only child.
func (t *tree) contract(id nodeID) {
	n := &t.nodes[id]
	child := nodeID(n.sum)
	c := &t.nodes[child]
	if len(n.entries) > len(c.entries) {
		n.content, c.content = c.content, n.content
	}
	c.join(n.content)
	c.parent = n.parent
	if n.parent != none {
		t.nodes[n.parent].sum += int64(child) - int64(id)
	}
	n.parent, n.children, n.sum = none, 0, 0
	t.free = append(t.free, id)
}

// path returns what leads to a leaf.
func (t *tree) path(leaf nodeID) content {
	var c content
	for id := leaf; id != none; id = t.nodes[id].parent {
		for _, e := range t.nodes[id].entries {
			c.add(e.key, e.count, e.ns, e.more)
		}
	}
	return c
}
