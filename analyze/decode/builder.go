package decode

// Builder puts a Generation together from events that refer to goroutines by
// their ids, and to stacks, reasons and names as Symbols does.
type Builder struct {
	pool    *Pool
	gen     Generation
	indexes map[GoID]GoIndex
	stacks  numbers
	reasons numbers
	names   numbers
}

// NewBuilder returns a Builder that takes room from a pool.
func NewBuilder(pool *Pool) *Builder { return &Builder{pool: pool} }

// Begin begins a new generation at the given time, in ns.
func (b *Builder) Begin(start int64) {
	b.gen = Generation{Start: start, End: start}
	b.gen.Events.Begin(start, b.pool)
	b.indexes = make(map[GoID]GoIndex)
	b.stacks.begin()
	b.reasons.begin()
	b.names.begin()
}

// Read returns the number of events in the generation so far.
func (b *Builder) Read() int { return b.gen.Read }

// Goroutine returns the index of a goroutine.
func (b *Builder) Goroutine(id GoID) GoIndex {
	if id == NoGoroutine {
		return Nobody
	}
	i, ok := b.indexes[id]
	if !ok {
		i = GoIndex(len(b.gen.Goroutines))
		b.indexes[id] = i
		b.gen.Goroutines = append(b.gen.Goroutines, id)
	}
	return i
}

// Known returns the index of a goroutine that the generation has told of, Nobody for
// another one.
func (b *Builder) Known(id GoID) GoIndex {
	if i, ok := b.indexes[id]; ok {
		return i
	}
	return Nobody
}

// Pass counts an event that is left out.
func (b *Builder) Pass(t int64) {
	b.gen.End = t
	b.gen.Read++
	b.gen.Events.Pass()
}

// Add puts an event at the end. It reports false where the generation cannot hold
// one more reason.
func (b *Builder) Add(e Event) bool {
	b.gen.End = e.Time
	b.gen.Read++
	e.Stack = StackID(b.stacks.of(int32(e.Stack)))
	e.ByStack = StackID(b.stacks.of(int32(e.ByStack)))
	e.Reason = StringID(b.reasons.of(int32(e.Reason)))
	if e.Reason > MaxReasons {
		return false
	}
	e.Name = StringID(b.names.of(int32(e.Name)))
	b.gen.Events.Append(&e)
	return true
}

// Window notes that the trace is said to be of a window of another one.
func (b *Builder) Window(w Window) {
	if b.gen.Window == nil {
		b.gen.Window = &w
	}
}

// Take returns the generation that has been built.
func (b *Builder) Take() Generation {
	b.gen.Stacks, b.gen.Reasons = take[StackID](&b.stacks), take[StringID](&b.reasons)
	b.gen.Names = take[StringID](&b.names)
	return b.gen
}

// numbers gives ids their indexes in a table, in the order in which they come. Id
// 0 has index 0.
type numbers struct {
	ids []int32 // by index
	at  []int32 // by id
}

func (n *numbers) begin() {
	for i, id := range n.ids {
		if i > 0 {
			n.at[id] = 0
		}
	}
	n.ids = append(n.ids[:0], 0)
}

func (n *numbers) of(id int32) int32 {
	if id == 0 {
		return 0
	}
	if more := int(id) + 1 - len(n.at); more > 0 {
		n.at = append(n.at, make([]int32, more)...)
	}
	if n.at[id] == 0 {
		n.at[id] = int32(len(n.ids))
		n.ids = append(n.ids, id)
	}
	return n.at[id]
}

func take[ID ~int32](n *numbers) []ID {
	ids := make([]ID, len(n.ids))
	for i, id := range n.ids {
		ids[i] = ID(id)
	}
	return ids
}
