package rewrite

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"tracekit/analyze/timeline"
)

// Notes is an Observer of a timeline that gathers the waits with which a trace is
// annotated: those of user goroutines, of any kind, that lasted Min or longer. Where
// they are more than there is room for, those that lasted longest are kept.
type Notes struct {
	timeline.Ignore
	symbols *timeline.Symbols
	asked   int64        // ns: what is shorter was not asked for
	min     int64        // ns: what is shorter is dropped
	gens    *Generations // that keep where they stand
	room    int64        // bytes that the annotations may take
	taken   int64
	list    []note
	dropped int64
	unseen  int64            // waits that have no event in the trace
	texts   map[textKey]bool // that were counted
	regions map[regionKey]string
	wakers  map[wakerKey]string
	into    map[timeline.LockID]timeline.LockID // what locks have become a part of
}

// note is a wait to be annotated.
type note struct {
	g                timeline.GoID
	start, resume    int64 // ns
	kind             timeline.Kind
	lock             timeline.LockID
	site             timeline.FrameID
	region, wokenBy  string // the name of its region, and the message of the log
	cutStart, cutEnd bool
}

// regionKey is what the name of a region depends on, and wakerKey the message of the
// log of a waker.
type (
	regionKey struct {
		kind         timeline.Kind
		site, bySite timeline.FrameID
		cutEnd       bool
	}
	wakerKey struct {
		by     timeline.GoID
		byName string
		bySite timeline.FrameID
	}
)

// textKey is a text in a second of the trace: generations have tables of their own.
type textKey struct {
	text   string
	second int64
}

// noteBytes is more than the events of an annotation take, and textBytes than there is
// of a string but its text.
const (
	noteBytes = 48
	textBytes = 12
)

// maxNotes bounds the memory that notes take.
const maxNotes = 1 << 20

// NewNotes returns a Notes for a timeline of what ReadWaits reads. min is in ns; the
// annotations are to take no more bytes than room, of which a part is the critical path's.
func NewNotes(gens *Generations, min, room int64) *Notes {
	return &Notes{
		symbols: gens.Symbols(), asked: min, min: min, room: room, gens: gens,
		into: make(map[timeline.LockID]timeline.LockID), texts: make(map[textKey]bool),
		regions: make(map[regionKey]string), wakers: make(map[wakerKey]string),
	}
}

// LockBlocked implements timeline.LockObserver.
func (n *Notes) LockBlocked(*timeline.Wait) {}

// LockWoken implements timeline.LockObserver.
func (n *Notes) LockWoken(*timeline.Wait) {}

// LockDone implements timeline.LockObserver.
func (n *Notes) LockDone(w *timeline.Wait) { n.Waited(w) }

// Waited implements timeline.WaitObserver.
func (n *Notes) Waited(w *timeline.Wait) {
	lasted := w.Resumed - w.Start
	if lasted < n.asked || w.G.Class != timeline.User {
		return
	}
	if lasted < n.min {
		n.dropped++
		return
	}
	k := note{
		g: w.G.ID, start: w.Began, resume: w.Resumed, kind: w.Kind, lock: w.Lock,
		site: w.Site, cutStart: w.CutStart && w.Began == w.Start, cutEnd: w.CutEnd,
	}
	if k.cutStart && k.cutEnd {
		n.unseen++
		return
	}
	k.region = named(n.regions, regionKey{w.Kind, w.Site, w.BySite, w.CutEnd}, n.region)
	k.wokenBy = named(n.wakers, wakerKey{w.ByID, w.ByName, w.BySite}, n.wokenBy)
	n.list = append(n.list, k)
	n.taken += n.size(&k)
	if n.taken > n.room-n.room/pathShare || len(n.list) > maxNotes {
		n.drop()
	}
}

// Joined implements timeline.Observer.
func (n *Notes) Joined(j timeline.Join) {
	for _, id := range j.From {
		n.into[id] = j.Into
	}
}

// lockOf returns the lock that a wait turned out to be for.
func (n *Notes) lockOf(k *note) timeline.LockID {
	id := k.lock
	for {
		into, ok := n.into[id]
		if !ok {
			return id
		}
		id = into
	}
}

// lasted returns the ns from the block until it ran again.
func (k *note) lasted() int64 { return k.resume - k.start }

// drop leaves out the shortest quarter of the notes.
func (n *Notes) drop() {
	slices.SortFunc(n.list, func(a, b note) int { return cmp.Compare(b.lasted(), a.lasted()) })
	keep := len(n.list) * 3 / 4
	n.min = n.list[keep].lasted() + 1
	n.gens.shortest.Raise(n.min)
	n.gens.shortened()
	for keep > 0 && n.list[keep-1].lasted() < n.min {
		keep--
	}
	n.dropped += int64(len(n.list) - keep)
	n.list = n.list[:keep]
	n.taken = 0
	clear(n.texts)
	for i := range n.list {
		n.taken += n.size(&n.list[i])
	}
}

// size returns more than the bytes that an annotation takes, with those of its texts
// that were not counted before.
func (n *Notes) size(k *note) int64 {
	size := int64(noteBytes)
	for _, text := range [...]string{k.wokenBy, k.region} {
		key := textKey{text, k.start / 1e9}
		if !n.texts[key] {
			n.texts[key] = true
			size += textBytes + int64(len(text))
		}
	}
	return size
}

// named returns the text of a key, made once.
func named[K comparable](texts map[K]string, key K, name func(K) string) string {
	text, ok := texts[key]
	if !ok {
		text = name(key)
		texts[key] = text
	}
	return text
}

// region returns the name of the region of a wait.
func (n *Notes) region(k regionKey) string {
	text := "wait " + k.kind.String()
	if k.site != timeline.NoSite {
		text += " " + n.place(k.site)
	}
	switch {
	case k.bySite != timeline.NoSite:
		text += " <- " + n.place(k.bySite)
	case k.cutEnd:
		text += " (not ended in the trace)"
	}
	return cutText(text)
}

// wokenBy returns the message of the log of who ended a wait.
func (n *Notes) wokenBy(k wakerKey) string {
	if k.by == timeline.NoGoroutine {
		return "nobody: a timer, the network or the runtime"
	}
	text := fmt.Sprintf("g%d %s", k.by, shortFunc(k.byName))
	if k.bySite != timeline.NoSite {
		text += " at " + n.place(k.bySite)
	}
	return cutText(text)
}

// place returns how a site is called.
func (n *Notes) place(id timeline.FrameID) string {
	f := n.symbols.Frame(id)
	return fmt.Sprintf("%s %s:%d", shortFunc(f.Func), path.Base(strings.ReplaceAll(f.File, "\\", "/")), f.Line)
}

// shortFunc returns the name of a function without the path of its package.
func shortFunc(name string) string {
	end := len(name)
	if i := strings.IndexByte(name, '['); i >= 0 { // of a type that it is made for
		end = i
	}
	return name[strings.LastIndexByte(name[:end], '/')+1:]
}

// cutText cuts a text to what a string of the format holds.
func cutText(s string) string {
	const most = 1 << 10
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most-3], "") + "…"
}
