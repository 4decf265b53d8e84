package timeline

// Identity is what makes a goroutine the same one in another run of the program,
// where its GoID is not: the site at which it was created, by which goroutine, and
// the how many-th it was there. Of one that was there when the trace began,
// nothing is known but its name; it is told from others of that name by their
// order.
type Identity struct {
	Parent  *Identity // nil: it was there when the trace began, or its ancestors are too many
	Site    FrameID   // where it was created; NoSite where the trace does not say
	Ordinal int       // from 1 on, among those that the parent created at the site
	Name    string    // as Goroutine.Name; empty as long as no stack has shown it
	// Hash stands for all of it, in whatever run. It is that of the functions and
	// lines, for where the sources lie may differ.
	Hash  uint64
	depth int
}

// maxDepth is how many ancestors an Identity holds on to: programs in which each
// goroutine starts the next one, and ends, would keep all that ever were.
const maxDepth = 16

// births counts those that a goroutine has created at a site.
type births struct {
	site FrameID
	n    int
}

// created gives a goroutine the identity of one that another has created. by is
// nil where the trace does not say who that was.
func (tl *timeline) created(g, by *Goroutine, stack StackID) {
	id := &Identity{Site: tl.shapeOf(stack).site}
	if by == nil {
		by = &tl.nobody
	} else {
		id.Parent = by.Identity
	}
	id.Ordinal = by.bear(id.Site)
	hash := tl.siteHash(id.Site)
	if p := id.Parent; p != nil {
		hash = mix(p.Hash, hash)
		if id.depth = p.depth + 1; id.depth > maxDepth {
			id.Parent = nil
		}
	}
	id.Hash = mix(hash, uint64(id.Ordinal))
	g.Identity = id
}

// found gives a goroutine the identity of one that was there before the trace.
func (tl *timeline) found(g *Goroutine) {
	name := hashString(g.Name)
	tl.foundAs[name]++
	n := tl.foundAs[name]
	g.Identity = &Identity{Site: NoSite, Ordinal: n, Hash: mix(name, uint64(n))}
}

// bear counts one more that was created at a site, and returns their number.
func (g *Goroutine) bear(site FrameID) int {
	for i := range g.births {
		if b := &g.births[i]; b.site == site {
			b.n++
			return b.n
		}
	}
	g.births = append(g.births, births{site, 1})
	return 1
}

func (tl *timeline) siteHash(site FrameID) uint64 {
	if site == NoSite {
		return 1
	}
	f := tl.symbols.Frame(site)
	return mix(hashString(f.Func), uint64(f.Line))
}

// hashString and mix are FNV-1a (Fowler, Noll, Vo), over bytes and over words.
func hashString(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func mix(h, v uint64) uint64 {
	for range 8 {
		h = (h ^ v&0xff) * 1099511628211
		v >>= 8
	}
	return h
}
