package critpath

// entry is what a stretch of a path has of one key.
type entry struct {
	key   keyID
	count uint32
	ns    int64
	more  int64 // ns, too; of what depends on the key
}

// content is what a stretch of a path is made of: an entry for each key. Most have few,
// some have hundreds; those find them in a table.
type content struct {
	entries []entry
	table   []int32 // indexes into entries, plus 1, by a hash of the key; nil: they are few
}

// few is the number of entries up to which they are looked through.
const few = 8

// add adds to the entry of a key.
func (c *content) add(key keyID, count uint32, ns, more int64) {
	e := c.at(key)
	e.count += count
	e.ns += ns
	e.more += more
}

// at returns the entry of a key.
func (c *content) at(key keyID) *entry {
	if c.table != nil {
		return c.look(key)
	}
	for i := range c.entries {
		if c.entries[i].key == key {
			return &c.entries[i]
		}
	}
	c.entries = append(c.entries, entry{key: key})
	n := len(c.entries)
	if n > few {
		c.spread()
	}
	return &c.entries[n-1]
}

// spread makes the table, with room for as many entries again.
func (c *content) spread() {
	size := 4 * few
	for size < 4*len(c.entries) {
		size *= 2
	}
	c.table = make([]int32, size)
	for i := range c.entries {
		*c.slot(c.entries[i].key) = int32(i + 1)
	}
}

// slot returns where in the table a key is, or would be.
func (c *content) slot(key keyID) *int32 {
	mask := uint32(len(c.table) - 1)
	for h := uint32(key) * 2654435769 >> 7 & mask; ; h = (h + 1) & mask {
		if i := c.table[h]; i == 0 || c.entries[i-1].key == key {
			return &c.table[h]
		}
	}
}

func (c *content) look(key keyID) *entry {
	s := c.slot(key)
	if *s == 0 {
		c.entries = append(c.entries, entry{key: key})
		*s = int32(len(c.entries))
		if 2*len(c.entries) > len(c.table) {
			c.spread()
		}
		return &c.entries[len(c.entries)-1]
	}
	return &c.entries[*s-1]
}

// join adds what another one has, and makes that an empty one, which keeps its room.
func (c *content) join(d *content) {
	for i := range d.entries {
		e := &d.entries[i]
		c.add(e.key, e.count, e.ns, e.more)
	}
	d.clear()
}

// clear makes it empty.
func (c *content) clear() {
	c.entries = c.entries[:0]
	c.table = nil
	if cap(c.entries) > few {
		c.entries = nil // room that is not needed as a rule
	}
}
